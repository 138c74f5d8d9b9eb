/**
 * When a packet left, by the kernel's own word (SO_TIMESTAMPING, Documentation/networking/timestamping.rst): what the way
 * from our reading of the clock to the device takes is no part of a round-trip time then. It costs a call for each packet,
 * so that it is for those who send few.
 */

import * as c from '../../native/linux/constants.ts';
import { recvmsg, setsockopt } from '../../native/linux/libc.ts';
import type { LinuxClock } from './clock.ts';
import { MessageBatch } from './message-batch.ts';

const FLAGS =
  c.SOF_TIMESTAMPING_TX_SOFTWARE | c.SOF_TIMESTAMPING_SOFTWARE | c.SOF_TIMESTAMPING_OPT_TSONLY;
/** Packets in a row without a stamp until none is asked for any more: their device gives none, or much later. */
const MOST_IN_VAIN = 64;
/** A raw socket is told of everybody's errors as well, here too. */
const MOST_TOLD_AT_ONCE = 16;
/** The wall clock's offset may be off by so much where a stamp is right. */
const TOLERANCE_NS = 20_000;
/** struct cmsghdr, then struct scm_timestamping, whose first struct timespec is the software's. */
const CMSG_HEADER_OCTETS = 16;
const TIMESPEC_OCTETS = 16;
const CONTROL_OCTETS = 192;
const QUEUE = c.MSG_ERRQUEUE | c.MSG_DONTWAIT;

export class DepartureStamps {
  private readonly fd: number;
  private readonly clock: LinuxClock;
  private readonly batch = new MessageBatch({
    slots: 1,
    packetOctets: 8,
    stride: 8,
    nameOctets: 0,
    controlOctets: CONTROL_OCTETS,
  });
  private readonly option = new Int32Array(1);
  private isOn = false;
  private inVain = 0;
  /** The latest stamp, monotonic. */
  private latestNs = 0;

  constructor(fd: number, clock: LinuxClock) {
    this.fd = fd;
    this.clock = clock;
  }

  /** From the next packet on. @returns whether stamps are asked for */
  turn(on: boolean): boolean {
    const wanted = on && this.inVain < MOST_IN_VAIN;
    if (wanted === this.isOn) return wanted;
    this.option[0] = wanted ? FLAGS : 0;
    const isSet = setsockopt(this.fd, c.SOL_SOCKET, c.SO_TIMESTAMPING, this.option, 4) === 0;
    if (!isSet) this.inVain = MOST_IN_VAIN;
    this.isOn = wanted && isSet;
    return this.isOn;
  }

  /**
   * When the packet left that was sent between two readings of the clock.
   * @returns `beganAtNs` where the kernel does not say, or a clock has stepped
   */
  of(beganAtNs: number, endedAtNs: number): number {
    this.drain();
    const { latestNs } = this;
    if (latestNs < beganAtNs - TOLERANCE_NS || latestNs > endedAtNs + TOLERANCE_NS) {
      this.inVain++;
      if (this.inVain === MOST_IN_VAIN) this.turn(false);
      return beganAtNs;
    }
    this.inVain = 0;
    return Math.min(endedAtNs, Math.max(beganAtNs, latestNs));
  }

  /** Reads what the kernel has to say, also of earlier packets that waited for their device. */
  drain(): void {
    for (let told = 0; told < MOST_TOLD_AT_ONCE; told++) {
      if (recvmsg(this.fd, this.batch.headerAddress[0]!, QUEUE) < 0) return;
      this.readStamp(this.batch.controlLengthOf(0));
      this.batch.rearm(1);
    }
  }

  free(): void {
    this.batch.free();
  }

  private readStamp(end: number): void {
    const { view } = this.batch.control;
    for (let at = 0; at + CMSG_HEADER_OCTETS + TIMESPEC_OCTETS <= end; ) {
      const length = view.getUint32(at, true);
      if (length < CMSG_HEADER_OCTETS) return;
      const isStamp =
        view.getUint32(at + 8, true) === c.SOL_SOCKET &&
        view.getUint32(at + 12, true) === c.SO_TIMESTAMPING;
      if (isStamp) {
        const data = at + CMSG_HEADER_OCTETS;
        const wallNs = view.getUint32(data, true) * 1e9 + view.getUint32(data + 8, true);
        this.latestNs = wallNs - this.clock.wallClockOffsetNs();
      }
      at += (length + 7) & ~7;
    }
  }
}
