/** What is known of the probes of one address, counted as fping counts: a probe is sent once it has a reply or timed out. */

const OPEN = 0;
const REPLIED = 1;
const LOST = 2;

/** Counts and round-trip times, whole nanoseconds. */
export class RttTotals {
  sent = 0;
  received = 0;
  totalNs = 0;
  minNs = 0;
  maxNs = 0;

  addReply(rttNs: number): void {
    if (this.received === 0 || rttNs < this.minNs) this.minNs = rttNs;
    if (rttNs > this.maxNs) this.maxNs = rttNs;
    this.received++;
    this.totalNs += rttNs;
  }

  /** 0 without a reply. */
  get averageNs(): number {
    return this.received === 0 ? 0 : Math.trunc(this.totalNs / this.received);
  }

  /** Whole per cent, rounded down. */
  get lossPct(): number {
    return this.sent === 0 ? 0 : Math.trunc(((this.sent - this.received) * 100) / this.sent);
  }
}

export class HostTally {
  /** Of the whole run. */
  readonly whole = new RttTotals();
  /** Since the last interim result. */
  interval = new RttTotals();
  private readonly states: Uint8Array;
  private readonly rttsNs: Float64Array;

  /** @param probes planned */
  constructor(probes: number) {
    this.states = new Uint8Array(probes);
    this.rttsNs = new Float64Array(probes);
  }

  isOpen(probe: number): boolean {
    return this.states[probe] === OPEN;
  }

  isLost(probe: number): boolean {
    return this.states[probe] === LOST;
  }

  addReply(probe: number, rttNs: number): void {
    const wholeNs = Math.round(rttNs);
    this.states[probe] = REPLIED;
    this.rttsNs[probe] = wholeNs;
    for (const totals of [this.whole, this.interval]) {
      totals.sent++;
      totals.addReply(wholeNs);
    }
  }

  addLoss(probe: number): void {
    this.states[probe] = LOST;
    this.whole.sent++;
    this.interval.sent++;
  }

  /** A probe that counted as lost has a reply after all. */
  amend(probe: number, rttNs: number): void {
    const wholeNs = Math.round(rttNs);
    this.states[probe] = REPLIED;
    this.rttsNs[probe] = wholeNs;
    this.whole.addReply(wholeNs);
  }

  /** By probe, of those sent: the round-trip time; undefined if it is lost. */
  *rtts(): Generator<number | undefined> {
    for (let probe = 0; probe < this.whole.sent; probe++) {
      yield this.states[probe] === REPLIED ? this.rttsNs[probe] : undefined;
    }
  }
}
