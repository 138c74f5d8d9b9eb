/** Notices when the path carried nothing: no probe of that time was answered, and several were to hosts that are up. */

const BUCKET_NS = 100_000_000;
/** Nearly a minute: longer than the probes of a host take, unless the options are very patient. */
const BUCKETS = 512;
/** Buckets before and after a moment that say something about it. */
const NEAR = 10;
/** An outage lasts for so many buckets at least; a shorter one cannot take two probes of a host. */
const LEAST_BUCKETS = 5;
/** Probes to hosts that are up, each without a reply, that make an outage of silence. */
const LEAST_LOSSES = 3;

/** Counts probes to hosts that have answered, by when they left. Belongs to one thread. */
export class OutageWatch {
  /** By place in the ring: the bucket that is there. */
  private readonly buckets = new Float64Array(BUCKETS).fill(Number.NaN);
  private readonly answered = new Uint32Array(BUCKETS);
  private readonly lost = new Uint32Array(BUCKETS);
  private hasLosses = false;

  noteAnswered(sentAtNs: number): void {
    this.answered[this.placeOf(sentAtNs)]!++;
  }

  noteLost(sentAtNs: number): void {
    this.hasLosses = true;
    this.lost[this.placeOf(sentAtNs)]!++;
  }

  /** Whether a probe that left then says nothing about its host, because the path carried nothing. */
  wasOut(sentAtNs: number): boolean {
    if (!this.hasLosses) return false;
    const bucket = Math.floor(sentAtNs / BUCKET_NS);
    if (this.answeredIn(bucket) > 0) return false;
    let losses = this.lostIn(bucket);
    let span = 1;
    for (const step of [-1, 1]) {
      for (let distance = 1; distance <= NEAR; distance++) {
        const other = bucket + step * distance;
        if (this.answeredIn(other) > 0) break;
        losses += this.lostIn(other);
        span++;
      }
    }
    return span >= LEAST_BUCKETS && losses >= LEAST_LOSSES;
  }

  private answeredIn(bucket: number): number {
    const place = bucket % BUCKETS;
    return this.buckets[place] === bucket ? this.answered[place]! : 0;
  }

  private lostIn(bucket: number): number {
    const place = bucket % BUCKETS;
    return this.buckets[place] === bucket ? this.lost[place]! : 0;
  }

  private placeOf(sentAtNs: number): number {
    const bucket = Math.floor(sentAtNs / BUCKET_NS);
    const place = bucket % BUCKETS;
    if (this.buckets[place] !== bucket) {
      this.buckets[place] = bucket;
      this.answered[place] = 0;
      this.lost[place] = 0;
    }
    return place;
  }
}
