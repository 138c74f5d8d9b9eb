/** Sums a sweep's results up as they come: rows by status and reason, and the distribution of round-trip times. */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { type BlockResults, NOT_COVERED } from '../results/block-results.ts';
import { REASONS, type Reason, STATUSES, type Status } from '../results/outcome.ts';
import type { RttSummary } from '../results/run-record.ts';

export class Tally {
  private readonly byStatus = new Array<number>(STATUSES.length).fill(0);
  private readonly byReason = new Array<number>(REASONS.length).fill(0);
  private readonly rtts: RecordableHistogram = createHistogram({ figures: 3 });
  private readonly errnos = new Map<string, number>();
  /** Hosts that have no row. */
  uncovered = 0;

  add(block: BlockResults): void {
    for (let host = 0; host < block.targets.count; host++) {
      const status = block.status[host]!;
      if (status === NOT_COVERED) {
        this.uncovered++;
        continue;
      }
      this.byStatus[status]!++;
      this.byReason[block.reason[host]!]!++;
      const errno = block.errnos[block.errno[host]! - 1];
      if (errno !== undefined) this.errnos.set(errno, (this.errnos.get(errno) ?? 0) + 1);
    }
    for (const rttNs of block.rttNs)
      if (rttNs >= 0) this.rtts.record(Math.max(1, Math.round(rttNs)));
  }

  get statuses(): Record<Status, number> {
    return Object.fromEntries(STATUSES.map((status, i) => [status, this.byStatus[i]!])) as Record<
      Status,
      number
    >;
  }

  get reasons(): Partial<Record<Reason, number>> {
    const seen = REASONS.map((reason, i): [Reason, number] => [reason, this.byReason[i]!]);
    return Object.fromEntries(seen.filter(([, count]) => count > 0));
  }

  /** Hosts by the system's name of why sending to them failed. */
  get sendErrors(): ReadonlyMap<string, number> {
    return this.errnos;
  }

  get rtt(): RttSummary | null {
    if (this.rtts.count === 0) return null;
    return {
      minMs: this.rtts.min / 1e6,
      medianMs: this.rtts.percentile(50) / 1e6,
      p95Ms: this.rtts.percentile(95) / 1e6,
      maxMs: this.rtts.max / 1e6,
    };
  }
}
