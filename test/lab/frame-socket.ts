/** Frames sent and heard on one interface, past the kernel's own IP: for tests that look at every octet. */

import { setTimeout as sleep } from 'node:timers/promises';
import { readEthernets } from '../../src/host-network/linux/ethernets.ts';
import * as c from '../../src/native/linux/constants.ts';
import {
  bind,
  close,
  errnoName,
  lastErrno,
  recv,
  send,
  socket,
} from '../../src/native/linux/libc.ts';
import { allocate } from '../../src/native/native-memory.ts';
import { preparePacketAddress } from '../../src/transport/linux/packet-socket-address.ts';

const ETH_P_ALL = 3;
const LONGEST_FRAME_OCTETS = 2048;
const DEADLINE_MS = 30_000;
/** A Linux router says five refusals at once, and then one a second. */
const AGAIN_AFTER_MS = 1100;
export const ETHERNET_OCTETS = 14;

export class FrameSocket {
  readonly mac: Uint8Array;
  private readonly fd: number;
  private readonly buffer = allocate(LONGEST_FRAME_OCTETS);

  /** @throws Error where there is no such interface, or the system refuses */
  constructor(interfaceName: string) {
    const { interfaceIndex, mac } = readEthernets().get(interfaceName)!;
    this.mac = mac;
    this.fd = socket(c.AF_PACKET, c.SOCK_RAW | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, 0);
    const address = allocate(c.SOCKADDR_LL_OCTETS);
    preparePacketAddress(address.view, 0, ETH_P_ALL, interfaceIndex);
    const isBound = bind(this.fd, address.address, c.SOCKADDR_LL_OCTETS) === 0;
    address.free();
    if (!isBound) throw new Error(`no frames from ${interfaceName}: ${errnoName(lastErrno())}`);
  }

  /** Sends an IP or ARP packet and gives the frame of the first answer that `isWanted`. @throws Error where none comes */
  async ask(
    to: Uint8Array,
    etherType: number,
    packet: Uint8Array,
    isWanted: (frame: Uint8Array) => boolean,
  ): Promise<Uint8Array> {
    const frame = Buffer.concat([
      to,
      this.mac,
      Buffer.from([etherType >> 8, etherType & 255]),
      packet,
    ]);
    this.heard();
    const beganAt = performance.now();
    let asked = 0;
    for (let ms = 0; ms < DEADLINE_MS; ms = performance.now() - beganAt) {
      if (ms >= asked * AGAIN_AFTER_MS) {
        asked++;
        this.send(frame);
      }
      const found = this.heard().find((each) => !this.isOwn(each) && isWanted(each));
      if (found !== undefined) return found;
      await sleep(1);
    }
    throw new Error('no answer');
  }

  private send(frame: Uint8Array): void {
    if (send(this.fd, frame, frame.length, 0) !== frame.length)
      throw new Error(`a frame was not sent: ${errnoName(lastErrno())}`);
  }

  private isOwn(frame: Uint8Array): boolean {
    return this.mac.every((octet, i) => frame[6 + i] === octet);
  }

  close(): void {
    close(this.fd);
    this.buffer.free();
  }

  /** All that has come since the last call. */
  private heard(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (;;) {
      const octets = recv(this.fd, this.buffer.address, LONGEST_FRAME_OCTETS, c.MSG_DONTWAIT);
      if (octets < 0) return frames;
      frames.push(this.buffer.bytes.slice(0, octets));
    }
  }
}
