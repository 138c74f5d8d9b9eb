/** The map of an address space as text: a character an address while they fit, else one a subnet. */

import { ADDRESS_BITS, type Family, formatAddress } from '../address.ts';
import { CELL_EMPTY, cellStory } from '../results/cell-code.ts';
import { STATUSES, type Status } from '../results/outcome.ts';
import type { AddressRun } from './address-runs.ts';
import { cutText, paint } from './terminal-text.ts';

/** What there is to draw: addresses in order, and for each its `cellCode`, CELL_EMPTY while it has none. */
export interface MapCells {
  readonly runs: readonly AddressRun[];
  /** By address, in the order of the runs. */
  readonly codes: Uint8Array;
}

export interface MapLook {
  /** Columns of the terminal. */
  readonly width: number;
  /** Lines to fill at most, the legend included; Infinity for a character an address, however many lines. */
  readonly height: number;
  /** Whether only ASCII may be used. */
  readonly isPlain: boolean;
  readonly colour: boolean;
}

interface Glyphs {
  /** Of what is up, from fast to slow, or from few to all. */
  readonly up: readonly string[];
  readonly unreachable: string;
  readonly down: string;
  readonly error: string;
  /** No answer yet. */
  readonly pending: string;
}

const BLOCKS: Glyphs = {
  up: ['▂', '▃', '▄', '▅', '▆', '▇', '█'],
  unreachable: '×',
  down: '·',
  error: '!',
  pending: '░',
};
const ASCII: Glyphs = {
  up: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
  unreachable: 'x',
  down: '.',
  error: '!',
  pending: '?',
};

/** Cells in a row: powers of two, so that each row is a prefix. */
const ROW_CELLS = [128, 64, 32, 16, 8] as const;
const GROUP_CELLS = 16;
const LABEL_GAP = '  ';
/** A title, a legend, and an empty line before each. */
const OTHER_LINES = 4;
const PENDING = STATUSES.length;
/** Times that differ by less than this are much the same. */
const LEAST_RANGE = 10;

/** Counts of one character's addresses: by status, then those without an answer. */
interface Cell {
  readonly counts: number[];
  /** Step of the RTT scale of the last address that is up; -1 for none. */
  rttMs: number;
}

interface Row {
  readonly label: string;
  readonly cells: (Cell | undefined)[];
}

interface Scale {
  /** Addresses of a character: two to the power of this. */
  readonly bits: number;
  readonly cellsPerRow: number;
}

/** Lines without line ends, none wider than the terminal. */
export function terminalMap(map: MapCells, look: MapLook): string[] {
  if (map.codes.length === 0) return [];
  const scale = chooseScale(map.runs, look);
  const rows = rowsOf(map, scale);
  const glyphs = look.isPlain ? ASCII : BLOCKS;
  const [fastest, slowest] = rttRange(map.codes);
  const labelWidth = rows.reduce((most, { label }) => Math.max(most, label.length), 0);
  const hasGroups = widthOfRow(labelWidth, scale.cellsPerRow, true) <= look.width;
  const levelOf = (share: number): number =>
    Math.min(glyphs.up.length - 1, Math.max(0, Math.floor(share * glyphs.up.length)));
  const glyphOf = ({ counts, rttMs }: Cell): [string, Status | undefined] => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const up = counts[0]!;
    if (up > 0) {
      const share = scale.bits === 0 ? logShare(rttMs, fastest, slowest) : up / total;
      return [glyphs.up[levelOf(share)]!, 'up'];
    }
    if (counts[PENDING]! > 0) return [glyphs.pending, undefined];
    const status = (['unreachable', 'error', 'down'] as const).reduce((most, each) =>
      counts[STATUSES.indexOf(each)]! > counts[STATUSES.indexOf(most)]! ? each : most,
    );
    return [glyphs[status], status];
  };
  return [
    cutText(title(map, scale), look.width),
    '',
    ...rows.map(({ label, cells }) => {
      const drawn = cells.map((cell) => (cell === undefined ? undefined : glyphOf(cell)));
      return `${label.padEnd(labelWidth)}${LABEL_GAP}${rowText(drawn, hasGroups, look.colour)}`;
    }),
    '',
    legend(map.codes, glyphs, scale, [fastest, slowest], look),
  ];
}

const WORDS: Readonly<Record<Status, string>> = {
  up: 'up',
  unreachable: 'unreachable',
  down: 'silent',
  error: 'not sent',
};

/** A legend may be wider than the terminal: it is cut between its words. */
function legend(
  codes: Uint8Array,
  glyphs: Glyphs,
  { bits }: Scale,
  [fastest, slowest]: readonly [number, number],
  { colour, width, isPlain }: MapLook,
): string {
  const counts = countsOf(codes);
  const [low, high] = [glyphs.up[0]!, glyphs.up.at(-1)!];
  const scaleText = isPlain ? `${low}-${high}` : `${low}${high}`;
  const ends = bits === 0 ? `${shortTime(fastest)} to ${shortTime(slowest)}` : 'few to all';
  const range = counts[0] === 0 ? '' : ` (${ends})`;
  const items = STATUSES.flatMap((status, i): [string, string][] => {
    if (counts[i] === 0) return [];
    const glyph = status === 'up' ? scaleText : glyphs[status];
    const text = ` ${WORDS[status]} ${grouped(counts[i]!)}${status === 'up' ? range : ''}`;
    return [[`${glyph}${text}`, `${paint(glyph, status, colour)}${text}`]];
  });
  if (counts[PENDING]! > 0) {
    const text = `${glyphs.pending} waiting ${grouped(counts[PENDING]!)}`;
    items.push([text, text]);
  }
  let used = 0;
  const shown = items.filter(([plain], i) => {
    used += plain.length + (i === 0 ? 0 : 3);
    return used <= width;
  });
  return shown.map(([, painted]) => painted).join('   ');
}

function title({ runs, codes }: MapCells, { bits }: Scale): string {
  const family = runs[0]!.family;
  const unit = bits === 0 ? 'an address' : `a /${ADDRESS_BITS[family] - bits}`;
  return `${grouped(codes.length)} addresses, each character ${unit}`;
}

/** The finest scale with which the map has no more lines than it may. */
function chooseScale(runs: readonly AddressRun[], { width, height }: MapLook): Scale {
  const longest = runs.reduce((most, run) => Math.max(most, textOf(run, run.value).length), 0);
  const cellsPerRow =
    ROW_CELLS.find((cells) => widthOfRow(longest + 3, cells, cells > 64) <= width) ?? 8;
  const most = Math.max(1, height - OTHER_LINES);
  for (let bits = 0; ; bits++) {
    if (bits === 128 || rowCount(runs, bits + Math.log2(cellsPerRow)) <= most) {
      return { bits, cellsPerRow };
    }
  }
}

function widthOfRow(label: number, cells: number, hasGroups: boolean): number {
  const gaps = hasGroups ? Math.ceil(cells / GROUP_CELLS) - 1 : 0;
  return label + LABEL_GAP.length + cells + gaps;
}

function rowCount(runs: readonly AddressRun[], rowBits: number): number {
  const bits = BigInt(rowBits);
  let rows = 0;
  let last = '';
  for (const { family, zone, value, count } of runs) {
    const from = value >> bits;
    const to = (value + BigInt(count - 1)) >> bits;
    rows += Number(to - from) + (last === `${family}${zone}${from}` ? 0 : 1);
    last = `${family}${zone}${to}`;
  }
  return rows;
}

function rowsOf({ runs, codes }: MapCells, { bits, cellsPerRow }: Scale): Row[] {
  const rows: Row[] = [];
  const rowBits = BigInt(bits + Math.log2(cellsPerRow));
  const perCell = 2 ** bits;
  let rowKey = '';
  let ordinal = 0;
  for (const run of runs) {
    const inRow = Number(run.value & ((1n << rowBits) - 1n));
    const firstRow = run.value >> rowBits;
    for (let i = 0; i < run.count; i++, ordinal++) {
      const place = Math.floor((inRow + i) / perCell);
      const column = place % cellsPerRow;
      // Only where a row begins is there anything to look up.
      if (i === 0 || (column === 0 && (inRow + i) % perCell === 0)) {
        const row = firstRow + BigInt(Math.floor(place / cellsPerRow));
        const key = `${run.family}${run.zone}${row}`;
        if (key !== rowKey) {
          rows.push({ label: textOf(run, row << rowBits), cells: new Array(cellsPerRow) });
        }
        rowKey = key;
      }
      addTo(rows.at(-1)!, column, codes[ordinal]!);
    }
  }
  return rows.map(({ label, cells }) => ({ label, cells: Array.from(cells) }));
}

function addTo({ cells }: Row, column: number, code: number): void {
  cells[column] ??= { counts: [0, 0, 0, 0, 0], rttMs: -1 };
  const cell = cells[column]!;
  const story = STORIES[code];
  cell.counts[story === undefined ? PENDING : STATUSES.indexOf(story.status)]!++;
  if (story?.rttMs) cell.rttMs = story.rttMs;
}

/** By code, so that a large map makes no object an address. */
const STORIES = Array.from({ length: 256 }, (_, code) =>
  isTold(code) ? cellStory(code) : undefined,
);

/** Not every octet is a code. */
function isTold(code: number): boolean {
  return code !== CELL_EMPTY && cellStory(code)?.status !== undefined;
}

/** Runs of one colour are painted at once. */
function rowText(
  cells: readonly ([string, Status | undefined] | undefined)[],
  hasGroups: boolean,
  colour: boolean,
): string {
  let text = '';
  let run = '';
  let tone: Status | undefined;
  const flush = (): void => {
    text += tone === undefined ? run : paint(run, tone, colour);
    run = '';
  };
  cells.forEach((cell, i) => {
    const [glyph, next] = cell ?? [' ', undefined];
    if (next !== tone) flush();
    tone = next;
    run += (hasGroups && i > 0 && i % GROUP_CELLS === 0 ? ' ' : '') + glyph;
  });
  flush();
  return text.trimEnd();
}

function countsOf(codes: Uint8Array): number[] {
  const byCode = new Uint32Array(256);
  for (const code of codes) byCode[code]!++;
  const counts = [0, 0, 0, 0, 0];
  byCode.forEach((count, code) => {
    const status = STORIES[code]?.status;
    counts[status === undefined ? PENDING : STATUSES.indexOf(status)]! += count;
  });
  return counts;
}

/** From the second to the 98th percentile, so that one straggler does not flatten all others; milliseconds. */
function rttRange(codes: Uint8Array): [number, number] {
  const byCode = new Uint32Array(256);
  for (const code of codes) byCode[code]!++;
  const timed = STORIES.flatMap((story, code) =>
    story?.rttMs && byCode[code]! > 0 ? [{ rttMs: story.rttMs, count: byCode[code]! }] : [],
  );
  const total = timed.reduce((sum, { count }) => sum + count, 0);
  const at = (share: number): number => {
    let below = 0;
    const found = timed.find(({ count }) => {
      below += count;
      return below >= share * total;
    });
    return found?.rttMs ?? 1;
  };
  const fastest = at(0.02);
  return [fastest, Math.max(at(0.98), fastest * LEAST_RANGE)];
}

function logShare(rttMs: number, fastest: number, slowest: number): number {
  if (rttMs < 0 || slowest <= fastest) return 0;
  return Math.log(rttMs / fastest) / Math.log((slowest * 1.12) / fastest);
}

function textOf({ family, zone }: { family: Family; zone: string }, value: bigint): string {
  return formatAddress(family, value) + zone;
}

function shortTime(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toPrecision(2)} s` : `${Number(ms.toPrecision(2))} ms`;
}

const thousands = new Intl.NumberFormat('en-US');

function grouped(value: number): string {
  return thousands.format(value);
}
