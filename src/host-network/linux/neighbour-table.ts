/** The kernel's neighbour table: which addresses of local networks it has resolved by ARP or NDP (rtnetlink(7)). */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';
import type { NeighbourVisitor } from '../host-network.ts';
import { attributeAt, messagesIn, netlinkDump } from './netlink.ts';

/** linux/rtnetlink.h, linux/neighbour.h. */
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const NDA_DST = 1;
const NDA_LLADDR = 2;
/** NUD_INCOMPLETE and NUD_FAILED: the kernel is still resolving the address, or has given up. */
const NUD_UNRESOLVED = 0x01 | 0x20;

/** struct ndmsg: family u8, interface i32 at 4, state u16 at 8, flags u8, type u8; attributes follow. */
const NEIGHBOUR_OCTETS = 12;

/** As `LinkTables.visitNeighbours`; visits none if the kernel does not answer. */
export function visitNeighbourTable(family: Family, visit: NeighbourVisitor): void {
  const parts = netlinkDump(RTM_GETNEIGH, RTM_NEWNEIGH, family);
  for (const wanted of [false, true]) {
    for (const part of parts) visitPart(part, family, wanted, visit);
  }
}

function visitPart(
  part: DataView,
  family: Family,
  wantsResolved: boolean,
  visit: NeighbourVisitor,
): void {
  for (const { at, end } of messagesIn(part, RTM_NEWNEIGH, NEIGHBOUR_OCTETS)) {
    const isResolved = (part.getUint16(at + 8, true) & NUD_UNRESOLVED) === 0;
    if (isResolved !== wantsResolved) continue;
    const attributes = at + NEIGHBOUR_OCTETS;
    const address = attributeAt(part, attributes, end, NDA_DST, ADDRESS_OCTETS[family]);
    const mac = attributeAt(part, attributes, end, NDA_LLADDR, MAC_OCTETS);
    if (address >= 0) visit(part, address, part.getInt32(at + 4, true), isResolved, mac);
  }
}
