/** Collects a sweep's rows and makes the page of them: every host up to a /16, subnets above. */

import { cellCode, RTT_STEPS, rttMsOfStep, rttStep } from '../../results/cell-code.ts';
import { STATUSES, type Status } from '../../results/outcome.ts';
import type { RunRecord } from '../../results/run-record.ts';
import { type RowAddress, rowAddress } from '../address-runs.ts';
import { addressSpaceTitle } from './address-space-title.ts';
import { HostColumnsBuilder } from './host-columns.ts';
import type { PageData, PageHistory, PageRow, PageRun } from './page-data.ts';
import { pageDocument } from './page-document.ts';
import { SubnetDigest } from './subnet-digest.ts';
import { Verdicts } from './verdicts.ts';

/** A /16: what a browser shows host by host without effort. */
const MOST_HOSTS = 1 << 16;
const MOST_HOPS = 255;

/** The network of an inventory that a page is of. */
export interface InventoryPage {
  readonly name: string;
  /** When its latest scan began. */
  readonly scannedAt: Date;
  readonly history: PageHistory;
}

export class PageBuilder {
  private hosts = 0;
  private first: RowAddress | undefined;
  private last: RowAddress | undefined;
  private firstStartMs = Number.POSITIVE_INFINITY;
  private readonly statuses = new Map<Status, number>();
  private readonly rttSteps = new Array<number>(RTT_STEPS).fill(0);
  private readonly hops: number[] = [];
  private readonly verdicts = new Verdicts();
  private readonly subnets = new SubnetDigest();
  /** undefined once there are too many. */
  private columns: HostColumnsBuilder | undefined = new HostColumnsBuilder();
  /** Of the hosts in `columns`. */
  private rttsMs: number[] = [];

  /** Rows come in address order. */
  add(row: PageRow): void {
    const address = rowAddress(row.address);
    this.first ??= address;
    this.last = address;
    this.hosts++;
    this.statuses.set(row.status, (this.statuses.get(row.status) ?? 0) + 1);
    if (row.rttAvgMs !== null) this.rttSteps[rttStep(row.rttAvgMs)]!++;
    if (row.hops !== null && row.hops <= MOST_HOPS) {
      while (this.hops.length <= row.hops) this.hops.push(0);
      this.hops[row.hops]!++;
    }
    if (row.startedAt !== null) {
      this.firstStartMs = Math.min(this.firstStartMs, row.startedAt.getTime());
    }
    this.verdicts.add(row);
    this.subnets.add(address, row, cellCode(row.status, row.reason, row.rttAvgMs));
    if (this.hosts > MOST_HOSTS) {
      this.columns = undefined;
      this.rttsMs = [];
      return;
    }
    this.columns?.add(address, row);
    if (row.rttAvgMs !== null) this.rttsMs.push(row.rttAvgMs);
  }

  /**
   * @param run undefined where a report does not tell of it
   * @param inventory what is remembered of the rows, and what their network is called
   */
  document(run: RunRecord | undefined, inventory?: InventoryPage): string {
    const space = addressSpaceTitle(this.first, this.last, this.hosts);
    const data: PageData = {
      title: inventory === undefined ? space : `${inventory.name} · ${space}`,
      run: inventory === undefined ? this.pageRun(run) : inventoryRun(inventory),
      hosts: this.hosts,
      statuses: Object.fromEntries(
        STATUSES.map((status) => [status, this.statuses.get(status) ?? 0]),
      ) as Record<Status, number>,
      rttUs: this.rttSummary(run),
      rttSteps: this.rttSteps,
      hops: this.hops,
      ...this.verdicts.build(),
      map: this.columns?.build() ?? this.subnets.columns(),
      ...(inventory === undefined ? {} : { history: inventory.history }),
    };
    return pageDocument(data, this.columns === undefined ? this.subnets.cells() : undefined);
  }

  private pageRun(run: RunRecord | undefined): PageRun {
    if (run === undefined) {
      const isTimed = Number.isFinite(this.firstStartMs);
      const startedAt = isTimed ? { startedAt: new Date(this.firstStartMs).toISOString() } : {};
      return { ...startedAt, doubts: [], notes: [] };
    }
    const { command, version, engine, doubts, notes, failure } = run;
    const asked = Object.values(run.statuses).reduce((sum, count) => sum + count, 0);
    return {
      command,
      version,
      ...(engine === null ? {} : { engine }),
      startedAt: run.startedAt.toISOString(),
      ...(run.endedAt === null ? {} : { endedAt: run.endedAt.toISOString() }),
      ...(run.partial ? { missing: run.targets - asked } : {}),
      doubts: failure === null ? doubts : [failure, ...doubts],
      notes,
    };
  }

  private rttSummary(run: RunRecord | undefined): PageData['rttUs'] {
    const us = (ms: number): number => Math.round(ms * 1000);
    if (this.columns !== undefined) {
      if (this.rttsMs.length === 0) return null;
      const sorted = Float64Array.from(this.rttsMs).sort();
      const at = (share: number): number => us(sorted[Math.floor(share * (sorted.length - 1))]!);
      return { min: at(0), median: at(0.5), p95: at(0.95), max: at(1) };
    }
    if (run?.rtt) {
      const { minMs, medianMs, p95Ms, maxMs } = run.rtt;
      return { min: us(minMs), median: us(medianMs), p95: us(p95Ms), max: us(maxMs) };
    }
    const answered = this.rttSteps.reduce((sum, count) => sum + count, 0);
    if (answered === 0) return null;
    const at = (share: number): number => {
      let below = 0;
      const step = this.rttSteps.findIndex((count) => {
        below += count;
        return below > share * (answered - 1);
      });
      return us(rttMsOfStep(step));
    };
    return { min: at(0), median: at(0.5), p95: at(0.95), max: at(1) };
  }
}

function inventoryRun({ scannedAt }: InventoryPage): PageRun {
  return { startedAt: scannedAt.toISOString(), doubts: [], notes: [] };
}
