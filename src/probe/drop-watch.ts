/** Notices that a socket's own buffer has dropped packets, and slows the sweep down. */

import type { SharedState } from './shared-state.ts';

export class DropWatch {
  /** When the socket was last seen to have dropped packets; -1 for never. */
  droppedAtNs = -1;
  private readonly shared: SharedState;
  private reported = 0;

  constructor(shared: SharedState) {
    this.shared = shared;
  }

  /** @param dropped packets so far, by the socket's count; undefined if it keeps none */
  look(dropped: number | undefined, nowNs: number): void {
    if (dropped === undefined || dropped <= this.reported) return;
    this.shared.add('dropped', dropped - this.reported);
    this.reported = dropped;
    this.droppedAtNs = nowNs;
    this.shared.pacer.slowDown(nowNs);
  }
}
