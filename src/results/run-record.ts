/** What is known of a sweep as a whole: how it was asked for, what it counted, and whether it trusts itself. */

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
  /** Replies that a socket's own buffer dropped, by its own count. */
  dropped: number;
  /** Hosts whose probes fell into a drop and could not be asked again. */
  doubtful: number;
  /** ARP and NDP requests of our own that left. */
  neighbourRequests: number;
  /** Times the system was out of buffers and a probe waited. */
  sendWaits: number;
  /** Times the wall clock stepped while it was in use for round-trip times. */
  clockSteps: number;
}

export interface RttSummary {
  minMs: number;
  medianMs: number;
  p95Ms: number;
  maxMs: number;
}

export interface RunRecord {
  /** Of echosweep. */
  readonly version: string;
  /** The command line, or `library`. */
  readonly command: string;
  /** Which engine asked, such as `raw`; `null` where nothing was sent. */
  readonly engine: string | null;
  /** Where receive times come from. */
  readonly clock: 'kernel' | 'process' | 'ping';
  readonly seed: number;
  readonly workers: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Addresses to ask. */
  readonly targets: number;
  /** Rows so far, by status and by reason. */
  readonly statuses: Readonly<Record<Status, number>>;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
  readonly packets: Readonly<PacketCounts>;
  /** Over every answered probe; null where there is none. Median and p95 within 0.1 %. */
  readonly rtt: Readonly<RttSummary> | null;
  /** True where the sweep was stopped before it had asked every target. */
  readonly partial: boolean;
  /** What the system refused while the sweep ran, one sentence; null where it refused nothing. */
  readonly failure: string | null;
  /** Why the run should not be trusted, one sentence each; empty where it may be. */
  readonly doubts: readonly string[];
  /** What a person should know but need not doubt, one sentence each. */
  readonly notes: readonly string[];
}
