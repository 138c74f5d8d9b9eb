/** When a retry pays: learned from the round-trip times seen so far. */

import {
  gapWithin,
  LAST_PROBE_NS,
  type Patience,
  ROUTER_ERROR_NS,
  type Schedule,
  SHORTEST_GAP_NS,
} from './schedule.ts';

/** Fewer replies than this say nothing about a network. */
const REPLIES_TO_LEARN_FROM = 4;
/** A host that has not answered in this many times the slowest recent round-trip time will hardly answer any more. */
const PATIENCE = 2;
/** A reply that took longer shows a network that a short patience does not suit. */
const SLOW_RTT_NS = 700_000_000;
/** A short patience is this many times the slowest recent round-trip time at least. */
const RTTS_TO_WAIT = 4;
/** The least that the last probe is waited for. */
const SHORTEST_WAIT_NS = 200_000_000;
/** Share of its distance to each faster reply by which the slowest time comes down. */
const DECAY = 1 / 256;

/** The longest that any probe is waited for, whatever a sweep learns: milliseconds. */
export function longestTimeoutMs(schedule: Schedule): number {
  const { timeoutNs, gapNs, stopsWhenAnswered, patience } = schedule;
  const scheduledNs = gapNs.reduce((sum, gap) => sum + gap, 0);
  if (patience?.mayExtend === true) return Math.ceil(ROUTER_ERROR_NS / 1e6);
  const patienceNs = stopsWhenAnswered ? Math.min(ROUTER_ERROR_NS, scheduledNs) : 0;
  return Math.ceil(Math.max(patienceNs, ...timeoutNs) / 1e6);
}

/**
 * A retry is sent once a reply is no longer likely, not when the probe before it has timed out: that one still counts
 * until its own timeout. A host slower than all others costs one probe more, and is found all the same.
 */
export class RetryPace {
  private readonly schedule: Schedule;
  /** By round: when its probe leaves after the first one, by the schedule. */
  private readonly scheduledNs: Float64Array;
  private replies = 0;
  private slowestRttNs = 0;
  /** Whether hosts wait for their first probe: until they had it, waiting for others costs no time. */
  isProbingOthers = false;
  /** Whether routers here report hosts that they do not find, or replies take long. */
  private isSlowNetwork = false;

  constructor(schedule: Schedule) {
    const { gapNs } = schedule;
    this.schedule = schedule;
    this.scheduledNs = new Float64Array(gapNs.length);
    for (let round = 1; round < gapNs.length; round++)
      this.scheduledNs[round] = this.scheduledNs[round - 1]! + gapNs[round - 1]!;
  }

  /** The slowest recent round-trip time; 0 before the first reply. */
  get slowestNs(): number {
    return this.slowestRttNs;
  }

  /** Takes note of a router that reported a host that it does not find. */
  noteRouterError(): void {
    this.isSlowNetwork = true;
  }

  /** Takes note of a reply. */
  note(rttNs: number): void {
    if (rttNs > SLOW_RTT_NS) this.isSlowNetwork = true;
    this.replies++;
    if (rttNs > this.slowestRttNs) this.slowestRttNs = rttNs;
    else this.slowestRttNs -= (this.slowestRttNs - rttNs) * DECAY;
  }

  /**
   * How long to wait for a reply to a host's probe of this round. Never so long that the host would be final later than
   * by the schedule.
   */
  timeoutNs(round: number): number {
    const { timeoutNs, probes, patience } = this.schedule;
    if (patience !== undefined && round < probes)
      return this.patientEndNs(patience) - round * this.patientGapNs(patience);
    if (round === 0 || !this.isLearned) return timeoutNs[round]!;
    if (round >= probes) return Math.min(timeoutNs[0]!, timeoutNs[round]!);
    return this.endNs(round) - this.sentNs(round);
  }

  /** How long after a host's probe of this round the next one leaves. */
  gapNs(round: number): number {
    const { gapNs, probes, patience } = this.schedule;
    if (patience !== undefined && round + 1 < probes) return this.patientGapNs(patience);
    if (!this.isLearned) return gapNs[round]!;
    if (round + 1 >= probes) return Math.min(gapNs[round]!, this.usualGapNs);
    return this.sentNs(round + 1) - this.sentNs(round);
  }

  private patientEndNs({ endNs, mayExtend }: Patience): number {
    if (!mayExtend) return endNs;
    if (this.isSlowNetwork || this.isProbingOthers) return ROUTER_ERROR_NS;
    return Math.min(ROUTER_ERROR_NS, Math.max(endNs, RTTS_TO_WAIT * this.slowestRttNs));
  }

  private patientGapNs(patience: Patience): number {
    const isExtended = patience.mayExtend && (this.isSlowNetwork || this.isProbingOthers);
    const gapNs = isExtended ? SHORTEST_GAP_NS : patience.gapNs;
    const wantedNs = Math.max(gapNs, PATIENCE * this.slowestRttNs);
    return gapWithin(this.patientEndNs(patience), wantedNs, this.schedule.probes);
  }

  /** When the probe of a planned round leaves after the first one: never later than by the schedule. */
  private sentNs(round: number): number {
    const usualNs = this.usualSentNs(round);
    const isLast = round === this.schedule.probes - 1;
    if (!isLast || round < 2) return usualNs;
    const waitNs = Math.max(SHORTEST_WAIT_NS, PATIENCE * this.slowestRttNs);
    const latestNs = Math.min(LAST_PROBE_NS, this.endNs(round) - waitNs, this.scheduledNs[round]!);
    return Math.max(usualNs, latestNs);
  }

  /** When a host that stays silent is final if this round is its last, or sooner by the schedule. */
  private endNs(round: number): number {
    const { timeoutNs } = this.schedule;
    const sentNs = this.usualSentNs(round);
    const patienceNs = Math.max(timeoutNs[0]!, ROUTER_ERROR_NS - sentNs);
    return Math.min(this.scheduledNs[round]! + timeoutNs[round]!, sentNs + patienceNs);
  }

  private usualSentNs(round: number): number {
    return Math.min(this.scheduledNs[round]!, round * this.usualGapNs);
  }

  private get usualGapNs(): number {
    return Math.max(SHORTEST_GAP_NS, PATIENCE * this.slowestRttNs);
  }

  /** With a count of probes the user's period and timeout hold. */
  private get isLearned(): boolean {
    return this.schedule.stopsWhenAnswered && this.replies >= REPLIES_TO_LEARN_FROM;
  }
}
