/** Workers that die over their blocks, with real sockets: no host is lost, none is reported twice, nothing is left open. */

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { parseAddress } from '../../src/address.ts';
import type { EngineRequest } from '../../src/coordinator/block-engine.ts';
import { openEngine } from '../../src/coordinator/engines.ts';
import { probeInOrder } from '../../src/coordinator/in-order.ts';
import { JointEngine } from '../../src/coordinator/joint-engine.ts';
import { cutIntoBlocks } from '../../src/coordinator/plan.ts';
import { WorkerPool } from '../../src/coordinator/worker-pool.ts';
import { OFFSET } from '../../src/probe/echo-request.ts';
import { prepareSharedState, SharedState } from '../../src/probe/shared-state.ts';
import type { AddressRange } from '../../src/results/block-targets.ts';
import { addressText } from '../../src/results/block-targets.ts';
import { STATUSES } from '../../src/results/outcome.ts';
import { resolveSettings, type SweepOptions } from '../../src/settings.ts';
import { monotonicNs } from '../../src/transport/monotonic-clock.ts';
import { LAB, LAB_INTERFACES } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import { countMatching, untilSent } from './wire.ts';

const HOSTS = 8192;
const BLOCK_HOSTS = 1024;
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

type Ways = Pick<EngineRequest, 'heardOn' | 'behind'>;

const HEARD: Ways = { heardOn: new Map([[4, LAB_INTERFACES.router]]) };
const GATEWAY = { family: 4, value: parseAddress(LAB.router4)!.value, zone: '' } as const;
const HOP = { gateway: GATEWAY, interface: LAB_INTERFACES.router };
const BY_LINK: Ways = {
  ...HEARD,
  behind: new Map([[4, { hop: HOP, ranges: [RANGE], addresses: [FIRST] }]]),
};

for (const [how, send, ways] of [
  ['', 'raw', {}],
  [' with a ring', 'raw', HEARD],
  [' that sends past the system', 'link', BY_LINK],
] as const)
  labTest(
    `a worker${how} is killed mid-sweep: no host is lost, and another probes its blocks`,
    () => killWorkers(send, ways),
  );

for (const [how, send, ways] of [
  ['', 'raw', {}],
  [' with rings', 'raw', HEARD],
  [' that send past the system', 'link', BY_LINK],
] as const)
  labTest(`this thread and a worker${how} share a sweep: no host is lost or probed by both`, () =>
    shareSweep(send, ways),
  );

labTest('no block has the number of another, whichever thread probes it', async () => {
  const numbers = Array.from({ length: HOSTS / BLOCK_HOSTS }, (_, number) => number);
  const { counts } = await countMatching(
    numbers.map((number) => `icmp type echo-request @th,${8 * OFFSET.block},32 ${number}`),
    () => shareSweep('raw', {}),
  );
  assert.deepEqual(
    counts,
    numbers.map(() => BLOCK_HOSTS),
  );
});

/** Two threads that probe, started. */
async function started(
  options: Pick<SweepOptions, 'ratePps' | 'workers' | 'send'>,
  ways: Ways & Pick<EngineRequest, 'ownShare'>,
) {
  const settings = resolveSettings({ targets: [], engine: 'raw', ...options });
  const { ratePps } = settings;
  const memory = prepareSharedState({ ratePps, neighbourCap: 100, nowNs: monotonicNs() });
  const shared = new SharedState(memory);
  const opened = await openEngine({
    settings,
    families: [4],
    zones: [],
    workers: 2,
    links: [],
    ...ways,
  });
  if (options.send === 'link')
    assert.match(opened.sending!.join(), /^IPv4 to the gateway's MAC address/);
  return { shared, opened, engine: await opened.start(memory, shared) };
}

async function shareSweep(send: 'raw' | 'link', ways: Ways): Promise<void> {
  const socketsBefore = openSockets();
  const options = { ratePps: Infinity, send };
  const { opened, engine } = await started(options, { ownShare: 'half', ...ways });
  assert.ok(engine instanceof JointEngine);
  const seen: string[] = [];
  const blocks = cutIntoBlocks([RANGE], [], BLOCK_HOSTS, () => 0);
  for await (const results of probeInOrder(blocks, engine, assert.ifError)) {
    for (let host = 0; host < results.targets.count; host++) {
      assert.equal(STATUSES[results.status[host]!], 'up');
      assert.equal(results.received[host], 1);
      seen.push(addressText(results.targets, host));
    }
  }
  assert.equal(new Set(seen).size, HOSTS);
  assert.equal(seen.length, HOSTS);
  await engine.close();
  await opened.close();
  assert.deepEqual(openSockets(), socketsBefore);
}

async function killWorkers(send: 'raw' | 'link', ways: Ways): Promise<void> {
  const socketsBefore = openSockets();
  const options = { ratePps: 4000, workers: 2, send };
  const { shared, opened, engine: pool } = await started(options, ways);
  assert.ok(pool instanceof WorkerPool);
  const failures: unknown[] = [];
  const seen = new Map<string, string>();
  let killed = 0;
  /** Hosts that were probed again. */
  let again = 0;
  const kill = async (): Promise<void> => {
    // A block that ends three workers is given up, so no more than two of them may die.
    while (killed < 2) {
      await untilSent(HOSTS / 4);
      killed++;
      void pool.threads[0]?.terminate();
    }
  };
  let mostDone = 0;
  const sampling = setInterval(() => {
    mostDone = Math.max(mostDone, shared.counts().hostsDone);
  }, 5);
  const killing = kill();
  const blocks = cutIntoBlocks([RANGE], [], 512, () => 0);
  for await (const results of probeInOrder(blocks, pool, (error) => failures.push(error))) {
    for (let host = 0; host < results.targets.count; host++) {
      const address = addressText(results.targets, host);
      assert.ok(!seen.has(address), `${address} twice`);
      seen.set(address, STATUSES[results.status[host]!]!);
      if (results.sent[host]! > 1) again++;
    }
  }
  clearInterval(sampling);
  await killing;
  assert.equal(killed, 2);
  assert.deepEqual(failures, []);
  assert.equal(seen.size, HOSTS);
  assert.deepEqual(new Set(seen.values()), new Set(['up']));
  const { hostsDone, hostsUp } = shared.counts();
  assert.deepEqual([hostsDone, hostsUp], [HOSTS, HOSTS], 'each host is counted once');
  assert.ok(mostDone <= HOSTS, `${mostDone} hosts are done at once`);
  assert.ok(again < HOSTS / 20, `${again} hosts were probed again`);
  await pool.close();
  await opened.close();
  assert.deepEqual(openSockets(), socketsBefore);
  assert.equal(pool.threads.length, 0);
}
