/** What changed between reports, without a database: one pass over all of them, in constant memory. */

import { orderOfKey } from '../address.ts';
import { comesAfter, isPartialAt, noSuchSite, OneSite, type SiteKey } from '../report/one-site.ts';
import type { OpenReport, ReportedHost } from '../report/read-csv.ts';
import { SITE_FIELD } from '../results/row-fields.ts';
import {
  type Change,
  type ChangeRules,
  forget,
  type HostMemory,
  isPresent,
  remember,
  type Sighting,
} from './host-memory.ts';
import { withoutResponder } from './reported-sighting.ts';

/** A change and its host. */
export interface HostChange extends Change {
  readonly address: string;
  readonly hostname: string | null;
  /** When the sweep that found it probed the host; null if it has no row for the host. */
  readonly seenAt: Date | null;
}

/** A change that the newest of several reports shows. */
export interface ReportChange extends HostChange {
  /** null if the reports are not of sites. */
  readonly site: string | null;
  /** What each report has of the host, oldest first. */
  readonly seen: readonly Seen[];
}

/** Whether a report shows that the host is there, has a row without such a sign, or has no row for it. */
type Seen = 'present' | 'silent' | 'unlisted';

/** What a reader of the changes should know; complete once they have been read. */
export interface DiffRemarks {
  /** Sites that the newest report has rows of. */
  readonly newestSites: Set<string>;
  /** Hosts that the newest report could not probe, and that are therefore not compared. */
  notAsked: number;
  /** Hosts that have no row because a sweep was stopped, and that are therefore not compared. */
  notReached: number;
  /** Hosts whose silence is not believed, because the sweep doubts itself, and that are therefore not compared. */
  doubted: number;
}

type Counted = Pick<DiffRemarks, 'notAsked' | 'notReached' | 'doubted'>;

/** A report and what it is called. */
export interface DiffedReport extends OpenReport {
  readonly path: string;
}

/** A row, and its responder if all reports have it. */
type DiffedHost = Omit<ReportedHost, 'responder'> & Pick<Sighting, 'responder'>;

/** Columns that can only be compared if all reports have them. */
const COMPARED = ['hostname', 'reason', 'responder', 'rtt_avg_ms', 'mac'] as const;

/** Columns that some of the reports have and others lack, and that are therefore not compared. */
export function columnsNotCompared(reports: readonly OpenReport[]): string[] {
  return COMPARED.filter((name) => {
    const having = reports.filter(({ columns }) => columns.has(name)).length;
    return having > 0 && having < reports.length;
  });
}

/**
 * The changes that the newest report shows, by site and in address order. What all reports before it say is remembered: a host
 * that was up in one of them, but not in the last before the newest, is back and not new.
 * If only some of the reports are of sites, these must be of one, and hosts are compared by their addresses.
 * @param reports oldest first, at least two
 * @param site the only one to compare; undefined for all
 * @throws EchosweepError REPORT_INVALID if a report turns out to be invalid, or none has rows of the site
 */
export async function* diffReports(
  reports: readonly DiffedReport[],
  rules: ChangeRules,
  remarks: DiffRemarks,
  site?: string,
): AsyncGenerator<ReportChange> {
  for await (const step of inStep(reports, site)) yield* changesIn(step, rules, remarks);
}

function* changesIn(
  step: readonly Rows[],
  rules: ChangeRules,
  remarks: DiffRemarks,
): Generator<ReportChange> {
  for (const rows of step) {
    const known = rows.find((row) => row !== undefined)!;
    const earlier = rows.slice(0, -1);
    const newest = rows.at(-1);
    let memory: HostMemory | undefined;
    for (const row of earlier) memory = next(memory, row, rules)?.memory ?? memory;
    if (newest?.status === 'error') remarks.notAsked++;
    if (newest?.site != null) remarks.newestSites.add(newest.site);
    for (const change of next(memory, newest, rules)?.changes ?? []) {
      yield {
        ...change,
        address: known.text,
        site: newest?.site ?? rows.find((row) => row?.site != null)?.site ?? null,
        hostname: newest?.hostname ?? memory?.hostname ?? null,
        seenAt: newest?.startedAt ?? null,
        seen: rows.map(seenIn),
      };
    }
  }
}

function seenIn(row: DiffedHost | undefined): Seen {
  if (row === undefined) return 'unlisted';
  return isPresent(row) ? 'present' : 'silent';
}

/**
 * Leaves out hosts of which the reports do not say whether they were there: those that have no row because their name did
 * not resolve, because no agent of their site reported anything, or because the sweep was stopped; and those that did not
 * answer a sweep that doubts itself.
 * @param reports oldest first; all of their hosts have been read
 */
export function withoutNotProbed(
  changes: readonly ReportChange[],
  reports: readonly Pick<OpenReport, 'unresolved' | 'columns' | 'limits'>[],
  remarks: DiffRemarks,
): ReportChange[] {
  const newest = reports.at(-1)!;
  const limits = reports.map((report) => report.limits?.());
  const isPartial = (place: number, site: string | null): boolean => {
    const limit = limits[place];
    return limit !== undefined && isPartialAt(limit, site ?? undefined);
  };
  const isDoubted = (place: number): boolean => (limits[place]?.doubts.length ?? 0) > 0;
  const names = new Set(newest.unresolved.map(({ hostname }) => hostname));
  const { newestSites } = remarks;
  const isOfSites = newestSites.size > 0 || newest.columns.has(SITE_FIELD.name);
  const whyNot = ({ kind, seen, hostname, site }: ReportChange): keyof Counted | undefined => {
    const last = seen.length - 1;
    if (seen[last] === 'present') {
      if (kind !== 'new' && kind !== 'back') return undefined;
      if (seen.some((how, place) => how === 'unlisted' && isPartial(place, site)))
        return 'notReached';
      return seen.some((how, place) => how === 'silent' && isDoubted(place))
        ? 'doubted'
        : undefined;
    }
    if (seen[last] === 'silent') return isDoubted(last) ? 'doubted' : undefined;
    const isSilent = site !== null && isOfSites && !newestSites.has(site);
    const isUnresolved = hostname?.split(' ').some((name) => names.has(name));
    if (isSilent || isUnresolved) return 'notAsked';
    return isPartial(last, site) ? 'notReached' : undefined;
  };
  return changes.filter((change) => {
    const why = whyNot(change);
    if (why === undefined) return true;
    remarks[why]++;
    return false;
  });
}

function next(memory: HostMemory | undefined, row: DiffedHost | undefined, rules: ChangeRules) {
  if (row !== undefined) return remember(memory, row, rules);
  return memory === undefined ? undefined : forget(memory);
}

/** The rows of one host, one from each report; undefined if a report has none for it. */
type Rows = readonly (DiffedHost | undefined)[];

/** Host by host, as many at a time as all reports have read. */
async function* inStep(
  reports: readonly DiffedReport[],
  site: string | undefined,
): AsyncGenerator<readonly Rows[]> {
  const sayWhoAnswered = reports.every(({ columns }) => columns.has('responder'));
  const readers = reports.map((report) => new HeadReader(report, sayWhoAnswered, site));
  await Promise.all(readers.map((reader) => reader.readOn()));
  const isOneSite = site !== undefined || areMixed(readers);
  if (site === undefined && isOneSite) for (const reader of readers) reader.stayAtOneSite();
  const isSame = (one: SiteKey, other: SiteKey): boolean =>
    one.key === other.key && (isOneSite || one.site === other.site);
  const isBefore = (one: SiteKey, other: SiteKey): boolean =>
    isOneSite ? orderOfKey(one.key) < orderOfKey(other.key) : comesAfter(other, one);
  let together: Rows[] = [];
  for (;;) {
    let first: DiffedHost | undefined;
    for (const { head } of readers) {
      if (head !== undefined && (first === undefined || isBefore(head, first))) first = head;
    }
    if (first === undefined) break;
    const host = first;
    together.push(
      readers.map(({ head }) => (head !== undefined && isSame(head, host) ? head : undefined)),
    );
    for (const reader of readers) {
      if (reader.head === undefined || !isSame(reader.head, host) || reader.step()) continue;
      yield together;
      together = [];
      await reader.readOn();
    }
  }
  yield together;
  if (site !== undefined) refuseUnknown(site, readers);
}

/** Whether only some of the reports are of sites. */
function areMixed(readers: readonly HeadReader[]): boolean {
  const heads = readers.flatMap(({ head }) => (head === undefined ? [] : [head]));
  const ofSites = heads.filter((head) => head.site !== null).length;
  return ofSites > 0 && ofSites < heads.length;
}

function refuseUnknown(site: string, readers: readonly HeadReader[]): void {
  const seen = new Set(readers.flatMap(({ sites }) => [...sites]));
  if (seen.size > 0 && !seen.has(site)) throw noSuchSite(readers.at(-1)!.path, site, seen);
}

/** Reads a report row by row, and waits only if it has to. */
class HeadReader {
  readonly path: string;
  /** The row that it is at; undefined after the last. */
  head: DiffedHost | undefined;
  private readonly batches: AsyncIterator<readonly ReportedHost[]>;
  private readonly saysWhoAnswered: boolean;
  private filter: OneSite | undefined;
  private batch: readonly ReportedHost[] = [];
  private at = 0;

  /** @param site the only one to read; undefined for all */
  constructor({ path, batches }: DiffedReport, saysWhoAnswered: boolean, site: string | undefined) {
    this.path = path;
    this.batches = batches[Symbol.asyncIterator]();
    this.saysWhoAnswered = saysWhoAnswered;
    this.filter = site === undefined ? undefined : new OneSite(path, site);
  }

  /** The sites that rows were of, if one is to be read. */
  get sites(): ReadonlySet<string> {
    return this.filter?.seen ?? new Set();
  }

  /** From now on rows of another site than that of this row are an error. */
  stayAtOneSite(): void {
    this.filter = new OneSite(this.path, undefined);
    if (this.head !== undefined) this.filter.takes(this.head.site);
  }

  /** Goes on to the next row if that has been read. @returns whether it has */
  step(): boolean {
    for (;;) {
      const next = this.batch[this.at++];
      if (next === undefined) return false;
      if (this.filter?.takes(next.site) === false) continue;
      this.head = this.saysWhoAnswered ? next : withoutResponder(next);
      return true;
    }
  }

  /** Goes on to the next row, of another piece of the file. */
  async readOn(): Promise<void> {
    do {
      const { done, value } = await this.batches.next();
      this.batch = done === true ? [] : value;
      this.at = 0;
      if (done === true) {
        this.head = undefined;
        return;
      }
    } while (!this.step());
  }
}
