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

/** Parts of a time such as `2026-01-31 12:00:00` that are shown where there is more room, and where there is less. */
type TimeParts = readonly [from: number, to: number];
const TO_THE_SECOND: TimeParts = [0, 19];
const SHORTER_TIMES: readonly TimeParts[] = [
  [0, 16],
  [5, 16],
];

/** Columns are as wide as the first piece wants them; a column without a value in it is left out. */
export function recordTable<Entry>(
  columns: readonly RecordColumn<Entry>[],
  settings: TableSettings,
): RecordFormat<Entry> {
  let widths: number[] | undefined;
  let times = TO_THE_SECOND;
  return (entries) => {
    const cellsOf = () => entries.map((entry) => columns.map((each) => cellOf(each, entry, times)));
    let rows = cellsOf();
    const isFirst = widths === undefined;
    if (widths === undefined) {
      for (const shorter of SHORTER_TIMES) {
        if (excessOf(widthsOf(columns, rows), settings.width) <= 0) break;
        times = shorter;
        rows = cellsOf();
      }
      widths = fit(columns, widthsOf(columns, rows), settings.width);
    }
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

function cellOf<Entry>(
  { value, decimals }: RecordColumn<Entry>,
  entry: Entry,
  times: TimeParts,
): string {
  const cell = value(entry);
  if (cell === null) return '';
  if (cell instanceof Date)
    return cell
      .toISOString()
      .replace('T', ' ')
      .slice(...times);
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

/** Takes what is too much from the widest column, again and again, then leaves spare columns out. */
function fit<Entry>(
  columns: readonly RecordColumn<Entry>[],
  wanted: readonly number[],
  width: number,
): number[] {
  const widths = [...wanted];
  while (excessOf(widths, width) > 0) {
    const widest = Math.max(...widths);
    if (widest <= SHORTEST_TEXT) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  if (excessOf(widths, width) <= 0) return widths;
  const spare = columns.findLastIndex(({ isSpare }, i) => isSpare === true && wanted[i]! > 0);
  if (spare < 0) return widths;
  // What it leaves is room for the others' text.
  return fit(columns, wanted.with(spare, 0), width);
}

/** How many cells the columns take beyond `width`. */
function excessOf(widths: readonly number[], width: number): number {
  const shown = widths.filter((cells) => cells > 0).length;
  return widths.reduce((sum, cells) => sum + cells, GAP.length * (shown - 1)) - width;
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
