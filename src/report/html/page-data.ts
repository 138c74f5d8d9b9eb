/** What a page is given to draw: the one place for the shapes that the report writes and the browser reads. */

import type { Reason, Status } from '../../results/outcome.ts';

/** Consecutive addresses, or consecutive subnets: the first, and how many. */
export type Run = readonly [first: string, count: number];

/** Absent numbers in a column of the page; every number there is is 0 or more. */
export const ABSENT = -1;

/** Columns of up to a /16 of hosts, in address order. Times are whole microseconds. */
export interface HostColumns {
  readonly kind: 'hosts';
  readonly runs: readonly Run[];
  /** Index in STATUSES and REASONS; ABSENT if the report did not say. */
  readonly status: readonly number[];
  readonly reason: readonly number[];
  /** Empty if the host has no name. */
  readonly hostname: readonly string[];
  /** Index in `responders`. */
  readonly responder: readonly number[];
  readonly responders: readonly string[];
  readonly icmpType: readonly number[];
  readonly icmpCode: readonly number[];
  readonly sent: readonly number[];
  readonly received: readonly number[];
  readonly duplicates: readonly number[];
  readonly rttAvgUs: readonly number[];
  /** How much less than the mean, and how much more: mostly 0, which takes no room. */
  readonly rttBelowUs: readonly number[];
  readonly rttAboveUs: readonly number[];
  readonly rttStddevUs: readonly number[];
  readonly ttl: readonly number[];
  readonly hops: readonly number[];
  /** Index in `patterns`. */
  readonly pattern: readonly number[];
  readonly patterns: readonly string[];
  /** '' if there is none. */
  readonly mac: readonly string[];
  /** Milliseconds after `startedAtMs`. */
  readonly startedAfterMs: readonly number[];
  readonly startedAtMs: number;
}

/** What is kept of more hosts than that: each subnet's counts, and of up to 2^20 addresses an octet each. */
export interface SubnetColumns {
  readonly kind: 'subnets';
  /** Bits of a subnet's own addresses: 8 for a /24. */
  readonly hostBits: number;
  readonly runs: readonly Run[];
  /** Hosts by status. */
  readonly up: readonly number[];
  readonly unreachable: readonly number[];
  readonly down: readonly number[];
  readonly error: readonly number[];
  /** Geometric mean over the subnet's hosts. */
  readonly rttUs: readonly number[];
  /** Whether the page has a second block of data: 256 octets (`cellCode`) for each subnet. */
  readonly hasCells: boolean;
}

/** Hosts that the same address spoke for in the same way. */
export interface Verdict {
  /** null: none, or our own system. */
  readonly responder: string | null;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly hosts: number;
  readonly firstAddress: string;
  readonly lastAddress: string;
}

/** The sweep that the hosts come from; what a report does not include is left out. */
export interface PageRun {
  readonly command?: string;
  readonly version?: string;
  readonly engine?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Addresses still to probe, if the sweep was stopped before it had probed all. */
  readonly missing?: number;
  /** Why the run should not be trusted, and what a person should know besides. */
  readonly doubts: readonly string[];
  readonly notes: readonly string[];
  /** How many probes left and what became of them, and how the canary answered: a sentence each. */
  readonly facts?: readonly string[];
}

/** A change that an inventory has noticed. */
export interface PageChange {
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly kind: string;
  readonly address: string;
  readonly hostname: string;
  readonly before: string;
  readonly after: string;
}

/**
 * A page divides hosts by the four statuses of a sweep. In the page of an inventory its states take their places, each
 * with the colour and the mark that suit: something is wrong, nothing was ever there, a host is lost.
 */
export const STATUS_OF_STATE = {
  up: 'up',
  missing: 'unreachable',
  silent: 'down',
  gone: 'error',
} as const satisfies Readonly<Record<string, Status>>;

/** The history of the hosts; columns are in the order of HostColumns, texts '' if nothing is known. */
export interface HistoryColumns {
  readonly state: readonly string[];
  /**
   * A character per `daysAMark` days: a bar as high as the share of scans that it answered, `·` for none, a blank for
   * not probed.
   */
  readonly days: readonly string[];
  /** Share of the scans that it answered, in thousandths; ABSENT if none probed it. */
  readonly upPermille: readonly number[];
  /** Days such as 2026-03-01. */
  readonly firstSeen: readonly string[];
  readonly lastSeen: readonly string[];
  readonly vendor: readonly string[];
  readonly known: readonly string[];
}

export interface PageHistory {
  readonly scans: number;
  /** UTC, such as 2026-03-01: of the first of `usedByDay`. */
  readonly firstDay: string;
  /** Hosts that answered at least once on a day. */
  readonly usedByDay: readonly number[];
  /** Median over those hosts of their mean RTT, whole microseconds; ABSENT for a day without. */
  readonly rttUsByDay: readonly number[];
  /** Addresses of the latest scan, for shares. */
  readonly targets: number;
  readonly daysAMark: number;
  /** Changes by kind, in the order in which they are listed. */
  readonly changeTotals: readonly (readonly [kind: string, count: number])[];
  /** The newest first. */
  readonly changes: readonly PageChange[];
  /** Changes beyond those. */
  readonly furtherChanges: number;
  /** Left out if the map is of subnets. */
  readonly hosts?: HistoryColumns;
}

export interface PageData {
  readonly title: string;
  readonly run: PageRun;
  /** In this report. */
  readonly hosts: number;
  readonly statuses: Readonly<Record<Status, number>>;
  /** By status all hosts of the sweep, if the report leaves some of them out (`--only`). */
  readonly swept?: Readonly<Record<Status, number>>;
  /** Of the hosts' mean round-trip times, microseconds; null if nothing answered. */
  readonly rttUs: {
    readonly min: number;
    readonly median: number;
    readonly p95: number;
    readonly max: number;
  } | null;
  /** Hosts by the step of their mean RTT (`rttStep`). */
  readonly rttSteps: readonly number[];
  /** Hosts by hops. */
  readonly hops: readonly number[];
  /** The largest first. */
  readonly verdicts: readonly Verdict[];
  /** Verdicts beyond those. */
  readonly furtherVerdicts: number;
  /** Whether the report has no place for responders. */
  readonly hasNoResponders?: true;
  readonly map: HostColumns | SubnetColumns;
  /** Only in the page of an inventory. */
  readonly history?: PageHistory;
}
