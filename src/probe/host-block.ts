/** One block being probed, by echo requests, ARP or NDP alike: records what happens to its probes and times them out. */

import { LIVE_PROBE, showProbe } from '../results/live-probes.ts';
import type { BlockSetup } from './block-setup.ts';
import { Departures } from './departures.ts';
import { DueProbes } from './due-probes.ts';
import { HostProgress } from './host-progress.ts';
import type { LossWatch } from './loss-watch.ts';
import type { NeighbourPlaces } from './neighbour-places.ts';
import { MARK, ProbeLevel } from './probe-level.ts';
import type { RetryPace } from './retry-pace.ts';
import type { Schedule } from './schedule.ts';
import { mix32 } from './send-order.ts';
import { SilenceJudge } from './silence-judge.ts';
import type { SpareMemory } from './spare-memory.ts';
import type { UnprobedHosts } from './unprobed-hosts.ts';

/** What became of a reply. */
export type ReplyVerdict = 'first' | 'duplicate' | 'late' | 'unasked';

/** What blocks are probed by. */
export interface BlockRules {
  readonly schedule: Schedule;
  readonly retryPace: RetryPace;
  /** Random: where the sequence numbers of each host of a block begin. */
  readonly sequenceKey: number;
  /** What silence is worth; undefined if the options alone decide how often a host is probed. */
  readonly loss: LossWatch | undefined;
  /** Where the memory of blocks comes from, and goes to when they are over. */
  readonly memory: SpareMemory;
}

/** What is done about hosts as they become final. */
export interface FinalHostWatch {
  noteFinal(host: number): void;
}

export class HostBlock {
  readonly setup: BlockSetup;
  readonly hosts: HostProgress;
  /** By round; one at least. */
  readonly levels: ProbeLevel[];
  readonly due: DueProbes;
  /** Learns of each host as it becomes final. */
  finalHosts: FinalHostWatch | undefined;
  readonly departures: Departures;

  private readonly rules: BlockRules;
  private readonly sequenceSalt: number;
  private readonly places: NeighbourPlaces;
  /** Silent hosts of which the system is about to find out by ARP or NDP whether they are there. */
  private readonly verified = new Set<number>();
  private readonly silence: SilenceJudge;

  /** @param places what the hosts take up in the system's neighbour table */
  constructor(
    setup: BlockSetup,
    rules: BlockRules,
    unprobed: UnprobedHosts,
    places: NeighbourPlaces,
  ) {
    const { schedule, retryPace } = rules;
    const { count } = setup.targets;
    this.setup = setup;
    this.rules = rules;
    this.sequenceSalt = mix32(rules.sequenceKey ^ mix32(setup.number));
    this.places = places;
    this.hosts = new HostProgress(count, schedule, rules.memory);
    this.levels = [new ProbeLevel(count, rules.memory)];
    this.departures = new Departures(this.hosts, this.levels, schedule);
    this.silence = new SilenceJudge(this.hosts, this.levels, schedule, rules.loss);
    this.due = new DueProbes(this.hosts, this.levels, unprobed, places, retryPace, schedule.room);
  }

  /** The sequence number of a host's probe: a run of its own for each host, so that none is used twice in a sweep. */
  sequenceOf(host: number, round: number): number {
    return (mix32(host ^ this.sequenceSalt) + round) & 0xffff;
  }

  /** The round of the probe of `host` with this sequence number, or -1 if there was none. */
  roundOfSequence(host: number, sequence: number): number {
    const round = (sequence - mix32(host ^ this.sequenceSalt)) & 0xffff;
    return round < this.hosts.attempts[host]! ? round : -1;
  }

  /** When the block next times something out; Infinity for never. */
  nextExpiryNs(): number {
    let dueNs = Number.POSITIVE_INFINITY;
    for (let round = this.due.firstOpenRound; round < this.levels.length; round++) {
      const level = this.levels[round]!;
      if (level.nextToExpire === level.sentCount) continue;
      const host = level.sentHosts[level.nextToExpire]!;
      dueNs = Math.min(dueNs, level.sentAtNs[host]! + this.rules.retryPace.timeoutNs(round));
    }
    return dueNs;
  }

  /** The host's next probe has left. @returns its round */
  recordSent(host: number, sentAtNs: number): number {
    const round = this.addProbe(host, sentAtNs);
    this.silence.noteSent(host, round, sentAtNs);
    return round;
  }

  /** The system refused the host's next probe: it takes its turn in the schedule, and is retried like any other. */
  recordRefused(host: number, nowNs: number): void {
    this.recordUnsent(host, nowNs);
    this.silence.noteRefused(host);
  }

  /** The host's next probe did not leave. */
  recordUnsent(host: number, nowNs: number): void {
    const round = this.addProbe(host, nowNs);
    this.levels[round]!.setMark(host, MARK.unsent);
    this.hosts.unsent[host]!++;
    this.show(host, round, LIVE_PROBE.unsent, nowNs);
  }

  /** A probe that was recorded as sent has not left after all. @returns false if it is answered or settled already */
  retractSent(host: number, round: number): boolean {
    const level = this.levels[round]!;
    if (this.hosts.isFinal(host) || level.markOf(host) !== 0) return false;
    this.silence.noteRetracted();
    // How long it took to leave no longer matters.
    this.hosts.clearUnsure(host);
    level.setMark(host, MARK.unsent);
    this.hosts.unsent[host]!++;
    this.show(host, round, LIVE_PROBE.unsent, level.sentAtNs[host]!);
    this.places.release(host);
    return true;
  }

  /** No probe to the host can leave at the moment, so the system does not look for it either. */
  recordHopeless(host: number, nowNs: number): void {
    this.recordUnsent(host, nowNs);
    this.places.release(host);
  }

  /** Ends the probing of a host that no probe can reach, unless one has left. */
  concludeUnsent(host: number): void {
    if (this.hosts.sentTo(host) === 0) this.conclude(host);
  }

  /** The system has no route to the host any more. @returns whether a probe had left before */
  noteNoRoute(host: number): boolean {
    if (this.hosts.sentTo(host) === 0) return false;
    this.silence.noteLostRoute();
    return true;
  }

  /**
   * @param isKernelTime whether the kernel says when it arrived, or only the time of reading is known
   * @param isOfOther whether it came from another address than the host's
   */
  recordReply(
    host: number,
    round: number,
    receivedAtNs: number,
    isKernelTime: boolean,
    isOfOther = false,
  ): ReplyVerdict {
    const { hosts } = this;
    const level = this.levels[round]!;
    this.departures.noteReply(host, level);
    const mark = level.markOf(host);
    if (mark === MARK.unsent) return 'unasked';
    if (mark === MARK.reply) {
      if (!hosts.isFrozen(host)) hosts.addDuplicate(host);
      return 'duplicate';
    }
    if (receivedAtNs > this.lastDeadlineNs(host)) return 'late';
    // A reply in time that the system was slow to show us still counts for a host that is final.
    const isFinal = hosts.isFinal(host);
    if (isFinal && hosts.isFrozen(host)) return 'late';
    if (isFinal && hosts.isAnswered(host) && receivedAtNs > this.deadlineNs(host, round))
      return 'late';
    level.setMark(host, MARK.reply);
    level.recordRtt(host, receivedAtNs, isKernelTime);
    this.show(host, round, isOfOther ? LIVE_PROBE.replyOfOther : LIVE_PROBE.reply, receivedAtNs);
    hosts.addReply(host);
    // When that probe left no longer matters for the silence of others.
    if (round === hosts.attempts[host]! - 1) hosts.clearUnsure(host);
    if (hosts.received[host] === 1) this.silence.noteFirstReply(host, round, receivedAtNs);
    this.places.release(host);
    if (!isFinal) this.settle(host, level);
    return 'first';
  }

  /** @returns false if the error comes too late to count */
  recordError(host: number, round: number): boolean {
    const level = this.levels[round]!;
    const mark = level.markOf(host);
    if (this.hosts.isFinal(host) || mark === MARK.unsent) return false;
    if (mark !== MARK.reply) level.setMark(host, MARK.error);
    return true;
  }

  /** Ends a host's probing with what is known about it. */
  conclude(host: number): void {
    if (!this.hosts.isFinal(host)) this.finish(host);
  }

  /** Ends a host's probing: our own system says that nothing has the address. */
  giveUp(host: number): void {
    this.places.release(host);
    if (this.hosts.isFinal(host) || this.hosts.isAnswered(host)) return;
    this.hosts.giveUp(host);
    this.finish(host);
  }

  /** Nothing answers ARP or NDP for a host that is pinged all the same: it is given up unless it answers a ping. */
  noteMissing(host: number): void {
    const { hosts } = this;
    hosts.noteMissing(host);
    if (!hosts.isFinal(host) || hosts.isAnswered(host)) return;
    hosts.giveUp(host);
    this.markGivenUp(host);
  }

  /** The system will find out by ARP or NDP whether a silent host is there: until then it is not final. */
  awaitVerdict(host: number): void {
    if (!this.hosts.isFinal(host) && !this.hosts.isAnswered(host)) this.verified.add(host);
  }

  /** The system has found out. */
  endVerdict(host: number): void {
    if (!this.verified.delete(host)) return;
    if (!this.hosts.isFinal(host) && this.hosts.isSettled(host)) this.finish(host);
  }

  /** Waits no longer for a verdict on hosts that were probed first by then. */
  endVerdictsSince(firstSentByNs: number): void {
    for (const host of this.verified)
      if (this.levels[0]!.sentAtNs[host]! <= firstSentByNs) this.endVerdict(host);
  }

  /** Settles every probe whose time is over. @param droppedAtNs when the socket last dropped packets */
  expire(nowNs: number, droppedAtNs: number): void {
    for (let round = this.due.firstOpenRound; round < this.levels.length; round++) {
      const level = this.levels[round]!;
      const timeoutNs = this.rules.retryPace.timeoutNs(round);
      while (level.nextToExpire < level.sentCount) {
        const host = level.sentHosts[level.nextToExpire]!;
        if (!this.hosts.isFinal(host)) {
          if (level.sentAtNs[host]! + timeoutNs > nowNs) break;
          if (!level.isSettled(host)) this.expireProbe(host, round, timeoutNs, droppedAtNs);
        }
        level.nextToExpire++;
      }
      if (round === this.due.firstOpenRound) this.due.closeFirstRound();
    }
    this.releaseOldNeighbours(nowNs);
  }

  /** Whether the kernel may still be looking for some of the hosts. */
  get holdsNeighbours(): boolean {
    return this.places.isHolding(this.levels[0]!);
  }

  /** Returns the places of the hosts that the kernel has given up by now. */
  releaseOldNeighbours(nowNs: number): void {
    this.places.releaseOld(this.levels[0]!, nowNs);
  }

  /** Where the memory for what is known of its hosts comes from as well. */
  get memory(): SpareMemory {
    return this.rules.memory;
  }

  /** Gives the memory back, but for that of the results. The block must not be used after that. */
  release(): void {
    this.hosts.release(this.memory);
    for (const level of this.levels.splice(0)) level.release(this.memory);
  }

  /** Returns the neighbour places of a block that is stopped. */
  releaseAllNeighbours(): void {
    this.places.releaseAll();
  }

  private show(host: number, round: number, state: number, atNs: number): void {
    const { liveProbes } = this.setup;
    if (liveProbes === undefined) return;
    const sentAtNs = this.levels[round]!.sentAtNs[host]!;
    const isReply = state === LIVE_PROBE.reply || state === LIVE_PROBE.replyOfOther;
    const rttNs = isReply ? Math.max(0, atNs - sentAtNs) : Number.NaN;
    showProbe(liveProbes, host, round, state, atNs, rttNs);
  }

  private addProbe(host: number, atNs: number): number {
    const round = this.hosts.addAttempt(host);
    if (round === this.levels.length)
      this.levels.push(new ProbeLevel(this.setup.targets.count, this.memory));
    this.levels[round]!.recordSent(host, atNs);
    return round;
  }

  private expireProbe(host: number, round: number, timeoutNs: number, droppedAtNs: number): void {
    const { hosts } = this;
    const level = this.levels[round]!;
    const mayHaveBeenDropped = droppedAtNs >= level.sentAtNs[host]!;
    // What was dropped may also be the sight of its departure.
    if (!mayHaveBeenDropped) this.departures.noteExpiry(host, level);
    const mark = level.markOf(host);
    this.show(host, round, LIVE_PROBE.silence, level.sentAtNs[host]! + timeoutNs);
    if (mark === 0) level.setMark(host, MARK.silence);
    if (mark === 0 || mark === MARK.unsent) {
      if (!hosts.wantsProbe(host))
        this.weighSilence(host, mayHaveBeenDropped || this.departures.isLacking(host));
      else if (mayHaveBeenDropped) hosts.noteDropped(host);
    }
    this.settle(host, level);
  }

  /** Silence that proves too little does not count: probe once more, or report the doubt. */
  private weighSilence(host: number, mayHaveBeenDropped: boolean): void {
    const most = this.silence.probesToBeCertain(host, mayHaveBeenDropped);
    if (most === 0) return;
    this.hosts.clearUnsure(host);
    if (this.hosts.allowAnother(host, most)) this.due.sendAgain(host);
  }

  /** Also called for a probe that is settled: a reply to it may be all that its host was waiting for. */
  private settle(host: number, level: ProbeLevel): void {
    if (!level.isSettled(host)) {
      level.setSettled(host);
      this.hosts.settleProbe(host);
    }
    if (this.hosts.isSettled(host) && this.hosts.takeDropped(host)) this.weighSilence(host, true);
    if (!this.hosts.isSettled(host)) return;
    if (this.hosts.isAnswered(host) || !this.verified.has(host)) this.finish(host);
  }

  private finish(host: number): void {
    this.hosts.finish(host);
    if (this.hosts.isGivenUp(host)) this.markGivenUp(host);
    else if (this.silence.wasPartlyRefused(host)) this.hosts.partlyRefused++;
    this.finalHosts?.noteFinal(host);
  }

  /** None of the host's probes has got further than the neighbour table. */
  private markGivenUp(host: number): void {
    for (let round = 0; round < this.hosts.attempts[host]!; round++) {
      const level = this.levels[round]!;
      if (level.markOf(host) !== MARK.unsent) level.setMark(host, MARK.error);
    }
  }

  /** When the last of the host's probes times out; Infinity while one is still to be sent. */
  private lastDeadlineNs(host: number): number {
    if (this.hosts.wantsProbe(host)) return Number.POSITIVE_INFINITY;
    return this.deadlineNs(host, this.hosts.attempts[host]! - 1);
  }

  private deadlineNs(host: number, round: number): number {
    return this.levels[round]!.sentAtNs[host]! + this.rules.retryPace.timeoutNs(round);
  }
}
