/** Sorts many numbers without keeping the process from other work. */

import { setImmediate } from 'node:timers/promises';

/** Sorted at once; a millisecond or two. */
const RUN = 1024;
/** Compared between two pauses. */
const MERGED_A_STEP = 8192;

/** @returns the values in order, in an array of their own; equal ones stay as they are */
export async function sortedInSteps(
  values: Uint32Array,
  compare: (a: number, b: number) => number,
): Promise<Uint32Array> {
  let from = values.slice();
  for (let start = 0; start < from.length; start += RUN) {
    const run = [...from.subarray(start, start + RUN)].sort(compare);
    from.set(run, start);
    await setImmediate();
  }
  let to = new Uint32Array(from.length);
  let merged = 0;
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at++) {
        const takesLeft =
          left < middle && (right >= end || compare(from[left]!, from[right]!) <= 0);
        to[at] = takesLeft ? from[left++]! : from[right++]!;
        if (++merged % MERGED_A_STEP === 0) await setImmediate();
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
