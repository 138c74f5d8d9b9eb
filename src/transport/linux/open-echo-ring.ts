/** Opens rings of packets (packet(7)) and sets them up: a worker only reads their memory. */

import type { Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';
import { close, mapMemory, munmap, setsockopt } from '../../native/linux/libc.ts';
import { type Heard, ringFilter } from '../../wire/packet-filters.ts';
import type { RingHandle } from '../handles.ts';
import { openPacketSocket, openRemainderSocket } from './open-packet-socket.ts';
import { FRAME_HEADER_OCTETS } from './packet-ring.ts';

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
  // Blocks are a power of two as well: no frame is split between two.
  const frameOctets = 2 ** Math.ceil(Math.log2(FRAME_HEADER_OCTETS + heard.packetOctets));
  const octets = Math.min(FRAMES * frameOctets, MOST_OCTETS);
  const frames = octets / frameOctets;
  const version = new Uint32Array([c.TPACKET_V2]);
  const request = new Uint32Array([BLOCK_OCTETS, octets / BLOCK_OCTETS, frameOctets, frames]);
  const hasRing = (fd: number): boolean =>
    setsockopt(fd, c.SOL_PACKET, c.PACKET_VERSION, version, version.byteLength) === 0 &&
    setsockopt(fd, c.SOL_PACKET, c.PACKET_RX_RING, request, request.byteLength) === 0;
  const filter = ringFilter(family, identifier, heard, 'requests');
  let fd: number | undefined;
  let remainderFd: number | undefined;
  try {
    fd = openPacketSocket(ETH_P_ALL, heard.interfaceIndex, filter, hasRing);
    if (fd !== undefined) remainderFd = openRemainderSocket(family);
    if (fd !== undefined && remainderFd !== undefined) {
      const address = mapMemory(fd, octets);
      if (address !== undefined) return { fd, remainderFd, address, heard, frameOctets, frames };
    }
  } catch {
    // A filter or a queue was refused.
  }
  if (fd !== undefined) close(fd);
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
