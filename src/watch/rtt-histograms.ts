/** Histograms of round-trip times, one per host, in memory that grows with the spread of the times and not with their number. */

/** Of an octave: neighbouring buckets are 2.2 % apart, so a value read from one is within 1.1 % of the time itself. */
const BUCKETS_AN_OCTAVE = 32;
/** From 1 µs to 18 minutes, which is longer than any timeout. */
const OCTAVES = 30;
const US_A_MS = 1000;
const FIRST_PAGES = 64;

/** A host takes 120 octets, and 128 more per octave in which it has a time. */
export class RttHistograms {
  /** By host and octave: the number of its page, 0 for none. */
  private readonly pageOf: Uint32Array;
  /** Page after page: how many times are in each bucket of an octave. Page 0 is not used. */
  private counts = new Uint32Array(FIRST_PAGES * BUCKETS_AN_OCTAVE);
  private pages = 1;

  constructor(hosts: number) {
    this.pageOf = new Uint32Array(hosts * OCTAVES);
  }

  add(host: number, rttMs: number): void {
    const position = Math.log2(Math.max(1, rttMs * US_A_MS));
    const octave = Math.min(OCTAVES - 1, Math.floor(position));
    const bucket = Math.min(
      BUCKETS_AN_OCTAVE - 1,
      Math.floor((position - octave) * BUCKETS_AN_OCTAVE),
    );
    const place = host * OCTAVES + octave;
    this.pageOf[place] ||= this.newPage();
    this.counts[this.pageOf[place]! * BUCKETS_AN_OCTAVE + bucket]!++;
  }

  /**
   * The time that `share` of a host's times do not exceed, milliseconds: the middle of its bucket.
   * @param share 0 to 1 @param count how many times the host has @returns NaN if it has none
   */
  quantile(host: number, share: number, count: number): number {
    const rank = Math.max(1, Math.ceil(share * count));
    let seen = 0;
    for (let octave = 0; octave < OCTAVES; octave++) {
      const page = this.pageOf[host * OCTAVES + octave]!;
      if (page === 0) continue;
      for (let bucket = 0; bucket < BUCKETS_AN_OCTAVE; bucket++) {
        seen += this.counts[page * BUCKETS_AN_OCTAVE + bucket]!;
        if (seen >= rank) return 2 ** (octave + (bucket + 0.5) / BUCKETS_AN_OCTAVE) / US_A_MS;
      }
    }
    return Number.NaN;
  }

  private newPage(): number {
    const page = this.pages++;
    if (this.pages * BUCKETS_AN_OCTAVE > this.counts.length) {
      const larger = new Uint32Array(2 * this.counts.length);
      larger.set(this.counts);
      this.counts = larger;
    }
    return page;
  }
}
