/** Writes the cells of a CSV: text quoted and made harmless if it needs that, numbers and times in the profile's form. */

import type { CellSink } from '../results/column.ts';
import { literalCell } from '../text/literal-cell.ts';
import type { FormatSettings } from './format.ts';
import type { OctetWriter } from './octet-writer.ts';
import { HARMLESS, neutralFormula } from './spreadsheet-text.ts';

export type CsvSettings = Pick<
  FormatSettings<unknown>,
  'csvProfile' | 'csvDelimiter' | 'csvDecimal'
>;

/** Powers of ten by decimals. */
const SCALE = [1, 10, 100, 1000];
const LETTER_Z = 'Z'.charCodeAt(0);

export class CsvCells implements CellSink {
  private readonly out: OctetWriter;
  private readonly quote: (cell: string) => string;
  private readonly sign: number;
  /** A decimal comma needs quotes if the comma is the delimiter too. */
  private readonly signQuotes: string;
  readonly isPlain: boolean;
  /** Most rows started in the same second as the one before. */
  private shownSecond = Number.NaN;
  private shownText = new Uint8Array();
  private readonly encoder = new TextEncoder();

  /** @param quote gives a cell the quotes that it needs */
  constructor(settings: CsvSettings, out: OctetWriter, quote: (cell: string) => string) {
    this.out = out;
    this.quote = quote;
    this.sign = settings.csvDecimal.charCodeAt(0);
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
    if (signQuotes !== '') out.ascii(signQuotes);
    out.integer(whole);
    out.octet(sign);
    out.integer(units - whole * scale, decimals);
    if (signQuotes !== '') out.ascii(signQuotes);
  }

  time(value: Date | null): void {
    if (value !== null) this.timeMs(value.getTime());
  }

  /** @param ms whole milliseconds since 1970 UTC */
  timeMs(ms: number): void {
    const { out } = this;
    const second = Math.floor(ms / 1000);
    if (second !== this.shownSecond) this.showSecond(second);
    if (this.isPlain) {
      out.copy(this.shownText);
      out.integer(ms - second * 1000, 3);
      out.octet(LETTER_Z);
      return;
    }
    out.ascii(this.signQuotes);
    out.copy(this.shownText);
    out.integer(ms - second * 1000, 3);
    out.ascii(this.signQuotes);
  }

  /** Excel reads a date only in its own locale: a blank for the T, no zone, the locale's decimal sign. */
  private showSecond(second: number): void {
    const text = new Date(second * 1000).toISOString().slice(0, -'.000Z'.length);
    this.shownText = this.encoder.encode(
      this.isPlain ? `${text}.` : `${text.replace('T', ' ')}${String.fromCharCode(this.sign)}`,
    );
    this.shownSecond = second;
  }
}
