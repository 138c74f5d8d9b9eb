/** Reads CSV of schema 1 back, strictly: any delimiter, decimal sign and profile that echosweep writes, and nothing else. */

import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { type ReadAddress, readAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import { REASONS, type Reason, STATUSES, type Status } from '../results/outcome.ts';
import { COLUMNS } from './columns.ts';
import { unguardedText } from './csv.ts';
import { errorCode } from './output.ts';

/** What a report's row says of a host, as far as reports are compared; null where its cell is empty or not there. */
export interface ReportedHost extends ReadAddress {
  readonly hostname: string | null;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly rttMinMs: number | null;
  readonly rttAvgMs: number | null;
  readonly rttMaxMs: number | null;
  readonly startedAt: Date | null;
  /** Lower case, with colons. */
  readonly mac: string | null;
}

/** A report whose header has been read. */
export interface CsvReport {
  /** Names of the columns that it has. */
  readonly columns: ReadonlySet<string>;
  /**
   * Its hosts in address order, read as they are asked for; to be iterated once.
   * @throws EchosweepError REPORT_INVALID for the first row that is wrong
   */
  readonly hosts: AsyncIterable<ReportedHost>;
}

/** Without these a row says nothing. */
const NEEDED: readonly string[] = ['address', 'status'];
/** A line that long is no header of ours, whatever it is. */
const LONGEST_HEADER = 10_000;
const LONGEST_QUOTE = 60;

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
/** As written by both profiles, with either decimal sign. */
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[.,](\d{3})Z?$/;

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file: correct its name',
  EACCES: 'permission denied: let it be read, or give another file',
  EISDIR: 'it is a folder: name a file inside it',
};

/** @throws EchosweepError REPORT_INVALID where it cannot be read, or its header is none of schema 1 */
export async function openCsvReport(path: string): Promise<CsvReport> {
  const lines = readRecords(path, createReadStream(path));
  const first = await lines.next();
  const names = first.done ? [] : first.value.cells;
  refuseHeader(path, names);
  return {
    columns: new Set(names),
    hosts: hostsOf(path, names, { [Symbol.asyncIterator]: () => lines }),
  };
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

async function* readRecords(path: string, file: Readable): AsyncGenerator<CsvRecord> {
  try {
    const text = utf8Of(file);
    const { delimiter, whole } = await findDelimiter(text);
    const parser = parse({ delimiter, bom: true, info: true, relax_quotes: false });
    pipeline(Readable.from(whole), parser, () => {});
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      yield { line: info.lines, cells: record };
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    file.destroy();
  }
}

/** A file in another encoding would pass for one with strange names. */
async function* utf8Of(file: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const chunk of file) yield decoder.decode(chunk as Uint8Array, { stream: true });
  yield decoder.decode();
}

/** The names of the columns are words, so that the first character which is none is the delimiter. */
async function findDelimiter(
  text: AsyncGenerator<string>,
): Promise<{ delimiter: string; whole: AsyncIterable<string> }> {
  let start = '';
  for (;;) {
    const next = await text.next();
    if (next.done) break;
    start += next.value;
    if (/[\r\n]/.test(start) || start.length > LONGEST_HEADER) break;
  }
  const delimiter = /[^\w\uFEFF"]/u.exec(start)?.[0] ?? ',';
  const whole = async function* (): AsyncGenerator<string> {
    yield start;
    yield* text;
  };
  return { delimiter: /[\r\n]/.test(delimiter) ? ',' : delimiter, whole: whole() };
}

function refuseHeader(path: string, names: readonly string[]): void {
  const isKnown = (name: string): boolean => COLUMNS.some((column) => column.name === name);
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw invalid(
      path,
      `its header has no ${missing.join(' and no ')}: give a CSV report of echosweep with these columns`,
    );
  }
  const again = names.find((name, i) => names.indexOf(name) < i);
  if (again !== undefined) {
    throw invalid(path, `its header names ${quoted(again)} twice: leave one out`);
  }
  const lastKnown = names.findLastIndex(isKnown);
  const stranger = names.slice(0, lastKnown).find((name) => !isKnown(name));
  if (stranger !== undefined) {
    throw invalid(
      path,
      `its column ${quoted(stranger)} is none of schema 1: put columns of your own behind all others`,
    );
  }
}

async function* hostsOf(
  path: string,
  names: readonly string[],
  records: AsyncIterable<CsvRecord>,
): AsyncGenerator<ReportedHost> {
  const read = rowReader(names);
  let before: ReportedHost | undefined;
  for await (const { line, cells } of records) {
    const host = read(cells, (problem) => invalid(`${path}, line ${line}`, problem));
    if (before !== undefined && host.key <= before.key) {
      const problem =
        host.key === before.key
          ? `${host.text} stands there twice: leave one row out`
          : `${host.text} stands behind ${before.text}: put the rows back into the order of addresses`;
      throw invalid(`${path}, line ${line}`, problem);
    }
    before = host;
    yield host;
  }
}

type Complain = (problem: string) => EchosweepError;

/** Every cell of a column that schema 1 knows is checked, also where nothing is made of it. */
function rowReader(
  names: readonly string[],
): (cells: readonly string[], complain: Complain) => ReportedHost {
  const at = (name: string): number => names.indexOf(name);
  const checks = COLUMNS.map(({ name, isNumber, unit }) => ({
    name,
    index: at(name),
    isRight: isNumber ? isNumberCell : unit === 'UTC' ? isTimeCell : () => true,
  })).filter(({ index }) => index >= 0);
  return (cells, complain) => {
    for (const { name, index, isRight } of checks) {
      const cell = cells[index]!;
      if (cell !== '' && !isRight(cell)) {
        throw complain(
          `${name}: ${quoted(cell)} is not written as echosweep does: take the original`,
        );
      }
    }
    const cell = (name: string): string => cells[at(name)] ?? '';
    const address = readAddress(cell('address'));
    if (address === undefined) throw complain(`${quoted(cell('address'))} is no address`);
    const mac = cell('mac');
    if (mac !== '' && !MAC.test(mac)) throw complain(`mac: ${quoted(mac)} is no MAC address`);
    return {
      ...address,
      hostname: unguardedText(cell('hostname')) || null,
      status: oneOf(STATUSES, cell('status'), 'status', complain),
      reason: cell('reason') === '' ? null : oneOf(REASONS, cell('reason'), 'reason', complain),
      rttMinMs: readNumber(cell('rtt_min_ms')) ?? null,
      rttAvgMs: readNumber(cell('rtt_avg_ms')) ?? null,
      rttMaxMs: readNumber(cell('rtt_max_ms')) ?? null,
      startedAt: readTime(cell('started_at')),
      mac: mac === '' ? null : mac.toLowerCase(),
    };
  };
}

function oneOf<Word extends string>(
  words: readonly Word[],
  cell: string,
  column: string,
  complain: Complain,
): Word {
  const word = words.find((candidate) => candidate === cell);
  if (word === undefined)
    throw complain(`${column}: ${quoted(cell)} is not a ${column} of schema 1`);
  return word;
}

function isNumberCell(cell: string): boolean {
  return /^\d+([.,]\d+)?$/.test(cell);
}

function isTimeCell(cell: string): boolean {
  return TIME.test(cell);
}

/** @returns undefined where the cell is empty or no number */
function readNumber(cell: string): number | undefined {
  return isNumberCell(cell) ? Number(cell.replace(',', '.')) : undefined;
}

function readTime(cell: string): Date | null {
  const parts = TIME.exec(cell);
  return parts === null ? null : new Date(`${parts[1]}T${parts[2]}.${parts[3]}Z`);
}

function unreadable(path: string, error: unknown): EchosweepError {
  if (error instanceof EchosweepError) return error;
  if (error instanceof TypeError && errorCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return invalid(path, 'it is not UTF-8: save it as CSV in UTF-8');
  }
  const code = errorCode(error);
  if (code.startsWith('CSV_')) {
    const { lines } = error as CsvError & { readonly lines?: number };
    return invalid(`${path}, line ${lines}`, csvProblem(code));
  }
  const why = ADVICE[code] ?? `${error instanceof Error ? error.message : String(error)}`;
  return new EchosweepError('REPORT_INVALID', `cannot read the report ${path}: ${why}`, {
    cause: error,
  });
}

function csvProblem(code: string): string {
  return code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH'
    ? 'the row is not as wide as the header: take the report as it was written'
    : 'the quotes are not those of a CSV (RFC 4180): take the report as it was written';
}

function invalid(where: string, problem: string): EchosweepError {
  return new EchosweepError('REPORT_INVALID', `${where}: ${problem}`);
}

/** Cells are others' words: escaped, and cut where they are long. */
function quoted(text: string): string {
  const short = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return JSON.stringify(short).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
