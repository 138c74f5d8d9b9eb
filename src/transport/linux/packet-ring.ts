/**
 * Packets that pass an interface, in a ring that the kernel fills (packet(7), PACKET_RX_RING): each has the kernel's time,
 * and none costs a system call. TPACKET_V2 shows each packet at once; TPACKET_V3 only once a block of them is full or old.
 */

import * as c from '../../native/linux/constants.ts';
import { getsockopt } from '../../native/linux/libc.ts';
import { memoryAt } from '../../native/native-memory.ts';
import { PACKET_OUTGOING } from '../../wire/packet-filters.ts';
import type { RingHandle } from '../handles.ts';
import type { LinuxClock } from './clock.ts';

/*
 * A frame: struct tpacket2_hdr, struct sockaddr_ll, then the packet.
 *
 *   octet 0              4              8                12        14        16             20
 *        +--------------+--------------+----------------+---------+---------+--------------+-----------------+
 *        |  status u32  |  length u32  | in frame u32   | mac u16 | net u16 |  seconds u32 | nanoseconds u32 |
 *        +--------------+--------------+----------------+---------+---------+--------------+-----------------+
 *     32 |  struct sockaddr_ll; its packet type u8 is octet 42
 *        +--------------------------------------------
 */
const AT = { inFrame: 8, network: 14, seconds: 16, nanoseconds: 20, packetType: 42 } as const;
const STATUS_KERNEL = 0;
/** struct tpacket_stats: packets u32, drops u32. */
const STATISTICS_OCTETS = 8;
const DROPS = 1;

/** Octets of a frame before its packet. */
export const FRAME_HEADER_OCTETS = 80;

export class PacketRing {
  /** All frames, one after another: frame `i` begins at `i * frameOctets`. */
  readonly view: DataView;
  readonly words: Uint32Array;
  readonly frameOctets: number;
  /** Packets that there was no room for. */
  droppedPackets = 0;
  private readonly fd: number;
  private readonly clock: LinuxClock;
  readonly frames: number;
  private readonly statuses: Int32Array;
  private readonly statistics = new Uint32Array(STATISTICS_OCTETS / 4);
  private readonly statisticsLength = new Uint32Array(1);
  private readonly error = new Uint32Array(1);
  private readonly errorLength = new Uint32Array([4]);

  constructor({ fd, address, frameOctets, frames }: RingHandle, clock: LinuxClock) {
    this.fd = fd;
    this.clock = clock;
    this.frameOctets = frameOctets;
    this.frames = frames;
    this.view = memoryAt(address, frameOctets * frames).view;
    this.words = new Uint32Array(this.view.buffer);
    this.statuses = new Int32Array(this.view.buffer);
  }

  /** Whether the kernel has filled a frame. */
  isFilled(frame: number): boolean {
    return Atomics.load(this.statuses, (frame * this.frameOctets) >> 2) !== STATUS_KERNEL;
  }

  /** The oldest filled frame; -1 if none is filled. */
  firstFilled(): number {
    let filled = 0;
    let isFilledBefore = this.isFilled(this.frames - 1);
    for (let frame = 0; frame < this.frames; frame++) {
      const isFilled = this.isFilled(frame);
      if (isFilled && !isFilledBefore) return frame;
      if (isFilled) filled++;
      isFilledBefore = isFilled;
    }
    return filled === this.frames ? this.oldest() : -1;
  }

  /** Of a ring that is full. */
  private oldest(): number {
    for (let frame = 1; frame < this.frames; frame++)
      if (this.passedAtNs(frame) < this.passedAtNs(frame - 1)) return frame;
    return 0;
  }

  /** The frame after this one. */
  next(frame: number): number {
    return frame + 1 === this.frames ? 0 : frame + 1;
  }

  /** Gives a frame back to the kernel. */
  release(frame: number): void {
    Atomics.store(this.statuses, (frame * this.frameOctets) >> 2, STATUS_KERNEL);
  }

  /** Marks a frame as read, before its turn to be released comes. */
  clear(frame: number): void {
    this.words[(frame * this.frameOctets + AT.inFrame) >> 2] = 0;
  }

  isCleared(frame: number): boolean {
    return this.words[(frame * this.frameOctets + AT.inFrame) >> 2] === 0;
  }

  isOutgoing(frame: number): boolean {
    return this.view.getUint8(frame * this.frameOctets + AT.packetType) === PACKET_OUTGOING;
  }

  /** Where a frame's packet begins: its IP header. */
  packetAt(frame: number): number {
    return (
      frame * this.frameOctets + this.view.getUint16(frame * this.frameOctets + AT.network, true)
    );
  }

  /** Octets of a frame's packet. */
  packetOctets(frame: number): number {
    return this.view.getUint32(frame * this.frameOctets + AT.inFrame, true);
  }

  /** When a frame's packet passed the interface, by the monotonic clock. */
  passedAtNs(frame: number): number {
    const at = (frame * this.frameOctets) >> 2;
    const { words } = this;
    return this.clock.monotonicNs(words[at + AT.seconds / 4]!, words[at + AT.nanoseconds / 4]!);
  }

  /** Adds what was dropped since the last call. */
  countDrops(): void {
    this.statisticsLength[0] = STATISTICS_OCTETS;
    const { fd, statistics, statisticsLength } = this;
    if (getsockopt(fd, c.SOL_PACKET, c.PACKET_STATISTICS, statistics, statisticsLength) === 0)
      this.droppedPackets += statistics[DROPS]!;
  }

  /** Fetches, and so clears, the error of an interface that has gone down: it would end every wait at once. */
  clearError(): void {
    getsockopt(this.fd, c.SOL_SOCKET, c.SO_ERROR, this.error, this.errorLength);
  }
}
