/** The hosts' mean round-trip times: how fast half of them are, and 95 % of them. */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { PageData } from './page-data.ts';

export class MeanRtts {
  private readonly mostExact: number;
  /** Every value while they are few; undefined once they are not. */
  private exactUs: number[] | undefined = [];
  /** Within 0.1 %, in the same room for any number of values. */
  private readonly all: RecordableHistogram = createHistogram({ figures: 3 });
  private minUs = Number.POSITIVE_INFINITY;
  private maxUs = 0;

  /** @param mostExact so many values are kept one by one */
  constructor(mostExact: number) {
    this.mostExact = mostExact;
  }

  /** @param us whole microseconds */
  add(us: number): void {
    this.minUs = Math.min(this.minUs, us);
    this.maxUs = Math.max(this.maxUs, us);
    // It takes nothing below 1.
    this.all.record(Math.max(1, us));
    if (this.exactUs !== undefined && this.exactUs.push(us) > this.mostExact) {
      this.exactUs = undefined;
    }
  }

  /** null if there is none. */
  summary(): PageData['rttUs'] {
    if (this.all.count === 0) return null;
    return { min: this.minUs, median: this.within(0.5), p95: this.within(0.95), max: this.maxUs };
  }

  /** The least value that so large a share does not exceed. */
  private within(share: number): number {
    if (this.exactUs === undefined) {
      return Math.min(this.maxUs, Math.max(this.minUs, this.all.percentile(100 * share)));
    }
    const sorted = Float64Array.from(this.exactUs).sort();
    return sorted[Math.ceil(share * sorted.length) - 1]!;
  }
}
