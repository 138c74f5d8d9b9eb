/** The table that a person reads: aligned columns, written piece by piece, as wide as the terminal. */

import type { CellSink, Column } from '../results/column.ts';
import type { HostResult } from '../results/host-result.ts';
import type { Status } from '../results/outcome.ts';
import { safeText } from '../words.ts';
import { decimalText, withSite } from './columns.ts';
import type { FormatSettings, RecordWriter, ReportFormat } from './format.ts';
import { RecordLayout } from './record-layout.ts';
import { DEFAULT_COLUMNS, RowLayout } from './row-layout.ts';
import { GAP, headingOf, type TableCells, type TableLayout } from './table-layout.ts';
import { cutText, fill, paint } from './terminal-text.ts';

export const TABLE: ReportFormat = {
  rows(settings) {
    const columns = settings.columns ?? withSite(DEFAULT_COLUMNS, settings.hasSites);
    const layout = new RowLayout(columns, settings.columns !== undefined, settings.width);
    return tableWriter(columns, layout, settings.colour, ({ status }: HostResult) => status);
  },
  records: ({ columns }, settings) => recordTable(columns, settings),
};

/** A table of anything but a sweep's hosts. Columns without a value in the first piece are left out. */
export function recordTable<Entry>(
  columns: readonly Column<Entry>[],
  settings: Pick<FormatSettings<Entry>, 'columns' | 'width' | 'colour'>,
): RecordWriter<Entry> {
  // A column requested by name is not spare.
  const shown = settings.columns?.map((column) => ({ ...column, isSpare: false })) ?? columns;
  return tableWriter(shown, new RecordLayout(shown, settings.width), settings.colour);
}

/**
 * The headings come again when a later piece changes the layout; nothing is held back for the sake of the layout.
 * @param statusOf colours an entry's status
 */
function tableWriter<Entry>(
  columns: readonly Column<Entry>[],
  layout: TableLayout,
  colour: boolean,
  statusOf?: (entry: Entry) => Status,
): RecordWriter<Entry> {
  let shown: readonly number[] = [];
  const taker = new TextCell(layout.timeText);
  return {
    begin: () => '',
    rows(entries) {
      const cells: string[][] = [];
      const statuses: Status[] = [];
      for (const entry of entries) {
        cells.push(columns.map((column) => taker.textOf(column, entry)));
        if (statusOf !== undefined) statuses.push(statusOf(entry));
      }
      if (cells.length === 0) return '';
      const fitted = layout.fit(cells);
      const { widths } = fitted;
      const lines: string[] = [];
      if (widths.join() !== shown.join()) {
        if (shown.length > 0) lines.push('');
        const headings = columns.map(({ name }) => headingOf(name));
        lines.push(paint(tableLine(columns, headings, widths), 'heading', colour));
        shown = widths;
      }
      fitted.cells.forEach((row, i) => {
        lines.push(tableLine(columns, row, widths, colour ? statuses[i] : undefined));
      });
      return lines.map((line) => `${line}\n`).join('');
    },
    end: () => '',
  };
}

/** Takes a cell and gives it back as text. */
class TextCell implements CellSink {
  private cell = '';
  private readonly timeText: TableLayout['timeText'];

  constructor(timeText: TableLayout['timeText']) {
    this.timeText = timeText;
  }

  textOf<Entry>({ put, decimals }: Column<Entry>, entry: Entry): string {
    put(entry, this, decimals);
    return this.cell;
  }

  word(value: string): void {
    this.cell = value;
  }

  text(value: string | null): void {
    this.cell = safeText(value ?? '');
  }

  number(value: number | null, decimals: number): void {
    this.cell = value === null ? '' : decimalText(value, decimals);
  }

  time(value: Date | null): void {
    this.cell = value === null ? '' : this.timeText(value);
  }
}

/** @param status which colours its cell; undefined for no colour */
function tableLine<Entry>(
  columns: readonly Column<Entry>[],
  cells: TableCells[number],
  widths: readonly number[],
  status?: Status,
): string {
  const parts: string[] = [];
  columns.forEach((column, i) => {
    const width = widths[i]!;
    if (width === 0) return;
    const text = cutText(cells[i]!, width);
    const blanks = fill(text, width);
    const painted =
      status !== undefined && column.name === 'status' ? paint(text, status, true) : text;
    parts.push(column.kind === 'figure' ? blanks + painted : painted + blanks);
  });
  return parts.join(GAP).trimEnd();
}
