/** Reads the hosts that should be there, as a spreadsheet or an address management system exports them. */

import { setImmediate } from 'node:timers/promises';
import { type ReadAddress, readAddress } from '../address.ts';
import { invalid, quoted, refusalOf, unreadable } from '../report/csv-records.ts';
import { inputFile } from '../report/input-file.ts';
import { addressColumns, addressInCell } from '../text/address-columns.ts';
import { type CsvRow, csvHeaderOf } from '../text/csv-rows.ts';
import { decodedText } from '../text/decoded-text.ts';
import { lenientCsvRows } from '../text/lenient-csv.ts';
import { plural } from '../words.ts';

/** One documented host: its rows, by the names of the columns. */
export interface KnownHostRow {
  /** As `readAddress` makes it. */
  readonly key: string;
  readonly address: string;
  /** As its first row has it, perhaps with a mask. */
  readonly written: string;
  /** How many rows it has. */
  readonly rows: number;
  /** All other cells that are not empty, by their column's name in lower case with `_` for blanks. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface KnownHosts {
  /** Names of the columns but the addresses', in the file's order. */
  readonly columns: readonly string[];
  readonly byKey: ReadonlyMap<string, KnownHostRow>;
  /** What was left out, a line each. */
  readonly notes: readonly string[];
}

/** More of them would hide everything else. */
const MOST_NOTES = 10;
/** As much as is looked at to find the delimiter. */
const HEAD = 1 << 16;

/** Looked at between two pauses: some milliseconds. */
const HOSTS_A_STEP = 5000;

/** What the header says. */
interface KnownColumns {
  readonly names: readonly string[];
  /** Places of the columns that hold addresses, and of all others. */
  readonly addressesAt: readonly number[];
  readonly fieldsAt: readonly number[];
}

/** By key: the rows of an address. */
type FoundRows = Map<string, Pick<KnownHostRow, 'address' | 'written'> & { rows: CsvRow[] }>;

/**
 * A row that cannot be used is noted and left out; rows of the same address are joined. The process does other work in
 * between, since the file may have a million rows.
 * @throws EchosweepError REPORT_INVALID if the file cannot be read, is not text, or has no column of addresses
 */
export async function readKnownHosts(path: string): Promise<KnownHosts> {
  const text = await textOf(path);
  const notes = new SkippedRows(path);
  const header = csvHeaderOf(text.slice(0, HEAD), isHeader);
  const found: FoundRows = new Map();
  let columns: KnownColumns | undefined;
  const skip = (line: number, problem: string): void => notes.add(line, problem);
  for await (const rows of lenientCsvRows(text, header, skip)) {
    for (const row of rows) {
      if (columns === undefined) columns = columnsOf(path, row.cells);
      else addRow(found, row, columns, notes);
    }
  }
  const { names, fieldsAt } = columns ?? columnsOf(path, []);
  const byKey = new Map<string, KnownHostRow>();
  for (const [key, { address, written, rows: own }] of found) {
    const fields = fieldsAt.flatMap((at) => {
      const value = joinedCell(own, at);
      return value === '' ? [] : [[names[at]!, value] as const];
    });
    const row = { key, address, written, rows: own.length };
    byKey.set(key, { ...row, fields: Object.fromEntries(fields) });
    if (byKey.size % HOSTS_A_STEP === 0) await setImmediate();
  }
  return { columns: fieldsAt.map((at) => names[at]!), byKey, notes: notes.lines };
}

/** @throws EchosweepError REPORT_INVALID if none of them holds addresses */
function columnsOf(path: string, header: readonly string[]): KnownColumns {
  const names = header.map(fieldName);
  const addressesAt = addressColumns(header);
  if (addressesAt.length === 0) {
    throw invalid(
      path,
      'none of its columns is called address',
      'name the column of the addresses so',
    );
  }
  const fieldsAt = names.flatMap((name, i) => (name === '' || addressesAt.includes(i) ? [] : [i]));
  return { names, addressesAt, fieldsAt };
}

function addRow(
  found: FoundRows,
  row: CsvRow,
  { names, addressesAt }: KnownColumns,
  notes: SkippedRows,
): void {
  const { line, cells } = row;
  if (cells.every((cell) => cell.trim() === '')) return;
  if (cells.slice(names.length).some((cell) => cell.trim() !== '')) {
    notes.add(line, 'the row has more cells than the header');
    return;
  }
  const addresses = addressesIn(addressesAt.map((at) => cells[at] ?? ''));
  if (typeof addresses === 'string') {
    notes.add(line, addresses);
    return;
  }
  for (const { key, text: address, written } of addresses) {
    const earlier = found.get(key);
    if (earlier === undefined) found.set(key, { address, written, rows: [row] });
    else earlier.rows.push(row);
  }
}

/** @throws EchosweepError REPORT_INVALID */
async function textOf(path: string): Promise<string> {
  const file = inputFile(path);
  try {
    let text = '';
    const pieces = decodedText(file, refusalOf(path));
    for await (const piece of pieces) text += piece;
    return text;
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    file.destroy();
  }
}

/** @returns the addresses of a row, or why it has none */
function addressesIn(
  cells: readonly string[],
): readonly (ReadAddress & Pick<KnownHostRow, 'written'>)[] | string {
  const given = cells.map((cell) => cell.trim()).filter((cell) => addressInCell(cell) !== '');
  if (given.length === 0) return 'the row has no address';
  const addresses = given.flatMap((written) => {
    const address = readAddress(addressInCell(written));
    return address === undefined ? [] : [{ ...address, written }];
  });
  const wrong = given.map(addressInCell).find((cell) => readAddress(cell) === undefined);
  return wrong === undefined ? addresses : `${quoted(wrong)} is not an address`;
}

/** A virtual address is listed once for each host that has it: every distinct value is kept. */
function joinedCell(rows: readonly CsvRow[], at: number): string {
  const values = rows.map(({ cells }) => cells[at]?.trim() ?? '').filter((value) => value !== '');
  return [...new Set(values)].join(', ');
}

/** Rows that are left out, and how many there are beyond those that are named. */
class SkippedRows {
  private readonly path: string;
  private readonly named: string[] = [];
  private count = 0;

  constructor(path: string) {
    this.path = path;
  }

  add(line: number, problem: string): void {
    this.count++;
    if (this.count <= MOST_NOTES)
      this.named.push(`${this.path}, line ${line}: ${problem}; skipped`);
  }

  get lines(): string[] {
    const further = this.count - this.named.length;
    if (further === 0) return this.named;
    return [...this.named, `${this.path}: ${plural(further, 'further row')} skipped`];
  }
}

function fieldName(cell: string): string {
  return cell.trim().toLowerCase().replaceAll(/\s+/g, '_');
}

function isHeader(cells: readonly string[]): boolean {
  return addressColumns(cells).length > 0;
}
