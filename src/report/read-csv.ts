/** Reads CSV of schema 1 back, strictly: any delimiter, decimal sign and profile that echosweep writes, and nothing else. */

import type { Readable } from 'node:stream';
import { type ReadAddress, readAddress } from '../address.ts';
import type { EchosweepError } from '../errors.ts';
import { REASONS, type Reason, STATUSES, type Status } from '../results/outcome.ts';
import { COLUMNS } from './columns.ts';
import { type CsvRecord, invalid, quoted, readCsvRecords } from './csv-records.ts';
import { unguardedText } from './spreadsheet-text.ts';

/** What a report's row says of a host, as far as reports are compared; null where its cell is empty or not there. */
export interface ReportedHost extends ReadAddress {
  readonly hostname: string | null;
  readonly status: Status;
  readonly reason: Reason | null;
  readonly rttMinMs: number | null;
  readonly rttAvgMs: number | null;
  readonly rttMaxMs: number | null;
  readonly rttStddevMs: number | null;
  readonly responder: string | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly sent: number | null;
  readonly received: number | null;
  readonly duplicates: number | null;
  readonly ttl: number | null;
  readonly hops: number | null;
  readonly pattern: string | null;
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

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
/** As written by both profiles, with either decimal sign. */
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[.,](\d{3})Z?$/;

/**
 * @param path what it is called @param file where it comes from, by default the file of that name
 * @throws EchosweepError REPORT_INVALID where it cannot be read, or its header is none of schema 1
 */
export async function openCsvReport(path: string, file?: Readable): Promise<CsvReport> {
  const lines = readCsvRecords(path, wordDelimiter, file);
  const first = await lines.next();
  const names = first.done ? [] : first.value.cells;
  refuseHeader(path, names);
  return {
    columns: new Set(names),
    hosts: hostsOf(path, names, { [Symbol.asyncIterator]: () => lines }),
  };
}

/** The names of the columns are words, so that the first character which is none is the delimiter. */
function wordDelimiter(header: string): string {
  return /[^\w"]/u.exec(header)?.[0] ?? ',';
}

function refuseHeader(path: string, names: readonly string[]): void {
  const isKnown = (name: string): boolean => COLUMNS.some((column) => column.name === name);
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

async function* hostsOf(
  path: string,
  names: readonly string[],
  records: AsyncIterable<CsvRecord>,
): AsyncGenerator<ReportedHost> {
  const read = rowReader(names);
  let before: ReportedHost | undefined;
  for await (const { line, cells } of records) {
    const host = read(cells, (problem, advice) =>
      invalid(`${path}, line ${line}`, problem, advice),
    );
    if (before !== undefined && host.key <= before.key) {
      const where = `${path}, line ${line}`;
      throw host.key === before.key
        ? invalid(where, `${host.text} is listed twice`, 'leave one row out')
        : invalid(where, `${host.text} comes after ${before.text}`, 'sort the rows by address');
    }
    before = host;
    yield host;
  }
}

const ORIGINAL = 'take the original';

type Complain = (problem: string, advice: string) => EchosweepError;

/** Every cell of a column that schema 1 knows is checked, also where nothing is made of it. */
function rowReader(
  names: readonly string[],
): (cells: readonly string[], complain: Complain) => ReportedHost {
  /** What gives a row's cell; '' where the report has no such column. */
  const cellIn = (name: string): ((cells: readonly string[]) => string) => {
    const index = names.indexOf(name);
    return index < 0 ? () => '' : (cells) => cells[index]!;
  };
  const checks = COLUMNS.flatMap(({ name, isNumber, unit }) => {
    const isRight = isNumber ? isNumberCell : unit === 'UTC' ? isTimeCell : undefined;
    return isRight === undefined || !names.includes(name)
      ? []
      : [{ name, isRight, cell: cellIn(name) }];
  });
  const [address, hostname, mac] = [cellIn('address'), cellIn('hostname'), cellIn('mac')];
  const [status, reason, startedAt] = [cellIn('status'), cellIn('reason'), cellIn('started_at')];
  const [responder, pattern] = [cellIn('responder'), cellIn('pattern')];
  const figureIn = (name: string): ((cells: readonly string[]) => number | null) => {
    const cell = cellIn(name);
    return (cells) => readNumber(cell(cells));
  };
  const [min, avg, max] = [figureIn('rtt_min_ms'), figureIn('rtt_avg_ms'), figureIn('rtt_max_ms')];
  const [stddev, ttl, hops] = [figureIn('rtt_stddev_ms'), figureIn('ttl'), figureIn('hops')];
  const [icmpType, icmpCode] = [figureIn('icmp_type'), figureIn('icmp_code')];
  const [sent, received] = [figureIn('sent'), figureIn('received')];
  const duplicates = figureIn('duplicates');
  return (cells, complain) => {
    for (const { name, isRight, cell } of checks) {
      const text = cell(cells);
      if (text === '' || isRight(text)) continue;
      throw complain(`${name}: ${quoted(text)} is not written as echosweep does`, ORIGINAL);
    }
    const asked = readAddress(address(cells));
    if (asked === undefined)
      throw complain(`${quoted(address(cells))} is not an address`, ORIGINAL);
    const hardware = mac(cells);
    if (hardware !== '' && !MAC.test(hardware)) {
      throw complain(`mac: ${quoted(hardware)} is not a MAC address`, ORIGINAL);
    }
    const why = reason(cells);
    return {
      text: asked.text,
      key: asked.key,
      hostname: unguardedText(hostname(cells)) || null,
      status: oneOf(STATUSES, status(cells), 'status', complain),
      reason: why === '' ? null : oneOf(REASONS, why, 'reason', complain),
      rttMinMs: min(cells),
      rttAvgMs: avg(cells),
      rttMaxMs: max(cells),
      rttStddevMs: stddev(cells),
      responder: responder(cells) || null,
      icmpType: icmpType(cells),
      icmpCode: icmpCode(cells),
      sent: sent(cells),
      received: received(cells),
      duplicates: duplicates(cells),
      ttl: ttl(cells),
      hops: hops(cells),
      pattern: unguardedText(pattern(cells)) || null,
      startedAt: readTime(startedAt(cells)),
      mac: hardware === '' ? null : hardware.toLowerCase(),
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
    throw complain(`${column}: ${quoted(cell)} is not a ${column} of schema 1`, ORIGINAL);
  return word;
}

function isNumberCell(cell: string): boolean {
  return /^\d+([.,]\d+)?$/.test(cell);
}

function isTimeCell(cell: string): boolean {
  return TIME.test(cell);
}

/** Of a cell that has been checked; null where it is empty. */
function readNumber(cell: string): number | null {
  return cell === '' ? null : Number(cell.replace(',', '.'));
}

function readTime(cell: string): Date | null {
  const parts = TIME.exec(cell);
  return parts === null ? null : new Date(`${parts[1]}T${parts[2]}.${parts[3]}Z`);
}
