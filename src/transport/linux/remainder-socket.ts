/**
 * Receives what arrives at any interface but does not get into a ring: errors, and replies that are unusual. Like those in the
 * ring, these packets are seen before the firewall. It may know nothing of requests that left past the system, and would
 * drop what comes back.
 */

import type { Family } from '../../address.ts';
import type { ReceiveBatch } from '../contract.ts';
import { receiveSlotOctets } from '../slot-sizes.ts';
import { copyArrival } from './arrival.ts';
import type { LinuxClock } from './clock.ts';
import { CONTROL_OCTETS } from './control-messages.ts';
import { MessageBatch } from './message-batch.ts';
import { MessageReceiver } from './message-receiver.ts';

/** Few packets come this way, unless a router answers for many hosts. */
const SLOTS = 64;

export class RemainderSocket {
  private readonly family: Family;
  private readonly batch: MessageBatch;
  private readonly receiver: MessageReceiver;

  constructor(fd: number, family: Family, payloadOctets: number, clock: LinuxClock) {
    this.family = family;
    this.batch = new MessageBatch({
      slots: SLOTS,
      packetOctets: receiveSlotOctets(payloadOctets),
      controlOctets: CONTROL_OCTETS,
    });
    this.receiver = new MessageReceiver(fd, this.batch, clock);
  }

  get droppedPackets(): number {
    return this.receiver.droppedPackets;
  }

  /** Fills slots. @returns how many, 0 for none */
  receive(rx: ReceiveBatch): number {
    const { family, batch, receiver } = this;
    const count = receiver.receive(0);
    for (let slot = 0; slot < count; slot++) {
      const at = slot * batch.stride;
      copyArrival(family, batch.packets.view, at, batch.lengthOf(slot), rx, slot);
      rx.receivedAtNs[slot] = receiver.receivedAtNs[slot]!;
      rx.isKernelTime[slot] = receiver.isKernelTime[slot]!;
    }
    return count;
  }

  free(): void {
    this.batch.free();
  }
}
