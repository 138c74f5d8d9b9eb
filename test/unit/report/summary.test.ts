/** What the closing summary tells the person who started the sweep. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { formatSummary } from '../../../src/report/summary.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { assertSoon } from '../../machine-speed.ts';
import { runOf } from './samples.ts';

function linesOf(values: Partial<RunRecord> = {}, width = Number.POSITIVE_INFINITY): string[] {
  return formatSummary(runOf(values), { colour: false, width });
}

const packetsOf = (values: Partial<RunRecord['packets']>) => ({ ...runOf().packets, ...values });

test('a sweep without trouble is told in six lines', () => {
  assert.deepEqual(linesOf(), [
    '254 targets in 2.0 s, engine raw, 2 workers',
    '  up            12    4.7 %',
    '  unreachable    3    1.2 %  host-unreach 2, no-route 1',
    '  down         239   94.1 %  no-response 200, arp-failed 39',
    '  rtt ms       min 0.312, median 0.840, p95 12.400, max 33.120',
    '  packets      762 sent, 12 received, 381 probes/s',
  ]);
});

test('times are rounded as in a report, even halfway between two microseconds', () => {
  const rtt = { minMs: 1.0345, medianMs: 2.0005, p95Ms: 8.0355, maxMs: 9.9995 };
  const words = 'min 1.035, median 2.001, p95 8.036, max 10.000';
  assert.ok(linesOf({ rtt }).includes(`  rtt ms       ${words}`));
});

test('a sweep during which the clock was set back takes no time below zero', () => {
  const [headline] = linesOf({ endedAt: new Date('2026-03-04T04:06:07Z') });
  assert.equal(headline, '254 targets in 0 ms, engine raw, 2 workers');
});

test('a host that nobody answers for is told as plainly as one that answers', () => {
  const lines = linesOf({
    targets: 1,
    workers: 1,
    statuses: { up: 0, unreachable: 0, down: 1, error: 0 },
    outcomes: { down: { 'no-response': 1 } },
    rtt: null,
  });
  assert.deepEqual(lines.slice(0, 3), [
    '1 target in 2.0 s, engine raw, 1 worker',
    '  up           0    0.0 %',
    '  down         1  100.0 %  no-response',
  ]);
  assert.ok(!lines.some((line) => line.includes('rtt')));
});

test("a router's no-route and our own are counted apart", () => {
  const lines = linesOf({
    statuses: { up: 0, unreachable: 3, down: 0, error: 5 },
    outcomes: {
      unreachable: { 'host-unreach': 1, 'no-route': 2 },
      error: { 'no-route': 4, 'send-failed': 1 },
    },
  });
  assert.match(lines[2]!, /unreachable +3 .* no-route 2, host-unreach 1$/);
  assert.match(lines[3]!, /error +5 .* no-route 4, send-failed 1$/);
});

test('what is out of the ordinary is counted where there is any', () => {
  const words = linesOf({
    packets: packetsOf({
      duplicates: 1,
      late: 2,
      rejected: 1,
      dropped: 3,
      doubtful: 2,
      sendWaits: 4000,
    }),
  }).find((line) => line.includes('packets'));
  assert.match(
    words!,
    /1 duplicate, 2 late replies, 1 packet not ours rejected, 3 replies dropped by our own sockets, 2 hosts in doubt, 4,000 waits for buffers$/,
  );
});

test('TCP connections have a line of their own', () => {
  const tcp = { ports: [443, 22], hosts: 239, connections: 478, failed: 0 };
  assert.ok(
    linesOf({ tcp }).includes('  tcp          478 connections to ports 443, 22 of 239 hosts'),
  );
  const one = { ports: [443], hosts: 1, connections: 1, failed: 0 };
  assert.ok(linesOf({ tcp: one }).includes('  tcp          1 connection to port 443 of 1 host'));
});

test('every port takes no time to list', () => {
  const ports = Array.from({ length: 65_535 }, (_, i) => i + 1);
  const startMs = performance.now();
  assert.ok(linesOf({ tcp: { ports, hosts: 1, connections: 1, failed: 0 } }).length > 5);
  assertSoon(performance.now() - startMs, 2_000);
});

test('a partial sweep says how much is missing', () => {
  const lines = linesOf({ targets: 300, partial: true });
  assert.equal(lines[0], '254 of 300 targets in 2.0 s, engine raw, 2 workers');
  assert.equal(lines.at(-1), 'partial: stopped early, 46 targets are missing from the report');
  // What agents do not allow is missing however long they have time.
  const sites = [{ site: 'berlin', targets: 300, missing: 46, agents: ['berlin/a1'] }];
  assert.match(
    linesOf({ targets: 300, partial: true, sites }).at(-1)!,
    /^partial: not complete, 46/,
  );
});

test('a sweep still running is told as of now, without a rate', () => {
  const lines = linesOf({ endedAt: null, targets: 300 });
  assert.equal(lines[0], '254 of 300 targets so far, engine raw, 2 workers');
  assert.ok(!lines.some((line) => line.includes('probes/s')));
});

test('doubts and notes stand at the end, one below the other, and cannot steer the terminal', () => {
  const lines = linesOf({ doubts: ['The clock stepped.'], notes: ['eth0\u001B[2J is down.'] });
  assert.deepEqual(lines.slice(-2), [
    'do not trust: The clock stepped.',
    'note: eth0\uFFFD[2J is down.',
  ]);
});

test('lines keep to the width and break between the items of a list', () => {
  const run = {
    packets: packetsOf({ duplicates: 1, late: 2, rejected: 1, dropped: 3, doubtful: 2 }),
    doubts: [
      'Our own sockets dropped replies that could not be asked again, so sweep more slowly.',
    ],
  };
  const lines = linesOf(run, 60);
  for (const line of lines) assert.ok(line.length <= 60, line);
  assert.ok(lines.includes('               3 replies dropped by our own sockets,'));
});

test('a narrow terminal has the reasons below their figures', () => {
  const lines = linesOf({ targets: 1_048_574, partial: true }, 40);
  assert.deepEqual(lines, [
    '254 of 1,048,574 targets in 2.0 s,',
    '  engine raw, 2 workers',
    '  up            12    4.7 %',
    '  unreachable    3    1.2 %',
    '               host-unreach 2,',
    '               no-route 1',
    '  down         239   94.1 %',
    '               no-response 200,',
    '               arp-failed 39',
    '  rtt ms       min 0.312, median 0.840,',
    '               p95 12.400, max 33.120',
    '  packets      762 sent, 12 received,',
    '               381 probes/s',
    'partial: stopped early, 1,048,320',
    '  targets are missing from the report',
  ]);
});

test('durations read as a person would say them', () => {
  const after = (ms: number) =>
    /in (.*?), engine/.exec(
      linesOf({ endedAt: new Date(runOf().startedAt.getTime() + ms) })[0]!,
    )![1];
  assert.equal(after(312), '312 ms');
  assert.equal(after(2134), '2.1 s');
  assert.equal(after(59_960), '1 min 00 s');
  assert.equal(after(185_000), '3 min 05 s');
  assert.equal(after(2 * 3_600_000 + 185_000), '2 h 03 min');
});

test('colour changes nothing but the colour', () => {
  const values = { partial: true, doubts: ['Doubt.'], notes: ['Note.'] };
  const coloured = formatSummary(runOf(values), { colour: true, width: 80 });
  assert.notDeepEqual(coloured, linesOf(values, 80));
  assert.deepEqual(coloured.map(stripVTControlCharacters), linesOf(values, 80));
});

test('an empty sweep has a summary too', () => {
  const lines = linesOf({
    engine: null,
    targets: 0,
    statuses: { up: 0, unreachable: 0, down: 0, error: 0 },
    outcomes: {},
    rtt: null,
    packets: packetsOf({ sent: 0, received: 0 }),
  });
  assert.deepEqual(lines, [
    '0 targets in 2.0 s',
    '  up           0    0.0 %',
    '  packets      0 sent, 0 received',
  ]);
});
