/** The table of any list of records that a person reads: aligned, cut to the terminal's width, made safe. */

import type { RecordColumn, RecordFormat } from './record-shape.ts';
import { cutText, fill, paint, safeText, textWidth } from './terminal-text.ts';

const GAP = '  ';
/** Text that is cut keeps this many cells, so that one can still tell it from others. */
const SHORTEST_TEXT = 12;

export interface TableSettings {
  /** Columns of the terminal; Infinity for no limit. */
  readonly width: number;
  readonly colour: boolean;
}

/** Columns are as wide as the first piece wants them; a column without a value in it is left out. */
export function recordTable<Entry>(
  columns: readonly RecordColumn<Entry>[],
  settings: TableSettings,
): RecordFormat<Entry> {
  let widths: number[] | undefined;
  return (entries) => {
    const rows = entries.map((entry) => columns.map((column) => cellOf(column, entry)));
    const isFirst = widths === undefined;
    widths ??= fit(widthsOf(columns, rows), settings.width);
    const lines = rows.map((cells) => line(columns, cells, widths!));
    if (isFirst && rows.length > 0) {
      const headings = columns.map(headingOf);
      lines.unshift(paint(line(columns, headings, widths), 'heading', settings.colour));
    }
    return lines.map((text) => `${text}\n`).join('');
  };
}

function headingOf<Entry>({ name }: RecordColumn<Entry>): string {
  return name.replace(/_pct$/, ' %').replaceAll('_', ' ');
}

function cellOf<Entry>({ value, decimals }: RecordColumn<Entry>, entry: Entry): string {
  const cell = value(entry);
  if (cell === null) return '';
  if (cell instanceof Date) return cell.toISOString().replace('T', ' ').slice(0, -'.000Z'.length);
  if (typeof cell === 'number') return cell.toFixed(decimals ?? 0);
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return safeText(cell);
}

function widthsOf<Entry>(
  columns: readonly RecordColumn<Entry>[],
  rows: readonly (readonly string[])[],
): number[] {
  return columns.map((column, i) => {
    const widest = rows.reduce((width, cells) => Math.max(width, textWidth(cells[i]!)), 0);
    return widest === 0 ? 0 : Math.max(widest, headingOf(column).length);
  });
}

/** Takes what is too much from the widest column, again and again. */
function fit(widths: number[], width: number): number[] {
  const shown = widths.filter((cells) => cells > 0).length;
  let excess = widths.reduce((sum, cells) => sum + cells, GAP.length * (shown - 1)) - width;
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= SHORTEST_TEXT) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

function line<Entry>(
  columns: readonly RecordColumn<Entry>[],
  cells: readonly string[],
  widths: readonly number[],
): string {
  const parts = columns.flatMap((column, i) => {
    if (widths[i] === 0) return [];
    const text = cutText(cells[i]!, widths[i]!);
    const blanks = fill(text, widths[i]!);
    return [column.decimals === undefined ? text + blanks : blanks + text];
  });
  return parts.join(GAP).trimEnd();
}
