/** The map of an address space as text: a character per address while they fit, else one per subnet. */

import { ADDRESS_BITS } from '../address.ts';
import { STATUSES, type Status } from '../results/outcome.ts';
import { grouped } from '../words.ts';
import type { AddressRun } from './address-runs.ts';
import { type Glyphs, legendHeight, legendLines } from './terminal-map-legend.ts';
import {
  beginsGroup,
  chooseScale,
  countCodes,
  LABEL_GAP,
  type MapCell,
  type MapScale,
  mapRows,
  PENDING,
  STORIES,
  widthOfRow,
} from './terminal-map-rows.ts';
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
  /** Lines to fill at most, the legend included; Infinity for a character per address, however many lines. */
  readonly height: number;
  /** Whether only ASCII may be used. */
  readonly isPlain: boolean;
  readonly colour: boolean;
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

/** A title, and an empty line before and behind the rows. */
const OTHER_LINES = 3;
/** The legend may take one line of so many. */
const LINES_A_LEGEND_LINE = 8;
const MOST_BITS_AS_NUMBER = 20;
/** Times that differ by less than this are much the same. */
const LEAST_RANGE = 10;

/** Lines without line ends, none wider than the terminal. */
export function terminalMap(map: MapCells, look: MapLook): string[] {
  const { runs, codes } = map;
  if (codes.length === 0) return [];
  const { width, height, colour } = look;
  const glyphs = look.isPlain ? ASCII : BLOCKS;
  const legendLook = { width, colour, most: Math.max(1, Math.floor(height / LINES_A_LEGEND_LINE)) };
  // Room for the whole legend from the start, so that the scale does not change while a sweep runs.
  const reserved = legendHeight(codes.length, glyphs, legendLook);
  const scale = chooseScale(runs, width, height - OTHER_LINES - reserved);
  const range = rttRange(codes);
  const ends = endsOf(scale, range);
  const words = titleOf(map, scale);
  const title = look.isPlain ? words.slice(0, width) : cutText(words, width);
  const rows = drawnRows(map, scale, look, (cell) => glyphOf(cell, glyphs, scale, range));
  const legend = legendLines(countCodes(codes), glyphs, ends, { ...legendLook, most: reserved });
  const whole = [title, '', ...rows, '', ...legend];
  if (whole.length <= height) return whole;
  const tight = [title, ...rows, ...legend];
  return tight.length <= height ? tight : [...rows, ...legend].slice(0, Math.max(1, height));
}

type Glyph = readonly [glyph: string, tone: Status | undefined];

/** What the lowest and the highest character of what is up stand for; '' if no time is known. */
function endsOf({ bits }: MapScale, { fastest, slowest }: Range): string {
  if (bits > 0) return 'few to all';
  return fastest === 0 ? '' : `${shortTime(fastest)} to ${shortTime(slowest)}`;
}

function glyphOf({ counts, rttMs }: MapCell, glyphs: Glyphs, scale: MapScale, range: Range): Glyph {
  const up = counts[0]!;
  if (up > 0) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const share = scale.bits === 0 ? logShare(rttMs, range) : up / total;
    const level = Math.floor(share * glyphs.up.length);
    return [glyphs.up[Math.min(glyphs.up.length - 1, Math.max(0, level))]!, 'up'];
  }
  if (counts[PENDING]! > 0) return [glyphs.pending, undefined];
  const status = (['unreachable', 'error', 'down'] as const).reduce((most, each) =>
    counts[STATUSES.indexOf(each)]! > counts[STATUSES.indexOf(most)]! ? each : most,
  );
  return [glyphs[status], status];
}

function drawnRows(
  { runs, codes }: MapCells,
  scale: MapScale,
  { width, isPlain, colour }: MapLook,
  glyphFor: (cell: MapCell) => Glyph,
): string[] {
  const rows = mapRows(runs, codes, scale);
  const longest = rows.reduce((most, { label }) => Math.max(most, label.length), 0);
  const room = Math.max(1, width - LABEL_GAP.length - scale.cellsPerRow);
  const labelWidth = Math.min(longest, room);
  const hasGroups = widthOfRow(labelWidth, scale.cellsPerRow, true) <= width;
  return rows.map(({ label, cells }) => {
    const drawn = cells.map((cell) => (cell === undefined ? undefined : glyphFor(cell)));
    const shown = label.length <= room ? label : shortened(label, room, isPlain);
    return `${shown.padEnd(labelWidth)}${LABEL_GAP}${rowText(drawn, hasGroups, colour)}`;
  });
}

/** Rows differ in how their addresses end. */
function shortened(label: string, width: number, isPlain: boolean): string {
  return `${isPlain ? '~' : '…'}${width > 1 ? label.slice(1 - width) : ''}`;
}

function titleOf({ runs, codes }: MapCells, { bits }: MapScale): string {
  const families = new Set(runs.map(({ family }) => family));
  const [family] = families;
  const unit =
    bits === 0
      ? 'an address'
      : families.size === 1
        ? `a /${ADDRESS_BITS[family!] - bits}`
        : `${bits <= MOST_BITS_AS_NUMBER ? grouped(2 ** bits) : `2^${bits}`} addresses`;
  const addresses = codes.length === 1 ? 'address' : 'addresses';
  return `${grouped(codes.length)} ${addresses}, each character ${unit}`;
}

/** Runs of one colour are painted at once. */
function rowText(
  cells: readonly (Glyph | undefined)[],
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
    run += (hasGroups && beginsGroup(i) ? ' ' : '') + glyph;
  });
  flush();
  return text.trimEnd();
}

/** Milliseconds; 0 if no time is known. */
interface Range {
  readonly fastest: number;
  readonly slowest: number;
}

/** From the second to the 98th percentile, so that one straggler does not flatten all others. */
function rttRange(codes: Uint8Array): Range {
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
    return found?.rttMs ?? 0;
  };
  const fastest = at(0.02);
  return { fastest, slowest: Math.max(at(0.98), fastest * LEAST_RANGE) };
}

function logShare(rttMs: number | null, { fastest, slowest }: Range): number {
  if (rttMs === null || slowest <= fastest) return 0;
  return Math.log(rttMs / fastest) / Math.log((slowest * 1.12) / fastest);
}

function shortTime(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toPrecision(2)} s` : `${Number(ms.toPrecision(2))} ms`;
}
