/** Writes the cells of a sheet. An empty one is left out, and text is text, whatever it looks like. */

import { MS_A_DAY } from '../../durations.ts';
import type { CellSink } from '../../results/column.ts';
import { decimalText } from '../columns.ts';
import type { OctetWriter } from '../octet-writer.ts';
import { figureStyle, STYLE } from './styles.ts';
import { xmlText } from './xml.ts';

/** Excel calls a workbook with a longer cell damaged. */
const LONGEST_TEXT = 32_767;
/** Of 1 January 1970, in days since the first day of the spreadsheet's calendar. */
const EPOCH_DAY = 25_569;
/** Most texts, recognised at a fraction of the cost; an underscore may begin an escape. */
const PLAIN = /^[\w.:%+!-]*$/;

export class CellWriter implements CellSink {
  private readonly out: OctetWriter;
  private at = '';

  constructor(out: OctetWriter) {
    this.out = out;
  }

  /** @param column letters, such as `AB` @param row from 1 */
  moveTo(column: string, row: number): void {
    this.at = `${column}${row}`;
  }

  heading(text: string): void {
    this.string(text, STYLE.heading);
  }

  word(value: string): void {
    this.string(value, STYLE.text);
  }

  text(value: string | null): void {
    if (value !== null && value !== '') this.string(value, STYLE.text);
  }

  number(value: number | null, decimals: number): void {
    if (value === null) return;
    this.value(decimalText(value, decimals), figureStyle(decimals));
  }

  time(value: Date | null): void {
    if (value !== null) this.value(String(value.getTime() / MS_A_DAY + EPOCH_DAY), STYLE.time);
  }

  private value(text: string, style: number): void {
    this.out.ascii(`<c r="${this.at}" s="${style}"><v>${text}</v></c>`);
  }

  /** Inline, because a table of shared strings would have to be kept until the end. */
  private string(text: string, style: number): void {
    const { out } = this;
    const shown = text.slice(0, LONGEST_TEXT);
    out.ascii(`<c r="${this.at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">`);
    if (PLAIN.test(shown) && !shown.includes('_')) out.ascii(shown);
    else out.utf8(xmlText(shown));
    out.ascii('</t></is></c>');
  }
}
