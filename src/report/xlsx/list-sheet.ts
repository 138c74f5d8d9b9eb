/** A sheet of a list: a frozen header with filters, then the rows as they arrive. */

import { EchosweepError } from '../../errors.ts';
import type { CellSink, Column, ColumnKind } from '../../results/column.ts';
import { grouped } from '../../words.ts';
import { decimalText } from '../columns.ts';
import { MOST_SHEET_ENTRIES } from './sheet-limit.ts';
import { SheetWriter } from './sheet-writer.ts';
import type { Workbook } from './workbook.ts';

/** At least, by what is in a column; later rows may have longer addresses than the first. Others are as wide as needed. */
const USUAL_WIDTH: Readonly<Partial<Record<ColumnKind, number>>> = { text: 17, time: 24 };
/** The arrow of a filter covers so much of a heading. */
const FILTER_WIDTH = 3;
const WIDEST = 60;

export class ListSheet<Entry> {
  private readonly book: Workbook;
  private readonly columns: readonly Column<Entry>[];
  private readonly sheet: SheetWriter;

  constructor(book: Workbook, name: string, columns: readonly Column<Entry>[]) {
    this.book = book;
    this.columns = columns;
    this.sheet = new SheetWriter(book, name);
  }

  /** @throws EchosweepError OUTPUT_FAILED if a sheet cannot have as many rows */
  add(entries: Iterable<Entry>): Uint8Array {
    const { sheet, columns } = this;
    if (sheet.rows === 0) this.begin(entries);
    for (const entry of entries) {
      if (sheet.rows > MOST_SHEET_ENTRIES) throw sheetIsFull();
      sheet.beginRow();
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i]!;
        column.put(entry, sheet.cell(i), column.decimals);
      }
      sheet.endRow();
    }
    return this.book.take();
  }

  end(): void {
    if (this.sheet.rows === 0) this.begin([]);
    this.sheet.end(this.columns.length);
  }

  private begin(entries: Iterable<Entry>): void {
    this.sheet.begin(widthsOf(this.columns, entries), { isHeaderFrozen: true });
    this.sheet.headings(this.columns.map(({ name }) => name));
  }
}

function sheetIsFull(): EchosweepError {
  return new EchosweepError(
    'OUTPUT_FAILED',
    `a sheet cannot have more than ${grouped(MOST_SHEET_ENTRIES)} rows and a header`,
    'use another format',
  );
}

/** As wide as the headings and the first rows need: in the file, the widths come before the rows. */
function widthsOf<Entry>(columns: readonly Column<Entry>[], entries: Iterable<Entry>): number[] {
  const widths = columns.map(({ name, kind }) =>
    Math.max(name.length + FILTER_WIDTH, USUAL_WIDTH[kind] ?? 0),
  );
  const cell = new CellLength();
  for (const entry of entries) {
    columns.forEach((column, i) => {
      column.put(entry, cell, column.decimals);
      widths[i] = Math.min(WIDEST, Math.max(widths[i]!, cell.length + 1));
    });
  }
  return widths;
}

class CellLength implements CellSink {
  length = 0;

  word(value: string): void {
    this.length = value.length;
  }

  text(value: string | null): void {
    this.length = value?.length ?? 0;
  }

  number(value: number | null, decimals: number): void {
    this.length = value === null ? 0 : decimalText(value, decimals).length;
  }

  time(): void {
    this.length = 0;
  }
}
