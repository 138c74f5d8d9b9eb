/** How hosts are asked: how often, how far apart, how fast and in which order. */

import assert from 'node:assert/strict';
import { LAB } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import {
  type HostRecord,
  hostIn,
  type SweepReport,
  silentPattern,
  sweep,
  timesOf,
} from './sweep-report.ts';

/** What a sweep may take beyond its own time on a busy machine, starting its workers included. */
const SLACK_MS = 2000;

function assertLasts(report: SweepReport, leastMs: number): void {
  const { ms } = report;
  assert.ok(
    ms >= leastMs && ms < leastMs + SLACK_MS,
    `${ms} ms, where the probes take ${leastMs} ms`,
  );
}

/** Addresses in the order in which their first probes left, as well as milliseconds tell. */
function orderOf(hosts: readonly HostRecord[]): string[] {
  const at = (host: HostRecord): number => Date.parse(host.started_at!);
  return [...hosts].sort((a, b) => at(a) - at(b)).map(({ address }) => address);
}

labTest('a count sends every probe, a period apart', async () => {
  const report = await sweep('-c 5 -p 200', [hostIn(LAB.live4), hostIn(LAB.live6)]);
  for (const { pattern, sent, received, rtts_ms } of report.hosts) {
    assert.deepEqual([pattern, sent, received, rtts_ms.length], ['!!!!!', 5, 5, 5]);
  }
  assertLasts(report, 4 * 200);
});

labTest('retries wait longer each time, by the backoff, and no longer than that', async () => {
  const silent = [hostIn(LAB.dropped4), hostIn(LAB.dropped6)];
  const [growing, even, once] = await Promise.all([
    sweep('-r 2 -t 200 -B 2', silent),
    sweep('-r 4 -t 150 -B 1', silent),
    sweep('-r 0 -t 400', silent),
  ]);
  assertLasts(growing, 200 + 400 + 800);
  assertLasts(even, 5 * 150);
  assertLasts(once, 400);
  for (const [report, probes] of [
    [growing, 3],
    [even, 5],
    [once, 1],
  ] as const) {
    for (const { address } of report.hosts)
      assert.equal(silentPattern(report, address, probes), '.'.repeat(probes), address);
  }
});

labTest('a host that answers is asked no more, while others are retried', async () => {
  const report = await sweep('-r 2 -t 100', [hostIn(LAB.live4), hostIn(LAB.dropped4)]);
  assert.equal(report.host(hostIn(LAB.live4)).pattern, '!');
  assert.equal(silentPattern(report, hostIn(LAB.dropped4), 3), '...');
});

for (const [ratePps, targets, hosts] of [
  [1000, '10.79.64.0/21', 2046],
  [5000, '10.79.64.0/19', 8190],
] as const) {
  for (const workers of [1, 3]) {
    labTest(`--rate ${ratePps} is kept by ${workers} workers together`, async () => {
      // A machine that stood still for a moment is late once, but not twice.
      const rates: number[] = [];
      while (rates.length < 3 && !rates.some((rate) => Math.abs(rate / ratePps - 1) < 0.02)) {
        const report = await sweep(`--rate ${ratePps} -w ${workers}`, [targets]);
        assert.equal(report.run.workers, workers);
        assert.equal(report.run.packets['sent'], hosts);
        const times = report.hosts.map(({ started_at }) => Date.parse(started_at!));
        const [first, last] = [
          times.reduce((a, b) => Math.min(a, b)),
          times.reduce((a, b) => Math.max(a, b)),
        ];
        rates.push(((hosts - 1) * 1000) / (last - first));
        assert.ok(rates.at(-1)! < 1.02 * ratePps, `${rates.at(-1)} probes a second`);
      }
      assert.ok(
        rates.some((rate) => rate > 0.98 * ratePps),
        `${rates} probes a second`,
      );
    });
  }
}

labTest('round trips are longer than nothing and as short as this network', async () => {
  const report = await sweep('', ['10.79.32.0/23', 'fd00:79::/119']);
  const { hosts, run } = report;
  assert.equal(hosts.length, 510 + 512);
  const rtts = timesOf(report, hosts.length);
  assert.ok(rtts.every((rtt) => rtt > 0));
  // A machine that is busy may hold up a few, between the stamp and the packet.
  const slow = rtts.filter((rtt) => rtt >= 50);
  assert.ok(slow.length <= 0.01 * rtts.length, `${slow.length} of ${rtts.length}: ${slow}`);
  const { min_ms, median_ms, p95_ms, max_ms } = (run as unknown as { rtt: Record<string, number> })
    .rtt;
  assert.ok(0 < min_ms! && min_ms! <= median_ms! && median_ms! <= p95_ms! && p95_ms! <= max_ms!);
});

labTest('the order on the wire is that of the addresses when asked for', async () => {
  const { hosts } = await sweep('--order sequential --rate 500', ['10.79.5.0/25']);
  const times = hosts.map(({ started_at }) => Date.parse(started_at!));
  assert.ok(times.every((time, i) => i === 0 || time >= times[i - 1]!));
});

labTest('the order on the wire is random, and the same again with the same seed', async () => {
  const run = async (seed: number): Promise<string[]> => {
    const report = await sweep(`--rate 200 --seed ${seed}`, ['10.79.5.0/26']);
    assert.equal(report.run.seed, seed);
    return orderOf(report.hosts);
  };
  const [first, again, other] = [await run(7), await run(7), await run(8)];
  /** How far apart the places of a host in two orders are, on average; probes of one millisecond cannot be told apart. */
  const distance = (a: readonly string[], b: readonly string[]): number =>
    a.reduce((sum, address, i) => sum + Math.abs(b.indexOf(address) - i), 0) / a.length;
  const inOrder = Array.from({ length: 62 }, (_, i) => `10.79.5.${i + 1}`);
  assert.deepEqual([...first].sort(), [...inOrder].sort());
  assert.ok(distance(first, again) < 3, `${distance(first, again)} places apart`);
  assert.ok(distance(first, other) > 8, `${distance(first, other)} places apart`);
  assert.ok(distance(first, inOrder) > 8, `${distance(first, inOrder)} places apart`);
});
