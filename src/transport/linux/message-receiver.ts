/** Receives messages in batches, each with the kernel's time, and counts what the socket had no room for. */

import * as c from '../../native/linux/constants.ts';
import { getsockopt, lastErrno, recvmmsg } from '../../native/linux/libc.ts';
import type { LinuxClock } from './clock.ts';
import type { MessageBatch } from './message-batch.ts';

/** struct cmsghdr: length u64, level i32, type i32, then data, each padded to 8 octets. */
const CMSG_HEADER_OCTETS = 16;
/** None that is read here has less data than a number. */
const CMSG_LEAST_OCTETS = CMSG_HEADER_OCTETS + 4;
const TIMESPEC_OCTETS = 16;
/** A pending error is told by one call each and stands in the way of what has arrived. */
const STALE_ERROR_TRIES = 8;
/** The most that a short packet takes of a socket's buffer: drivers give it a page and a descriptor. */
const LARGEST_TRUE_SIZE = 4608;

/**
 * Shown what stands beside a message and is no business of the receiver's own; its `octets` of data, 4 at least, begin
 * at `data` in `batch.control`.
 */
export type ControlReader = (
  slot: number,
  level: number,
  type: number,
  data: number,
  octets: number,
) => void;

export class MessageReceiver {
  /** By slot: when the message arrived, monotonic nanoseconds. */
  readonly receivedAtNs: Float64Array;
  /** By slot: whether that is the kernel's word, not the time of reading. */
  readonly isKernelTime: Uint8Array;
  droppedPackets = 0;

  /** Packets read since the queue was last seen empty, and the fewest that can fill it. */
  private readSinceEmpty = 0;
  private readonly fullQueue: number;
  /** By the kernel's count, of whatever kind. */
  private dropsTold = 0;
  private readonly fd: number;
  private readonly batch: MessageBatch;
  private readonly clock: LinuxClock;
  private readonly readControl: ControlReader;

  constructor(fd: number, batch: MessageBatch, clock: LinuxClock, readControl: ControlReader) {
    this.fd = fd;
    this.batch = batch;
    this.clock = clock;
    this.readControl = readControl;
    this.receivedAtNs = new Float64Array(batch.layout.slots);
    this.isKernelTime = new Uint8Array(batch.layout.slots);
    this.fullQueue = Math.floor(receiveBufferOctets(fd) / LARGEST_TRUE_SIZE);
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
    if (queue === 0) this.readSinceEmpty = count <= 0 ? 0 : this.readSinceEmpty + count;
    if (count <= 0) return 0;
    const nowNs = this.clock.nowNs();
    const trustsKernelTime = this.clock.resample();
    for (let slot = 0; slot < count; slot++) {
      this.receivedAtNs[slot] = nowNs;
      this.isKernelTime[slot] = 0;
      this.readControls(slot, nowNs, trustsKernelTime);
    }
    batch.rearm(count);
    return count;
  }

  private readControls(slot: number, nowNs: number, trustsKernelTime: boolean): void {
    const { layout, control } = this.batch;
    const { view } = control;
    let at = slot * layout.controlOctets;
    const end = at + this.batch.controlLengthOf(slot);
    while (at + CMSG_HEADER_OCTETS <= end) {
      const length = view.getUint32(at, true);
      if (length < CMSG_LEAST_OCTETS || length > end - at) return;
      const level = view.getUint32(at + 8, true);
      const type = view.getUint32(at + 12, true);
      const data = at + CMSG_HEADER_OCTETS;
      const octets = length - CMSG_HEADER_OCTETS;
      if (level !== c.SOL_SOCKET) this.readControl(slot, level, type, data, octets);
      else if (type === c.SO_RXQ_OVFL) this.noteDrops(view.getUint32(data, true));
      else if (type === c.SO_TIMESTAMPNS && trustsKernelTime && octets >= TIMESPEC_OCTETS)
        this.readArrival(slot, data, nowNs);
      at += (length + 7) & ~7;
    }
  }

  private readArrival(slot: number, data: number, nowNs: number): void {
    const { view } = this.batch.control;
    const wallNs = view.getUint32(data, true) * 1e9 + view.getUint32(data + 8, true);
    // A packet cannot have come after it was read: what says so was stamped by a clock that has stepped since.
    this.receivedAtNs[slot] = Math.min(nowNs, wallNs - this.clock.wallClockOffsetNs());
    this.isKernelTime[slot] = 1;
  }

  /**
   * IPv6 counts packets with wrong checksums as dropped, which anybody can send; what the queue had no room for was
   * dropped behind a full queue.
   */
  private noteDrops(total: number): void {
    if (total <= this.dropsTold) return;
    if (this.readSinceEmpty >= this.fullQueue) this.droppedPackets += total - this.dropsTold;
    this.dropsTold = total;
  }
}

function receiveBufferOctets(fd: number): number {
  const value = new Uint8Array(4);
  getsockopt(fd, c.SOL_SOCKET, c.SO_RCVBUF, value, new Uint8Array([4, 0, 0, 0]));
  return new DataView(value.buffer).getUint32(0, true);
}
