/** What changed between reports, without a database: one pass over all of them, in constant memory. */

import type { OpenReport, ReportedHost } from '../report/read-csv.ts';
import {
  type Change,
  type ChangeRules,
  forget,
  type HostMemory,
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
  /** Whether the newest report has no row for the host. */
  readonly isUnlisted: boolean;
}

/** What a reader of the changes should know; complete once they have been read. */
export interface DiffRemarks {
  /** Hosts that are gone because the newest report has no row for them. */
  unlisted: number;
  /** Hosts that the newest report could not probe, and that are therefore not compared. */
  notAsked: number;
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
 * The changes that the newest report shows, in address order. What all reports before it say is remembered: a host
 * that was up in one of them, but not in the last before the newest, is back and not new.
 * @param reports oldest first, at least two
 * @throws EchosweepError REPORT_INVALID if a report turns out to be invalid
 */
export async function* diffReports(
  reports: readonly OpenReport[],
  rules: ChangeRules,
  remarks: DiffRemarks,
): AsyncGenerator<ReportChange> {
  for await (const step of inStep(reports)) yield* changesIn(step, rules, remarks);
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
    const wasUp = memory?.state === 'up' || memory?.state === 'missing';
    if (newest === undefined && wasUp) remarks.unlisted++;
    if (newest?.status === 'error') remarks.notAsked++;
    for (const change of next(memory, newest, rules)?.changes ?? []) {
      yield {
        ...change,
        address: known.text,
        hostname: newest?.hostname ?? memory?.hostname ?? null,
        seenAt: newest?.startedAt ?? null,
        isUnlisted: newest === undefined,
      };
    }
  }
}

/**
 * Leaves out hosts that have no row because their name did not resolve: the newest sweep did not probe them.
 * @param newest all of whose hosts have been read
 */
export function withoutUnresolved(
  changes: readonly ReportChange[],
  newest: Pick<OpenReport, 'unresolved'>,
  remarks: DiffRemarks,
): ReportChange[] {
  const names = new Set(newest.unresolved.map(({ hostname }) => hostname));
  return changes.filter(({ isUnlisted, hostname }) => {
    if (!isUnlisted || !hostname?.split(' ').some((name) => names.has(name))) return true;
    remarks.unlisted--;
    remarks.notAsked++;
    return false;
  });
}

function next(memory: HostMemory | undefined, row: DiffedHost | undefined, rules: ChangeRules) {
  if (row !== undefined) return remember(memory, row, rules);
  return memory === undefined ? undefined : forget(memory);
}

/** The rows of one address, one from each report; undefined if a report has none for it. */
type Rows = readonly (DiffedHost | undefined)[];

/** Address by address, as many at a time as all reports have read. */
async function* inStep(reports: readonly OpenReport[]): AsyncGenerator<readonly Rows[]> {
  const sayWhoAnswered = reports.every(({ columns }) => columns.has('responder'));
  const readers = reports.map((report) => new HeadReader(report, sayWhoAnswered));
  await Promise.all(readers.map((reader) => reader.readOn()));
  let together: Rows[] = [];
  for (;;) {
    let first: string | undefined;
    for (const { head } of readers) {
      if (head !== undefined && (first === undefined || head.key < first)) first = head.key;
    }
    if (first === undefined) break;
    together.push(readers.map(({ head }) => (head?.key === first ? head : undefined)));
    for (const reader of readers) {
      if (reader.head?.key !== first || reader.step()) continue;
      yield together;
      together = [];
      await reader.readOn();
    }
  }
  yield together;
}

/** Reads a report row by row, and waits only if it has to. */
class HeadReader {
  /** The row that it is at; undefined after the last. */
  head: DiffedHost | undefined;
  private readonly batches: AsyncIterator<readonly ReportedHost[]>;
  private readonly saysWhoAnswered: boolean;
  private batch: readonly ReportedHost[] = [];
  private at = 0;

  constructor({ batches }: OpenReport, saysWhoAnswered: boolean) {
    this.batches = batches[Symbol.asyncIterator]();
    this.saysWhoAnswered = saysWhoAnswered;
  }

  /** Goes on to the next row if that has been read. @returns whether it has */
  step(): boolean {
    const next = this.batch[this.at++];
    if (next === undefined) return false;
    this.head = this.saysWhoAnswered ? next : withoutResponder(next);
    return true;
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
