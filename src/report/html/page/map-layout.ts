/** The place of each cell of a map: groups of 256 in rows, as large as the room allows. */

import type { AddressGroup, AddressIndex } from './address-index.ts';

/** One group on the map: a grid of cells with its name above it. */
export interface Tile {
  readonly name: string;
  readonly label: string;
  readonly x: number;
  /** Of the first row of cells; the label is above. */
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
  /** By place in the tile, row by row: the member there, or -1. */
  readonly members: Int32Array;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** Side of a cell with the gap behind it, pixels. */
  readonly cell: number;
  readonly gap: number;
  readonly labelHeight: number;
  readonly tiles: readonly Tile[];
  /** By member: the left upper corner of its cell. */
  readonly xs: Uint16Array;
  readonly ys: Uint16Array;
}

const LARGEST = 36;
const SMALLEST_WITH_GAP = 6;
/** Wide pages have room for cells that can be pointed at; on a phone a /16 is looked at. */
const SMALLEST = { wide: 4, narrow: 2 } as const;
const NARROW = 700;
const ALIKE = 0.85;
const TILE_GAP = 6;
const LABEL_HEIGHT = 17;
const LABEL_CHARACTER = 6.4;
/** With no more tiles than this there is room for whole names. */
const MOST_NAMED = 16;
/** Groups with fewer members than this are scattered: if there are many, they share tiles. */
const FEW = 16;

/** What a tile holds, before it has a place. */
interface Content {
  readonly names: readonly string[];
  readonly size: number;
  readonly members: Int32Array;
}

/** @param width to fill @param height that would be good, pixels */
export function layoutMap(index: AddressIndex, width: number, height: number): MapLayout {
  const contents = contentsOf(index);
  const { cell, columns, perRow } = fit(contents, width, height);
  const gap = cell >= SMALLEST_WITH_GAP ? Math.max(1, Math.round(cell / 12)) : 0;
  const tileWidth = columns * cell;
  const labels = labelsOf(contents, tileWidth);
  const tiles: Tile[] = [];
  const xs = new Uint16Array(index.count);
  const ys = new Uint16Array(index.count);
  let top = 0;
  for (let first = 0; first < contents.length; first += perRow) {
    const row = contents.slice(first, first + perRow);
    row.forEach(({ names, size, members }, i) => {
      const x = i * (tileWidth + TILE_GAP);
      const y = top + LABEL_HEIGHT;
      const rows = Math.ceil(size / columns);
      const name = names.length === 1 ? names[0]! : `${names[0]} … ${names.at(-1)}`;
      tiles.push({ name, label: labels[first + i]!, x, y, columns, rows, members });
      members.forEach((member, place) => {
        if (member < 0) return;
        xs[member] = x + (place % columns) * cell;
        ys[member] = y + Math.floor(place / columns) * cell;
      });
    });
    const highest = row.reduce((most, { size }) => Math.max(most, Math.ceil(size / columns)), 0);
    top += LABEL_HEIGHT + highest * cell + TILE_GAP;
  }
  return { width, height: top, cell, gap, labelHeight: LABEL_HEIGHT, tiles, xs, ys };
}

/** The member at a point, or -1. */
export function memberAt({ tiles, cell }: MapLayout, x: number, y: number): number {
  const tile = tiles.find(
    (each) =>
      x >= each.x &&
      x < each.x + each.columns * cell &&
      y >= each.y &&
      y < each.y + each.rows * cell,
  );
  if (tile === undefined) return -1;
  const place = Math.floor((y - tile.y) / cell) * tile.columns + Math.floor((x - tile.x) / cell);
  return tile.members[place] ?? -1;
}

function contentsOf(index: AddressIndex): Content[] {
  const strewn = index.groups.filter(({ from, to }) => to - from < FEW);
  if (strewn.length > FEW) return strewnContents(index);
  return index.groups.map((group) => croppedContent(index, group));
}

/** Of a part of a /24 only the prefix that holds it, such as a /28. */
function croppedContent(index: AddressIndex, group: AddressGroup): Content {
  const first = index.slots[group.from]!;
  const last = index.slots[group.to - 1]!;
  let size = FEW;
  while (first - (first % size) + size <= last) size *= 2;
  const start = first - (first % size);
  const members = new Int32Array(size).fill(-1);
  for (let member = group.from; member < group.to; member++)
    members[index.slots[member]! - start] = member;
  return { names: [index.nameOfPart(group, start, size)], size, members };
}

/** One after the other, without the room between. */
function strewnContents(index: AddressIndex): Content[] {
  const contents: Content[] = [];
  let names: string[] = [];
  let members: number[] = [];
  const close = (): void => {
    if (names.length === 0) return;
    const size = Math.max(FEW, Math.ceil(members.length / FEW) * FEW);
    const places = new Int32Array(size).fill(-1);
    places.set(members);
    contents.push({ names, size, members: places });
    names = [];
    members = [];
  };
  const take = ({ name, from, to }: AddressGroup): void => {
    if (members.length + to - from > 256) close();
    names.push(name);
    for (let member = from; member < to; member++) members.push(member);
  };
  for (const group of index.groups) take(group);
  close();
  return contents;
}

interface Fit {
  readonly cell: number;
  /** Of cells in a tile. */
  readonly columns: number;
  /** Tiles side by side: a power of two, so that rows begin where prefixes do. */
  readonly perRow: number;
}

/** The largest cells with which the map is not too high, else the smallest that are still distinguishable. */
function fit(contents: readonly Content[], width: number, height: number): Fit {
  const size = contents.reduce((most, each) => Math.max(most, each.size), 0);
  const candidates: (Fit & { readonly height: number })[] = [];
  for (const columns of contents.length <= 2 ? [64, 32, 16] : [32, 16]) {
    for (const perRow of [1, 2, 4, 8, 16]) {
      const room = (width + TILE_GAP) / perRow - TILE_GAP;
      const cell = Math.min(LARGEST, Math.floor(room / columns));
      if (cell < 1 || columns > Math.max(16, size)) continue;
      candidates.push({ cell, columns, perRow, height: heightOf(contents, cell, columns, perRow) });
    }
  }
  const low = candidates.filter((each) => each.height <= height);
  if (low.length > 0) {
    const largest = low.reduce((most, { cell }) => Math.max(most, cell), 0);
    // Hardly smaller cells may make a map that is much lower, so that more of the page is in sight.
    const large = low.filter(({ cell }) => cell >= ALIKE * largest);
    return large.reduce((best, each) => (each.height < best.height ? each : best));
  }
  const smallest = width < NARROW ? SMALLEST.narrow : SMALLEST.wide;
  const legible = candidates.filter(({ cell }) => cell >= smallest);
  return (legible.length > 0 ? legible : candidates).reduce(
    (best, each) => (each.height < best.height ? each : best),
    { cell: 1, columns: 16, perRow: 1, height: Number.POSITIVE_INFINITY },
  );
}

function heightOf(
  contents: readonly Content[],
  cell: number,
  columns: number,
  perRow: number,
): number {
  let height = 0;
  for (let first = 0; first < contents.length; first += perRow) {
    const largest = contents
      .slice(first, first + perRow)
      .reduce((most, { size }) => Math.max(most, size), 0);
    height += LABEL_HEIGHT + Math.ceil(largest / columns) * cell + TILE_GAP;
  }
  return height;
}

/** As much of the names as there is room and need for, the same for all. */
function labelsOf(contents: readonly Content[], tileWidth: number): string[] {
  const room = Math.floor(tileWidth / LABEL_CHARACTER);
  // Strewn addresses share a tile that no prefix is the name of.
  const whole = contents.map(({ names }) =>
    names.length === 1 ? names[0]! : `${names[0]!.replace(/\/\d+$/, '')} …`,
  );
  const bare = whole.map((name) => name.replace(/\.0\/24$|\.0\.0\/16$|\/\d+$/, ''));
  const last = bare.map((name) => /[.:][^.:]*$/.exec(name)?.[0] ?? name);
  const heads = new Set(bare.map((name, i) => name.slice(0, name.length - last[i]!.length)));
  const tails = bare.map((name) => (name.length > room ? `…${name.slice(1 - room)}` : name));
  if (contents.length > MOST_NAMED && heads.size === 1) return last;
  return [whole, bare].find((labels) => labels.every(({ length }) => length <= room)) ?? tails;
}
