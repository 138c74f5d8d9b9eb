/** The tables of docs/csv.md, made from the table of formats and the table of a row's fields. */

import { COLUMNS, withSite } from '../report/columns.ts';
import { FORMATS } from '../report/formats.ts';
import { ROW_FIELDS } from '../results/row-fields.ts';
import { table, withTable } from './document-tables.ts';

const DECIMALS: Readonly<Record<number, string>> = { 1: ' One decimal.', 3: ' Three decimals.' };

/**
 * The whole file, its prose as it is.
 * @param page the file as it is; each table is between `<!-- NAME: made from …` and `<!-- end of NAME -->`
 * @throws Error if a table has no such place
 */
export function reportsDocument(page: string): string {
  return Object.entries({
    formats: formatTable(),
    columns: columnTable(),
    'host fields': fieldTable(),
  }).reduce(withTable, page);
}

function formatTable(): string[] {
  return table(
    ['`--format`', 'Ending', 'What it is', 'Lists other than hosts'],
    FORMATS.map(({ name, ending, description, takesRecords }) => [
      `\`${name}\``,
      `\`${ending}\``,
      description,
      takesRecords ? 'yes' : 'no',
    ]),
  );
}

function columnTable(): string[] {
  return table(
    ['Column', 'Meaning', 'Unit', 'Empty if'],
    withSite(COLUMNS, true).map(({ name, meaning, decimals, unit, emptyIf }) => [
      `\`${name}\``,
      meaning + (DECIMALS[decimals] ?? ''),
      unit,
      emptyIf ?? 'never',
    ]),
  );
}

function fieldTable(): string[] {
  return table(
    ['Field', 'Meaning', 'Unit', '`null` if'],
    ROW_FIELDS.filter(({ isJsonOnly }) => isJsonOnly).map(({ name, meaning, unit, emptyIf }) => [
      `\`${name}\``,
      meaning,
      unit,
      emptyIf ?? 'never',
    ]),
  );
}
