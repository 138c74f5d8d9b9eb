/** Receives messages in batches, each with the kernel's time, and counts those that the socket had no room for. */

import * as c from '../../native/linux/constants.ts';
import { lastErrno, recvmmsg } from '../../native/linux/libc.ts';
import type { ControlReader } from '../control-reader.ts';
import type { LinuxClock } from './clock.ts';
import { readControlMessages, stampNs, TIMESPEC_OCTETS } from './control-messages.ts';
import type { MessageBatch } from './message-batch.ts';
import { readOption } from './socket-options.ts';

/** Each call reports one pending error before it gives what has arrived. */
const STALE_ERROR_TRIES = 8;
/** The most that a short packet takes of a socket's buffer: with some network cards a page and a descriptor. */
const LARGEST_TRUE_SIZE = 4608;
const SHORT_PACKET_OCTETS = 2048;
/** linux/sock_diag.h: numbers of 32 bits, the last of which counts drops as SO_RXQ_OVFL does. */
const SK_MEMINFO_OCTETS = 36;
const SK_MEMINFO_DROPS_AT = 32;

export class MessageReceiver {
  /** By slot: when the message arrived, monotonic nanoseconds. */
  readonly receivedAtNs: Float64Array;
  /** By slot: 1 if that is the kernel's stamp, 0 if it is the time of reading. */
  readonly isKernelTime: Uint8Array;
  droppedPackets = 0;

  /** Packets read since the queue was last seen empty, and the fewest that can fill it. */
  private readSinceEmpty = 0;
  private readonly fullQueue: number;
  /** The kernel's count when it was last read, which includes other drops. */
  private countedDrops = 0;
  private readonly fd: number;
  private readonly batch: MessageBatch;
  private readonly clock: LinuxClock;
  private readonly readFurther: ControlReader | undefined;
  /** When the batch was read, and whether the kernel's stamps in it count. */
  private readAtNs = 0;
  private trustsKernelTime = false;
  /** Steps of the wall clock when the queue was last seen empty: what has arrived since may be stamped before a later one. */
  private stepsWhenEmpty: number;
  private readonly controlReader: ControlReader = (slot, level, type, data, octets) =>
    this.readControl(slot, level, type, data, octets);

  /** @param readFurther called with control messages of other levels than the socket's */
  constructor(fd: number, batch: MessageBatch, clock: LinuxClock, readFurther?: ControlReader) {
    this.fd = fd;
    this.batch = batch;
    this.clock = clock;
    this.readFurther = readFurther;
    this.stepsWhenEmpty = clock.steps;
    this.receivedAtNs = new Float64Array(batch.layout.slots);
    this.isKernelTime = new Uint8Array(batch.layout.slots);
    const parts = Math.ceil(batch.layout.packetOctets / SHORT_PACKET_OCTETS);
    this.fullQueue = Math.floor(receiveBufferOctets(fd) / (LARGEST_TRUE_SIZE * parts));
  }

  /** Fills the slots of the batch. @param queue 0 or MSG_ERRQUEUE @returns how many slots are filled, 0 for none */
  receive(queue: number): number {
    const { batch } = this;
    const { slots } = batch.layout;
    let count = -1;
    for (let tries = 0; count < 0 && tries < STALE_ERROR_TRIES; tries++) {
      count = recvmmsg(this.fd, batch.headerAddress[0]!, slots, c.MSG_DONTWAIT | queue, null);
      if (count < 0 && lastErrno() === c.EAGAIN) break;
    }
    if (count <= 0) {
      if (queue === 0) this.noteEmpty();
      return 0;
    }
    if (queue === 0) this.readSinceEmpty += count;
    this.readAtNs = this.clock.nowNs();
    // Another socket, or an earlier batch of this one, may have noticed the step.
    this.trustsKernelTime = this.clock.resample() && this.clock.steps === this.stepsWhenEmpty;
    for (let slot = 0; slot < count; slot++) {
      this.receivedAtNs[slot] = this.readAtNs;
      this.isKernelTime[slot] = 0;
      readControlMessages(batch, slot, this.controlReader);
    }
    batch.rearm(count);
    return count;
  }

  private noteEmpty(): void {
    this.stepsWhenEmpty = this.clock.steps;
    // A packet has the count of when it arrived, so those that were in a full queue do not say what it had no room for.
    if (this.readSinceEmpty >= this.fullQueue) this.noteDrops(countedDropsOf(this.fd));
    this.readSinceEmpty = 0;
  }

  private readControl(
    slot: number,
    level: number,
    type: number,
    data: number,
    octets: number,
  ): void {
    if (level !== c.SOL_SOCKET) this.readFurther?.(slot, level, type, data, octets);
    else if (type === c.SO_RXQ_OVFL) this.noteDrops(this.batch.control.view.getUint32(data, true));
    else if (type === c.SO_TIMESTAMPNS && octets >= TIMESPEC_OCTETS) this.readArrival(slot, data);
  }

  private readArrival(slot: number, data: number): void {
    if (!this.trustsKernelTime) return;
    const arrivedNs = stampNs(this.batch.control.view, data, this.clock);
    // A packet cannot have come after it was read: if its stamp says so, the clock has stepped since.
    this.receivedAtNs[slot] = Math.min(this.readAtNs, arrivedNs);
    this.isKernelTime[slot] = 1;
  }

  /**
   * The kernel also counts IPv6 packets with wrong checksums, which anybody can send. Only packets that were dropped
   * behind a full queue were dropped for lack of room.
   */
  private noteDrops(total: number): void {
    if (total <= this.countedDrops) return;
    if (this.readSinceEmpty >= this.fullQueue) this.droppedPackets += total - this.countedDrops;
    this.countedDrops = total;
  }
}

function receiveBufferOctets(fd: number): number {
  return readOption(fd, c.SOL_SOCKET, c.SO_RCVBUF, 4).getUint32(0, true);
}

/** @returns 0 before Linux 4.12 */
function countedDropsOf(fd: number): number {
  const memory = readOption(fd, c.SOL_SOCKET, c.SO_MEMINFO, SK_MEMINFO_OCTETS);
  return memory.getUint32(SK_MEMINFO_DROPS_AT, true);
}
