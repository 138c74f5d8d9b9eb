/** Messages through one descriptor, in batches and native memory: what every socket of ours on Linux is. */

import type { ReceiveBatch, SendBatch, SendFailure } from '../contract.ts';
import type { ControlReader } from '../control-reader.ts';
import type { LinuxClock } from './clock.ts';
import { DepartureStamps } from './departure-stamps.ts';
import { EchoRing, type EchoRingSetup } from './echo-ring.ts';
import { type BatchLayout, MessageBatch } from './message-batch.ts';
import { MessageReceiver } from './message-receiver.ts';
import { MessageSender } from './message-sender.ts';

/** What a channel is set up for. */
export interface ChannelSetup {
  readonly fd: number;
  /** Sends in its place. */
  readonly sendFd?: number;
  readonly clock: LinuxClock;
  readonly sends: BatchLayout;
  readonly receives: BatchLayout;
  /** Whether the error queue may be read for the kernel's stamps of departure; if not, it is left to the socket. */
  readonly stampsDepartures: boolean;
  /** Takes the place of both. */
  readonly ring?: EchoRingSetup;
  /** Called with control messages that the receiver itself has no use for. */
  readonly readControl?: ControlReader;
}

export class MessageChannel {
  readonly sendBatch: MessageBatch;
  readonly receiveBatch: MessageBatch;
  readonly sender: MessageSender;
  readonly receiver: MessageReceiver;
  /** Undefined if the error queue is left to the socket. */
  readonly departures: DepartureStamps | undefined;
  readonly echoes: EchoRing | undefined;

  constructor({
    fd,
    sendFd = fd,
    clock,
    sends,
    receives,
    stampsDepartures,
    ring,
    readControl,
  }: ChannelSetup) {
    this.departures =
      stampsDepartures && ring === undefined ? new DepartureStamps(fd, clock) : undefined;
    this.sendBatch = new MessageBatch(sends);
    this.receiveBatch = new MessageBatch(receives);
    this.echoes = ring && new EchoRing(ring, this.sendBatch, clock);
    this.sender = new MessageSender(sendFd, this.sendBatch, clock, this.departures, this.echoes);
    this.receiver = new MessageReceiver(fd, this.receiveBatch, clock, readControl);
  }

  get failure(): SendFailure {
    return this.sender.failure;
  }

  get errno(): string {
    return this.sender.errno;
  }

  get droppedPackets(): number {
    return this.receiver.droppedPackets + (this.echoes?.droppedPackets ?? 0);
  }

  /** When each slot left, as a SendBatch has it. */
  get stamps(): Pick<SendBatch, 'sentAtNs' | 'leftByNs' | 'notBeforeNs'> {
    const { sentAtNs, leftByNs, notBeforeNs } = this.sender;
    return { sentAtNs, leftByNs, notBeforeNs };
  }

  /** What a ReceiveBatch has of each slot, but for the addresses. */
  protected makeArrivals(): Omit<ReceiveBatch, `${'source' | 'destination'}${string}`> {
    const { receiver, receiveBatch } = this;
    const { slots } = receiveBatch.layout;
    return {
      view: receiveBatch.packets.view,
      stride: receiveBatch.stride,
      length: new Uint32Array(slots),
      form: new Uint8Array(slots),
      ttl: new Uint8Array(slots),
      receivedAtNs: receiver.receivedAtNs,
      isKernelTime: receiver.isKernelTime,
      errorType: new Uint8Array(slots),
      errorCode: new Uint8Array(slots),
    };
  }

  free(): void {
    this.sendBatch.free();
    this.receiveBatch.free();
    this.departures?.free();
  }
}
