/** Reads CSV of schema 1 back, strictly: any delimiter, decimal sign and profile that echosweep writes, and nothing else. */

import type { Readable } from 'node:stream';
import { type ReadAddress, readAddress } from '../address.ts';
import type { EchosweepError } from '../errors.ts';
import { type ReportedRow, rowTemplate } from '../results/host-result.ts';
import { PATTERN } from '../results/outcome.ts';
import { isFigure, ROW_FIELDS } from '../results/row-fields.ts';
import type { RunLimits, RunRecord } from '../results/run-record.ts';
import { SITE_NAME } from '../results/site-facts.ts';
import { isUnresolved } from '../results/unresolved-row.ts';
import type { CsvHeader, CsvRow } from '../text/csv-rows.ts';
import { COLUMNS, type RowColumn, type SiteColumn, withSite } from './columns.ts';
import { invalid, quoted, readCsvRecords } from './csv-records.ts';
import { comesAfter, type SiteKey } from './one-site.ts';
import { unguardedText } from './spreadsheet-text.ts';

/** A host as a report has it. `address` and `text` are the same. */
export interface ReportedHost extends ReportedRow, ReadAddress, SiteKey {
  readonly address: string;
  /** Only JSON Lines has these. */
  readonly rttsMs: (number | null)[] | null;
  readonly errno: string | null;
}

/** A report of any format that is read piece by piece. */
export interface OpenReport {
  /** Names of the columns that it has. */
  readonly columns: ReadonlySet<string>;
  /**
   * Its hosts by site, then in address order, as many at a time as a piece of the file holds: waiting for each by itself would take
   * longer than reading it. Read as they are consumed; to be iterated once.
   * @throws EchosweepError REPORT_INVALID for the first row that is wrong
   */
  readonly batches: AsyncGenerator<readonly ReportedHost[]>;
  /** The rows of names that had no address, which come last; complete once the hosts have been read. */
  readonly unresolved: readonly ReportedRow[];
  /** The last record of the run that has been read so far; only JSON Lines has one. */
  readonly run?: () => RunRecord | undefined;
  /** How far the hosts can be believed; complete once they have been read. CSV does not say. */
  readonly limits?: () => RunLimits | undefined;
}

const HOST_KEYS = [...ROW_FIELDS.map(({ key }) => key), 'site', 'text', 'key'] as const;

/** What each host is filled in from. */
export const NO_HOST = rowTemplate(HOST_KEYS);

const ALL_COLUMNS = withSite(COLUMNS, true);

/** Without these a row says nothing. */
const NEEDED = COLUMNS.filter(({ isRequired }) => isRequired).map(({ name }) => name);

export const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
/** A time as both profiles write it, with either decimal sign: up to that sign, and what follows. */
const SECOND = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[.,]$/;
const SECOND_LENGTH = '2026-01-31T12:00:00.'.length;
const MILLISECONDS = /^\d{3}Z?$/;

/** So many digits make a number that is exact, and so is its quotient by a power of ten. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS }, (_, exponent) => 10 ** exponent);
const ZERO = '0'.charCodeAt(0);
const DECIMAL_SIGNS: readonly number[] = ['.'.charCodeAt(0), ','.charCodeAt(0)];

/**
 * @param path what it is called @param file where it comes from, by default the file of that name
 * @throws EchosweepError REPORT_INVALID if it cannot be read, or its header is not one of schema 1
 */
export async function openCsvReport(path: string, file?: Readable): Promise<OpenReport> {
  const pieces = readCsvRecords(path, headerOf, file);
  const first = await pieces.next();
  const [header, ...rows] = first.done ? [] : first.value;
  const names = header?.cells ?? [];
  refuseHeader(path, names);
  const records = async function* (): AsyncGenerator<readonly CsvRow[]> {
    yield rows;
    yield* pieces;
  };
  const unresolved: ReportedRow[] = [];
  return {
    columns: new Set(names),
    batches: batchesOf(path, names, records(), unresolved),
    unresolved,
  };
}

/** The names of the columns are words, so the first character that is not part of a word is the delimiter. */
function headerOf(head: string): Omit<CsvHeader, 'cells'> {
  const [line] = head.split(/[\r\n]/, 1);
  const delimiter = /[^\w"]/u.exec(line!)?.[0] ?? ',';
  return { delimiter, skippedCharacters: 0, skippedLines: 0 };
}

function refuseHeader(path: string, names: readonly string[]): void {
  const isKnown = (name: string): boolean => ALL_COLUMNS.some((column) => column.name === name);
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw invalid(
      path,
      `its header has no ${missing.join(' and no ')}`,
      'give a CSV report of echosweep with these columns',
    );
  }
  const again = names.find((name, i) => names.indexOf(name) < i);
  if (again !== undefined) {
    throw invalid(path, `its header names ${quoted(again)} twice`, 'leave one out');
  }
  const lastKnown = names.findLastIndex(isKnown);
  const stranger = names.slice(0, lastKnown).find((name) => !isKnown(name));
  if (stranger !== undefined) {
    throw invalid(
      path,
      `its column ${quoted(stranger)} is not one of schema 1`,
      'put columns of your own behind all others',
    );
  }
}

async function* batchesOf(
  path: string,
  names: readonly string[],
  records: AsyncIterable<readonly CsvRow[]>,
  unresolved: ReportedRow[],
): AsyncGenerator<readonly ReportedHost[]> {
  const read = rowReader(names);
  let before: ReportedHost | undefined;
  let line = 0;
  const complain: Complain = (problem, advice) => invalid(`${path}, line ${line}`, problem, advice);
  for await (const rows of records) {
    const hosts: ReportedHost[] = [];
    for (const row of rows) {
      line = row.line;
      const host = read(row.cells, complain);
      if (host.address === null) {
        unresolved.push(host);
        continue;
      }
      if (unresolved.length > 0) {
        throw complain(
          `${host.text} comes after a name without an address`,
          'put those names last',
        );
      }
      if (before !== undefined && !comesAfter(host, before))
        throw complain(...misplaced(host, before));
      before = host;
      hosts.push(host);
    }
    yield hosts;
  }
}

function misplaced(host: ReportedHost, before: ReportedHost): [problem: string, advice: string] {
  if (host.site !== before.site) {
    const sites = [host.site, before.site].map((site) =>
      site === null ? 'no site' : quoted(site),
    );
    return [
      `rows of ${sites[0]} come after rows of ${sites[1]}`,
      'sort the rows by site, then by address',
    ];
  }
  return host.key === before.key
    ? [`${host.text} is listed twice`, 'leave one row out']
    : [`${host.text} comes after ${before.text}`, 'sort the rows by address'];
}

const ORIGINAL = 'take the original';

type Complain = (problem: string, advice: string) => EchosweepError;

/** Checks and converts a cell. */
type CellReader = (cell: string, complain: Complain) => string | number | Date | null;

/** A column of the report. */
interface OpenColumn {
  readonly key: string;
  /** Its place in a row. */
  readonly index: number;
  readonly read: CellReader;
  /** Its cell in the row before; undefined at the first row. */
  before: string | undefined;
}

/** Every column of schema 1 is checked, even if nothing uses its values. */
function rowReader(
  names: readonly string[],
): (
  cells: readonly string[],
  complain: Complain,
) => ReportedHost | (ReportedRow & { readonly address: null }) {
  const columns = ALL_COLUMNS.flatMap((column): OpenColumn[] => {
    const index = names.indexOf(column.name);
    if (index < 0 || column.key === 'address') return [];
    const { key, isRequired, emptyIf } = column;
    const filled = cellReader(column);
    const read: CellReader =
      isRequired && emptyIf === undefined
        ? filled
        : (cell, complain) => (cell === '' ? null : filled(cell, complain));
    return [{ key, index, read, before: undefined }];
  });
  const addressIndex = names.indexOf('address');
  // Most cells are those of the row before, so this keeps them. A template of its own: copies of copies are slow.
  const current: Record<string, unknown> = rowTemplate(HOST_KEYS);
  return (cells, complain) => {
    const cell = cells[addressIndex]!;
    const address = readAddress(cell);
    if (address === undefined && cell !== '') {
      throw complain(`${quoted(cell)} is not an address`, ORIGINAL);
    }
    for (const column of columns) {
      const text = cells[column.index]!;
      if (text === column.before) continue;
      current[column.key] = column.read(text, complain);
      column.before = text;
    }
    current['address'] = address?.text ?? null;
    current['text'] = address?.text ?? null;
    current['key'] = address?.key ?? null;
    const row = { ...current };
    if (address === undefined) {
      if (!isUnresolved(row)) throw complain(`${quoted(cell)} is not an address`, ORIGINAL);
      return row as unknown as ReportedRow & { readonly address: null };
    }
    return row as unknown as ReportedHost;
  };
}

function cellReader(column: RowColumn | SiteColumn): CellReader {
  const { key, name, kind, words, decimals } = column;
  const notOurs = (cell: string): string =>
    `${name}: ${quoted(cell)} is not written as echosweep does`;
  if (key === 'mac') {
    return (cell, complain) => {
      if (!MAC.test(cell)) throw complain(`mac: ${quoted(cell)} is not a MAC address`, ORIGINAL);
      return cell.toLowerCase();
    };
  }
  if (key === 'pattern') {
    return (cell, complain) => {
      if (!PATTERN.test(cell)) throw complain(notOurs(cell), ORIGINAL);
      return cell;
    };
  }
  if (key === 'site') {
    return (cell, complain) => {
      if (SITE_NAME.test(cell)) return cell;
      throw complain(`site: ${quoted(cell)} is not the name of a site`, ORIGINAL);
    };
  }
  if (words !== undefined) {
    const known = new Set(words);
    return (cell, complain) => {
      if (known.has(cell)) return cell;
      throw complain(`${name}: ${quoted(cell)} is not a ${name} of schema 1`, ORIGINAL);
    };
  }
  switch (kind) {
    case 'figure':
      return (cell, complain) => {
        const value = figureOf(cell);
        if (!isFigure(value, decimals)) throw complain(notOurs(cell), ORIGINAL);
        return value;
      };
    case 'time':
      return timeReader(notOurs);
    default:
      return unguardedText;
  }
}

/** A number with the decimal sign of any profile; NaN for other text. */
function figureOf(cell: string): number {
  const { length } = cell;
  if (length === 0 || length > EXACT_DIGITS) return longFigureOf(cell);
  let digits = 0;
  let sign = length;
  for (let i = 0; i < length; i++) {
    const code = cell.charCodeAt(i);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (sign === length && i > 0 && i < length - 1 && DECIMAL_SIGNS.includes(code)) sign = i;
    else return Number.NaN;
  }
  return sign === length ? digits : digits / POWERS_OF_TEN[length - 1 - sign]!;
}

function longFigureOf(cell: string): number {
  return /^\d+([.,]\d+)?$/.test(cell) ? Number(cell.replace(',', '.')) : Number.NaN;
}

function timeReader(notOurs: (cell: string) => string): CellReader {
  // Most rows started in the same second as the one before.
  let second = '';
  let secondMs = 0;
  return (cell, complain) => {
    const start = cell.slice(0, SECOND_LENGTH);
    const milliseconds = cell.slice(SECOND_LENGTH);
    if (start !== second) {
      const parts = SECOND.exec(start);
      secondMs = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}Z`);
      if (Number.isNaN(secondMs)) throw complain(notOurs(cell), ORIGINAL);
      second = start;
    }
    if (!MILLISECONDS.test(milliseconds)) throw complain(notOurs(cell), ORIGINAL);
    return new Date(secondMs + Number(milliseconds.slice(0, 3)));
  };
}
