/** How a table decides on the widths of its columns: what all layouts have in common. */

import { textWidth } from './terminal-text.ts';

/** Between two columns. */
export const GAP = '  ';

/** Safe text by row and column. */
export type TableCells = readonly (readonly string[])[];

export interface TableLayout {
  /** A time as the layout takes it. */
  readonly timeText: (time: Date) => string;
  /**
   * Called for each piece that has rows, in their order.
   * @returns the width of each column, 0 to leave it out, and the cells as they are shown
   */
  fit(cells: TableCells): { readonly widths: readonly number[]; readonly cells: TableCells };
}

/** The text above a column. */
export function headingOf(name: string): string {
  return name.replace(/_pct$/, ' %').replaceAll('_', ' ');
}

/** Width of a column's widest cell. */
export function widestCell(cells: TableCells, column: number): number {
  return cells.reduce((width, row) => Math.max(width, textWidth(row[column]!)), 0);
}

/** By how much the columns are wider than `width`; negative if there is room left. */
export function excessOf(widths: readonly number[], width: number): number {
  const shown = widths.filter((cells) => cells > 0);
  return shown.reduce((sum, cells) => sum + cells, GAP.length * (shown.length - 1)) - width;
}
