/** Workers that die over their blocks, with real sockets: no host is lost, none is reported twice, nothing is left open. */

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { openEngine } from '../../src/coordinator/engines.ts';
import { probeInOrder } from '../../src/coordinator/in-order.ts';
import { cutIntoBlocks } from '../../src/coordinator/plan.ts';
import { WorkerPool } from '../../src/coordinator/worker-pool.ts';
import { prepareSharedState, SharedState } from '../../src/probe/shared-state.ts';
import type { AddressRange } from '../../src/results/block-targets.ts';
import { addressText } from '../../src/results/block-targets.ts';
import { STATUSES } from '../../src/results/outcome.ts';
import { resolveSettings } from '../../src/settings.ts';
import { monotonicNs } from '../../src/transport/monotonic-clock.ts';
import { labTest } from './lab-test.ts';

const HOSTS = 8192;
/** In the live range. */
const FIRST = 0x0a4f0000n;
const RANGE: AddressRange = { family: 4, zone: '', first: FIRST, last: FIRST + BigInt(HOSTS - 1) };

function openSockets(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith('socket:') ? [target] : [];
    } catch {
      return [];
    }
  });
}

labTest('a worker killed mid-sweep loses no host, and another probes its blocks', async () => {
  const socketsBefore = openSockets();
  const settings = resolveSettings({ targets: [], ratePps: 4000, workers: 2, engine: 'raw' });
  const memory = prepareSharedState({ ratePps: 4000, neighbourCap: 100, nowNs: monotonicNs() });
  const shared = new SharedState(memory);
  const opened = await openEngine({ settings, families: [4], zones: [], workers: 2, links: [] });
  const pool = await opened.start(memory, shared);
  assert.ok(pool instanceof WorkerPool);
  const failures: unknown[] = [];
  const seen = new Map<string, string>();
  let killed = 0;
  // A block that ends three workers is given up, so no more than two of them may die, however slow the machine is.
  const timer = setInterval(() => {
    if (killed < 2) void pool.threads[killed++]?.terminate();
  }, 400);
  const blocks = cutIntoBlocks([RANGE], [], 512, () => 0);
  for await (const results of probeInOrder(blocks, pool, (error) => failures.push(error))) {
    for (let host = 0; host < results.targets.count; host++) {
      const address = addressText(results.targets, host);
      assert.ok(!seen.has(address), `${address} twice`);
      seen.set(address, STATUSES[results.status[host]!]!);
    }
  }
  clearInterval(timer);
  assert.equal(killed, 2);
  assert.deepEqual(failures, []);
  assert.equal(seen.size, HOSTS);
  assert.deepEqual(new Set(seen.values()), new Set(['up']));
  await pool.close();
  await opened.close();
  assert.deepEqual(openSockets(), socketsBefore);
  assert.equal(pool.threads.length, 0);
});
