/** The table that a person reads: aligned columns, streamed piece by piece, as wide as the terminal. */

import type { HostResult } from '../results/host-result.ts';
import type { Status } from '../results/outcome.ts';
import { type CellSink, type Column, decimalText, pickColumns } from './columns.ts';
import type { FormatSettings, ReportFormat } from './format.ts';
import { cutText, fill, paint, safeText, textWidth } from './terminal-text.ts';

const DEFAULT_COLUMNS = pickColumns([
  'address',
  'hostname',
  'status',
  'reason',
  'responder',
  'rtt_avg_ms',
  'loss_pct',
  'ttl',
  'hops',
]);
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
/** Wide enough for most, so that a later row seldom needs a new layout. */
const USUAL_WIDTH: Readonly<Record<string, number>> = { address: 15, status: 11, reason: 11 };
const USUAL_RTT_WIDTH = 8;
const SHORTEST_HOSTNAME = 16;
const GAP = '  ';

/** A column and the cells it is given; in a `widths` list 0 stands for a column that is left out. */
interface TableState {
  readonly columns: readonly Column[];
  /** Cells that the widest value so far wants. */
  readonly wanted: number[];
  /** Of the lines printed last; empty before the first. */
  shown: readonly number[];
}

/**
 * Widths come from the rows of the first piece. Where a later piece holds something wider, or a column that had no
 * value so far, the header is printed again above it; nothing is ever kept back for the sake of the layout.
 */
export function tableFormat(settings: FormatSettings): ReportFormat {
  const columns = settings.columns ?? DEFAULT_COLUMNS;
  const isChosen = settings.columns !== undefined;
  const state: TableState = {
    columns,
    wanted: columns.map((column) =>
      !isChosen && SHOWN_WITH_A_VALUE.includes(column.name) ? 0 : usualWidth(column),
    ),
    shown: [],
  };
  return {
    begin: () => '',
    rows: (rows) => tablePiece(state, rows, settings, isChosen),
    end: () => '',
  };
}

function tablePiece(
  state: TableState,
  rows: Iterable<HostResult>,
  settings: FormatSettings,
  isChosen: boolean,
): string {
  const { columns } = state;
  const cells: string[][] = [];
  const statuses: Status[] = [];
  for (const host of rows) {
    cells.push(columns.map((column) => cellText(column, host)));
    statuses.push(host.status);
  }
  if (cells.length === 0) return '';
  widen(state, cells);
  const widths = fit(state, settings.width, isChosen);
  const lines: string[] = [];
  if (widths.join() !== state.shown.join()) {
    if (state.shown.length > 0) lines.push('');
    lines.push(paint(tableLine(columns, columns.map(heading), widths), 'heading', settings.colour));
    state.shown = widths;
  }
  cells.forEach((row, i) => {
    lines.push(tableLine(columns, row, widths, settings.colour ? statuses[i] : undefined));
  });
  return lines.map((line) => `${line}\n`).join('');
}

function usualWidth(column: Column): number {
  const usual = column.name.startsWith('rtt_') ? USUAL_RTT_WIDTH : (USUAL_WIDTH[column.name] ?? 0);
  return Math.max(usual, heading(column).length);
}

function heading(column: Column): string {
  return column.name.replace(/_pct$/, ' %').replaceAll('_', ' ');
}

/** Takes the cell that was put into it last. */
class TextCell implements CellSink {
  cell = '';

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
    this.cell = value?.toISOString() ?? '';
  }
}

function cellText(column: Column, host: HostResult): string {
  const taker = new TextCell();
  column.put(host, taker);
  return taker.cell;
}

/** After the first piece, growth goes to the next multiple of 8, so that slowly growing names do not repeat the header. */
function widen(state: TableState, cells: readonly (readonly string[])[]): void {
  const step = state.shown.length === 0 ? 1 : 8;
  state.columns.forEach((column, i) => {
    const widest = cells.reduce((width, row) => Math.max(width, textWidth(row[i]!)), 0);
    if (widest <= state.wanted[i]!) return;
    state.wanted[i] = Math.max(usualWidth(column), Math.ceil(widest / step) * step);
  });
}

/** Shortens names, and leaves columns out where that is not enough; columns asked for by name all stay. */
function fit(state: TableState, width: number, isChosen: boolean): number[] {
  const widths = [...state.wanted];
  const hostname = state.columns.findIndex((column) => column.name === 'hostname');
  for (const name of isChosen ? [] : DROPPED_WHEN_NARROW) {
    if (overflow(widths, width) <= spareCells(widths[hostname]!)) break;
    widths[state.columns.findIndex((column) => column.name === name)] = 0;
  }
  const excess = Math.max(0, overflow(widths, width));
  if (hostname >= 0) widths[hostname]! -= Math.min(excess, spareCells(widths[hostname]!));
  return widths;
}

/** How many cells the columns take beyond `width`; negative where there is room left. */
function overflow(widths: readonly number[], width: number): number {
  const shown = widths.filter((cells) => cells > 0);
  return shown.reduce((sum, cells) => sum + cells, GAP.length * (shown.length - 1)) - width;
}

/** How many cells a host name can give up and still be told from others. */
function spareCells(hostnameWidth: number): number {
  return Math.max(0, hostnameWidth - SHORTEST_HOSTNAME);
}

/** @param status which colours its cell; undefined for no colour */
function tableLine(
  columns: readonly Column[],
  cells: readonly string[],
  widths: readonly number[],
  status?: Status,
): string {
  const parts: string[] = [];
  columns.forEach((column, i) => {
    const width = widths[i]!;
    if (width === 0) return;
    const text = column.name === 'hostname' ? cutText(cells[i]!, width) : cells[i]!;
    const blanks = fill(text, width);
    const painted =
      status !== undefined && column.name === 'status' ? paint(text, status, true) : text;
    parts.push(column.isNumber ? blanks + painted : painted + blanks);
  });
  return parts.join(GAP).trimEnd();
}
