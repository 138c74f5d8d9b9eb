/** The XML of one sheet, row by row, into its workbook. */

import { OctetWriter } from '../octet-writer.ts';
import { CellWriter } from './cell-writer.ts';
import type { Workbook } from './workbook.ts';
import { XML_HEAD } from './xml.ts';

/** The workbook gets the sheet in pieces of about this size. */
const PIECE_OCTETS = 1 << 16;

const HEADER_PANE =
  '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>';

export class SheetWriter {
  private readonly book: Workbook;
  private readonly name: string;
  private readonly out = new OctetWriter();
  private readonly cells = new CellWriter(this.out);
  private readonly letters: string[] = [];
  private rowCount = 0;

  constructor(book: Workbook, name: string) {
    this.book = book;
    this.name = name;
  }

  /** Rows so far, the header among them. */
  get rows(): number {
    return this.rowCount;
  }

  /** @param widths of the columns, in characters */
  begin(widths: readonly number[], { isHeaderFrozen }: { readonly isHeaderFrozen: boolean }): void {
    const columns = widths.map((width, i) => {
      this.letters.push(columnLetters(i));
      return `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`;
    });
    this.book.beginSheet(this.name);
    this.out.ascii(
      `${XML_HEAD}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
        `<sheetViews><sheetView workbookViewId="0">${isHeaderFrozen ? HEADER_PANE : ''}</sheetView>` +
        `</sheetViews><cols>${columns.join('')}</cols><sheetData>`,
    );
  }

  headings(texts: readonly string[]): void {
    this.beginRow();
    texts.forEach((text, i) => {
      this.cell(i).heading(text);
    });
    this.endRow();
  }

  beginRow(): void {
    this.rowCount++;
    this.out.ascii(`<row r="${this.rowCount}">`);
  }

  /** Takes the value of a cell in the current row. @param column from 0 */
  cell(column: number): CellWriter {
    this.cells.moveTo(this.letters[column]!, this.rowCount);
    return this.cells;
  }

  endRow(): void {
    this.out.ascii('</row>');
    if (this.out.length >= PIECE_OCTETS) this.book.push(this.out.take());
  }

  /** @param filtered columns that have a filter, from the first */
  end(filtered: number): void {
    const range = filtered === 0 ? '' : `A1:${this.letters[filtered - 1]}${this.rowCount}`;
    const filter = range === '' ? '' : `<autoFilter ref="${range}"/>`;
    this.out.ascii(`</sheetData>${filter}</worksheet>`);
    this.book.push(this.out.take());
    this.book.endSheet(range);
  }
}

/** 0 → `A`, 26 → `AA`. */
function columnLetters(index: number): string {
  const last = String.fromCharCode(0x41 + (index % 26));
  return index < 26 ? last : columnLetters(Math.floor(index / 26) - 1) + last;
}
