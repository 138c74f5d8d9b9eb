/**
 * The keyed token in each echo request: HalfSipHash-2-4 with a 64-bit tag (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012, in its 32-bit form). Without the key, no reply that counts can be made.
 */

const COMPRESSION_ROUNDS = 2;
const FINAL_ROUNDS = 4;

/** A key and the last tag made with it. Kept as fields, since the hot path may not allocate a pair for each tag. */
export class TokenMaker {
  /** First and second 32-bit half of the tag, unsigned. */
  first = 0;
  second = 0;
  private v0 = 0;
  private v1 = 0;
  private v2 = 0;
  private v3 = 0;
  private readonly key0: number;
  private readonly key1: number;

  /** @param key0 @param key1 halves of a random 64-bit key */
  constructor(key0: number, key1: number) {
    this.key0 = key0 | 0;
    this.key1 = key1 | 0;
  }

  /** Tags a message of `words.length` 32-bit words; the result is in `first` and `second`. */
  tagWords(words: ArrayLike<number>): void {
    this.begin();
    for (let i = 0; i < words.length; i++) this.compress(words[i]! | 0);
    this.finish(words.length * 4);
  }

  /** As `tagWords([a, b, c])`, without the array. */
  tag(a: number, b: number, c: number): void {
    this.begin();
    this.compress(a | 0);
    this.compress(b | 0);
    this.compress(c | 0);
    this.finish(12);
  }

  private begin(): void {
    this.v0 = this.key0;
    this.v1 = this.key1 ^ 0xee;
    this.v2 = this.key0 ^ 0x6c796765;
    this.v3 = this.key1 ^ 0x74656462;
  }

  private compress(word: number): void {
    this.v3 ^= word;
    this.mix(COMPRESSION_ROUNDS);
    this.v0 ^= word;
  }

  private finish(octets: number): void {
    this.compress((octets & 0xff) << 24);
    this.v2 ^= 0xee;
    this.mix(FINAL_ROUNDS);
    this.first = (this.v1 ^ this.v3) >>> 0;
    this.v1 ^= 0xdd;
    this.mix(FINAL_ROUNDS);
    this.second = (this.v1 ^ this.v3) >>> 0;
  }

  private mix(rounds: number): void {
    let { v0, v1, v2, v3 } = this;
    for (let round = 0; round < rounds; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = v2;
    this.v3 = v3;
  }
}
