/** How far each host of a block has come: its probes by number, and what is settled about it. */

import type { Schedule } from './schedule.ts';
import type { SpareMemory } from './spare-memory.ts';

const FLAG = {
  answered: 1,
  final: 2,
  gaveUp: 4,
  unresolved: 8,
  /** Its next probe is on its way out: in a send slot, or first in line for one. */
  claimed: 16,
  /** When its last probe left, or when a reply to it arrived, is not known well enough to call it silent. */
  unsure: 32,
  /** It answered ARP or NDP for its address during the sweep. */
  present: 64,
  /** Its row has been passed on. */
  frozen: 128,
  /** A reply to one of its probes may have been dropped, and none has been sent in its place. */
  dropped: 256,
  /** It cannot be probed again to find out whether it is silent. */
  doubtful: 512,
} as const;

/**
 * The number of a host's probe is its round: 0 for the first. The next one is always round `attempts[host]`, so that
 * a host alone says which of its probes is due.
 */
export class HostProgress {
  /** By host: probes tried, whether or not they left. */
  readonly attempts: Uint16Array;
  /** By host: probes that did not leave. */
  readonly unsent: Uint16Array;
  /** By host: probes answered, and further replies to them. */
  readonly received: Uint16Array;
  readonly duplicates: Uint16Array;
  /** Hosts that are not final. */
  open: number;
  /** Hosts that have answered, and those that are up because they are present. */
  up = 0;
  /** Hosts that answered only a retry, because what was sent before got lost. */
  retriedUp = 0;
  /** Hosts whose replies may have been dropped, delayed or lost, and that could not be probed again. */
  doubtful = 0;
  /** Silent hosts for which only some of the probes could leave. */
  partlyRefused = 0;

  private readonly schedule: Schedule;
  /** By host: probes that it may have. */
  private readonly allowed: Uint16Array;
  /** By host: probes that are neither answered nor timed out. */
  private readonly unsettled: Uint16Array;
  private readonly flags: Uint16Array;

  constructor(count: number, schedule: Schedule, memory: SpareMemory) {
    this.schedule = schedule;
    this.open = count;
    this.attempts = memory.u16(count);
    this.unsent = memory.u16(count);
    this.received = memory.u16(count);
    this.duplicates = memory.u16(count);
    this.allowed = memory.u16(count).fill(schedule.probes);
    this.unsettled = memory.u16(count);
    this.flags = memory.u16(count);
  }

  /** Gives its memory back, but for that of the results. It must not be used after that. */
  release(memory: SpareMemory): void {
    const { attempts, unsent, allowed, unsettled, flags } = this;
    for (const { buffer } of [attempts, unsent, allowed, unsettled, flags]) memory.give(buffer);
  }

  /** Whether a host that has answered is still sent the rest of its probes. */
  get getsEveryProbe(): boolean {
    return !this.schedule.stopsWhenAnswered;
  }

  isAnswered(host: number): boolean {
    return (this.flags[host]! & FLAG.answered) !== 0;
  }

  isFinal(host: number): boolean {
    return (this.flags[host]! & FLAG.final) !== 0;
  }

  /** Whether nothing was heard from the host: no reply, and no answer to ARP or NDP. */
  isSilent(host: number): boolean {
    return (this.flags[host]! & (FLAG.answered | FLAG.present)) === 0;
  }

  /** Whether the host answered ARP or NDP for its address. */
  isPresent(host: number): boolean {
    return (this.flags[host]! & FLAG.present) !== 0;
  }

  /** Whether our own system gave the host up: nothing on the local network has its address. */
  isGivenUp(host: number): boolean {
    return (this.flags[host]! & FLAG.gaveUp) !== 0;
  }

  /** Whether nothing that comes now counts any more for the host's row. */
  isFrozen(host: number): boolean {
    return (this.flags[host]! & FLAG.frozen) !== 0;
  }

  freeze(host: number): void {
    this.flags[host]! |= FLAG.frozen;
  }

  isClaimed(host: number): boolean {
    return (this.flags[host]! & FLAG.claimed) !== 0;
  }

  isUnsure(host: number): boolean {
    return (this.flags[host]! & FLAG.unsure) !== 0;
  }

  /** Probes that left. */
  sentTo(host: number): number {
    return this.attempts[host]! - this.unsent[host]!;
  }

  /** Whether the host should have a further probe. */
  wantsProbe(host: number): boolean {
    if (this.isFinal(host) || this.attempts[host]! >= this.allowed[host]!) return false;
    return !(this.schedule.stopsWhenAnswered && this.isAnswered(host));
  }

  /** Whether each probe of the host is answered or timed out, and none is still to come. */
  isSettled(host: number): boolean {
    return this.unsettled[host] === 0 && !this.wantsProbe(host);
  }

  claim(host: number): void {
    this.flags[host]! |= FLAG.claimed;
  }

  /** Counts a probe as tried. @returns its round */
  addAttempt(host: number): number {
    this.flags[host]! &= ~(FLAG.claimed | FLAG.unsure);
    this.unsettled[host]!++;
    return this.attempts[host]!++;
  }

  addReply(host: number): void {
    this.received[host]!++;
    // A host that is final and present has been counted already.
    if (!this.isAnswered(host) && !(this.isFinal(host) && this.isPresent(host))) this.up++;
    this.flags[host]! |= FLAG.answered;
    if (!this.getsEveryProbe) this.setDoubtful(host, false);
  }

  addDuplicate(host: number): void {
    if (this.duplicates[host]! < 0xffff) this.duplicates[host]!++;
  }

  /** Counts a probe as answered or timed out. */
  settleProbe(host: number): void {
    this.unsettled[host]!--;
  }

  /**
   * Allows a host one probe more than it should have. @param most that it may have
   * @returns false if it has had them all: the host is doubtful
   */
  allowAnother(host: number, most: number): boolean {
    if (this.allowed[host]! >= Math.min(most, this.schedule.room)) {
      this.setDoubtful(host, true);
      return false;
    }
    this.allowed[host]!++;
    return true;
  }

  private setDoubtful(host: number, isDoubtful: boolean): void {
    const wasDoubtful = (this.flags[host]! & FLAG.doubtful) !== 0;
    if (isDoubtful === wasDoubtful) return;
    this.flags[host]! ^= FLAG.doubtful;
    this.doubtful += isDoubtful ? 1 : -1;
  }

  /** A reply to one of several probes may have been dropped. */
  noteDropped(host: number): void {
    this.flags[host]! |= FLAG.dropped;
  }

  /** @returns whether `noteDropped` has been called since the last time */
  takeDropped(host: number): boolean {
    const wasDropped = (this.flags[host]! & FLAG.dropped) !== 0;
    this.flags[host]! &= ~FLAG.dropped;
    return wasDropped;
  }

  /** The silence of the host may be our own fault: it is probed once more before it counts. */
  noteUnsure(host: number): void {
    if (!this.isFinal(host)) this.flags[host]! |= FLAG.unsure;
  }

  clearUnsure(host: number): void {
    this.flags[host]! &= ~FLAG.unsure;
  }

  /** What the system's neighbour table says about a host now; what it said last decides about a silent one. */
  noteNeighbour(host: number, isResolved: boolean): void {
    if (isResolved) this.flags[host]! &= ~FLAG.unresolved;
    else if (this.sentTo(host) > 0) this.flags[host]! |= FLAG.unresolved;
  }

  /** Nothing answers ARP or NDP for the address: that decides unless the host answers a probe. */
  noteMissing(host: number): void {
    this.flags[host]! |= FLAG.unresolved;
  }

  notePresent(host: number): void {
    if (this.isPresent(host)) return;
    this.flags[host]! |= FLAG.present;
    if (this.isFinal(host) && !this.isAnswered(host)) this.up++;
  }

  giveUp(host: number): void {
    this.flags[host]! |= FLAG.gaveUp;
  }

  /** Makes the host final; the neighbour table's last entry counts only now. */
  finish(host: number): void {
    this.flags[host]! |= FLAG.final;
    this.open--;
    if (this.isPresent(host) && !this.isAnswered(host)) this.up++;
    if (!this.isAnswered(host) && (this.flags[host]! & FLAG.unresolved) !== 0) this.giveUp(host);
  }
}
