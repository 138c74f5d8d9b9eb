/** Many IPv4 intervals in eight octets each, sorted and merged without an object for any of them. */

import type { AddressRange } from '../results/block-targets.ts';

const FIRST_CAPACITY = 1024;
/** Of the two words of a 64-bit number, the one that decides the order comes second on little-endian systems. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

/** Collects intervals in any order. */
export class IPv4Intervals {
  private bounds = new Uint32Array(2 * FIRST_CAPACITY);
  private length = 0;

  get size(): number {
    return this.length;
  }

  /** @param first at most `last`, which is below 2^32 */
  add(first: number, last: number): void {
    if (2 * this.length === this.bounds.length) {
      const wider = new Uint32Array(2 * this.bounds.length);
      wider.set(this.bounds);
      this.bounds = wider;
    }
    this.bounds[2 * this.length + HIGH] = first;
    this.bounds[2 * this.length + LOW] = last;
    this.length++;
  }

  /** Adds those of `other`; `inset` takes that many addresses off both ends of each. */
  addAll(other: IPv4Intervals, inset = 0): void {
    for (let i = 0; i < other.length; i++) {
      const [first, last] = [other.bounds[2 * i + HIGH]!, other.bounds[2 * i + LOW]!];
      this.add(first + inset, last - inset);
    }
  }

  /** Disjoint ranges in ascending order that hold the same addresses. Reorders the collected intervals. */
  merged(): AddressRange[] {
    const { bounds, length } = this;
    // As 64-bit numbers, intervals sort by their first and then by their last address.
    new BigUint64Array(bounds.buffer, 0, length).sort();
    const ranges: AddressRange[] = [];
    let first = -1;
    let last = -1;
    for (let i = 0; i < length; i++) {
      const [nextFirst, nextLast] = [bounds[2 * i + HIGH]!, bounds[2 * i + LOW]!];
      if (first >= 0 && nextFirst <= last + 1) {
        if (nextLast > last) last = nextLast;
        continue;
      }
      if (first >= 0) ranges.push(rangeOf(first, last));
      first = nextFirst;
      last = nextLast;
    }
    if (first >= 0) ranges.push(rangeOf(first, last));
    return ranges;
  }
}

function rangeOf(first: number, last: number): AddressRange {
  return { family: 4, zone: '', first: BigInt(first), last: BigInt(last) };
}
