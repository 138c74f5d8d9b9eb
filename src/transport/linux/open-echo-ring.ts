/** Opens rings of packets (packet(7)) and sets them up: a worker only reads their memory. */

import type { Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';
import { bind, close, mapMemory, munmap, setsockopt, socket } from '../../native/linux/libc.ts';
import { type Heard, ringFilter } from '../../wire/packet-filters.ts';
import type { RingHandle } from '../handles.ts';
import { openRemainderSocket } from './open-packet-socket.ts';
import { FRAME_HEADER_OCTETS } from './packet-ring.ts';
import { preparePacketAddress } from './packet-socket-address.ts';
import { attachFilter } from './socket-options.ts';

/** Every protocol: only then are the packets that leave shown as well (linux/if_ether.h). */
const ETH_P_ALL = 3;
/** Replies that are on their way at full speed over a path of a tenth of a second. The sender reads its requests at once. */
const FRAMES = 8192;
/** A ring for large packets has fewer frames. */
const MOST_OCTETS = 4 << 20;
const BLOCK_OCTETS = 256 << 10;

/**
 * A ring that shows the requests that a socket sends, and replies as well with another filter; with a socket for what
 * it leaves.
 * @returns undefined if the system refuses, as for lack of memory
 */
export function openEchoRing(
  family: Family,
  identifier: number,
  heard: Heard,
): RingHandle | undefined {
  // Opened without a protocol, so that nothing arrives before the filter is attached.
  const fd = socket(c.AF_PACKET, c.SOCK_DGRAM | c.SOCK_CLOEXEC | c.SOCK_NONBLOCK, 0);
  if (fd < 0) return undefined;
  // Blocks are a power of two as well: no frame is split between two.
  const frameOctets = 2 ** Math.ceil(Math.log2(FRAME_HEADER_OCTETS + heard.packetOctets));
  const octets = Math.min(FRAMES * frameOctets, MOST_OCTETS);
  const frames = octets / frameOctets;
  const version = new Uint32Array([c.TPACKET_V2]);
  const request = new Uint32Array([BLOCK_OCTETS, octets / BLOCK_OCTETS, frameOctets, frames]);
  const address = new Uint8Array(c.SOCKADDR_LL_OCTETS);
  preparePacketAddress(new DataView(address.buffer), 0, ETH_P_ALL, heard.interfaceIndex);
  let remainderFd: number | undefined;
  try {
    attachFilter(fd, ringFilter(family, identifier, heard, 'requests'));
    const isReady =
      setsockopt(fd, c.SOL_PACKET, c.PACKET_VERSION, version, version.byteLength) === 0 &&
      setsockopt(fd, c.SOL_PACKET, c.PACKET_RX_RING, request, request.byteLength) === 0 &&
      bind(fd, address, address.length) === 0;
    remainderFd = isReady ? openRemainderSocket(family) : undefined;
    const memory = remainderFd === undefined ? undefined : mapMemory(fd, octets);
    if (remainderFd !== undefined && memory !== undefined)
      return { fd, remainderFd, address: memory, heard, frameOctets, frames };
  } catch {
    // A filter or a queue was refused.
  }
  close(fd);
  if (remainderFd !== undefined) close(remainderFd);
  return undefined;
}

/** Takes back the memory of a ring that no thread uses any more. */
export function unmapEchoRing({ address, frameOctets, frames }: RingHandle): void {
  munmap(address, frameOctets * frames);
}

/** The same, and closes it. */
export function closeEchoRing(ring: RingHandle): void {
  unmapEchoRing(ring);
  close(ring.fd);
  close(ring.remainderFd);
}
