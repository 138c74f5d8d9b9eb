/** What a list of records is, for the formats that write one, and short ways to write its columns down. */

import type { Column } from '../results/column.ts';

/** What a list of records is: the `type` of each in JSON Lines, and its columns. */
export interface RecordShape<Entry> {
  readonly type: string;
  readonly columns: readonly Column<Entry>[];
  /** Whether each record is a host, so formats that list hosts take them. */
  readonly isOfHosts?: true;
}

/** Parts of a column that only some have. */
type Further = Partial<Pick<Column<unknown>, 'isSpare' | 'unit'>>;

const PLAIN = { decimals: 0, unit: '', isSpare: false } as const;

export function textColumn<Entry>(
  name: string,
  meaning: string,
  value: (entry: Entry) => string | null,
  further: Further = {},
): Column<Entry> {
  const put: Column<Entry>['put'] = (entry, to) => to.text(value(entry));
  return { ...PLAIN, name, meaning, kind: 'text', put, ...further };
}

export function figureColumn<Entry>(
  name: string,
  meaning: string,
  decimals: number,
  value: (entry: Entry) => number | null,
  further: Further = {},
): Column<Entry> {
  const put: Column<Entry>['put'] = (entry, to) => to.number(value(entry), decimals);
  return { ...PLAIN, name, meaning, kind: 'figure', decimals, put, ...further };
}

export function timeColumn<Entry>(
  name: string,
  meaning: string,
  value: (entry: Entry) => Date | null,
  further: Further = {},
): Column<Entry> {
  const put: Column<Entry>['put'] = (entry, to) => to.time(value(entry));
  return { ...PLAIN, name, meaning, kind: 'time', put, ...further };
}

/** The same column of entries that hold what it is of. */
export function columnOf<Outer, Entry>(
  { put, ...column }: Column<Entry>,
  inner: (outer: Outer) => Entry,
): Column<Outer> {
  return { ...column, put: (outer, to, decimals) => put(inner(outer), to, decimals) };
}
