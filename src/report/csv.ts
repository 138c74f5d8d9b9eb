/** CSV, schema 1: RFC 4180 in UTF-8, for programs (`plain`) or for a spreadsheet (`excel`). */

import { stringify } from 'csv-stringify/sync';
import { EchosweepError } from '../errors.ts';
import type { HostResult } from '../results/host-result.ts';
import { COLUMNS, type Column } from './columns.ts';
import type { FormatSettings, ReportFormat } from './format.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** These occur in addresses, numbers and times, so that as a delimiter they would tear every row. */
const NO_DELIMITER = /[\w.:%!+\-"'\r\n ]/;

/** A cell that needs no quotes, whatever the delimiter. */
const PLAIN = /^[\w.:%!\- ]*$/;

/**
 * @throws EchosweepError OPTION_INVALID where the delimiter is not one character, or one that values hold themselves
 */
export function csvFormat(settings: FormatSettings): ReportFormat {
  const { csvDelimiter: delimiter } = settings;
  if ([...delimiter].length !== 1 || NO_DELIMITER.test(delimiter)) {
    throw new EchosweepError(
      'OPTION_INVALID',
      `--csv-delimiter: ${JSON.stringify(delimiter)} cannot be used: give one character such as "," ";" "|" or a tab`,
    );
  }
  const columns = settings.columns ?? COLUMNS;
  const isExcel = settings.csvProfile === 'excel';
  const lineEnd = isExcel ? '\r\n' : '\n';
  const options = {
    delimiter,
    record_delimiter: lineEnd,
    // On its own the library quotes only the line end that it writes itself.
    quoted_match: /[\r\n]/,
    // A row of one empty cell would be an empty line, which readers skip.
    quoted_empty: columns.length === 1,
  };
  const writers = columns.map((column) => cellWriter(column, settings));
  return {
    begin: () =>
      (isExcel ? BYTE_ORDER_MARK : '') + stringify([columns.map((column) => column.name)], options),
    rows(rows) {
      const records = rows.map((host) => writers.map((cellOf) => cellOf(host)));
      // Nearly every piece holds nothing to quote, and looking is three times as fast as letting the library look.
      const isPlain =
        columns.length > 1 && records.every((record) => record.every((cell) => PLAIN.test(cell)));
      return isPlain
        ? records.map((record) => record.join(delimiter) + lineEnd).join('')
        : stringify(records, options);
    },
    end: () => '',
  };
}

/** What writes a column's cell of a host; '' where there is no value. */
function cellWriter(column: Column, settings: FormatSettings): (host: HostResult) => string {
  const hasComma = settings.csvDecimal === ',';
  switch (column.kind) {
    case 'text':
      return (host) => neutralFormula(column.value(host) ?? '');
    case 'number':
      return (host) => {
        const text = column.value(host)?.toFixed(column.decimals) ?? '';
        return hasComma ? text.replace('.', ',') : text;
      };
    case 'time':
      return (host) => {
        const time = column.value(host)?.toISOString() ?? '';
        if (settings.csvProfile === 'plain') return time;
        // Excel takes a date of its own locale only: a blank for the T, no zone, the locale's decimal sign.
        const local = time.replace('T', ' ').replace('Z', '');
        return hasComma ? local.replace('.', ',') : local;
      };
  }
}

/** What a spreadsheet starts a formula with, and the full-width and small forms that it folds into them. */
const SIGN = '[=+\\-@\uFE62\uFE63\uFE66\uFE6B\uFF0B\uFF0D\uFF1D\uFF20]';
/** What a spreadsheet may skip or lose on the way to the first sign. */
const SKIPPED = '[\\s\\p{Cc}\\p{Cf}]*';
/** The second half guards against a reader that splits at another delimiter than ours, or ignores quotes. */
const FORMULA_START = new RegExp(
  `^(?=[\\t\\r\\n]|${SKIPPED}${SIGN})|(?<=[,;|\\t\\r\\n"])(?=${SKIPPED}${SIGN})`,
  'gu',
);

/** Nearly all cells, told apart at a tenth of the cost. */
const HARMLESS = /^(?:[a-z0-9!.:][a-z0-9!.:%_-]*)?$/i;

/**
 * Text that no spreadsheet takes for a formula: an apostrophe stands before whatever would start one (CWE-1236).
 * Host names come from whoever runs the reverse DNS zone.
 */
function neutralFormula(text: string): string {
  return HARMLESS.test(text) ? text : text.replace(FORMULA_START, "'");
}
