/** Where each cell of a map stands: groups of 256 in rows, as large as the room allows. */

import type { AddressGroup, AddressIndex } from './address-index.ts';

/** One group on the map: a grid of cells with its name above it. */
export interface Tile {
  readonly name: string;
  readonly label: string;
  readonly x: number;
  /** Of the first row of cells; the label stands above. */
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

const SIDES = [30, 26, 22, 20, 18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3] as const;
const SMALLEST_WITH_GAP = 6;
const TILE_GAP = 8;
const LABEL_HEIGHT = 16;
const LABEL_CHARACTER = 6.4;
/** Groups with fewer members than this are strewn: where they are many, they share tiles. */
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
  const { cell, columns } = fit(contents, width, height);
  const gap = cell >= SMALLEST_WITH_GAP ? Math.max(1, Math.round(cell / 12)) : 0;
  const tileWidth = columns * cell;
  const perRow = Math.max(1, Math.floor((width + TILE_GAP) / (tileWidth + TILE_GAP)));
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
  const only = index.groups.length === 1 ? croppedContent(index) : undefined;
  if (only !== undefined) return [only];
  return index.groups.map((group) => {
    const members = new Int32Array(256).fill(-1);
    for (let member = group.from; member < group.to; member++) members[index.slots[member]!] = member;
    return { names: [group.name], size: 256, members };
  });
}

/** Of a part of a /24 only the prefix that holds it, such as a /28. */
function croppedContent(index: AddressIndex): Content {
  const first = index.slots[0]!;
  const last = index.slots[index.count - 1]!;
  let size = FEW;
  while (first - (first % size) + size <= last) size *= 2;
  const start = first - (first % size);
  const members = new Int32Array(size).fill(-1);
  for (let member = 0; member < index.count; member++) members[index.slots[member]! - start] = member;
  return { names: [index.groups[0]!.name], size, members };
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

/** The largest cells with which the map is no higher than it should be. */
function fit(
  contents: readonly Content[],
  width: number,
  height: number,
): { cell: number; columns: number } {
  const size = contents.reduce((most, each) => Math.max(most, each.size), 0);
  const shapes = contents.length <= 2 ? [64, 32, 16] : [32, 16];
  for (const cell of SIDES) {
    for (const columns of shapes) {
      if (columns * cell > width || columns > size) continue;
      const perRow = Math.floor((width + TILE_GAP) / (columns * cell + TILE_GAP));
      const tileRows = Math.ceil(contents.length / perRow);
      const needed = tileRows * (LABEL_HEIGHT + Math.ceil(size / columns) * cell + TILE_GAP);
      if (needed <= height) return { cell, columns };
    }
  }
  return { cell: width < 700 ? 3 : 4, columns: 16 };
}

/** As much of the names as there is room for, the same for all. */
function labelsOf(contents: readonly Content[], tileWidth: number): string[] {
  const room = Math.floor(tileWidth / LABEL_CHARACTER);
  const whole = contents.map(({ names }) => names[0]!);
  const bare = whole.map((name) => name.replace(/\.0\/24$|\.0\.0\/16$|\/\d+$/, ''));
  const tails = bare.map((name) => `…${name.slice(-(room - 1))}`);
  const last = bare.map((name) => /[.:][^.:]*$/.exec(name)?.[0] ?? name);
  const choices = [whole, bare, last, tails];
  return choices.find((labels) => labels.every((label) => label.length <= room)) ?? tails;
}
