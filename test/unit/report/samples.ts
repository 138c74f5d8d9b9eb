/** Hosts and runs for report tests: whole records, so that each test names only what it is about. */

import type { FormatSettings, RowWriter } from '../../../src/report/format.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { ROW_FIELDS } from '../../../src/results/row-fields.ts';
import type { PacketCounts, PathCounts, RunRecord } from '../../../src/results/run-record.ts';

/** What a field has that a test does not name, also one that came later. */
const NO_VALUES = Object.fromEntries(ROW_FIELDS.map(({ key }) => [key, null])) as Readonly<
  Record<keyof HostResult, null>
>;

export function upHost(values: Partial<HostResult> = {}): HostResult {
  return {
    ...NO_VALUES,
    address: '192.0.2.1',
    status: 'up',
    reason: 'echo-reply',
    sent: 3,
    received: 2,
    duplicates: 0,
    lossPct: 100 / 3,
    rttMinMs: 0.41249,
    rttAvgMs: 9.1,
    rttMaxMs: 1044.0006,
    rttStddevMs: 2,
    ttl: 61,
    hops: 3,
    pattern: '!.!',
    rttsMs: [0.41249, null, 1044.0006],
    startedAt: new Date('2026-03-04T05:06:07.089Z'),
    ...values,
  };
}

export function silentHost(values: Partial<HostResult> = {}): HostResult {
  return upHost({
    address: '192.0.2.2',
    status: 'down',
    reason: 'no-response',
    received: 0,
    lossPct: 100,
    rttMinMs: null,
    rttAvgMs: null,
    rttMaxMs: null,
    rttStddevMs: null,
    ttl: null,
    hops: null,
    pattern: '...',
    rttsMs: [null, null, null],
    ...values,
  });
}

export function unsentHost(values: Partial<HostResult> = {}): HostResult {
  return silentHost({
    address: '192.0.2.3',
    status: 'error',
    reason: 'send-failed',
    sent: 0,
    lossPct: null,
    pattern: 'E',
    rttsMs: [null],
    startedAt: null,
    errno: 'EINVAL',
    ...values,
  });
}

/** What the agents of sites count as well. */
export const PACKETS: PacketCounts = {
  sent: 762,
  received: 12,
  duplicates: 0,
  errors: 0,
  rejected: 0,
  late: 0,
  dropped: 0,
  doubtful: 0,
  neighbourRequests: 0,
  sendWaits: 0,
  sendWaitMs: 0,
  unsureSends: 0,
  clockSteps: 0,
};

const PATH_COUNTS: PathCounts = {
  lateToSilent: 0,
  retriedUp: 0,
  lossSlowDowns: 0,
  refusalsOvercome: 0,
  partlyRefused: 0,
  routesLost: 0,
};

export function runOf(values: Partial<RunRecord> = {}): RunRecord {
  return {
    version: '1.2.3',
    command: 'echosweep 192.0.2.0/24',
    engine: 'raw',
    clock: 'kernel',
    seed: 7,
    workers: 2,
    startedAt: new Date('2026-03-04T05:06:07.000Z'),
    endedAt: new Date('2026-03-04T05:06:09.000Z'),
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
    packets: { ...PACKETS, ...PATH_COUNTS },
    rtt: { minMs: 0.3124, medianMs: 0.84, p95Ms: 12.4, maxMs: 33.12 },
    worstDelayMs: 4.25,
    canary: null,
    tcp: null,
    partial: false,
    failure: null,
    resumed: null,
    macConflicts: [],
    doubts: [],
    notes: [],
    ...values,
  };
}

export function settingsOf(
  values: Partial<FormatSettings<HostResult>> = {},
): FormatSettings<HostResult> {
  return {
    columns: undefined,
    csvProfile: 'plain',
    csvDelimiter: ',',
    csvDecimal: '.',
    width: Number.POSITIVE_INFINITY,
    colour: false,
    ...values,
  };
}

/** The rows as a format writes them. */
export function textOf(writer: RowWriter, rows: Iterable<HostResult>): string {
  return Buffer.from(writer.rows(rows)).toString();
}
