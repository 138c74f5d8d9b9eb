/** The order of a block's hosts on the wire: a seeded permutation that needs no memory. */

const ROUNDS = 4;

/**
 * A bijection of 0…count-1 onto itself: a Feistel network over the next even number of bits, walked along its cycle
 * until it lands inside (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). It spreads packets and
 * keeps no secret.
 */
export class SendOrder {
  private readonly count: number;
  private readonly halfBits: number;
  private readonly halfMask: number;
  private readonly keys: Uint32Array;

  /** @param count 1 to 2^30 @param seed 32 bits */
  constructor(count: number, seed: number) {
    this.count = count;
    const bits = Math.max(2, 32 - Math.clz32(count - 1));
    this.halfBits = (bits + 1) >> 1;
    this.halfMask = (1 << this.halfBits) - 1;
    this.keys = Uint32Array.from({ length: ROUNDS }, (_, round) =>
      mix32((seed + Math.imul(round + 1, 0x9e3779b9)) | 0),
    );
  }

  /** The host to probe at `position`. */
  at(position: number): number {
    let value = position;
    do value = this.permute(value);
    while (value >= this.count);
    return value;
  }

  private permute(value: number): number {
    let left = value >>> this.halfBits;
    let right = value & this.halfMask;
    for (let round = 0; round < ROUNDS; round++) {
      const next = left ^ (mix32(right ^ this.keys[round]!) & this.halfMask);
      left = right;
      right = next;
    }
    return (left << this.halfBits) | right;
  }
}

/**
 * Spreads every bit of a 32-bit number over all of it: the finaliser of MurmurHash3.
 * @returns with a sign, because V8 makes an object of each number from 2^31 on
 */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
