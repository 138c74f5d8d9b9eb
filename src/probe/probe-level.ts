/** All hosts' n-th probes of one block: when each left, what became of it, and which comes up next. */

/** Set beside a mark once its probe is answered or timed out. */
const SETTLED = 0x80;

/**
 * Every n-th probe waits equally long for its reply and for its successor, and probes leave in the order of time, so
 * two positions in the order of sending take the place of a timer a probe.
 */
export class ProbeLevel {
  /** By host: when its probe left, monotonic nanoseconds. */
  readonly sentAtNs: Float64Array;
  /** By host: NaN until answered. */
  readonly rttNs: Float64Array;
  /** By host: ASCII of a mark, 0 while nothing is known; SETTLED beside it. */
  private readonly marks: Uint8Array;
  /** Hosts in the order in which their probes left. */
  readonly sentHosts: Uint32Array;
  sentCount = 0;
  /** Position of the first probe whose successor has not been considered. */
  nextToFollow = 0;
  /** Position of the first probe that may still time out. */
  nextToExpire = 0;

  constructor(hosts: number) {
    this.sentAtNs = new Float64Array(hosts);
    this.rttNs = new Float64Array(hosts).fill(Number.NaN);
    this.marks = new Uint8Array(hosts);
    this.sentHosts = new Uint32Array(hosts);
  }

  recordSent(host: number, sentAtNs: number): void {
    this.sentAtNs[host] = sentAtNs;
    this.sentHosts[this.sentCount++] = host;
  }

  /** @param sentAtNs NaN where nothing better is known */
  correctSent(host: number, sentAtNs: number): void {
    if (sentAtNs < this.sentAtNs[host]!) this.sentAtNs[host] = sentAtNs;
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
