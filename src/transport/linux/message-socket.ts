/** What all our sockets on Linux have in common: messages sent and received in batches, through memory of our own. */

import type { SendBatch, SendFailure, SendingSocket } from '../contract.ts';
import type { LinuxClock } from './clock.ts';
import type { DepartureStamps } from './departure-stamps.ts';
import { type BatchLayout, MessageBatch } from './message-batch.ts';
import { MessageReceiver } from './message-receiver.ts';
import { MessageSender } from './message-sender.ts';

export abstract class MessageSocket implements SendingSocket {
  abstract readonly tx: SendBatch;
  protected readonly sendBatch: MessageBatch;
  protected readonly receiveBatch: MessageBatch;
  protected readonly receiver: MessageReceiver;
  /** Undefined where the error queue is for others to read. */
  protected readonly departures: DepartureStamps | undefined;
  private readonly sender: MessageSender;

  constructor(
    fd: number,
    clock: LinuxClock,
    sends: BatchLayout,
    receives: BatchLayout,
    departures?: DepartureStamps,
  ) {
    this.departures = departures;
    this.sendBatch = new MessageBatch(sends);
    this.receiveBatch = new MessageBatch(receives);
    this.sender = new MessageSender(fd, this.sendBatch, clock, departures);
    this.receiver = new MessageReceiver(
      fd,
      this.receiveBatch,
      clock,
      (slot, level, type, data, octets) => this.readControl(slot, level, type, data, octets),
    );
  }

  get failure(): SendFailure {
    return this.sender.failure;
  }

  get errno(): string {
    return this.sender.errno;
  }

  get droppedPackets(): number {
    return this.receiver.droppedPackets;
  }

  send(first: number, count: number): number {
    return this.sender.send(first, count);
  }

  free(): void {
    this.sendBatch.free();
    this.receiveBatch.free();
    this.departures?.free();
  }

  /** As ControlReader; a socket that has a use for what stands beside its messages overrides it. */
  protected readControl(
    _slot: number,
    _level: number,
    _type: number,
    _data: number,
    _octets: number,
  ): void {}

  /** When each slot left. */
  protected get stamps(): Pick<SendBatch, 'sentAtNs' | 'leftByNs' | 'notBeforeNs'> {
    const { sentAtNs, leftByNs, notBeforeNs } = this.sender;
    return { sentAtNs, leftByNs, notBeforeNs };
  }
}
