/** Reads the hosts that should be there, as a spreadsheet or an address management system exports them. */

import { readAddress } from '../address.ts';
import { invalid, quoted, readCsvRecords } from '../report/csv-records.ts';
import { addressColumns, addressInCell } from '../text/address-columns.ts';
import { csvHeaderOf } from '../text/csv-rows.ts';

/** One documented host: its row, by the names of the columns. */
export interface KnownHostRow {
  /** As `readAddress` makes it. */
  readonly key: string;
  readonly address: string;
  /** All other cells that are not empty, by their column's name in lower case with `_` for blanks. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface KnownHosts {
  /** Names of the columns but the address's, in the file's order. */
  readonly columns: readonly string[];
  readonly byKey: ReadonlyMap<string, KnownHostRow>;
}

/** @throws EchosweepError REPORT_INVALID if it cannot be read, has no addresses, or has one twice */
export async function readKnownHosts(path: string): Promise<KnownHosts> {
  const records = readCsvRecords(path, (head) => csvHeaderOf(head, isHeader));
  const first = await records.next();
  const header = first.done ? [] : first.value.cells;
  const names = header.map(fieldName);
  const [at] = addressColumns(header);
  if (at === undefined) {
    throw invalid(
      path,
      'none of its columns is called address',
      'name the column of the addresses so',
    );
  }
  const byKey = new Map<string, KnownHostRow>();
  for await (const { line, cells } of records) {
    // NetBox and others export an address with the length of its prefix.
    const cell = addressInCell(cells[at]!);
    if (cells.every((each) => each.trim() === '')) continue;
    const address = readAddress(cell);
    const where = `${path}, line ${line}`;
    if (address === undefined)
      throw invalid(where, `${quoted(cell)} is not an address`, 'correct it');
    if (byKey.has(address.key)) {
      throw invalid(where, `${address.text} is listed twice`, 'leave one row out');
    }
    const fields = names.flatMap((name, i) =>
      i === at || name === '' || cells[i]!.trim() === '' ? [] : [[name, cells[i]!.trim()]],
    );
    byKey.set(address.key, {
      key: address.key,
      address: address.text,
      fields: Object.fromEntries(fields),
    });
  }
  return { columns: names.filter((name, i) => i !== at && name !== ''), byKey };
}

function fieldName(cell: string): string {
  return cell.trim().toLowerCase().replaceAll(/\s+/g, '_');
}

function isHeader(cells: readonly string[]): boolean {
  return addressColumns(cells).length > 0;
}
