/** The kernel's neighbour table, ARP's and NDP's: which addresses on the link it has found and which not (rtnetlink(7)). */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import type { NeighbourVisitor } from '../contract.ts';
import { AF_INET, AF_INET6, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_RAW } from './constants.ts';
import { close, recv, send, socket } from './libc.ts';

/** linux/netlink.h, linux/rtnetlink.h, linux/neighbour.h. */
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const NLM_F_REQUEST_DUMP = 0x301;
const NDA_DST = 1;
/** States in which the kernel is still asking for the address, or has given it up. */
const NUD_UNRESOLVED = 0x01 | 0x20;

/** struct nlmsghdr: length u32, type u16 at 4, flags u16 at 6, sequence u32 at 8, port u32 at 12. */
const HEADER_OCTETS = 16;
/** struct ndmsg: family u8, interface i32 at 4, state u16 at 8, flags u8, type u8; attributes follow. */
const NEIGHBOUR_OCTETS = 12;
/** struct rtattr: length u16, type u16, then data, padded to 4 octets. */
const ATTRIBUTE_OCTETS = 4;
/** The kernel fills up to this much at a time (netlink's NLMSG_GOODSIZE and what it grows to). */
const BUFFER_OCTETS = 32_768;

const buffer = new Uint8Array(BUFFER_OCTETS);

/** Visits every entry of a family; of none where the system does not say. As `Transport.visitNeighbours`. */
export function visitNeighbourTable(family: Family, visit: NeighbourVisitor): void {
  const parts = dumpTable(family);
  for (const wanted of [false, true]) {
    for (const part of parts) visitPart(part, family, wanted, visit);
  }
}

/** The socket lives no longer than the call: descriptors that a worker opens are leaked when it is ended. */
function dumpTable(family: Family): DataView[] {
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return [];
  const parts: DataView[] = [];
  try {
    const request = dumpRequest(family);
    if (send(fd, request, request.length, 0) !== request.length) return [];
    for (;;) {
      // The kernel has each part ready when it is asked for, and says itself which is the last.
      const length = recv(fd, buffer, BUFFER_OCTETS, MSG_DONTWAIT);
      if (length < HEADER_OCTETS) return parts;
      const part = new DataView(buffer.slice(0, length).buffer);
      parts.push(part);
      if (part.getUint16(4, true) !== RTM_NEWNEIGH) return parts;
    }
  } finally {
    close(fd);
  }
}

function dumpRequest(family: Family): Uint8Array {
  const bytes = new Uint8Array(HEADER_OCTETS + NEIGHBOUR_OCTETS);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, RTM_GETNEIGH, true);
  view.setUint16(6, NLM_F_REQUEST_DUMP, true);
  view.setUint8(HEADER_OCTETS, family === 4 ? AF_INET : AF_INET6);
  return bytes;
}

function visitPart(
  part: DataView,
  family: Family,
  wantsResolved: boolean,
  visit: NeighbourVisitor,
): void {
  let at = 0;
  while (at + HEADER_OCTETS + NEIGHBOUR_OCTETS <= part.byteLength) {
    const length = part.getUint32(at, true);
    if (length < HEADER_OCTETS || part.getUint16(at + 4, true) !== RTM_NEWNEIGH) return;
    const end = Math.min(part.byteLength, at + length);
    const neighbour = at + HEADER_OCTETS;
    const isResolved = (part.getUint16(neighbour + 8, true) & NUD_UNRESOLVED) === 0;
    const address =
      isResolved === wantsResolved
        ? destinationAt(part, neighbour + NEIGHBOUR_OCTETS, end, family)
        : -1;
    if (address >= 0) visit(part, address, part.getInt32(neighbour + 4, true), isResolved);
    at += (length + 3) & ~3;
  }
}

/** Where the address stands among the attributes; -1 where there is none. */
function destinationAt(part: DataView, start: number, end: number, family: Family): number {
  let at = start;
  while (at + ATTRIBUTE_OCTETS <= end) {
    const length = part.getUint16(at, true);
    if (length < ATTRIBUTE_OCTETS) return -1;
    const isWhole = length === ATTRIBUTE_OCTETS + ADDRESS_OCTETS[family] && at + length <= end;
    if (part.getUint16(at + 2, true) === NDA_DST && isWhole) return at + ATTRIBUTE_OCTETS;
    at += (length + 3) & ~3;
  }
  return -1;
}
