/** All hosts' n-th probes of one block: when each left, what became of it, and which is next. */

import { MARKS } from '../results/outcome.ts';
import type { SpareMemory } from './spare-memory.ts';

/** What became of a probe, as the octet of its mark. */
export const MARK = {
  reply: MARKS.reply.charCodeAt(0),
  silence: MARKS.silence.charCodeAt(0),
  error: MARKS.error.charCodeAt(0),
  unsent: MARKS.unsent.charCodeAt(0),
} as const;

/**
 * If the two readings of the clock around a send are this far apart or more, a round-trip time may be wrong by so much that
 * it is left out; a scheduler's quantum is shorter.
 */
export const UNKNOWN_RTT_NS = 10_000_000;

/** Added to a mark once its probe is answered or timed out. */
const SETTLED = 0x80;

/**
 * Every n-th probe waits equally long for its reply and for its successor, and probes leave in the order of time.
 * Two positions in the order of sending take the place of one timer for each probe.
 */
export class ProbeLevel {
  /** By host: when its probe left, monotonic nanoseconds. */
  readonly sentAtNs: Float64Array;
  /** By host: NaN until answered, and if it is not known. */
  readonly rttNs: Float64Array;
  /** By host: ASCII of a mark, 0 while nothing is known, plus SETTLED. */
  private readonly marks: Uint8Array;
  /** Hosts in the order in which their probes left. */
  readonly sentHosts: Uint32Array;
  sentCount = 0;
  /** Position of the first probe whose successor has not been considered. */
  nextToFollow = 0;
  /** Position of the first probe that may still time out. */
  nextToExpire = 0;
  /** By host: the latest time at which its probe may have left, if the thread was held up around `sentAtNs`. */
  private readonly leftByNs = new Map<number, number>();

  constructor(hosts: number, memory: SpareMemory) {
    this.sentAtNs = memory.f64(hosts);
    this.rttNs = memory.f64(hosts).fill(Number.NaN);
    this.marks = memory.u8(hosts);
    this.sentHosts = memory.u32(hosts);
  }

  /** Gives its memory back. It must not be used after that. */
  release(memory: SpareMemory): void {
    for (const { buffer } of [this.sentAtNs, this.rttNs, this.marks, this.sentHosts])
      memory.give(buffer);
  }

  recordSent(host: number, sentAtNs: number): void {
    this.sentAtNs[host] = sentAtNs;
    this.sentHosts[this.sentCount++] = host;
  }

  /** @param sentAtNs NaN if nothing better is known */
  correctSent(host: number, sentAtNs: number): void {
    if (sentAtNs < this.sentAtNs[host]!) this.sentAtNs[host] = sentAtNs;
  }

  /** Notes that a host's probe may have left later than recorded: as late as this; Infinity while it is on its way to the interface. */
  noteLeftBy(host: number, leftByNs: number): void {
    this.leftByNs.set(host, leftByNs);
  }

  /** Whether the host's probe was sent and has not left yet. */
  isOnItsWay(host: number): boolean {
    return this.leftByNs.get(host) === Number.POSITIVE_INFINITY;
  }

  /** @param leftAtNs NaN if nothing better than `sentAtNs` is known @returns false if the probe had left before */
  recordDeparture(host: number, leftAtNs: number): boolean {
    if (!this.isOnItsWay(host)) return false;
    this.leftByNs.delete(host);
    if (leftAtNs > this.sentAtNs[host]!) this.sentAtNs[host] = leftAtNs;
    return true;
  }

  /**
   * Keeps the round-trip time of a reply, unless the thread was held up so that it is not known when the probe left. A reply
   * that came while its probe was still being sent, as those from this host and its neighbours do, does not show when it
   * left. Times of reading contain our own delays anyway.
   */
  recordRtt(host: number, receivedAtNs: number, isKernelTime: boolean): void {
    const rttNs = Math.max(0, receivedAtNs - this.sentAtNs[host]!);
    const isKnown = rttNs <= UNKNOWN_RTT_NS || !this.leftByNs.has(host);
    if (isKnown || !isKernelTime) this.rttNs[host] = rttNs;
  }

  /** ASCII of the probe's mark, 0 while nothing is known. */
  markOf(host: number): number {
    return this.marks[host]! & ~SETTLED;
  }

  setMark(host: number, mark: number): void {
    this.marks[host] = (this.marks[host]! & SETTLED) | mark;
  }

  isSettled(host: number): boolean {
    return (this.marks[host]! & SETTLED) !== 0;
  }

  setSettled(host: number): void {
    this.marks[host]! |= SETTLED;
  }
}
