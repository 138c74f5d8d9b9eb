/** What is known of a sweep as a whole: the options, the counters, and whether the result is reliable. */

import type { Reason, Status } from './outcome.ts';

/** Counters of the packets and the clock, summed over all sockets. */
export interface PacketCounts {
  /** Echo requests that left. */
  sent: number;
  /** Distinct valid replies. */
  received: number;
  duplicates: number;
  /** Valid ICMP errors about our probes. */
  errors: number;
  /** Packets that reached our sockets and are neither replies nor errors of ours. */
  rejected: number;
  /** Valid replies that came after their host's last timeout. */
  late: number;
  /** Replies that a socket's own buffer dropped, by its own count; null if the system does not count them. */
  dropped: number | null;
  /** Hosts whose probes fell into a drop and could not be probed again. */
  doubtful: number;
  /** ARP and NDP requests of our own that left. */
  neighbourRequests: number;
  /** Times the system was out of buffers and a probe waited. */
  sendWaits: number;
  /** How long probes so waited, milliseconds, summed over all sockets. */
  sendWaitMs: number;
  /** Probes during whose transmission a thread stalled for more than a millisecond. */
  unsureSends: number;
  /** Times the wall clock stepped while it was in use for round-trip times. */
  clockSteps: number;
}

/** Counters of what the path and the system did to probes, and what was done about it; summed likewise. */
export interface PathCounts {
  /** Those of `late` that came from hosts of which no other reply is known. */
  lateToSilent: number;
  /** Hosts whose first reply was to a later probe than their first. */
  retriedUp: number;
  /** Times the rate was lowered because packets got lost on the path. */
  lossSlowDowns: number;
  /** Probes that left at a later try, after the system refused them. */
  refusalsOvercome: number;
  /** Silent hosts for which the system refused some of the probes for good. */
  partlyRefused: number;
  /** Packets that had no route after an earlier one to their host left. */
  routesLost: number;
}

/** Of a block of hosts: a network in which every device claims every address must not fill the memory. */
export const MOST_MAC_CONFLICTS = 256;

/** An address for which two MAC addresses answered: the first that did, and another. */
export interface MacConflict {
  readonly address: string;
  readonly macs: readonly [string, string];
}

export type ReasonCounts = Readonly<Partial<Record<Reason, number>>>;

export interface RttSummary {
  minMs: number;
  medianMs: number;
  p95Ms: number;
  maxMs: number;
}

/** A time during which the canary was silent. */
export interface CanarySilence {
  /** When the last probe left that it answered before; if there was none, when the sweep began. */
  readonly from: Date;
  /** When the first probe left that it answered again; if there was none, when the sweep ended. */
  readonly to: Date;
  /** Hosts that were probed meanwhile and had probes unanswered. */
  readonly hosts: number;
  /** Hosts that answered a probe which left between two that the canary did not answer. */
  readonly answered: number;
}

/** One host probed alongside the others, to distinguish a failed uplink from hosts that are down. */
export interface CanaryRecord {
  readonly address: string;
  /** Whether a person named it, or it is the gateway on the way to the targets. */
  readonly choice: 'named' | 'gateway';
  /** Probes sent to it, and those that it answered; not among the counts of `packets`. */
  readonly sent: number;
  readonly received: number;
  readonly silences: readonly CanarySilence[];
}

/** The report that a sweep resumed. */
export interface ResumedRecord {
  /** As it was given. */
  readonly report: string;
  /** Rows that were taken over. */
  readonly rows: number;
}

/** TCP connections that were tried to silent hosts. */
export interface TcpRecord {
  readonly ports: readonly number[];
  /** Hosts that were tried. */
  readonly hosts: number;
  readonly connections: number;
  /** Connections that this system could not try. */
  readonly failed: number;
}

/** What the agents of one site brought in; of all sites together where one network is spread over them. */
export interface SiteRecord {
  /** '' where the sweep is spread. */
  readonly site: string;
  readonly targets: number;
  /** Targets that have no row. */
  readonly missing: number;
  /** Agents whose results are in the report. */
  readonly agents: readonly string[];
}

export interface RunRecord {
  /** Of echosweep. */
  readonly version: string;
  /** The command line, or `library`. */
  readonly command: string;
  /** Which engine sent the probes, such as `raw`; `null` if there was nothing to probe. */
  readonly engine: string | null;
  /** Where receive times come from. */
  readonly clock: 'kernel' | 'process' | 'ping';
  readonly seed: number;
  readonly workers: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Addresses to probe, and names that have none: the rows of a whole report. */
  readonly targets: number;
  /** Rows so far, by status, by reason, and by both; reasons only if they occur. */
  readonly statuses: Readonly<Record<Status, number>>;
  readonly reasons: ReasonCounts;
  readonly outcomes: Readonly<Partial<Record<Status, ReasonCounts>>>;
  /** The agents of sites leave `PathCounts` out. */
  readonly packets: Readonly<PacketCounts & Partial<PathCounts>>;
  /** Over every answered probe; null if there is none. Median and p95 within 0.1 %. */
  readonly rtt: Readonly<RttSummary> | null;
  /** Longest time between when a thread wanted to act and when it did, milliseconds. */
  readonly worstDelayMs: number;
  /** null if none was probed. */
  readonly canary: CanaryRecord | null;
  /** null if none were tried. */
  readonly tcp: TcpRecord | null;
  /** True if the sweep was stopped before it had probed every target. */
  readonly partial: boolean;
  /** What the system refused while the sweep ran, one sentence; null if it refused nothing. */
  readonly failure: string | null;
  /**
   * null if the sweep did not resume another. If it did, targets, rows, round-trip times, conflicts and doubts are those
   * of the whole; packets, canary, notes and times are those of the last run.
   */
  readonly resumed: ResumedRecord | null;
  /** Addresses for which two MAC addresses answered; at most MOST_MAC_CONFLICTS of each block of hosts. */
  readonly macConflicts: readonly MacConflict[];
  /** Why the run should not be trusted, one sentence each; empty if it may be. */
  readonly doubts: readonly string[];
  /** What a person should know but need not doubt, one sentence each. */
  readonly notes: readonly string[];
  /** Only of a sweep on several sites. */
  readonly sites?: readonly SiteRecord[];
}

/** How far the hosts of a report can be believed. */
export type RunLimits = Pick<RunRecord, 'endedAt' | 'failure' | 'partial' | 'doubts' | 'sites'>;

/** How long a run took, milliseconds: 0 while it runs, and if the clock was set back meanwhile. */
export function elapsedMs({
  startedAt,
  endedAt,
}: Pick<RunRecord, 'startedAt' | 'endedAt'>): number {
  return Math.max(0, (endedAt ?? startedAt).getTime() - startedAt.getTime());
}
