/** The levels of a page: for each value whether it is there, and in lists whether it begins a row. */

import { varint } from './thrift.ts';

const FIRST_LEVELS = 1 << 14;

export class Levels {
  private readonly bits: number;
  private levels = new Uint8Array(FIRST_LEVELS);
  private end = 0;

  /** @param most the highest level */
  constructor(most: 1 | 2) {
    this.bits = most;
  }

  get length(): number {
    return this.end;
  }

  push(level: number): void {
    if (this.end === this.levels.length) {
      const larger = new Uint8Array(this.end * 2);
      larger.set(this.levels);
      this.levels = larger;
    }
    this.levels[this.end++] = level;
  }

  /**
   * The levels since the last call, as one run of packed bits in the hybrid encoding, behind its length. Runs of equal
   * levels would be shorter, but compression sees to that.
   */
  take(): Uint8Array {
    const { bits, levels } = this;
    const groups = Math.ceil(this.end / 8);
    const head = varint(groups * 2 + 1);
    const size = head.length + groups * bits;
    const packed = new Uint8Array(4 + size);
    new DataView(packed.buffer).setUint32(0, size, true);
    packed.set(head, 4);
    const start = (4 + head.length) * 8;
    for (let i = 0; i < this.end; i++) {
      // One or two bits never cross the end of an octet.
      const bit = start + i * bits;
      packed[bit >> 3]! |= levels[i]! << (bit & 7);
    }
    this.end = 0;
    return packed;
  }
}
