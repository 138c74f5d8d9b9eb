/** What JSON Lines promises to programs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CSV } from '../../../src/report/csv.ts';
import { JSON_LINES } from '../../../src/report/json-lines.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { readCsv } from './read-csv.ts';
import { runOf, settingsOf, silentHost, textOf, unsentHost, upHost } from './samples.ts';

type Field =
  | ('type' | 'phase' | 'ended_at' | 'rtt' | 'seed')
  | ('hostname' | 'sent' | 'loss_pct' | 'rtts_ms' | 'errno');
type JsonRecord = Readonly<Record<Field, unknown>>;

function records(text: string): JsonRecord[] {
  assert.ok(text.endsWith('\n'));
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

function hostRecords(rows: readonly HostResult[]): JsonRecord[] {
  return records(textOf(JSON_LINES.rows(settingsOf()), rows));
}

test('the first and the last record describe the run', () => {
  const format = JSON_LINES.rows(settingsOf());
  const [start] = records(format.begin(runOf({ endedAt: null, rtt: null })));
  assert.equal(start!.type, 'run');
  assert.equal(start!.phase, 'start');
  assert.equal(start!.ended_at, null);
  assert.equal(start!.rtt, null);
  const [end] = records(String(format.end(runOf({ notes: ['a note'] }))));
  assert.deepEqual(end, {
    type: 'run',
    phase: 'end',
    schema: 1,
    version: '1.2.3',
    command: 'echosweep 192.0.2.0/24',
    engine: 'raw',
    failure: null,
    clock: 'kernel',
    seed: 7,
    workers: 2,
    started_at: '2026-03-04T05:06:07.000Z',
    ended_at: '2026-03-04T05:06:09.000Z',
    targets: 254,
    statuses: { up: 12, unreachable: 3, down: 239, error: 0 },
    reasons: {
      'echo-reply': 12,
      'no-response': 200,
      'arp-failed': 39,
      'host-unreach': 2,
      'no-route': 1,
    },
    outcomes: {
      up: { 'echo-reply': 12 },
      unreachable: { 'host-unreach': 2, 'no-route': 1 },
      down: { 'no-response': 200, 'arp-failed': 39 },
    },
    packets: {
      sent: 762,
      received: 12,
      duplicates: 0,
      errors: 0,
      rejected: 0,
      late: 0,
      dropped: 0,
      doubtful: 0,
      neighbour_requests: 0,
      send_waits: 0,
      send_wait_ms: 0,
      unsure_sends: 0,
      clock_steps: 0,
      late_to_silent: 0,
      retried_up: 0,
      loss_slow_downs: 0,
      refusals_overcome: 0,
      partly_refused: 0,
      routes_lost: 0,
    },
    rtt: { min_ms: 0.312, median_ms: 0.84, p95_ms: 12.4, max_ms: 33.12 },
    resumed: null,
    mac_conflicts: [],
    worst_delay_ms: 4.25,
    canary: null,
    tcp: null,
    partial: false,
    doubts: [],
    notes: ['a note'],
  });
});

test("a host's record has each probe's RTT and the errno besides its columns", () => {
  const [up, unsent] = hostRecords([upHost(), unsentHost()]);
  assert.equal(up!.type, 'host');
  assert.deepEqual(up!.rtts_ms, [0.412, null, 1044.001]);
  assert.equal(up!.errno, null);
  assert.equal(unsent!.errno, 'EINVAL');
  assert.equal(unsent!.loss_pct, null);
  assert.equal(unsent!.sent, 0);
});

test('a record has every value that the CSV has, under the same name', () => {
  const hosts = [upHost({ hostname: 'a.example' }), silentHost({ icmpType: 3, icmpCode: 0 })];
  const csv = CSV.rows(settingsOf());
  const [header, ...rows] = readCsv(csv.begin(runOf()) + textOf(csv, hosts));
  hostRecords(hosts).forEach((record, i) => {
    header!.forEach((name, column) => {
      const cell = rows[i]![column]!;
      const value = record[name as Field];
      assert.ok(value !== undefined, name);
      if (typeof value === 'number') assert.equal(value, Number(cell), name);
      else assert.equal(value ?? '', cell, name);
    });
  });
});

test('a host name of any characters comes back as it was, on one line by every reading', () => {
  assert.equal(
    hostRecords([upHost({ hostname: '\u0085\u009B1m\u2028\u202E' })])[0]!.hostname,
    '\u0085\u009B1m\u2028\u202E',
  );
});

test('the times of a run are rounded as those of its hosts', () => {
  // Halfway between two microseconds, but the nearest number with a binary fraction is below that.
  const ms = 1.0345;
  const format = JSON_LINES.rows(settingsOf());
  const [host] = hostRecords([upHost({ rttsMs: [ms] })]);
  const rtt = { minMs: ms, medianMs: ms, p95Ms: ms, maxMs: ms };
  const [end] = records(String(format.end(runOf({ rtt, seed: Number.MAX_SAFE_INTEGER }))));
  assert.deepEqual(host!.rtts_ms, [1.035]);
  assert.deepEqual(end!.rtt, { min_ms: 1.035, median_ms: 1.035, p95_ms: 1.035, max_ms: 1.035 });
  assert.equal(end!.seed, Number.MAX_SAFE_INTEGER);
});
