/** Rows passed on as they become final, on engines that are scripted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlockEngine, PlannedBlock } from '../../../src/coordinator/block-engine.ts';
import { type MayChange, RowStream } from '../../../src/coordinator/row-stream.ts';
import {
  type BlockResults,
  emptyResults,
  NOT_COVERED,
} from '../../../src/results/block-results.ts';
import { type OnFinalHosts, pickedResults } from '../../../src/results/final-hosts.ts';
import { reasonNumber, type Status, statusNumber } from '../../../src/results/outcome.ts';
import { block as targetsOf } from '../probe/probing.ts';

const BLOCK: PlannedBlock = { targets: targetsOf('192.0.2.0', 4), scopeId: 0, reach: 'routed' };

/** @param received of each host */
function resultsOf(statuses: readonly (Status | undefined)[], received = 1): BlockResults {
  const results = emptyResults(BLOCK.targets, 1);
  statuses.forEach((status, host) => {
    results.status[host] = status === undefined ? NOT_COVERED : statusNumber(status);
    results.reason[host] = reasonNumber(status === 'up' ? 'echo-reply' : 'no-response');
    results.received[host] = status === 'up' ? received : 0;
  });
  return results;
}

const never = (): boolean => false;

function engine(probe: (onFinal: OnFinalHosts) => Promise<BlockResults | undefined>): BlockEngine {
  return { window: 1, probe: (_, onFinal) => probe(onFinal!), close: async () => {} };
}

function streaming(onRow: (address: string) => Promise<void> = async () => {}) {
  const rows: string[] = [];
  let calls = 0;
  const stream = new RowStream(
    async (some) => {
      assert.equal(++calls, 1, 'calls overlap');
      for (const { address, status, hostname } of some) {
        rows.push(
          `${address!.split('.').at(-1)} ${status}${hostname === null ? '' : ` ${hostname}`}`,
        );
        await onRow(address!);
      }
      calls--;
    },
    async () => new Map([['192.0.2.2', 'two.example']]),
  );
  return { stream, rows };
}

const some = (results: BlockResults, ...hosts: number[]) => ({
  hosts: Uint32Array.from(hosts),
  results: pickedResults(results, Uint32Array.from(hosts)),
});

test('rows keep the order in which they became final, and the rest follows with the block, each once', async () => {
  const { stream, rows } = streaming();
  const results = resultsOf(['up', 'down', 'up', 'up']);
  const probed = await stream
    .over(
      engine(async (onFinal) => {
        await onFinal(some(results, 3, 2));
        assert.deepEqual(rows, ['3 up', '2 up two.example']);
        await onFinal(some(results, 2, 0));
        return results;
      }),
      never,
    )
    .probe(BLOCK);
  assert.deepEqual(rows, ['3 up', '2 up two.example', '0 up', '1 down']);
  await stream.finish(probed!);
  assert.equal(rows.length, 4);
});

test('a host whose row may change waits for its block to be reviewed', async () => {
  const { stream, rows } = streaming();
  const results = resultsOf(['up', 'down', 'up', 'down'], 0);
  const isUp: MayChange = ({ status }, host) => status[host] === statusNumber('up');
  const probed = await stream
    .over(
      engine(async () => results),
      isUp,
    )
    .probe(BLOCK);
  assert.deepEqual(rows, ['1 down', '3 down']);
  // The review may copy the columns.
  const reviewed = { ...probed!, status: probed!.status.slice() };
  reviewed.status[0] = statusNumber('down');
  await stream.finish(reviewed);
  assert.deepEqual(rows.slice(2), ['0 down', '2 up two.example']);
});

test('hosts that a stopped sweep did not cover have no row', async () => {
  const { stream, rows } = streaming();
  const results = resultsOf(['up', undefined, undefined, 'down']);
  await stream.finish(
    (await stream
      .over(
        engine(async () => results),
        never,
      )
      .probe(BLOCK))!,
  );
  assert.deepEqual(rows, ['0 up', '3 down']);
});

test('a block ends only when its rows have been taken', async () => {
  let takeOne = (): void => {};
  const { stream, rows } = streaming(
    () =>
      new Promise((resolve) => {
        takeOne = resolve;
      }),
  );
  let isOver = false;
  const probing = stream.over(
    engine(async () => resultsOf(['up', 'up', undefined, undefined])),
    never,
  );
  const probed = probing.probe(BLOCK).then(() => {
    isOver = true;
  });
  for (const count of [1, 2]) {
    while (rows.length < count) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isOver, false);
    takeOne();
  }
  await probed;
});

test('what the reader throws ends the block', async () => {
  const { stream } = streaming(async () => {
    throw new Error('disk on fire');
  });
  const results = resultsOf(['up', 'up', 'up', 'up']);
  const broken = stream.over(
    engine(async (onFinal) => {
      await onFinal(some(results, 0));
      return results;
    }),
    never,
  );
  await assert.rejects(broken.probe(BLOCK), /disk on fire/);
});
