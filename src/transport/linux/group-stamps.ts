/** Stamps packets that one system call sent with the latest moments at which they cannot have left yet. */

/** So many groups have to be seen before the fastest of them says anything about the others. */
const GROUPS_TO_LEARN_FROM = 16;
/** No packet of a group is taken to leave in less than this share of what one of the fastest group took on average. */
const LEAST_SHARE = 0.5;

/** Where the stamps go, by slot; as `SendBatch` has them. */
export interface StampedSlots {
  readonly sentAtNs: Float64Array;
  readonly notBeforeNs: Float64Array;
  readonly leftByNs: Float64Array;
}

/**
 * Of packets sent by one call it is known only that they left one after another between its beginning and its end. A call
 * may be held up before any of them, so each is stamped as if all before it had left as fast as ever: an RTT comes out
 * longer by what the call was held up, as for a packet sent alone, and never shorter than it was.
 */
export class GroupStamps {
  private readonly slots: StampedSlots;
  private groups = 0;
  /** Average time that a packet of the fastest group took. */
  private fastestNs = Number.POSITIVE_INFINITY;

  constructor(slots: StampedSlots) {
    this.slots = slots;
  }

  /** Stamps the packets in slots `first` to `first + count - 1`. @param beganAtNs when the call began, not after it */
  stamp(first: number, count: number, beganAtNs: number, endedAtNs: number): void {
    const { sentAtNs, notBeforeNs, leftByNs } = this.slots;
    notBeforeNs.fill(beganAtNs, first, first + count);
    leftByNs.fill(endedAtNs, first, first + count);
    const leastNs = count === 1 ? 0 : this.leastTimeNs((endedAtNs - beganAtNs) / count);
    for (let i = 0; i < count; i++) sentAtNs[first + i] = beganAtNs + i * leastNs;
  }

  /** The least time that a packet takes. @param averageNs what one of the latest group took */
  private leastTimeNs(averageNs: number): number {
    this.groups++;
    this.fastestNs = Math.min(this.fastestNs, averageNs);
    return this.groups < GROUPS_TO_LEARN_FROM ? 0 : LEAST_SHARE * this.fastestNs;
  }
}
