/** One host's row: what the library gives, what reports hold, and what is read back from them. */

import { type PartialRowValues, ROW_FIELDS, type RowValues } from './row-fields.ts';

/** What a sweep found out about one address. `null` means "there is no such value"; nothing is guessed. */
export interface HostResult extends RowValues {}

/** A row read back from a report: also `null` if the report has no such column. */
export interface ReportedRow extends PartialRowValues {}

const KEYS = ROW_FIELDS.map(({ key }) => key);

/** A row of which nothing is known: what others are filled up from. */
export const UNKNOWN_ROW = Object.fromEntries(
  ROW_FIELDS.filter(({ isJsonOnly }) => !isJsonOnly).map(({ key }) => [key, null]),
) as Readonly<Record<keyof ReportedRow, null>>;

/** Copies of rows that each change as soon as the next is taken. */
export function keptHosts(rows: Iterable<HostResult>): HostResult[] {
  const kept: HostResult[] = [];
  for (const host of rows) kept.push(keptHost(host));
  return kept;
}

/** A copy of a row that changes with the next host. */
export function keptHost(host: HostResult): HostResult {
  const kept: Partial<Record<keyof HostResult, unknown>> = {};
  for (const key of KEYS) kept[key] = host[key];
  return kept as HostResult;
}
