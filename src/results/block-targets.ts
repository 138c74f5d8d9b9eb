/** The addresses of one block as columns: a few runs of consecutive addresses, indexable without expanding them. */

import { ADDRESS_OCTETS, type Family, formatAddressBytes } from '../address.ts';

/** A closed run of consecutive addresses of one family (and one IPv6 zone); `first` <= `last`. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
  /** Interface name or index of an IPv6 link-local target, else ''. */
  readonly zone: string;
}

/**
 * The hosts 0…count-1 of a block, in address order. Plain data, so that it passes between threads.
 * `firsts` holds the first address of each run as 32-bit words, most significant first (1 word for IPv4, 4 for IPv6);
 * `offsets` holds the host number at which each run starts, and `count` as its last element.
 */
export interface BlockTargets {
  readonly family: Family;
  readonly zone: string;
  readonly count: number;
  readonly firsts: Uint32Array;
  readonly offsets: Uint32Array;
}

/** Makes a block of disjoint ascending ranges, all of one family and zone, at most 2^32-1 addresses together. */
export function blockOfRanges(ranges: readonly AddressRange[]): BlockTargets {
  const { family, zone } = ranges[0]!;
  const words = ADDRESS_OCTETS[family] / 4;
  const firsts = new Uint32Array(ranges.length * words);
  const offsets = new Uint32Array(ranges.length + 1);
  ranges.forEach((range, i) => {
    for (let word = 0; word < words; word++) {
      firsts[i * words + word] = Number(
        (range.first >> BigInt(32 * (words - 1 - word))) & 0xffffffffn,
      );
    }
    offsets[i + 1] = offsets[i]! + Number(range.last - range.first) + 1;
  });
  return { family, zone, count: offsets[ranges.length]!, firsts, offsets };
}

/** The addresses of some hosts of a block, in their order: rows can be made of them, but hosts cannot be found by address. */
export function pickedTargets(block: BlockTargets, hosts: Uint32Array): BlockTargets {
  const words = ADDRESS_OCTETS[block.family] / 4;
  const firsts = new Uint32Array(hosts.length * words);
  hosts.forEach((host, at) => {
    writeAddress(block, host, scratch, 0);
    for (let word = 0; word < words; word++) {
      firsts[at * words + word] = scratch.getUint32(word * 4);
    }
  });
  const offsets = Uint32Array.from({ length: hosts.length + 1 }, (_, at) => at);
  return { ...block, count: hosts.length, firsts, offsets };
}

/** Writes the address of host `index` at `offset`, in network order: 4 or 16 octets. Allocates nothing. */
export function writeAddress(
  block: BlockTargets,
  index: number,
  view: DataView,
  offset: number,
): void {
  const run = runOfIndex(block.offsets, index);
  const step = index - block.offsets[run]!;
  if (block.family === 4) {
    view.setUint32(offset, block.firsts[run]! + step);
    return;
  }
  const base = run * 4;
  let carry = step;
  for (let word = 3; word >= 0; word--) {
    const sum = block.firsts[base + word]! + carry;
    view.setUint32(offset + word * 4, sum);
    carry = sum > 0xffffffff ? 1 : 0;
  }
}

/**
 * The number of the host whose address begins at `offset` (network order), or -1 if the block does not hold it.
 * The zone is not compared. Allocates nothing.
 */
export function indexOfAddress(block: BlockTargets, view: DataView, offset: number): number {
  const run =
    block.family === 4
      ? lastRunUpTo4(block, view.getUint32(offset))
      : lastRunUpTo6(block, view, offset);
  if (run < 0) return -1;
  const distance =
    block.family === 4
      ? view.getUint32(offset) - block.firsts[run]!
      : distanceFromRun6(block.firsts, run * 4, view, offset);
  const index = block.offsets[run]! + distance;
  return index < block.offsets[run + 1]! ? index : -1;
}

/** One address long, reused by every `addressText`: a sweep needs millions. */
const scratch = new DataView(new ArrayBuffer(16));

/** The address of host `index` as text, with its zone, if any. */
export function addressText(block: BlockTargets, index: number): string {
  writeAddress(block, index, scratch, 0);
  const text = formatAddressBytes(block.family, scratch, 0);
  return block.zone === '' ? text : `${text}%${block.zone}`;
}

function runOfIndex(offsets: Uint32Array, index: number): number {
  let low = 0;
  let high = offsets.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (offsets[middle]! <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lastRunUpTo4(block: BlockTargets, address: number): number {
  let low = -1;
  let high = block.firsts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (block.firsts[middle]! <= address) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lastRunUpTo6(block: BlockTargets, view: DataView, offset: number): number {
  let low = -1;
  let high = block.firsts.length / 4 - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (compareRunStart6(block.firsts, middle * 4, view, offset) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

function compareRunStart6(
  firsts: Uint32Array,
  base: number,
  view: DataView,
  offset: number,
): number {
  for (let word = 0; word < 4; word++) {
    const difference = firsts[base + word]! - view.getUint32(offset + word * 4);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How far the address is after the run's first; Infinity if that is 2^53 or more, which no run reaches. */
function distanceFromRun6(
  firsts: Uint32Array,
  base: number,
  view: DataView,
  offset: number,
): number {
  let distance = 0;
  for (let word = 0; word < 4; word++) {
    distance = distance * 2 ** 32 + view.getUint32(offset + word * 4) - firsts[base + word]!;
    if (distance > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY;
  }
  return distance;
}
