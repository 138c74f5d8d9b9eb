/** What a row says about the round-trip times of a host: summed up from its probes, nothing allocated. */

import type { BlockResults } from './block-results.ts';

/** Milliseconds over the answered probes of the host it was last moved to; NaN if there is none. */
export class RttSums {
  min = Number.NaN;
  avg = Number.NaN;
  max = Number.NaN;
  /** Population standard deviation. */
  stddev = Number.NaN;

  moveTo({ rttNs, probesPerHost }: BlockResults, host: number): void {
    const first = host * probesPerHost;
    const end = first + probesPerHost;
    let answered = 0;
    let sum = 0;
    let min = Number.NaN;
    let max = Number.NaN;
    for (let probe = first; probe < end; probe++) {
      const rttMs = rttNs[probe]! / 1e6;
      if (Number.isNaN(rttMs)) continue;
      if (answered++ === 0) min = max = rttMs;
      else if (rttMs < min) min = rttMs;
      else if (rttMs > max) max = rttMs;
      sum += rttMs;
    }
    this.min = min;
    this.max = max;
    this.avg = sum / answered;
    this.stddev = answered === 1 ? 0 : Math.sqrt(this.squares(rttNs, first, end) / answered);
  }

  /** The squares of the distances from the mean. */
  private squares(rttNs: Float64Array, first: number, end: number): number {
    let sum = 0;
    for (let probe = first; probe < end; probe++) {
      const rttMs = rttNs[probe]! / 1e6;
      if (!Number.isNaN(rttMs)) sum += (rttMs - this.avg) ** 2;
    }
    return sum;
  }
}
