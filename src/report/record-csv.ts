/** CSV of any list of records, to the rules of a sweep's report: profiles, delimiters, decimal signs, no formulas. */

import { stringify } from 'csv-stringify/sync';
import { BYTE_ORDER_MARK, refuseDelimiter } from './csv.ts';
import type { FormatSettings } from './format.ts';
import type { RecordColumn, RecordFormat } from './record-shape.ts';
import { neutralFormula } from './spreadsheet-text.ts';

type CsvSettings = Pick<FormatSettings, 'csvProfile' | 'csvDelimiter' | 'csvDecimal'>;

/** @throws EchosweepError OPTION_INVALID for a delimiter that cannot be one */
export function recordCsv<Entry>(
  columns: readonly RecordColumn<Entry>[],
  settings: CsvSettings,
): RecordFormat<Entry> {
  refuseDelimiter(settings.csvDelimiter);
  const isExcel = settings.csvProfile === 'excel';
  const options = {
    delimiter: settings.csvDelimiter,
    record_delimiter: isExcel ? '\r\n' : '\n',
    // On its own the library quotes only the line end that it writes itself.
    quoted_match: /[\r\n]/,
    // A row of one empty cell would be an empty line, which readers skip.
    quoted_empty: columns.length === 1,
  };
  let isBegun = false;
  return (entries) => {
    const rows = entries.map((entry) => columns.map((column) => cellOf(column, entry, settings)));
    if (isBegun) return stringify(rows, options);
    isBegun = true;
    const mark = isExcel ? BYTE_ORDER_MARK : '';
    return mark + stringify([columns.map(({ name }) => name), ...rows], options);
  };
}

function cellOf<Entry>(column: RecordColumn<Entry>, entry: Entry, settings: CsvSettings): string {
  const value = column.value(entry);
  if (value === null) return '';
  if (typeof value === 'string') return neutralFormula(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const withSign = (text: string): string =>
    settings.csvDecimal === ',' ? text.replace('.', ',') : text;
  if (typeof value === 'number') return withSign(value.toFixed(column.decimals ?? 0));
  const time = value.toISOString();
  if (settings.csvProfile === 'plain') return time;
  // Excel takes a date of its own locale only: a blank for the T, no zone, the locale's decimal sign.
  return withSign(time.replace('T', ' ').replace('Z', ''));
}
