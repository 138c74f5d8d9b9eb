/** The rows of a map in the terminal: which scale fits, and what each of its characters stands for. */

import { formatAddress } from '../address.ts';
import { CELL_EMPTY, cellStory } from '../results/cell-code.ts';
import { STATUSES } from '../results/outcome.ts';
import { safeText } from '../words.ts';
import type { AddressRun } from './address-runs.ts';

/** Cells in a row: powers of two, so that each row is a prefix. */
const ROW_CELLS = [128, 64, 32, 16, 8] as const;
const FEWEST_CELLS = 8;
const GROUP_CELLS = 16;
const MOST_CELLS_UNGROUPED = 64;
/** The network of a row may be so much longer than the address that it was found by: `10.0.0.9`, `10.0.0.128`. */
const LONGER_LABEL = 3;
const ALL_BITS = 128;

/** In place of a status: no answer yet. */
export const PENDING = STATUSES.length;
export const LABEL_GAP = '  ';

/** Counts of one character's addresses: by status, then those without an answer. */
export interface MapCell {
  readonly counts: Uint32Array;
  /** Of its last address; null if that is not up. */
  readonly rttMs: number | null;
}

export interface MapRow {
  readonly label: string;
  readonly cells: (MapCell | undefined)[];
}

export interface MapScale {
  /** Addresses of a character: two to the power of this. */
  readonly bits: number;
  readonly cellsPerRow: number;
}

/** By code, so that a large map makes no object an address; not every octet is a code. */
export const STORIES = Array.from({ length: 256 }, (_, code) => {
  const story = code === CELL_EMPTY ? undefined : cellStory(code);
  return story?.status === undefined ? undefined : story;
});
const STATUS_NUMBERS = Uint8Array.from(STORIES, (story) =>
  story === undefined ? PENDING : STATUSES.indexOf(story.status),
);

/** Addresses by status, then those without an answer. */
export function countCodes(codes: Uint8Array, from = 0, to = codes.length): Uint32Array {
  const counts = new Uint32Array(PENDING + 1);
  for (let i = from; i < to; i++) counts[STATUS_NUMBERS[codes[i]!]!]!++;
  return counts;
}

/** The finest scale with which the map has no more rows than it may. */
export function chooseScale(
  runs: readonly AddressRun[],
  width: number,
  mostRows: number,
): MapScale {
  const longest = runs.reduce((most, run) => Math.max(most, labelOf(run, run.value).length), 0);
  const cellsPerRow =
    ROW_CELLS.find(
      (cells) => widthOfRow(longest + LONGER_LABEL, cells, cells > MOST_CELLS_UNGROUPED) <= width,
    ) ?? FEWEST_CELLS;
  const most = Math.max(1, mostRows);
  // A coarser scale never has more rows. To count them takes long if the addresses are scattered.
  let [bits, enough] = [0, ALL_BITS];
  while (bits < enough) {
    const middle = (bits + enough) >> 1;
    if (rowCount(runs, middle + Math.log2(cellsPerRow)) <= most) enough = middle;
    else bits = middle + 1;
  }
  return { bits, cellsPerRow };
}

/** Columns that a row takes. @param hasGroups whether there is a blank between each 16 cells */
export function widthOfRow(label: number, cells: number, hasGroups: boolean): number {
  return label + LABEL_GAP.length + cells + (hasGroups ? Math.ceil(cells / GROUP_CELLS) - 1 : 0);
}

/** Whether there is a blank before the cell if the row has groups. */
export function beginsGroup(cell: number): boolean {
  return cell > 0 && cell % GROUP_CELLS === 0;
}

function rowCount(runs: readonly AddressRun[], rowBits: number): number {
  const bits = BigInt(rowBits);
  let rows = 0;
  let before: AddressRun | undefined;
  let last = -1n;
  for (const run of runs) {
    const from = run.value >> bits;
    const to = (run.value + BigInt(run.count - 1)) >> bits;
    const goesOn = before !== undefined && isSameSpace(before, run) && from === last;
    rows += Number(to - from) + (goesOn ? 0 : 1);
    before = run;
    last = to;
  }
  return rows;
}

/** @param codes by address, in the order of the runs */
export function mapRows(
  runs: readonly AddressRun[],
  codes: Uint8Array,
  { bits, cellsPerRow }: MapScale,
): MapRow[] {
  const rows: MapRow[] = [];
  const cellBits = BigInt(bits);
  const inRow = BigInt(cellsPerRow - 1);
  const rowBits = BigInt(bits + Math.log2(cellsPerRow));
  let before: AddressRun | undefined;
  let lastRow = -1n;
  let at = 0;
  for (const run of runs) {
    const behind = run.value + BigInt(run.count);
    for (let value = run.value; value < behind; ) {
      const cell = value >> cellBits;
      const row = value >> rowBits;
      if (before === undefined || row !== lastRow || !isSameSpace(before, run)) {
        rows.push({ label: labelOf(run, row << rowBits), cells: [] });
      }
      before = run;
      lastRow = row;
      const border = (cell + 1n) << cellBits;
      const next = border < behind ? border : behind;
      const to = at + Number(next - value);
      const { cells } = rows.at(-1)!;
      const column = Number(cell & inRow);
      cells[column] =
        cells[column] === undefined && to - at === 1
          ? SINGLE_CELLS[codes[at]!]!
          : joined(cells[column], countCodes(codes, at, to), codes[to - 1]!);
      at = to;
      value = next;
    }
  }
  return rows.map(({ label, cells }) => ({ label, cells: Array.from(cells) }));
}

/** By code the cell of one address: a character per address then costs no more than a reference. */
const SINGLE_CELLS: readonly MapCell[] = STORIES.map((story, code) => ({
  counts: countCodes(Uint8Array.of(code)),
  rttMs: story?.rttMs ?? null,
}));

/** Several runs may share a cell. */
function joined(cell: MapCell | undefined, counts: Uint32Array, lastCode: number): MapCell {
  cell?.counts.forEach((count, i) => {
    counts[i]! += count;
  });
  return { counts, rttMs: STORIES[lastCode]?.rttMs ?? null };
}

function isSameSpace(a: AddressRun, b: AddressRun): boolean {
  return a.family === b.family && a.zone === b.zone;
}

/** A zone in a report may hold anything. */
function labelOf({ family, zone }: AddressRun, value: bigint): string {
  return formatAddress(family, value) + safeText(zone);
}
