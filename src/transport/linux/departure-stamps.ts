/**
 * The kernel's stamps of when packets left (SO_TIMESTAMPING, Documentation/networking/timestamping.rst): with them, the
 * time from our reading of the clock to the device is not part of a round-trip time. They cost a call per packet, so they
 * are for low rates.
 */

import * as c from '../../native/linux/constants.ts';
import { recvmsg, setsockopt } from '../../native/linux/libc.ts';
import type { ControlReader } from '../control-reader.ts';
import type { LinuxClock } from './clock.ts';
import {
  CONTROL_OCTETS,
  readControlMessages,
  stampNs,
  TIMESPEC_OCTETS,
} from './control-messages.ts';
import { MessageBatch } from './message-batch.ts';

const FLAGS =
  c.SOF_TIMESTAMPING_TX_SOFTWARE | c.SOF_TIMESTAMPING_SOFTWARE | c.SOF_TIMESTAMPING_OPT_TSONLY;
/** After this many packets in a row without a stamp, stamps are turned off: the device gives none, or too late. */
const MOST_MISSES = 64;
/** A raw socket's queue has every program's errors as well. */
const MOST_READ_AT_ONCE = 16;
/** How far off the wall clock's offset may be for a stamp to count as correct. */
const TOLERANCE_NS = 20_000;
const QUEUE = c.MSG_ERRQUEUE | c.MSG_DONTWAIT;

export class DepartureStamps {
  private readonly fd: number;
  private readonly clock: LinuxClock;
  private readonly batch = new MessageBatch({
    slots: 1,
    packetOctets: 8,
    controlOctets: CONTROL_OCTETS,
  });
  private readonly option = new Int32Array(1);
  /** struct scm_timestamping begins with the software's struct timespec. */
  private readonly reader: ControlReader = (_slot, level, type, data, octets) =>
    this.readStamp(level, type, data, octets);
  private isOn = false;
  private misses = 0;
  /** The latest stamp, monotonic. */
  private latestNs = 0;

  constructor(fd: number, clock: LinuxClock) {
    this.fd = fd;
    this.clock = clock;
  }

  /** From the next packet on. @returns whether stamps are on */
  turn(on: boolean): boolean {
    const wanted = on && this.misses < MOST_MISSES;
    if (wanted === this.isOn) return wanted;
    this.option[0] = wanted ? FLAGS : 0;
    const isSet = setsockopt(this.fd, c.SOL_SOCKET, c.SO_TIMESTAMPING, this.option, 4) === 0;
    if (!isSet) this.misses = MOST_MISSES;
    this.isOn = wanted && isSet;
    return this.isOn;
  }

  /**
   * When the packet left that was sent between two readings of the clock.
   * @returns `beganAtNs` if the kernel gave no stamp, or a clock has stepped
   */
  of(beganAtNs: number, endedAtNs: number): number {
    this.drain();
    const { latestNs } = this;
    if (latestNs < beganAtNs - TOLERANCE_NS || latestNs > endedAtNs + TOLERANCE_NS) {
      this.misses++;
      if (this.misses === MOST_MISSES) this.turn(false);
      return beganAtNs;
    }
    this.misses = 0;
    return Math.min(endedAtNs, Math.max(beganAtNs, latestNs));
  }

  /** Reads the stamps that there are, including those of earlier packets that waited for their device. */
  drain(): void {
    for (let reads = 0; reads < MOST_READ_AT_ONCE; reads++) {
      if (recvmsg(this.fd, this.batch.headerAddress[0]!, QUEUE) < 0) return;
      readControlMessages(this.batch, 0, this.reader);
      this.batch.rearm(1);
    }
  }

  free(): void {
    this.batch.free();
  }

  private readStamp(level: number, type: number, data: number, octets: number): void {
    if (level !== c.SOL_SOCKET || type !== c.SO_TIMESTAMPING || octets < TIMESPEC_OCTETS) return;
    this.latestNs = stampNs(this.batch.control.view, data, this.clock);
  }
}
