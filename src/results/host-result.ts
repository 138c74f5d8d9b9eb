/** One host's row: what the library gives, what reports hold, and what is read back from them. */

import { type PartialRowValues, ROW_FIELDS, type RowValues } from './row-fields.ts';

/** What a sweep found out about one address, or about a name without one. `null` means "there is no such value"; nothing is guessed. */
export interface HostResult extends RowValues {
  /** The site whose agents probed the address; undefined in a sweep of one machine. */
  readonly site?: string | null;
}

/** A row read back from a report: also `null` if the report has no such column. */
export interface ReportedRow extends PartialRowValues {}

/**
 * A row whose values are all null, to be copied (`{ ...template }`) and then filled in key by key. Copies have the fixed
 * layout of an object literal; a row that starts out as `{}` becomes a hash table of four times the size. The template
 * has held values of each kind, so no value needs another layout.
 */
export function rowTemplate<Key extends string>(keys: readonly Key[]): Readonly<Record<Key, null>> {
  // Unlike an object that grows key by key, a parsed one has room for all its keys from the start.
  const json = `{${keys.map((key) => `${JSON.stringify(key)}:null`).join()}}`;
  const row = JSON.parse(json) as Record<Key, unknown>;
  for (const value of [1.5, '', null]) for (const key of keys) row[key] = value;
  return row as Record<Key, null>;
}

const KEYS = ROW_FIELDS.map(({ key }) => key);
const NO_RESULT = rowTemplate(KEYS);

/** A row of which nothing is known: what others are filled up from. */
export const UNKNOWN_ROW: Readonly<Record<keyof ReportedRow, null>> = rowTemplate(
  ROW_FIELDS.flatMap((field) => (field.isJsonOnly ? [] : [field.key as keyof ReportedRow])),
);

/** Copies of rows that each change as soon as the next is taken. */
export function keptHosts(rows: Iterable<HostResult>): HostResult[] {
  const kept: HostResult[] = [];
  for (const host of rows) kept.push(keptHost(host));
  return kept;
}

/** A copy of a row that changes with the next host. */
export function keptHost(host: HostResult): HostResult {
  const kept: Record<keyof RowValues, unknown> = { ...NO_RESULT };
  for (const key of KEYS) kept[key] = host[key];
  return kept as unknown as HostResult;
}
