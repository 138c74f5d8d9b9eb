/** The rows of a sweep and where they go: in address order, with those of a resumed report among them, and as they become final. */

import type { BlockEngine } from './coordinator/block-engine.ts';
import { RowMerge } from './coordinator/row-merge.ts';
import { type MayChange, RowStream } from './coordinator/row-stream.ts';
import type { RunRecorder } from './coordinator/run-recorder.ts';
import { RememberedNames } from './names/remembered-names.ts';
import { ReverseLookup } from './names/reverse-dns.ts';
import type { BlockResults } from './results/block-results.ts';
import { addressText } from './results/block-targets.ts';
import type { EarlierReport } from './results/earlier-report.ts';
import { HostRows, ROWS_AT_ONCE } from './results/host-cursor.ts';
import type { HostResult } from './results/host-result.ts';
import { statusNumber } from './results/outcome.ts';
import { unresolvedRow } from './results/unresolved-row.ts';
import type { SweepSettings } from './settings.ts';
import { lookedUp } from './targets/target-names.ts';
import type { TargetSet } from './targets/target-set.ts';

/** What rows there are, and what takes them. */
export interface RowJob {
  readonly settings: Pick<SweepSettings, 'rdnsTimeoutMs' | 'dnsServer'>;
  readonly targets: Pick<TargetSet, 'hostnames' | 'unresolved'>;
  readonly signal?: AbortSignal;
  /** A report that the sweep resumes: its rows are passed on among the others. None of them is among `targets`. */
  readonly earlier?: EarlierReport;
  /**
   * Rows in address order, then those of names without an address, each of which changes as soon as the next is taken.
   * The sweep waits for the promise; what it rejects with ends the sweep.
   */
  readonly onRows: (rows: Iterable<HostResult>) => Promise<void>;
  /** The rows of each block as columns, before `onRows` has them, with the names of the hosts that have one. */
  readonly onBlock?: (results: BlockResults, hostnames: ReadonlyMap<string, string>) => void;
  /**
   * The same rows, each as soon as it is final. Calls never overlap; while the promise is pending, the sweep goes on only
   * with the blocks that it has begun.
   */
  readonly onFinalRows?: (rows: Iterable<HostResult>) => Promise<void>;
}

export class SweepRows {
  private readonly job: RowJob;
  private readonly recorder: RunRecorder;
  private readonly names: RememberedNames | undefined;
  private readonly stream: RowStream | undefined;
  private readonly merge: RowMerge | undefined;

  constructor(job: RowJob, recorder: RunRecorder) {
    const { earlier, onRows, onFinalRows } = job;
    const { rdnsTimeoutMs, dnsServer } = job.settings;
    this.job = job;
    this.recorder = recorder;
    this.names =
      rdnsTimeoutMs === undefined
        ? undefined
        : new RememberedNames(new ReverseLookup(rdnsTimeoutMs, { dnsServer }));
    this.stream = onFinalRows && new RowStream(onFinalRows, (results) => this.hostnamesOf(results));
    this.merge = earlier && new RowMerge(earlier, (rows) => this.takeOver(rows), onRows);
  }

  /** The engine with its rows passed on as they become final, but for those that the sweep may still change. */
  over(
    engine: Pick<BlockEngine, 'window' | 'probe'>,
    mayChange: MayChange,
  ): Pick<BlockEngine, 'window' | 'probe'> {
    return this.stream?.over(engine, mayChange) ?? engine;
  }

  /**
   * The rows of the next block in address order, which do not change any more.
   * @returns whether the columns of the block are read later as well
   */
  async write(results: BlockResults): Promise<boolean> {
    const { onBlock, onRows } = this.job;
    const hostnames = await this.hostnamesOf(results);
    await this.stream?.finish(results);
    onBlock?.(results, hostnames);
    let areKept = onBlock !== undefined || this.merge !== undefined;
    const { count } = results.targets;
    for (let first = 0; first < count; first += ROWS_AT_ONCE) {
      const rows = new HostRows(results, hostnames, first, Math.min(count, first + ROWS_AT_ONCE));
      await (this.merge?.write(rows) ?? onRows(rows));
      areKept ||= rows.isKept;
    }
    this.names?.forget(upAddresses(results));
    return areKept;
  }

  /** What follows the last block: the rest of the resumed report, then the names, even if the sweep was stopped. */
  async end(): Promise<void> {
    await this.merge?.end();
    const unresolved = lookedUp(this.job.targets.unresolved);
    for (let first = 0; first < unresolved.length; first += ROWS_AT_ONCE) {
      const names = unresolved.slice(first, first + ROWS_AT_ONCE);
      this.recorder.addUnresolved(names.length);
      const rows = names.map(({ name }) => unresolvedRow(name));
      await this.stream?.write(rows);
      await this.job.onRows(rows);
    }
  }

  /** Never throws. */
  async close(): Promise<void> {
    this.names?.close();
    await this.merge?.close();
  }

  private async takeOver(rows: readonly HostResult[]): Promise<void> {
    this.recorder.addEarlier(rows);
    await this.stream?.write(rows);
  }

  /** The names given as targets, and the names of the addresses that replied. */
  private async hostnamesOf(results: BlockResults): Promise<ReadonlyMap<string, string>> {
    const { hostnames } = this.job.targets;
    if (this.names === undefined) return hostnames;
    const wanted = upAddresses(results).filter((address) => !hostnames.has(address));
    const { names, unanswered } = await this.names.namesOf(wanted, this.job.signal);
    this.recorder.addUnansweredNames(unanswered.length);
    return new Map([...names, ...hostnames]);
  }
}

function upAddresses({ targets, status }: BlockResults): string[] {
  const up: string[] = [];
  for (let host = 0; host < targets.count; host++) {
    if (status[host] === statusNumber('up')) up.push(addressText(targets, host));
  }
  return up;
}
