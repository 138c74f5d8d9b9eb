/** CSV, schema 1: RFC 4180 in UTF-8, for programs (`plain`) or for a spreadsheet (`excel`). */

import { stringify } from 'csv-stringify/sync';
import { EchosweepError } from '../errors.ts';
import type { CellSink, Column } from '../results/column.ts';
import { literalCell } from '../text/literal-cell.ts';
import { COLUMNS } from './columns.ts';
import type { FormatSettings, RecordWriter, ReportFormat } from './format.ts';
import { OctetWriter } from './octet-writer.ts';
import { HARMLESS, neutralFormula } from './spreadsheet-text.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** These occur in addresses, numbers and times: as a delimiter they would break every row. */
const NO_DELIMITER = /[\w.:%!+\-"'\r\n ]/;

export const CSV: ReportFormat = {
  rows: (settings) => csvWriter(settings.columns ?? COLUMNS, settings),
  records: ({ columns }, settings) => csvWriter(settings.columns ?? columns, settings),
};

type CsvSettings = Pick<FormatSettings<unknown>, 'csvProfile' | 'csvDelimiter' | 'csvDecimal'>;

/** @throws EchosweepError OPTION_INVALID if the delimiter is not one character, or one that occurs in values */
function csvWriter<Entry>(
  columns: readonly Column<Entry>[],
  settings: CsvSettings,
): RecordWriter<Entry> {
  const { csvDelimiter: delimiter } = settings;
  refuseDelimiter(delimiter);
  const isExcel = settings.csvProfile === 'excel';
  const lineEnd = isExcel ? '\r\n' : '\n';
  const options = {
    delimiter,
    record_delimiter: lineEnd,
    // On its own the library quotes only the line end that it writes itself.
    quoted_match: /[\r\n]/,
  };
  const out = new OctetWriter();
  const cells = new CsvCells(settings, out, (cell) =>
    stringify([[cell]], options).slice(0, -lineEnd.length),
  );
  const separator = new TextEncoder().encode(delimiter);
  // A row of one empty cell would be an empty line, which readers skip.
  const emptyRow = columns.length === 1 ? '""' : '';
  const writeRow = (entry: Entry): void => {
    const rowStart = out.length;
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) out.copy(separator);
      const column = columns[i]!;
      column.put(entry, cells, column.decimals);
    }
    if (out.length === rowStart) out.ascii(emptyRow);
    out.ascii(lineEnd);
  };
  return {
    begin: () =>
      (isExcel ? BYTE_ORDER_MARK : '') + stringify([columns.map((column) => column.name)], options),
    rows(entries) {
      for (const entry of entries) writeRow(entry);
      return out.take();
    },
    end: () => '',
  };
}

/** @throws EchosweepError OPTION_INVALID if it is not one character, or one that occurs in values */
function refuseDelimiter(delimiter: string): void {
  if ([...delimiter].length === 1 && !NO_DELIMITER.test(delimiter)) return;
  throw new EchosweepError(
    'OPTION_INVALID',
    `--csv-delimiter: ${JSON.stringify(delimiter)} cannot be used`,
    'give one character such as "," ";" "|" or a tab',
  );
}

/** Powers of ten by decimals. */
const SCALE = [1, 10, 100, 1000];

class CsvCells implements CellSink {
  private readonly out: OctetWriter;
  private readonly quote: (cell: string) => string;
  private readonly sign: string;
  /** A decimal comma needs quotes if the comma is the delimiter too. */
  private readonly signQuotes: string;
  private readonly isPlain: boolean;
  /** Most rows started in the same second as the one before. */
  private shownSecond = Number.NaN;
  private shownText = '';

  /** @param quote gives a cell the quotes that it needs */
  constructor(settings: CsvSettings, out: OctetWriter, quote: (cell: string) => string) {
    this.out = out;
    this.quote = quote;
    this.sign = settings.csvDecimal;
    this.signQuotes = settings.csvDecimal === settings.csvDelimiter ? '"' : '';
    this.isPlain = settings.csvProfile === 'plain';
  }

  word(value: string): void {
    this.out.ascii(value);
  }

  text(value: string | null): void {
    if (value === null) return;
    if (!this.isPlain) this.out.utf8(this.quote(literalCell(neutralFormula(value))));
    else if (HARMLESS.test(value)) this.out.ascii(value);
    else this.out.utf8(this.quote(neutralFormula(value)));
  }

  number(value: number | null, decimals: number): void {
    if (value === null) return;
    const { out, sign, signQuotes } = this;
    if (decimals === 0) {
      out.integer(value);
      return;
    }
    const scale = SCALE[decimals]!;
    const units = Math.round(value * scale);
    const whole = Math.floor(units / scale);
    out.ascii(signQuotes);
    out.integer(whole);
    out.ascii(sign);
    out.integer(units - whole * scale, decimals);
    out.ascii(signQuotes);
  }

  time(value: Date | null): void {
    if (value === null) return;
    const { out } = this;
    const ms = value.getTime();
    const second = Math.floor(ms / 1000);
    if (second !== this.shownSecond) {
      this.shownText = value.toISOString().slice(0, -'.000Z'.length);
      if (!this.isPlain) this.shownText = this.shownText.replace('T', ' ');
      this.shownSecond = second;
    }
    if (this.isPlain) {
      out.ascii(this.shownText);
      out.ascii('.');
      out.integer(ms - second * 1000, 3);
      out.ascii('Z');
      return;
    }
    // Excel reads a date only in its own locale: a blank for the T, no zone, the locale's decimal sign.
    out.ascii(this.signQuotes);
    out.ascii(this.shownText);
    out.ascii(this.sign);
    out.integer(ms - second * 1000, 3);
    out.ascii(this.signQuotes);
  }
}
