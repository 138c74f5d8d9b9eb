/** A sweep shared between two engines, over stand-ins that finish when they are told to. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlockEngine, PlannedBlock } from '../../../src/coordinator/block-engine.ts';
import { JointEngine } from '../../../src/coordinator/joint-engine.ts';
import { type BlockResults, emptyResults } from '../../../src/results/block-results.ts';
import { block } from '../probe/probing.ts';

class EngineByHand implements BlockEngine {
  readonly window = 16;
  isClosed = false;
  readonly reused: BlockResults[] = [];
  private readonly blocks: (() => void)[] = [];

  get blocksUnderWay(): number {
    return this.blocks.length;
  }

  finishOne(): void {
    this.blocks.shift()!();
  }

  probe({ targets }: PlannedBlock): ReturnType<BlockEngine['probe']> {
    return new Promise((resolve) => {
      this.blocks.push(() => resolve(emptyResults(targets, 1)));
    });
  }

  reuse(results: BlockResults): void {
    this.reused.push(results);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

const PLANNED: PlannedBlock = { targets: block('192.0.2.7'), scopeId: 0, reach: 'routed' };

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('each thread gets as many blocks, that of the pool once it has started, and who ends one gets the next', async () => {
  const [local, pool] = [new EngineByHand(), new EngineByHand()];
  let start!: (pool: BlockEngine) => void;
  const starting = new Promise<BlockEngine>((resolve) => {
    start = resolve;
  });
  const engine = new JointEngine(local, starting);
  assert.equal(engine.window, 32);
  const probed = Array.from({ length: 6 }, () => engine.probe(PLANNED));
  await nextTurn();
  assert.deepEqual([local.blocksUnderWay, pool.blocksUnderWay], [3, 0]);
  start(pool);
  await nextTurn();
  assert.deepEqual([local.blocksUnderWay, pool.blocksUnderWay], [3, 3]);
  for (const side of [pool, local]) {
    side.finishOne();
    await nextTurn();
    void engine.probe(PLANNED);
    await nextTurn();
    assert.deepEqual([local.blocksUnderWay, pool.blocksUnderWay], [3, 3]);
  }
  for (const results of await Promise.all(probed.slice(0, 2)))
    assert.deepEqual(results?.targets, block('192.0.2.7'));
  await engine.close();
  assert.deepEqual([local.isClosed, pool.isClosed], [true, true]);
});

test('the memory of results goes back to the thread that they are from', async () => {
  const [local, pool] = [new EngineByHand(), new EngineByHand()];
  const engine = new JointEngine(local, Promise.resolve(pool));
  const probed = [engine.probe(PLANNED), engine.probe(PLANNED)];
  await nextTurn();
  local.finishOne();
  pool.finishOne();
  const [own, other] = await Promise.all(probed);
  for (const results of [own!, other!]) {
    assert.equal(results.status.length, 1);
    engine.reuse(results);
  }
  await nextTurn();
  assert.deepEqual([local.reused, pool.reused], [[own], [other]]);
});

test('a pool that does not start ends its blocks with the reason, and not those of this thread', async () => {
  const local = new EngineByHand();
  const failure = new Error('no threads');
  const engine = new JointEngine(local, Promise.reject(failure));
  const [here, there] = [engine.probe(PLANNED), engine.probe(PLANNED)];
  await assert.rejects(there, failure);
  local.finishOne();
  const results = (await here)!;
  assert.deepEqual(results.targets, block('192.0.2.7'));
  // As of results that were corrected: its memory may be lost, but nothing else.
  engine.reuse({ ...results });
  await nextTurn();
  await engine.close();
  assert.ok(local.isClosed);
});
