/** Chance that is the same in every run: drawn from what it is about, not from a generator's state. */

/** 32 bits made of the words; every bit depends on every word. */
export function hash(...words: readonly number[]): number {
  let value = 0x9e3779b9;
  for (const word of words) {
    value = Math.imul(value ^ (word | 0), 0x85ebca6b);
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
    value ^= value >>> 16;
  }
  return value >>> 0;
}

/** At least 0 and below 1. */
export function share(...words: readonly number[]): number {
  return hash(...words) / 2 ** 32;
}
