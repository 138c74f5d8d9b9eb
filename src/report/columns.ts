/** The columns of a sweep's report, and `--columns` for reports of any kind. */

import { EchosweepError } from '../errors.ts';
import type { Column } from '../results/column.ts';
import type { HostResult, ReportedRow } from '../results/host-result.ts';
import { ROW_FIELDS, type RowField, SITE_FIELD } from '../results/row-fields.ts';

/** A field of a row that has a column in every format. */
export interface RowColumn
  extends Column<HostResult>,
    Pick<RowField, 'words' | 'emptyIf' | 'isRequired'> {
  readonly key: keyof ReportedRow;
}

/** In the order of the schema. */
export const COLUMNS: readonly RowColumn[] = ROW_FIELDS.filter(
  (field): field is Extract<typeof field, Column<HostResult>> => !field.isJsonOnly,
);

/** The column that only a report on several sites has. */
export interface SiteColumn extends Omit<RowColumn, 'key'> {
  readonly key: 'site';
}

const SITE_COLUMN: SiteColumn = {
  ...SITE_FIELD,
  put: ({ site = null }, to, decimals) => SITE_FIELD.put({ site }, to, decimals),
};

/** The columns of a report, with the site at their end if the report is on several sites. */
export function withSite<Any extends Column<HostResult, never>>(
  columns: readonly Any[],
  hasSites: boolean | undefined,
): readonly (Any | SiteColumn)[] {
  return hasSites ? [...columns, SITE_COLUMN] : columns;
}

/**
 * The named columns in the order of their names.
 * @throws EchosweepError OPTION_INVALID if a name is unknown or given twice, or there is none
 */
export function pickColumns<Entry>(
  names: readonly string[],
  columns: readonly Column<Entry>[],
): readonly Column<Entry>[] {
  const all = columns.map(({ name }) => name).join(', ');
  if (names.length === 0) {
    throw new EchosweepError('OPTION_INVALID', 'no columns', `name some of ${all}`);
  }
  return names.map((name, index) => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined) {
      throw new EchosweepError(
        'OPTION_INVALID',
        `unknown column ${JSON.stringify(name)}`,
        `use ${all}`,
      );
    }
    if (names.indexOf(name) !== index) {
      throw new EchosweepError(
        'OPTION_INVALID',
        `column ${JSON.stringify(name)} is given twice`,
        'give it once',
      );
    }
    return column;
  });
}

/** `value` as every report writes it, half of the last decimal rounded up. */
export function decimalText(value: number, decimals: number): string {
  if (decimals === 0 && Number.isSafeInteger(value)) return String(value);
  const scale = 10 ** decimals;
  return (Math.round(value * scale) / scale).toFixed(decimals);
}
