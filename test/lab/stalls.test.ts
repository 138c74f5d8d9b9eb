/** Round-trip times on a machine that is held up again and again, beside what happened in a simulated network. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WHO } from './engine-runs.ts';
import { labTestUnless } from './lab-test.ts';
import { echosweep, freshFolder } from './run.ts';
import { startSimulation } from './simulator/start.ts';
import type { Truth } from './simulator/truth.ts';
import type { HostRecord } from './sweep-report.ts';

const NET = '100.64.32.0/19';
const HOSTS = 8190;
/** Times are reported in microseconds, and a double has a time since 1970 to within 256 ns. */
const ROUNDING_MS = 0.0015;

const mayTakeOver = spawnSync('chrt', ['-f', '1', 'true']).status === 0;
const NO_STALLS = mayTakeOver ? undefined : 'no process may have a real-time priority here';

/** Takes every processor away from everybody else, for up to a millisecond at a time, in the midst of system calls too. */
const BUSY = `
const pause = new Int32Array(new SharedArrayBuffer(4));
for (let n = 0; ; n++) {
  const endsAt = performance.now() + 0.1 + ((n * 7) % 10) / 10;
  while (performance.now() < endsAt);
  Atomics.wait(pause, 0, 0, 1 + (n % 3));
}`;

async function withStalls<Value>(run: () => Promise<Value>): Promise<Value> {
  const children = Array.from({ length: availableParallelism() }, (_, cpu) =>
    spawn('chrt', ['-f', '1', 'taskset', '-c', `${cpu}`, process.execPath, '-e', BUSY], {
      stdio: 'ignore',
    }),
  );
  try {
    await sleep(500);
    assert.ok(
      children.every(({ exitCode }) => exitCode === null),
      'nothing stalls the machine',
    );
    return await run();
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

/** By address: the least that each round trip took, from the arrival of the request to the call that sent the reply. */
function leastRttsMs({ requests, sent }: Truth): Map<string, number[]> {
  const repliedAtNs = new Map(
    sent.map(({ address, nth, beganAtNs }) => [`${address} ${nth}`, beganAtNs]),
  );
  const least = new Map<string, number[]>();
  for (const { address, nth, atNs } of requests) {
    const times = least.get(address) ?? [];
    times[nth] = (repliedAtNs.get(`${address} ${nth}`)! - atNs) / 1e6;
    least.set(address, times);
  }
  return least;
}

for (const engine of ['raw', 'dgram'] as const) {
  for (const rate of ['4000', 'max']) {
    labTestUnless(
      NO_STALLS,
      `${engine} at ${rate}: no round-trip time is shorter than the truth, however often a thread is held up`,
      async () => {
        const rules = { hosts: [{ name: 'all', net: NET, delayMs: 2, jitterMs: 3 }] };
        const simulation = await startSimulation(rules);
        const report = join(freshFolder(), 'report.jsonl');
        // The simulator is held up as well, at full speed for seconds.
        const patience = ['-r', '0', '-t', '20000'];
        const args = [NET, '--engine', engine, '--rate', rate, ...patience, '-q', '-o', report];
        const { code, stderr } = await withStalls(() => echosweep(args, WHO[engine]));
        const least = leastRttsMs(await simulation.end());
        assert.ok(code === 0 || code === 5, stderr);
        const hosts = readFileSync(report, 'utf8')
          .trimEnd()
          .split('\n')
          .slice(1, -1)
          .map((line) => JSON.parse(line) as HostRecord);
        assert.equal(hosts.length, HOSTS);
        const compared = hosts.flatMap(({ address, rtts_ms }) =>
          rtts_ms.flatMap((rttMs, nth) =>
            rttMs === null ? [] : [{ address, rttMs, leastMs: least.get(address)?.[nth] }],
          ),
        );
        assert.ok(compared.length > HOSTS / 2, `${compared.length} round trips`);
        // Also one of which the truth knows nothing.
        const short = compared.filter(({ rttMs, leastMs }) => !(rttMs >= leastMs! - ROUNDING_MS));
        assert.deepEqual(short.slice(0, 5), [], `${short.length} are too short`);
      },
    );
  }
}
