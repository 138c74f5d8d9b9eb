/** One link's share of the search for neighbours: sends the requests that are due, and matches the answers. */

import { indexOfAddress } from '../results/block-targets.ts';
import type { NeighbourSocket } from '../transport/contract.ts';
import { DropWatch } from './drop-watch.ts';
import type { NeighbourSearch } from './neighbour-search.ts';
import { SendQueue } from './send-queue.ts';
import type { SharedState } from './shared-state.ts';

export class NeighbourProber {
  readonly socket: NeighbourSocket;
  private readonly drops: DropWatch;
  private readonly queue: SendQueue;

  constructor(socket: NeighbourSocket, shared: SharedState) {
    this.socket = socket;
    this.drops = new DropWatch(shared, shared.requestPacer);
    // The address is all that changes from one request to the next.
    const writer = { beginBatch: () => {}, writePacket: () => {} };
    // The first request to the last host must not wait for every second one: the search would end three seconds after it.
    const rules = {
      counter: 'neighbourRequests',
      pacer: shared.requestPacer,
      takesTurns: true,
    } as const;
    this.queue = new SendQueue(socket, rules, shared, writer);
  }

  /** Reads and matches everything that has arrived. */
  receiveAll(searches: readonly NeighbourSearch[], nowNs: number): void {
    const { socket } = this;
    for (let count = socket.receive(); count > 0; count = socket.receive()) {
      for (let slot = 0; slot < count; slot++) this.accept(slot, searches);
    }
    this.drops.look(socket.droppedPackets, nowNs);
  }

  /** As in `DropWatch`. */
  get droppedAtNs(): number {
    return this.drops.droppedAtNs;
  }

  /** As `SendQueue.sendDue`. */
  sendDue(searches: readonly NeighbourSearch[], nowNs: number): number {
    return this.queue.sendDue(searches, nowNs);
  }

  /** Answers without a request of ours are ignored: a link is full of answers to other hosts. */
  private accept(slot: number, searches: readonly NeighbourSearch[]): void {
    const { answers } = this.socket;
    for (const search of searches) {
      const { targets } = search.block.setup;
      const host = indexOfAddress(targets, answers.view, slot * answers.stride);
      if (host >= 0 && search.recordAnswer(host, answers, slot)) return;
    }
  }
}
