/** The pool over workers that die and fail, without a socket. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockNumbers } from '../../../src/coordinator/block-engine.ts';
import { probeInOrder } from '../../../src/coordinator/in-order.ts';
import { cutIntoBlocks } from '../../../src/coordinator/plan.ts';
import { WorkerPool } from '../../../src/coordinator/worker-pool.ts';
import { makeSchedule } from '../../../src/probe/schedule.ts';
import { prepareSharedState, SharedState } from '../../../src/probe/shared-state.ts';
import type { WorkerSetup } from '../../../workers/messages.ts';
import { modulePath } from '../../root.ts';

const WORKER = modulePath('test/unit/coordinator/fixtures/failing-worker.ts');

function setupOf(how: number): WorkerSetup {
  return {
    kind: 'raw',
    sockets: [0, 1].map(() => ({ probing: [], searching: [] })),
    claims: new Int32Array(new SharedArrayBuffer(8)),
    loaded: new Int32Array(new SharedArrayBuffer(8)),
    shared: prepareSharedState({ ratePps: 1, neighbourCap: 1, nowNs: 0 }),
    options: { payloadBytes: 56, longestTimeoutMs: 1000, dontFragment: false },
    prober: {
      schedule: makeSchedule({ count: 1, retries: 0, timeoutMs: 1, backoff: 1, periodMs: 1 }),
      orderSeed: undefined,
      key: [how, 0, 0] as const,
      ownAddresses: [],
    },
  };
}

function startPool(setup: WorkerSetup): Promise<WorkerPool> {
  return WorkerPool.start(setup, new SharedState(setup.shared), new BlockNumbers(), WORKER);
}

interface Swept {
  readonly hosts: number;
  /** Hosts that are final, up, and up by a retry, as the sweep counts them. */
  readonly counted: readonly [number, number, number];
  readonly failures: readonly string[];
}

/** Ten blocks of ten hosts each, one of which is up, by a retry. */
async function sweepWith(how: number): Promise<Swept> {
  const setup = setupOf(how);
  const shared = new SharedState(setup.shared);
  const pool = await WorkerPool.start(setup, shared, new BlockNumbers(), WORKER);
  const failures: string[] = [];
  let hosts = 0;
  const blocks = cutIntoBlocks([{ family: 4, zone: '', first: 1n, last: 100n }], [], 10, () => 0);
  const onFailure = (error: unknown): void => void failures.push(String(error));
  for await (const results of probeInOrder(blocks, pool, onFailure)) hosts += results.targets.count;
  await pool.close();
  const { hostsDone, hostsUp, retriedUp } = shared.counts();
  return { hosts, counted: [hostsDone, hostsUp, retriedUp], failures };
}

test('a pool has started once each worker has loaded all its code, not when it has a slot', async () => {
  const setup = setupOf(0);
  const pool = await startPool(setup);
  assert.deepEqual(setup.loaded.toSorted(), setup.claims.toSorted());
  await pool.close();
});

test('workers that do not start have probed nothing', async () => {
  const setup = setupOf(0);
  const shared = new SharedState(setup.shared);
  const starting = WorkerPool.start(setup, shared, new BlockNumbers(), `${WORKER}.missing`);
  await assert.rejects(starting, {
    code: 'WORKER_FAILED',
    message: 'the workers did not start: run it again with --workers 1',
  });
});

test('healthy workers give every block back', async () => {
  assert.deepEqual(await sweepWith(0), { hosts: 100, counted: [100, 10, 10], failures: [] });
});

test('the blocks of a worker that dies are probed by another, each once, and counted once', async () => {
  assert.deepEqual(await sweepWith(2), { hosts: 100, counted: [100, 10, 10], failures: [] });
});

test('a block that costs every worker is given up with a code and a sentence', async () => {
  const { hosts, counted, failures } = await sweepWith(1);
  assert.equal(hosts, 0);
  assert.deepEqual(counted, [0, 0, 0]);
  assert.equal(failures.length, 10);
  assert.match(failures[0]!, /ended 3 workers.*--workers 1/);
});

test('a failure that a worker reports is passed on with its words', async () => {
  const { counted, failures } = await sweepWith(3);
  assert.deepEqual(counted, [0, 0, 0]);
  assert.equal(failures.length, 10);
  assert.match(failures[0]!, /failed over block/);
});
