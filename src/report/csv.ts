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
  // Figures hold nothing to quote, unless their decimal sign is the delimiter.
  const wordy = [...columns.keys()].filter(
    (i) => columns[i]!.kind === 'text' || settings.csvDecimal === ',',
  );
  return {
    begin: () =>
      (isExcel ? BYTE_ORDER_MARK : '') + stringify([columns.map((column) => column.name)], options),
    rows(rows) {
      const records = rows.map((host) => writers.map((cellOf) => cellOf(host)));
      // Nearly every piece holds nothing to quote, and looking is three times as fast as letting the library look.
      const isPlain =
        columns.length > 1 && records.every((record) => wordy.every((i) => PLAIN.test(record[i]!)));
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
    case 'number': {
      const { decimals } = column;
      return (host) => {
        const value = column.value(host);
        if (value === null) return '';
        const text = decimals === 0 ? String(value) : fixed(value, decimals);
        return hasComma ? text.replace('.', ',') : text;
      };
    }
    case 'time':
      return (host) => {
        const value = column.value(host);
        const time = value === null ? '' : isoTime(value);
        if (settings.csvProfile === 'plain') return time;
        // Excel takes a date of its own locale only: a blank for the T, no zone, the locale's decimal sign.
        const local = time.replace('T', ' ').replace('Z', '');
        return hasComma ? local.replace('.', ',') : local;
      };
  }
}

const lastFixed = { value: Number.NaN, decimals: 0, text: '' };

/** As `toFixed`, which is the dearest part of a row; a host asked once has the same time three times over. */
function fixed(value: number, decimals: number): string {
  if (value !== lastFixed.value || decimals !== lastFixed.decimals) {
    lastFixed.text = value.toFixed(decimals);
    lastFixed.value = value;
    lastFixed.decimals = decimals;
  }
  return lastFixed.text;
}

const lastSecond = { second: Number.NaN, text: '' };

/** As `toISOString`, whose part down to the second is mostly that of the row before. */
function isoTime(time: Date): string {
  const ms = time.getTime();
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond.second) {
    lastSecond.text = time.toISOString().slice(0, -'000Z'.length);
    lastSecond.second = second;
  }
  return `${lastSecond.text}${String(ms - second * 1000).padStart(3, '0')}Z`;
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
