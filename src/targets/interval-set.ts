/** Sets of addresses as intervals: merging and subtracting them, whatever their size. */

import type { AddressRange } from '../results/block-targets.ts';

/** Disjoint ranges in the order of a report that hold every address of the given ones once: IPv4 before IPv6, then zone, then address. */
export function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const merged: AddressRange[] = [];
  for (const range of [...ranges].sort(inOrder)) {
    const before = merged.at(-1);
    if (before !== undefined && areTogether(before, range) && range.first <= before.last + 1n) {
      if (range.last > before.last) merged[merged.length - 1] = { ...before, last: range.last };
    } else merged.push(range);
  }
  return merged;
}

/** What is left of `ranges` without `removed`. @param ranges disjoint */
export function subtractRanges(
  ranges: readonly AddressRange[],
  removed: readonly AddressRange[],
): AddressRange[] {
  const holes = mergeRanges(removed);
  const left: AddressRange[] = [];
  let firstHole = 0;
  for (const range of [...ranges].sort(inOrder)) {
    while (firstHole < holes.length && liesBefore(holes[firstHole]!, range)) firstHole++;
    let next = range.first;
    for (let i = firstHole; i < holes.length && next <= range.last; i++) {
      const hole = holes[i]!;
      if (!areTogether(hole, range) || hole.first > range.last) break;
      if (hole.first > next) left.push({ ...range, first: next, last: hole.first - 1n });
      next = hole.last + 1n;
    }
    if (next <= range.last) left.push({ ...range, first: next });
  }
  return left;
}

/** How many addresses disjoint ranges hold. */
export function countAddresses(ranges: readonly AddressRange[]): bigint {
  return ranges.reduce((sum, range) => sum + (range.last - range.first) + 1n, 0n);
}

/** Order of the report, in which ranges that can touch are neighbours. */
function inOrder(a: AddressRange, b: AddressRange): number {
  return a.family - b.family || compare(a.zone, b.zone) || compare(a.first, b.first);
}

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

function areTogether(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.zone === b.zone;
}

function liesBefore(a: AddressRange, b: AddressRange): boolean {
  if (areTogether(a, b)) return a.last < b.first;
  return inOrder(a, b) < 0;
}
