/** Notices that a socket's own buffer has dropped packets, and slows down the sending that fills it. */

import type { RatePacer } from './rate-pacer.ts';
import type { SharedState } from './shared-state.ts';

export class DropWatch {
  /** When the socket was last seen to have dropped packets; -1 for never. */
  droppedAtNs = -1;
  private readonly shared: SharedState;
  private readonly pacer: RatePacer;
  private reported = 0;

  /** @param pacer of the packets that the socket's replies are to */
  constructor(shared: SharedState, pacer: RatePacer) {
    this.shared = shared;
    this.pacer = pacer;
  }

  /** @param dropped packets so far, by the socket's count; undefined if it keeps none */
  look(dropped: number | undefined, nowNs: number): void {
    if (dropped === undefined || dropped <= this.reported) return;
    this.shared.add('dropped', dropped - this.reported);
    this.reported = dropped;
    this.droppedAtNs = nowNs;
    this.pacer.slowDown(nowNs);
  }
}
