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
export const SCALE = [1, 10, 100, 1000];
/** Neighbours are probed in random order, and at the default rate the longest of a block apart is 16 s. */
const SHOWN_SECONDS = 64;

export class CsvCells implements CellSink {
  private readonly out: OctetWriter;
  private readonly quote: (cell: string) => string;
  private readonly sign: number;
  /** A decimal comma needs quotes if the comma is the delimiter too. */
  private readonly signQuotes: string;
  readonly isPlain: boolean;
  /** By the last bits of a second: that second, and its text up to the milliseconds. */
  private readonly shownSeconds = new Float64Array(SHOWN_SECONDS).fill(Number.NaN);
  private readonly shownTexts: Uint8Array[] = [];
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
    if (decimals === 0) this.out.integer(value);
    else this.units(Math.round(value * SCALE[decimals]!), decimals);
  }

  /** @param units how many of the last decimal there are: a whole number @param decimals at least 1 */
  units(units: number, decimals: number): void {
    const { out, sign, signQuotes } = this;
    const scale = SCALE[decimals]!;
    const whole = Math.floor(units / scale);
    if (signQuotes !== '') out.ascii(signQuotes);
    out.integer(whole);
    out.octet(sign);
    out.integer(units - whole * scale, decimals);
    if (signQuotes !== '') out.ascii(signQuotes);
  }

  time(value: Date | null): void {
    if (value === null) return;
    const ms = value.getTime();
    const second = Math.floor(ms / 1000);
    this.moment(second, ms - second * 1000);
  }

  /** @param second since 1970 UTC */
  moment(second: number, milliseconds: number): void {
    const { out, signQuotes } = this;
    const place = second & (SHOWN_SECONDS - 1);
    if (this.shownSeconds[place] !== second) this.showSecond(second, place);
    if (!this.isPlain) out.ascii(signQuotes);
    out.copy(this.shownTexts[place]!);
    out.integer(milliseconds, 3);
    out.ascii(this.isPlain ? 'Z' : signQuotes);
  }

  /** Excel reads a date only in its own locale: a blank for the T, no zone, the locale's decimal sign. */
  private showSecond(second: number, place: number): void {
    const text = new Date(second * 1000).toISOString().slice(0, -'.000Z'.length);
    this.shownTexts[place] = this.encoder.encode(
      this.isPlain ? `${text}.` : `${text.replace('T', ' ')}${String.fromCharCode(this.sign)}`,
    );
    this.shownSeconds[place] = second;
  }
}
