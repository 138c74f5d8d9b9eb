/** When asking a silent host again pays: learned from the round-trip times seen so far. */

import type { Schedule } from './schedule.ts';

/** Fewer replies than this say nothing of a network. */
const REPLIES_TO_LEARN_FROM = 4;
/** What has not answered in this many times the slowest round-trip time of late will hardly answer any more. */
const PATIENCE = 2;
/** However fast a network is: time for a sleeping host to wake, and for a queue that lost one probe to drain. */
const SHORTEST_GAP_NS = 100_000_000;
/** A router that finds nobody behind it says so after three ARP requests a second apart: who is given up earlier is merely silent. */
const ROUTERS_WORD_NS = 3_200_000_000;
/** Share of its distance to each faster reply by which the slowest time comes down. */
const DECAY = 1 / 256;

/**
 * A retry is sent once an answer is no longer likely, not when the probe before it has timed out: that one still counts
 * until its own timeout. Who answers slower than all others costs a probe more for it, and is found all the same.
 */
export class RetryPace {
  private readonly schedule: Schedule;
  /** By probe: when it leaves after the first one, by the schedule. */
  private readonly scheduledNs: Float64Array;
  private replies = 0;
  private slowestNs = 0;

  constructor(schedule: Schedule) {
    const { gapNs } = schedule;
    this.schedule = schedule;
    this.scheduledNs = new Float64Array(gapNs.length);
    for (let level = 1; level < gapNs.length; level++)
      this.scheduledNs[level] = this.scheduledNs[level - 1]! + gapNs[level - 1]!;
  }

  /** Takes note of a reply. */
  note(rttNs: number): void {
    this.replies++;
    if (rttNs > this.slowestNs) this.slowestNs = rttNs;
    else this.slowestNs -= (this.slowestNs - rttNs) * DECAY;
  }

  /**
   * How long a host's probe `level` is waited for; never so long that the host would be final later than by the
   * schedule, and never shorter than the first probe, unless the schedule has it so.
   */
  timeoutNs(level: number): number {
    const { timeoutNs } = this.schedule;
    if (level === 0 || !this.isLearned) return timeoutNs[level]!;
    const scheduledNs = this.scheduledNs[level]!;
    const sentNs = scheduledNs * this.shareOfGaps;
    const patienceNs = Math.max(timeoutNs[0]!, ROUTERS_WORD_NS - sentNs);
    return Math.min(scheduledNs + timeoutNs[level]! - sentNs, patienceNs);
  }

  /** How long after a host's probe `level` the next one leaves; never longer than the schedule has it. */
  gapNs(level: number): number {
    const gapNs = this.schedule.gapNs[level]!;
    return this.isLearned ? gapNs * this.shareOfGaps : gapNs;
  }

  /** What is left of the schedule's gaps, at most all. */
  private get shareOfGaps(): number {
    const firstNs = Math.max(SHORTEST_GAP_NS, PATIENCE * this.slowestNs);
    return Math.min(1, firstNs / this.schedule.gapNs[0]!);
  }

  /** With a count of probes the user's period and timeout stand. */
  private get isLearned(): boolean {
    return this.schedule.stopsWhenAnswered && this.replies >= REPLIES_TO_LEARN_FROM;
  }
}
