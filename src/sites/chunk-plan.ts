/** Cuts the targets of a sweep into chunks: as many hosts as one message can bring the results of. */

import type { AddressRange } from '../results/block-targets.ts';

/** The hosts of one chunk: ranges of one family and zone, in address order. */
export interface PlannedChunk {
  readonly ranges: readonly AddressRange[];
  /** Addresses in the ranges, at least one. */
  readonly count: number;
}

/** A range takes up to 60 octets of a chunk, which may have 64 kB. */
const MOST_RANGES = 1000;

/** @param ranges disjoint, in address order */
export function* chunksOf(
  ranges: Iterable<AddressRange>,
  mostHosts: number,
): Generator<PlannedChunk> {
  let chunk: AddressRange[] = [];
  let count = 0;
  for (const range of ranges) {
    let { first } = range;
    while (first <= range.last) {
      const [begun] = chunk;
      const isFull = count === mostHosts || chunk.length === MOST_RANGES;
      const isOther =
        begun !== undefined && (begun.family !== range.family || begun.zone !== range.zone);
      if (isFull || isOther) {
        yield { ranges: chunk, count };
        chunk = [];
        count = 0;
      }
      const room = BigInt(mostHosts - count);
      const last = range.last - first < room ? range.last : first + room - 1n;
      chunk.push({ ...range, first, last });
      count += Number(last - first) + 1;
      first = last + 1n;
    }
  }
  if (count > 0) yield { ranges: chunk, count };
}
