/** Collects a sweep's rows and makes the page of them: every host up to a /16, subnets above. */

import { cellCode, RTT_STEPS, rttStep } from '../../results/cell-code.ts';
import type { ReportedRow } from '../../results/host-result.ts';
import { STATUSES, type Status } from '../../results/outcome.ts';
import type { RunRecord } from '../../results/run-record.ts';
import { plural } from '../../words.ts';
import { type RowAddress, rowAddress } from '../address-runs.ts';
import { missingAt } from '../one-site.ts';
import { canaryWords, packetWords, tcpWords } from '../summary.ts';
import { addressSpaceTitle } from './address-space-title.ts';
import { HostColumnsBuilder } from './host-columns.ts';
import { MeanRtts } from './mean-rtts.ts';
import type { HistoryColumns, PageData, PageHistory, PageRun } from './page-data.ts';
import { pageDocument } from './page-document.ts';
import { SubnetDigest } from './subnet-digest.ts';
import { Verdicts } from './verdicts.ts';

/** A /16: what a browser shows host by host without effort. */
const MOST_HOSTS = 1 << 16;
const MOST_HOPS = 255;
/** Listed on the page. */
const MOST_NAMES = 100;

/** The network of an inventory that a page is of. */
export interface InventoryPage {
  readonly name: string;
  /** Its latest scan. */
  readonly run: PageRun;
  readonly history: Omit<PageHistory, 'hosts'>;
  /** Of the rows, used if the page shows them one by one. */
  readonly hosts: () => HistoryColumns;
}

export class PageBuilder {
  /** Whether a row without a responder means that the host itself answered. */
  saysWhoAnswered = true;
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
  private unresolved = 0;
  private readonly unresolvedNames: string[] = [];
  private readonly rtts = new MeanRtts(MOST_HOSTS);

  /** Rows come in address order; those of names without an address have no place on the map. */
  add(row: ReportedRow): void {
    const { address: text } = row;
    if (text === null) {
      this.unresolved++;
      if (this.unresolvedNames.length < MOST_NAMES) this.unresolvedNames.push(row.hostname ?? '');
      return;
    }
    const address = rowAddress(text);
    this.first ??= address;
    this.last = address;
    this.hosts++;
    this.statuses.set(row.status, (this.statuses.get(row.status) ?? 0) + 1);
    // As the CSV has it, so that the page of a sweep and of its CSV say the same.
    const rttAvgUs = row.rttAvgMs === null ? null : Math.round(row.rttAvgMs * 1000);
    if (rttAvgUs !== null) {
      this.rttSteps[rttStep(rttAvgUs / 1000)]!++;
      this.rtts.add(rttAvgUs);
    }
    if (row.hops !== null && row.hops <= MOST_HOPS) {
      while (this.hops.length <= row.hops) this.hops.push(0);
      this.hops[row.hops]!++;
    }
    if (row.startedAt !== null) {
      this.firstStartMs = Math.min(this.firstStartMs, row.startedAt.getTime());
    }
    this.verdicts.add(row, text);
    const rttAvgMs = rttAvgUs === null ? null : rttAvgUs / 1000;
    const code = cellCode(row.status, row.reason, rttAvgMs);
    this.subnets.add(address, row.status, rttAvgUs, code);
    if (this.hosts > MOST_HOSTS) this.columns = undefined;
    this.columns?.add(address, row);
  }

  /**
   * @param record undefined if a report does not include it
   * @param inventory the history of the rows, and the name of their network
   * @param site that all rows are of, if the run was on sites
   */
  document(record: RunRecord | undefined, inventory?: InventoryPage, site?: string): string {
    const space = addressSpaceTitle(this.first, this.last, this.hosts);
    const run = site === undefined ? record : this.runAt(record, site);
    const name = inventory?.name ?? site;
    const data: PageData = {
      title: name === undefined ? space : `${name} · ${space}`,
      run: inventory?.run ?? this.pageRun(run),
      hosts: this.hosts,
      statuses: this.statusCounts(),
      ...this.leftOut(run),
      rttUs: this.rtts.summary(),
      rttSteps: this.rttSteps,
      hops: this.hops,
      // An inventory does not remember the responders of hosts.
      ...(inventory === undefined ? this.verdicts.build() : { verdicts: [], furtherVerdicts: 0 }),
      ...(this.saysWhoAnswered ? {} : { hasNoResponders: true }),
      map: this.columns?.build() ?? this.subnets.columns(),
      ...this.history(inventory),
    };
    return pageDocument(data, this.columns === undefined ? this.subnets.cells() : undefined);
  }

  /** The run at one of its sites: its rows and what is missing there. The other figures are those of all sites. */
  private runAt(run: RunRecord | undefined, site: string): RunRecord | undefined {
    const missing = missingAt(run, site);
    if (run === undefined || missing === undefined) return run;
    const all = run.sites!.map((each) => each.site).join(', ');
    const notes =
      run.sites!.length === 1
        ? run.notes
        : [...run.notes, `the sweep was of ${all}; this page shows ${site}, and the probes of all`];
    const statuses = this.statusCounts();
    return { ...run, targets: this.rows + missing, partial: missing > 0, statuses, notes };
  }

  private statusCounts(): Record<Status, number> {
    return Object.fromEntries(
      STATUSES.map((status) => [status, this.statuses.get(status) ?? 0]),
    ) as Record<Status, number>;
  }

  private get rows(): number {
    return this.hosts + this.unresolved;
  }

  /** The map has no place for them. */
  private nameNotes(): string[] {
    if (this.unresolved === 0) return [];
    const listed = this.unresolvedNames.filter((name) => name !== '').join(', ');
    const more = this.unresolved - this.unresolvedNames.length;
    const names = plural(this.unresolved, 'name has', 'names have');
    const rest = more > 0 ? `, and ${more} more` : '';
    return [`${names} no address to probe${listed === '' ? '' : `: ${listed}${rest}`}`];
  }

  private history(inventory: InventoryPage | undefined): Pick<PageData, 'history'> {
    if (inventory === undefined) return {};
    const { history, hosts } = inventory;
    return { history: this.columns === undefined ? history : { ...history, hosts: hosts() } };
  }

  private pageRun(run: RunRecord | undefined): PageRun {
    if (run === undefined) {
      const isTimed = Number.isFinite(this.firstStartMs);
      const startedAt = isTimed ? { startedAt: new Date(this.firstStartMs).toISOString() } : {};
      return { ...startedAt, doubts: [], notes: this.nameNotes() };
    }
    const { command, version, engine, doubts, notes, failure } = run;
    return {
      command,
      version,
      ...(engine === null ? {} : { engine }),
      startedAt: run.startedAt.toISOString(),
      ...(run.endedAt === null ? {} : { endedAt: run.endedAt.toISOString() }),
      ...(run.partial ? { missing: run.targets - sumOf(run.statuses) } : {}),
      doubts: [
        ...(run.endedAt === null ? [this.unfinishedWords(run.targets)] : []),
        ...(failure === null ? [] : [failure]),
        ...doubts,
      ],
      notes: [...this.nameNotes(), ...notes],
      ...(run.endedAt === null ? {} : { facts: factsOf(run) }),
    };
  }

  /** Of a report whose sweep was killed, or still goes on. */
  private unfinishedWords(targets: number): string {
    const missing = Math.max(0, targets - this.hosts - this.unresolved);
    return `the report breaks off before the end of its sweep, and ${missing} of ${targets} targets are not in it; take the report of a whole sweep`;
  }

  /** The totals of the whole sweep, if the report holds only some of its hosts. */
  private leftOut(run: RunRecord | undefined): Pick<PageData, 'swept'> {
    const isWhole = run === undefined || run.endedAt === null || sumOf(run.statuses) <= this.rows;
    return isWhole ? {} : { swept: run.statuses };
  }
}

function sumOf(statuses: RunRecord['statuses']): number {
  return STATUSES.reduce((sum, status) => sum + statuses[status], 0);
}

function factsOf(run: RunRecord): string[] {
  const canary = run.canary === null ? [] : [`Canary: ${canaryWords(run.canary)}`];
  const tcp = run.tcp === null ? [] : [`TCP: ${tcpWords(run.tcp)}`];
  return [`Probes: ${packetWords(run)}`, ...canary, ...tcp];
}
