/** The layout of a sweep's hosts, which come piece by piece: usual widths, so a later row seldom changes it. */

import type { Column } from '../results/column.ts';
import type { HostResult } from '../results/host-result.ts';
import { COLUMNS, pickColumns } from './columns.ts';
import {
  excessOf,
  headingOf,
  type TableCells,
  type TableLayout,
  widestCell,
} from './table-layout.ts';

/** The columns shown if none are named. */
export const DEFAULT_COLUMNS: readonly Column<HostResult>[] = pickColumns(
  ['address', 'hostname', 'status', 'reason', 'responder', 'rtt_avg_ms', 'loss_pct', 'ttl', 'hops'],
  COLUMNS,
);
/** Left out of the default columns while no host has a value there. */
const SHOWN_WITH_A_VALUE: readonly string[] = ['hostname', 'responder'];
/** Left out of the default columns, first to last, until the rest fits a narrow terminal. */
const DROPPED_WHEN_NARROW: readonly string[] = [
  'hops',
  'loss_pct',
  'responder',
  'ttl',
  'hostname',
  'reason',
  'rtt_avg_ms',
];
/** Wide enough for most values. */
const USUAL_WIDTH: Readonly<Record<string, number>> = { address: 15, status: 11, reason: 11 };
const USUAL_RTT_WIDTH = 8;
const SHORTEST_HOSTNAME = 16;

type LayoutColumn = Pick<Column<never>, 'name'>;

/**
 * Widths come from the rows of the first piece. A later piece that holds something wider, or a column that had no value
 * so far, changes them.
 */
export class RowLayout implements TableLayout {
  private readonly columns: readonly LayoutColumn[];
  private readonly isChosen: boolean;
  private readonly width: number;
  /** Width of the widest value so far; 0 for a column that is left out. */
  private readonly wanted: number[];
  private isFirst = true;

  /** @param isChosen whether the columns were named, so all of them stay @param width of the terminal */
  constructor(columns: readonly LayoutColumn[], isChosen: boolean, width: number) {
    this.columns = columns;
    this.isChosen = isChosen;
    this.width = width;
    this.wanted = columns.map(({ name }) =>
      !isChosen && SHOWN_WITH_A_VALUE.includes(name) ? 0 : usualWidth(name),
    );
  }

  timeText(time: Date): string {
    return time.toISOString();
  }

  fit(cells: TableCells): ReturnType<TableLayout['fit']> {
    this.widen(cells);
    this.isFirst = false;
    return { widths: this.narrowed(), cells };
  }

  /** After the first piece widths grow to the next multiple of 8, so slowly growing names seldom repeat the headings. */
  private widen(cells: TableCells): void {
    const step = this.isFirst ? 1 : 8;
    this.columns.forEach(({ name }, i) => {
      const widest = widestCell(cells, i);
      if (widest <= this.wanted[i]!) return;
      this.wanted[i] = Math.max(usualWidth(name), Math.ceil(widest / step) * step);
    });
  }

  /** Shortens names, and leaves columns out if that is not enough. */
  private narrowed(): number[] {
    const widths = [...this.wanted];
    const indexOf = (wanted: string) => this.columns.findIndex(({ name }) => name === wanted);
    const hostname = indexOf('hostname');
    for (const name of this.isChosen ? [] : DROPPED_WHEN_NARROW) {
      if (excessOf(widths, this.width) <= spareCells(widths[hostname]!)) break;
      widths[indexOf(name)] = 0;
    }
    const excess = Math.max(0, excessOf(widths, this.width));
    if (hostname >= 0) widths[hostname]! -= Math.min(excess, spareCells(widths[hostname]!));
    return widths;
  }
}

function usualWidth(name: string): number {
  const usual = name.startsWith('rtt_') ? USUAL_RTT_WIDTH : (USUAL_WIDTH[name] ?? 0);
  return Math.max(usual, headingOf(name).length);
}

/** How much a host name can be shortened and still be distinguished from others. */
function spareCells(hostnameWidth: number): number {
  return Math.max(0, hostnameWidth - SHORTEST_HOSTNAME);
}
