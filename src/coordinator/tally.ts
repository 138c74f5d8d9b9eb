/** Adds up a sweep's results as they arrive: rows by status and reason, and the distribution of round-trip times. */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { type BlockResults, NOT_COVERED } from '../results/block-results.ts';
import type { HostResult } from '../results/host-result.ts';
import {
  OUTCOMES,
  outcomeNumber,
  outcomeOfNumbers,
  type Reason,
  reasonNumber,
  type Status,
} from '../results/outcome.ts';
import type { ReasonCounts, RttSummary } from '../results/run-record.ts';

const SEND_FAILED = reasonNumber('send-failed');

export class Tally {
  /** Rows by the number of their outcome. */
  private readonly byOutcome = new Uint32Array(1 + OUTCOMES.length);
  /** It rounds, so the shortest and the longest are kept as well. */
  private readonly rtts: RecordableHistogram = createHistogram({ figures: 3 });
  private shortestNs = Number.POSITIVE_INFINITY;
  private longestNs = 0;
  private readonly errnos = new Map<string, number>();
  private readonly errnosOfFailures = new Map<string, number>();
  /** Hosts that have a row, and those that have none. */
  rows = 0;
  uncovered = 0;

  add(block: BlockResults): void {
    for (let host = 0; host < block.targets.count; host++) {
      const status = block.status[host]!;
      if (status === NOT_COVERED) {
        this.uncovered++;
        continue;
      }
      this.rows++;
      this.byOutcome[outcomeOfNumbers(status, block.reason[host]!)]!++;
      const number = block.errno[host]!;
      if (number === 0) continue;
      const errno = block.errnos[number - 1]!;
      addOne(this.errnos, errno);
      if (block.reason[host] === SEND_FAILED) addOne(this.errnosOfFailures, errno);
    }
    const { rttNs } = block;
    for (let probe = 0; probe < rttNs.length; probe++)
      if (rttNs[probe]! >= 0) this.addRtt(rttNs[probe]!);
  }

  /** A row of an earlier report. */
  addRow(row: HostResult): void {
    this.rows++;
    this.byOutcome[outcomeNumber(row.status, row.reason)]!++;
    for (const rttMs of rttsOf(row)) this.addRtt(rttMs * 1e6);
  }

  /** Rows, outcomes and round-trip times of another tally as well. */
  addAll(other: Tally): void {
    this.rows += other.rows;
    other.byOutcome.forEach((count, outcome) => {
      this.byOutcome[outcome]! += count;
    });
    if (other.rtts.count > 0) this.rtts.add(other.rtts);
    this.shortestNs = Math.min(this.shortestNs, other.shortestNs);
    this.longestNs = Math.max(this.longestNs, other.longestNs);
  }

  private addRtt(rttNs: number): void {
    // The histogram takes nothing below 1.
    const ns = Math.max(1, Math.round(rttNs));
    this.rtts.record(ns);
    if (ns < this.shortestNs) this.shortestNs = ns;
    if (ns > this.longestNs) this.longestNs = ns;
  }

  /** Adds the rows of names that have no address to probe. */
  addUnresolved(names: number): void {
    this.rows += names;
    this.byOutcome[outcomeNumber('error', 'name-unresolved')]! += names;
  }

  get statuses(): Record<Status, number> {
    const counts: Record<Status, number> = { up: 0, unreachable: 0, down: 0, error: 0 };
    for (const { status, count } of this.seen()) counts[status] += count;
    return counts;
  }

  get reasons(): ReasonCounts {
    const counts: Partial<Record<Reason, number>> = {};
    for (const { reason, count } of this.seen()) counts[reason] = (counts[reason] ?? 0) + count;
    return counts;
  }

  /** Rows by status, then by reason. */
  get outcomes(): Readonly<Partial<Record<Status, ReasonCounts>>> {
    const counts: Partial<Record<Status, Partial<Record<Reason, number>>>> = {};
    for (const { status, reason, count } of this.seen())
      counts[status] = { ...counts[status], [reason]: count };
    return counts;
  }

  /** Hosts by the system's name of why sending to them failed. */
  get sendErrors(): ReadonlyMap<string, number> {
    return this.errnos;
  }

  /** As `sendErrors`, but only hosts whose reason is `send-failed`. */
  get sendFailures(): ReadonlyMap<string, number> {
    return this.errnosOfFailures;
  }

  get rtt(): RttSummary | null {
    if (this.rtts.count === 0) return null;
    return {
      minMs: this.shortestNs / 1e6,
      medianMs: this.withinMs(50),
      p95Ms: this.withinMs(95),
      maxMs: this.longestNs / 1e6,
    };
  }

  /** What so many percent of the round-trip times do not exceed. */
  private withinMs(percent: number): number {
    const rounded = this.rtts.percentile(percent);
    return Math.min(this.longestNs, Math.max(this.shortestNs, rounded)) / 1e6;
  }

  private seen(): { readonly status: Status; readonly reason: Reason; readonly count: number }[] {
    return OUTCOMES.flatMap(({ status, reason }, i) => {
      const count = this.byOutcome[1 + i]!;
      return count > 0 ? [{ status, reason, count }] : [];
    });
  }
}

/**
 * CSV has the round-trip times of up to two replies exactly; of more, the mean stands for all but the shortest and longest.
 * A report with chosen columns may lack how many there were.
 */
function rttsOf({ rttsMs, received, rttMinMs, rttAvgMs, rttMaxMs }: HostResult): number[] {
  const known = rttsMs.filter((rtt) => rtt !== null);
  if (known.length > 0 || rttMinMs === null || rttAvgMs === null || rttMaxMs === null) return known;
  const replies = received || (rttMinMs === rttMaxMs ? 1 : 2);
  if (replies === 1) return [rttMinMs];
  const others = replies - 2;
  const mean = (rttAvgMs * replies - rttMinMs - rttMaxMs) / others;
  return [rttMinMs, ...Array<number>(others).fill(mean), rttMaxMs];
}

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
