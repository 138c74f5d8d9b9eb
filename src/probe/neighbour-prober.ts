/** One link's share of the search for neighbours: sends the requests that are due, and matches the answers. */

import { indexOfAddress } from '../results/block-targets.ts';
import type { NeighbourSocket } from '../transport/contract.ts';
import type { NeighbourSearch } from './neighbour-search.ts';
import { SendQueue } from './send-queue.ts';
import type { SharedState } from './shared-state.ts';

export class NeighbourProber {
  readonly socket: NeighbourSocket;
  /** When the socket was last seen to have dropped packets; -1 for never. */
  droppedAtNs = -1;
  private readonly shared: SharedState;
  private readonly queue: SendQueue;
  private droppedPackets = 0;

  constructor(socket: NeighbourSocket, shared: SharedState) {
    this.socket = socket;
    this.shared = shared;
    // The address is all that changes from one request to the next.
    const writer = { beginBatch: () => {}, writePacket: () => {} };
    this.queue = new SendQueue(socket, 'neighbourRequests', shared, writer);
  }

  /** Reads and matches everything that has arrived. */
  receiveAll(searches: readonly NeighbourSearch[], nowNs: number): void {
    const { socket } = this;
    for (let count = socket.receive(); count > 0; count = socket.receive()) {
      for (let slot = 0; slot < count; slot++) this.accept(slot, searches, nowNs);
    }
    if (socket.droppedPackets === this.droppedPackets) return;
    this.shared.add('dropped', socket.droppedPackets - this.droppedPackets);
    this.droppedPackets = socket.droppedPackets;
    this.droppedAtNs = nowNs;
    this.shared.pacer.slowDown(nowNs);
  }

  /** As `SendQueue.sendDue`. */
  sendDue(searches: readonly NeighbourSearch[], nowNs: number): number {
    return this.queue.sendDue(searches, nowNs);
  }

  /** What nobody asked for is no business of ours: a link is full of other hosts' answers. */
  private accept(slot: number, searches: readonly NeighbourSearch[], nowNs: number): void {
    const { answers } = this.socket;
    for (const search of searches) {
      const { targets } = search.block.setup;
      const host = indexOfAddress(targets, answers.view, slot * answers.stride);
      if (host >= 0 && search.recordAnswer(host, answers, slot, nowNs)) return;
    }
  }
}
