/** One end of a veth pair as packets: received through a ring in shared memory, sent in batches (packet(7), packet_mmap). */

import koffi from 'koffi';
import * as c from '../../../src/native/linux/constants.ts';
import {
  bind,
  clockGettime,
  getsockopt,
  lastErrno,
  ppoll,
  sendmmsg,
  setsockopt,
  socket,
} from '../../../src/native/linux/libc.ts';
import { allocate } from '../../../src/native/native-memory.ts';
import { preparePacketAddress } from '../../../src/transport/linux/packet-socket-address.ts';

// What the sweeper itself has no use for.
const libc = koffi.load(null);
const mmap = libc.func(
  'void *mmap(void *address, unsigned long length, int protection, int flags, int fd, long offset)',
);
const ifNameToIndex = libc.func('unsigned int if_nametoindex(const char *name)');
const prctl = libc.func(
  'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
);

const ETH_P_ALL = 3;
const SOL_PACKET = 263;
const OPTION = {
  rxRing: 5,
  statistics: 6,
  version: 10,
  bypassQueue: 20,
  ignoreOutgoing: 23,
} as const;
const TPACKET_V2 = 1;
const PROT_READ_WRITE = 3;
const MAP_SHARED_POPULATE = 0x8001;
const PR_SET_TIMERSLACK = 29;

const BLOCK_OCTETS = 1 << 16;
const FRAME_OCTETS = 2048;
const FRAMES = 65_536;
const SEND_SLOTS = 256;
/** struct mmsghdr and struct iovec. */
const MESSAGE_OCTETS = 64;
const VECTOR_OCTETS = 16;

/** struct tpacket2_hdr: status u32, length u32, captured u32 at 8, mac u16 at 12, net u16 at 14, seconds u32 at 16, nanoseconds u32 at 20. */
const FRAME = { status: 0, captured: 8, mac: 12, seconds: 16, nanoseconds: 20 } as const;
const STATUS_USER = 1;

export class PacketRing {
  /** Where received frames stand: `at` to `at + length - 1`, Ethernet header first. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at = 0;
  length = 0;
  /** Wall clock, by the kernel. */
  receivedAtNs = 0;
  private readonly fd: number;
  private readonly statusWords: Int32Array;
  private frame = 0;
  private readonly messages = allocate(SEND_SLOTS * MESSAGE_OCTETS);
  private readonly vectors = allocate(SEND_SLOTS * VECTOR_OCTETS);
  private readonly packets = allocate(SEND_SLOTS * FRAME_OCTETS);
  private readonly pollfd = allocate(8);
  private readonly time = allocate(16);
  private filled = 0;
  private dropped = 0;

  constructor(interfaceName: string) {
    // Nothing is received before it is bound to its one interface.
    this.fd = checked('socket', socket(c.AF_PACKET, c.SOCK_RAW, 0));
    this.setOption(OPTION.version, int(TPACKET_V2));
    this.setOption(OPTION.ignoreOutgoing, int(1));
    this.setOption(OPTION.bypassQueue, int(1));
    const blocks = (FRAMES * FRAME_OCTETS) / BLOCK_OCTETS;
    this.setOption(OPTION.rxRing, int(BLOCK_OCTETS, blocks, FRAME_OCTETS, FRAMES));
    const octets = blocks * BLOCK_OCTETS;
    const ring: unknown = mmap(null, octets, PROT_READ_WRITE, MAP_SHARED_POPULATE, this.fd, 0);
    const buffer = koffi.view(ring, octets);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.statusWords = new Int32Array(buffer);
    const address = new Uint8Array(c.SOCKADDR_LL_OCTETS);
    const interfaceIndex = ifNameToIndex(interfaceName) as number;
    preparePacketAddress(new DataView(address.buffer), 0, ETH_P_ALL, interfaceIndex);
    checked(`bind to ${interfaceName}`, bind(this.fd, address, address.length));
    for (let slot = 0; slot < SEND_SLOTS; slot++) {
      const message = slot * MESSAGE_OCTETS;
      const vector = this.vectors.address + BigInt(slot * VECTOR_OCTETS);
      this.messages.view.setBigUint64(message + 16, vector, true);
      this.messages.view.setBigUint64(message + 24, 1n, true);
      const packet = this.packets.address + BigInt(slot * FRAME_OCTETS);
      this.vectors.view.setBigUint64(slot * VECTOR_OCTETS, packet, true);
    }
    this.pollfd.view.setInt32(0, this.fd, true);
    this.pollfd.view.setInt16(4, c.POLLIN, true);
    // Sleeping ends when it is due, not up to 50 µs later.
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  }

  nowNs(): number {
    clockGettime(c.CLOCK_REALTIME, this.time.address);
    return this.time.view.getUint32(0, true) * 1e9 + this.time.view.getUint32(8, true);
  }

  /** Shows the next frame, which stays until `release`. @returns false where there is none */
  next(): boolean {
    const at = this.frame * FRAME_OCTETS;
    if ((Atomics.load(this.statusWords, at >> 2) & STATUS_USER) === 0) return false;
    this.at = at + this.view.getUint16(at + FRAME.mac, true);
    this.length = this.view.getUint32(at + FRAME.captured, true);
    this.receivedAtNs =
      this.view.getUint32(at + FRAME.seconds, true) * 1e9 +
      this.view.getUint32(at + FRAME.nanoseconds, true);
    return true;
  }

  release(): void {
    Atomics.store(this.statusWords, (this.frame * FRAME_OCTETS) >> 2, 0);
    this.frame = (this.frame + 1) % FRAMES;
  }

  /** Puts a frame among those to send. @returns whether there is room for more before `flush` */
  queue(frame: Uint8Array): boolean {
    this.packets.bytes.set(frame, this.filled * FRAME_OCTETS);
    this.vectors.view.setUint32(this.filled * VECTOR_OCTETS + 8, frame.length, true);
    this.filled++;
    return this.filled < SEND_SLOTS;
  }

  /** Sends what has been queued. @throws Error where the system refuses */
  flush(): void {
    let sent = 0;
    while (sent < this.filled) {
      const first = this.messages.address + BigInt(sent * MESSAGE_OCTETS);
      const count = sendmmsg(this.fd, first, this.filled - sent, c.MSG_DONTWAIT) as number;
      if (count > 0) sent += count;
      else if (![c.EAGAIN, c.ENOBUFS].includes(lastErrno())) checked('sendmmsg', count);
    }
    this.filled = 0;
  }

  /** Waits for a frame, no longer than this. */
  wait(maxNs: number): void {
    this.time.view.setBigUint64(0, BigInt(Math.floor(maxNs / 1e9)), true);
    this.time.view.setBigUint64(8, BigInt(Math.floor(maxNs % 1e9)), true);
    ppoll(this.pollfd.address, 1, this.time.address, null);
  }

  /** Frames for which the ring had no room, since the beginning. */
  get drops(): number {
    const statistics = Buffer.alloc(8);
    getsockopt(this.fd, SOL_PACKET, OPTION.statistics, statistics, int(8));
    // The kernel begins to count anew each time it is asked.
    this.dropped += statistics.readUInt32LE(4);
    return this.dropped;
  }

  private setOption(option: number, value: Buffer): void {
    checked(`option ${option}`, setsockopt(this.fd, SOL_PACKET, option, value, value.length));
  }
}

function int(...values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function checked(what: string, result: unknown): number {
  if ((result as number) < 0) throw new Error(`${what} failed with errno ${lastErrno()}`);
  return result as number;
}
