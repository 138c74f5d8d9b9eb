/** The hosts of a block that are final, in the order in which they became so, until they are passed on. */

import type { FinalHosts } from '../results/final-hosts.ts';

/**
 * A reply in time may be read a little after its host became final, and duplicates come right after the first reply:
 * so long a row may still change.
 */
const SETTLING_NS = 40_000_000;
/** Passing on a few hosts costs as much as passing on many. */
const PAUSE_NS = 20_000_000;
const MOST_AT_ONCE = 2048;

/** Takes hosts out of a block that is still being probed. */
export interface FinalHostOutlet {
  /** Whether the previous ones have been taken. If the reader is slow, the others stay in the block. */
  readonly isReady: boolean;
  take(final: FinalHosts): void;
}

export class FinalHostQueue {
  private readonly hosts: Uint32Array;
  private readonly finalAtNs: Float64Array;
  private added = 0;
  private taken = 0;
  private takenAtNs = Number.NEGATIVE_INFINITY;

  constructor(count: number) {
    this.hosts = new Uint32Array(count);
    this.finalAtNs = new Float64Array(count);
  }

  add(host: number, nowNs: number): void {
    this.finalAtNs[this.added] = nowNs;
    this.hosts[this.added++] = host;
  }

  /** Whether there are hosts whose rows do not change any more, and it is time to pass them on. */
  isRipe(nowNs: number): boolean {
    if (this.taken === this.added || nowNs - this.takenAtNs < PAUSE_NS) return false;
    return nowNs - this.finalAtNs[this.taken]! >= SETTLING_NS;
  }

  /** Those hosts, each once over all calls. */
  take(nowNs: number): Uint32Array {
    const first = this.taken;
    const end = Math.min(this.added, first + MOST_AT_ONCE);
    while (this.taken < end && nowNs - this.finalAtNs[this.taken]! >= SETTLING_NS) this.taken++;
    this.takenAtNs = nowNs;
    return this.hosts.slice(first, this.taken);
  }
}
