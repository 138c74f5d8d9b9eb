/** The layout of a list of records: columns as wide as the first piece wants, cut to the terminal's width. */

import type { Column } from '../results/column.ts';
import {
  excessOf,
  headingOf,
  type TableCells,
  type TableLayout,
  widestCell,
} from './table-layout.ts';

/** Text that is cut keeps this many cells, enough to distinguish it from other text. */
const SHORTEST_TEXT = 12;

/** The parts of a time such as `2026-01-31 12:00:00` that are shown as there is less and less room. */
type TimePart = readonly [from: number, to: number];
const TO_THE_SECOND: TimePart = [0, 19];
const SHORTER_TIMES: readonly TimePart[] = [
  [0, 16],
  [5, 16],
];

type LayoutColumn = Pick<Column<never>, 'name' | 'kind' | 'isSpare'>;

export class RecordLayout implements TableLayout {
  private readonly columns: readonly LayoutColumn[];
  private readonly width: number;
  private timePart = TO_THE_SECOND;
  private widths: readonly number[] | undefined;

  /** @param width columns of the terminal; Infinity for no limit */
  constructor(columns: readonly LayoutColumn[], width: number) {
    this.columns = columns;
    this.width = width;
  }

  timeText(time: Date): string {
    return time.toISOString().replace('T', ' ');
  }

  fit(cells: TableCells): ReturnType<TableLayout['fit']> {
    let shown = this.withShortTimes(cells);
    if (this.widths === undefined) {
      for (const shorter of SHORTER_TIMES) {
        if (excessOf(this.widthsOf(shown), this.width) <= 0) break;
        this.timePart = shorter;
        shown = this.withShortTimes(cells);
      }
      this.widths = this.narrowed(this.widthsOf(shown));
    }
    return { widths: this.widths, cells: shown };
  }

  private withShortTimes(cells: TableCells): TableCells {
    const { columns, timePart } = this;
    return cells.map((row) =>
      row.map((cell, i) => (columns[i]!.kind === 'time' ? cell.slice(...timePart) : cell)),
    );
  }

  private widthsOf(cells: TableCells): number[] {
    return this.columns.map(({ name }, i) => {
      const widest = widestCell(cells, i);
      return widest === 0 ? 0 : Math.max(widest, headingOf(name).length);
    });
  }

  /** Narrows the widest column again and again, then leaves spare columns out. */
  private narrowed(wanted: readonly number[]): number[] {
    const widths = [...wanted];
    while (excessOf(widths, this.width) > 0) {
      const widest = Math.max(...widths);
      if (widest <= SHORTEST_TEXT) break;
      widths[widths.indexOf(widest)] = widest - 1;
    }
    if (excessOf(widths, this.width) <= 0) return widths;
    const spare = this.columns.findLastIndex(({ isSpare }, i) => isSpare && wanted[i]! > 0);
    // The room of a column that is left out goes to the text of the others.
    return spare < 0 ? widths : this.narrowed(wanted.with(spare, 0));
  }
}
