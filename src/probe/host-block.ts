/** One block being probed: what each of its hosts has been sent, has answered, and is owed next. */

import type { BlockTargets } from '../results/block-targets.ts';
import { CELL_EMPTY, cellCode } from '../results/cell-code.ts';
import { MARKS } from '../results/outcome.ts';
import { type NeighbourCap, NeighbourPlaces } from './neighbour-places.ts';
import { ProbeLevel } from './probe-level.ts';
import type { RetryPace } from './retry-pace.ts';
import type { Schedule } from './schedule.ts';
import { mix32, type SendOrder } from './send-order.ts';

export const MARK = {
  reply: MARKS.reply.charCodeAt(0),
  silence: MARKS.silence.charCodeAt(0),
  error: MARKS.error.charCodeAt(0),
  unsent: MARKS.unsent.charCodeAt(0),
} as const;

const FLAG = {
  answered: 1,
  final: 2,
  gaveUp: 4,
  unresolved: 8,
  /** Its next probe is on its way out: in a send slot, or among those to ask at once. */
  claimed: 16,
  /** When its last probe left, or a reply to it arrived, is not known well enough to call it silent. */
  unsure: 32,
} as const;

/** Which router or kernel said it, and why, stands in the results. */
const CELL_UNREACHABLE = cellCode('unreachable', null, null);
const CELL_DOWN = cellCode('down', null, null);
const CELL_ERROR = cellCode('error', null, null);

/** What became of a reply. */
export type ReplyVerdict = 'first' | 'duplicate' | 'late' | 'unasked';

export interface BlockSetup {
  /** Names the block in payloads; never used twice in a sweep. */
  readonly number: number;
  readonly targets: BlockTargets;
  /** Interface index of an IPv6 zone, else 0. */
  readonly scopeId: number;
  /** Whether the hosts are on a connected subnet, so that each costs a neighbour entry if the system looks for it. */
  readonly onLink: boolean;
  /** Asked beside the sweep: before all others, by a single probe, and given back as soon as that is answered or timed out. */
  readonly isAside?: boolean;
  /** Index of the link on which we look for the hosts ourselves, by ARP or NDP, before they are pinged past the system. */
  readonly searchedOn?: number;
  /** Memory in which each host's story so far is told to whoever looks (`cellCode`); undefined where nobody does. */
  readonly board?: Uint8Array;
}

/** What a block is probed by. */
export interface BlockRules {
  readonly schedule: Schedule;
  readonly retryPace: RetryPace;
  /** undefined for address order. */
  readonly order: SendOrder | undefined;
  /** Random: where each host's sequence numbers begin. */
  readonly sequenceSalt: number;
  readonly cap: NeighbourCap;
}

export class HostBlock {
  readonly setup: BlockSetup;
  readonly schedule: Schedule;
  readonly levels: ProbeLevel[] = [];
  /** By host: probes tried, whether or not they left. */
  readonly attempts: Uint16Array;
  readonly received: Uint16Array;
  readonly duplicates: Uint16Array;
  /** By host: probes that did not leave. */
  readonly unsent: Uint16Array;
  /** Hosts that are not final. */
  open: number;
  /** Hosts that have answered. */
  up = 0;
  /** Told of each host as it becomes final. */
  onFinal: ((host: number) => void) | undefined;
  /** Hosts whose probes fell into a drop and that could not be asked again. */
  doubtful = 0;
  /** Set by `takeDue`: whom to ask, and which of its probes this is. */
  dueHost = 0;
  dueLevel = 0;

  private readonly rules: BlockRules;
  /** undefined where the hosts cost no neighbour entries. */
  private readonly places: NeighbourPlaces | undefined;
  private readonly allowed: Uint16Array;
  private readonly unsettled: Uint16Array;
  private readonly flags: Uint8Array;
  private nextPosition = 0;
  /** Searched hosts in the order of being found; undefined where none are searched. */
  private readonly found: number[] | undefined;
  private nextFound = 0;
  private firstOpenLevel = 0;
  /** Hosts to ask at once: their last probe could not leave, or its reply may have been dropped. */
  private readonly again: number[] = [];

  constructor(setup: BlockSetup, rules: BlockRules) {
    const { count } = setup.targets;
    const { schedule } = rules;
    this.setup = setup;
    this.schedule = schedule;
    this.rules = rules;
    const costsEntries = setup.onLink && setup.searchedOn === undefined;
    this.places = costsEntries ? new NeighbourPlaces(count, rules.cap) : undefined;
    this.found = setup.searchedOn === undefined ? undefined : [];
    this.open = count;
    this.attempts = new Uint16Array(count);
    this.received = new Uint16Array(count);
    this.duplicates = new Uint16Array(count);
    this.unsent = new Uint16Array(count);
    this.allowed = new Uint16Array(count).fill(schedule.probes);
    this.unsettled = new Uint16Array(count);
    this.flags = new Uint8Array(count);
  }

  /** The sequence number of a host's probe: a run of its own for each host, so that none is used twice in a sweep. */
  sequenceOf(host: number, level: number): number {
    return (mix32(host ^ this.rules.sequenceSalt) + level) & 0xffff;
  }

  /** The probe of `host` with this sequence number, or -1 where none was tried. */
  levelOfSequence(host: number, sequence: number): number {
    const level = (sequence - mix32(host ^ this.rules.sequenceSalt)) & 0xffff;
    return level < this.attempts[host]! ? level : -1;
  }

  isAnswered(host: number): boolean {
    return (this.flags[host]! & FLAG.answered) !== 0;
  }

  isFinal(host: number): boolean {
    return (this.flags[host]! & FLAG.final) !== 0;
  }

  /** Whether our own kernel gave the host up. */
  isGivenUp(host: number): boolean {
    return (this.flags[host]! & FLAG.gaveUp) !== 0;
  }

  /** Finds the next probe that is due: one more try first, then retries, then hosts not asked yet. */
  takeDue(nowNs: number): boolean {
    while (this.again.length > 0) {
      const host = this.again.pop()!;
      if (this.wantsProbe(host, this.attempts[host]!))
        return this.setDue(host, this.attempts[host]!);
    }
    for (let level = this.firstOpenLevel; level < this.levels.length; level++) {
      if (this.takeFollower(level, nowNs)) return true;
    }
    if (!this.hasAskable || this.places?.take(nowNs) === false) return false;
    const host = this.takeUnasked();
    this.places?.hold(host);
    return this.setDue(host, 0);
  }

  /** Whether hosts are left that have not been asked at all. */
  get hasUnasked(): boolean {
    return this.nextPosition < this.setup.targets.count;
  }

  /** Takes back a probe that `takeDue` gave and that could not leave yet. */
  putBack(host: number): void {
    this.again.push(host);
  }

  /** When the block next wants to send; Infinity for never. */
  nextSendNs(nowNs: number): number {
    if (this.again.length > 0) return nowNs;
    let dueNs = this.hasAskable ? (this.places?.nextTryNs ?? 0) : Number.POSITIVE_INFINITY;
    if (dueNs <= nowNs) return nowNs;
    const end = Math.min(this.levels.length, this.schedule.room - 1);
    for (let n = this.firstOpenLevel; n < end; n++) {
      const level = this.levels[n]!;
      if (level.nextToFollow === level.sentCount) continue;
      const host = level.sentHosts[level.nextToFollow]!;
      dueNs = Math.min(dueNs, level.sentAtNs[host]! + this.rules.retryPace.gapNs(n));
    }
    return dueNs;
  }

  /** When the block next times something out; Infinity for never. */
  nextExpiryNs(): number {
    let dueNs = Number.POSITIVE_INFINITY;
    for (let n = this.firstOpenLevel; n < this.levels.length; n++) {
      const level = this.levels[n]!;
      if (level.nextToExpire === level.sentCount) continue;
      const host = level.sentHosts[level.nextToExpire]!;
      dueNs = Math.min(dueNs, level.sentAtNs[host]! + this.rules.retryPace.timeoutNs(n));
    }
    return dueNs;
  }

  /** A searched host has been found: it may be asked. */
  find(host: number): void {
    this.found!.push(host);
  }

  /** A searched host has not been found: its requests, answered by nobody, stand for its probes. */
  recordMissing(host: number, search: HostBlock): void {
    this.nextPosition++;
    for (let n = 0; n < search.attempts[host]!; n++) {
      const { sentAtNs } = search.levels[n]!;
      if (search.levels[n]!.markOf(host) === MARK.unsent)
        this.recordUnsent(host, n, sentAtNs[host]!);
      else this.recordSent(host, n, sentAtNs[host]!);
    }
    if (this.attempts[host]! > this.unsent[host]!) this.giveUp(host);
    else this.finish(host);
  }

  recordSent(host: number, level: number, sentAtNs: number): void {
    this.levelOf(level).recordSent(host, sentAtNs);
    this.flags[host]! &= ~(FLAG.claimed | FLAG.unsure);
    this.attempts[host] = level + 1;
    this.unsettled[host]!++;
  }

  /** A probe that the system refused: it takes its turn in the schedule, so that it is tried again like any other. */
  recordUnsent(host: number, level: number, nowNs: number): void {
    this.recordSent(host, level, nowNs);
    this.levels[level]!.setMark(host, MARK.unsent);
    this.unsent[host]!++;
  }

  /** @param isKernelTime whether the kernel says when it came, or it is only known when it was read */
  recordReply(
    host: number,
    levelNumber: number,
    receivedAtNs: number,
    isKernelTime: boolean,
  ): ReplyVerdict {
    const level = this.levels[levelNumber]!;
    const mark = level.markOf(host);
    if (mark === MARK.unsent) return 'unasked';
    if (mark === MARK.reply) {
      if (this.duplicates[host]! < 0xffff) this.duplicates[host]!++;
      return 'duplicate';
    }
    if (receivedAtNs > this.lastDeadlineNs(host)) return 'late';
    // Silence is no verdict while a reply that came in time is still on its way through the system to us.
    const isFinal = this.isFinal(host);
    if (isFinal && this.isAnswered(host)) return 'late';
    level.setMark(host, MARK.reply);
    level.recordRtt(host, receivedAtNs, isKernelTime);
    this.received[host]!++;
    if (!this.isAnswered(host)) {
      this.up++;
      this.tell(host, cellCode('up', 'echo-reply', level.rttNs[host]! / 1e6));
    }
    this.flags[host]! |= FLAG.answered;
    this.places?.release(host);
    if (!isFinal) this.settle(host, level);
    return 'first';
  }

  /** A host that is silent for all that we know is asked about once more, unless it is final. */
  noteUnsure(host: number): void {
    if (!this.isFinal(host)) this.flags[host]! |= FLAG.unsure;
  }

  /** @returns false where the error comes too late to count */
  recordError(host: number, levelNumber: number): boolean {
    const level = this.levels[levelNumber]!;
    const mark = level.markOf(host);
    if (this.isFinal(host) || mark === MARK.unsent) return false;
    if (mark !== MARK.reply) level.setMark(host, MARK.error);
    if (!this.isAnswered(host)) this.tell(host, CELL_UNREACHABLE);
    return true;
  }

  /** Ends a host's probing with what is known of it. */
  conclude(host: number): void {
    if (!this.isFinal(host)) this.finish(host);
  }

  /** Ends a host's probing: our own kernel says that nobody answers for the address. */
  giveUp(host: number): void {
    this.places?.release(host);
    if (this.isFinal(host) || this.isAnswered(host)) return;
    this.flags[host]! |= FLAG.gaveUp;
    this.finish(host);
  }

  /** What the system's neighbour table says of a host at present; what it said last decides about a silent one. */
  noteNeighbour(host: number, isResolved: boolean): void {
    if (isResolved) this.flags[host]! &= ~FLAG.unresolved;
    else if (this.attempts[host]! > this.unsent[host]!) this.flags[host]! |= FLAG.unresolved;
  }

  /** Settles every probe whose time is over. @param droppedAtNs when the socket last dropped packets */
  expire(nowNs: number, droppedAtNs: number): void {
    for (let n = this.firstOpenLevel; n < this.levels.length; n++) {
      const level = this.levels[n]!;
      const timeoutNs = this.rules.retryPace.timeoutNs(n);
      while (level.nextToExpire < level.sentCount) {
        const host = level.sentHosts[level.nextToExpire]!;
        if (!this.isFinal(host)) {
          if (level.sentAtNs[host]! + timeoutNs > nowNs) break;
          if (!level.isSettled(host)) this.expireProbe(host, level, droppedAtNs);
        }
        level.nextToExpire++;
      }
      if (n === this.firstOpenLevel && this.isClosed(level, n)) this.firstOpenLevel++;
    }
    this.releaseOldNeighbours(nowNs);
  }

  /** Whether the kernel may still be looking for some of the hosts. */
  get holdsNeighbours(): boolean {
    return this.places?.isHolding(this.levels[0]) ?? false;
  }

  /** Gives back the places of the hosts that the kernel has given up by now. */
  releaseOldNeighbours(nowNs: number): void {
    this.places?.releaseOld(this.levels[0], nowNs);
  }

  /** Gives back the neighbour places of a block that is stopped. */
  releaseAllNeighbours(): void {
    this.places?.releaseAll();
  }

  /** Whether one of those that have not been asked can be asked now. */
  private get hasAskable(): boolean {
    return this.found === undefined ? this.hasUnasked : this.nextFound < this.found.length;
  }

  private takeUnasked(): number {
    const { order } = this.rules;
    const position = this.nextPosition++;
    if (this.found !== undefined) return this.found[this.nextFound++]!;
    return order === undefined ? position : order.at(position);
  }

  private takeFollower(levelNumber: number, nowNs: number): boolean {
    const level = this.levels[levelNumber]!;
    const gapNs = this.rules.retryPace.gapNs(levelNumber);
    while (level.nextToFollow < level.sentCount) {
      const host = level.sentHosts[level.nextToFollow]!;
      const isClaimed = (this.flags[host]! & FLAG.claimed) !== 0;
      if (!isClaimed && this.wantsProbe(host, levelNumber + 1)) {
        if (level.sentAtNs[host]! + gapNs > nowNs) return false;
        level.nextToFollow++;
        return this.setDue(host, levelNumber + 1);
      }
      level.nextToFollow++;
    }
    return false;
  }

  private wantsProbe(host: number, level: number): boolean {
    if (this.isFinal(host) || this.attempts[host] !== level || level >= this.allowed[host]!)
      return false;
    return !(this.schedule.stopsWhenAnswered && this.isAnswered(host));
  }

  private setDue(host: number, level: number): true {
    this.dueHost = host;
    this.dueLevel = level;
    this.flags[host]! |= FLAG.claimed;
    return true;
  }

  private levelOf(number: number): ProbeLevel {
    while (this.levels.length <= number) this.levels.push(new ProbeLevel(this.setup.targets.count));
    return this.levels[number]!;
  }

  private isClosed(level: ProbeLevel, number: number): boolean {
    return (
      !this.hasUnasked &&
      this.again.length === 0 &&
      number < this.levels.length - 1 &&
      level.nextToExpire === level.sentCount &&
      level.nextToFollow === level.sentCount
    );
  }

  private expireProbe(host: number, level: ProbeLevel, droppedAtNs: number): void {
    if (level.markOf(host) === 0) {
      level.setMark(host, MARK.silence);
      const isUnsure = (this.flags[host]! & FLAG.unsure) !== 0;
      const mayHaveBeenDropped = droppedAtNs >= level.sentAtNs[host]!;
      if ((mayHaveBeenDropped || isUnsure) && !this.wantsProbe(host, this.attempts[host]!)) {
        this.flags[host]! &= ~FLAG.unsure;
        this.askAgain(host);
      }
    }
    this.settle(host, level);
  }

  /** A reply that our own buffer may have dropped, or that we may have read too late, is no silence: ask once more, or own up to the doubt. */
  private askAgain(host: number): void {
    if (this.schedule.stopsWhenAnswered && this.isAnswered(host)) return;
    if (this.allowed[host]! < this.schedule.room) {
      this.allowed[host]!++;
      this.flags[host]! |= FLAG.claimed;
      this.again.push(host);
    } else this.doubtful++;
  }

  /** Also called for a probe that is settled: an answer to it may be all that its host was waiting for. */
  private settle(host: number, level: ProbeLevel): void {
    if (!level.isSettled(host)) {
      level.setSettled(host);
      this.unsettled[host]!--;
    }
    if (this.unsettled[host] === 0 && !this.wantsProbe(host, this.attempts[host]!))
      this.finish(host);
  }

  private finish(host: number): void {
    const isUnfound = (this.flags[host]! & (FLAG.gaveUp | FLAG.unresolved)) !== 0;
    if (isUnfound && !this.isAnswered(host)) this.blameNeighbour(host);
    this.flags[host]! |= FLAG.final;
    this.open--;
    if (this.setup.board?.[host] === CELL_EMPTY || this.isGivenUp(host)) {
      const isAsked = this.isGivenUp(host) || this.attempts[host]! > this.unsent[host]!;
      this.tell(host, isAsked ? CELL_DOWN : CELL_ERROR);
    }
    this.onFinal?.(host);
  }

  private tell(host: number, code: number): void {
    if (this.setup.board !== undefined) this.setup.board[host] = code;
  }

  /** None of the host's probes has got further than the neighbour table. */
  private blameNeighbour(host: number): void {
    this.flags[host]! |= FLAG.gaveUp;
    for (let n = 0; n < this.attempts[host]!; n++) {
      const level = this.levels[n]!;
      if (level.markOf(host) !== MARK.unsent) level.setMark(host, MARK.error);
    }
  }

  /** When the last of the host's probes times out; Infinity while one is still to be sent. */
  private lastDeadlineNs(host: number): number {
    if (this.wantsProbe(host, this.attempts[host]!)) return Number.POSITIVE_INFINITY;
    const last = this.attempts[host]! - 1;
    return this.levels[last]!.sentAtNs[host]! + this.rules.retryPace.timeoutNs(last);
  }
}
