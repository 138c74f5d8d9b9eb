/** The kernel's neighbour table: which addresses of local networks it has resolved by ARP or NDP (rtnetlink(7)). */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';
import { NEIGHBOUR, type NeighbourState, type NeighbourVisitor } from '../host-network.ts';
import { attributeAt, messagesIn, netlinkDump } from './netlink.ts';

/** linux/rtnetlink.h, linux/neighbour.h. */
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const NDA_DST = 1;
const NDA_LLADDR = 2;
const NDA_CACHEINFO = 3;
/** NUD_INCOMPLETE and NUD_FAILED: the kernel is still resolving the address, or has given up. */
const NUD_UNRESOLVED = 0x01 | 0x20;
const NUD_REACHABLE = 0x02;
/** NUD_PERMANENT and NUD_NOARP. */
const NUD_FIXED = 0x80 | 0x40;
/** struct nda_cacheinfo: confirmed, used and updated, each as an age, and a count. */
const CACHE_INFO_OCTETS = 16;
/** Ages are in units of USER_HZ, a hundredth of a second (time(7)). */
const AGE_UNIT_MS = 10;

/** struct ndmsg: family u8, interface i32 at 4, state u16 at 8, flags u8, type u8; attributes follow. */
const NEIGHBOUR_OCTETS = 12;

/** As `LinkTables.visitNeighbours`; visits none if the kernel does not answer. */
export function visitNeighbourTable(family: Family, visit: NeighbourVisitor): void {
  const { parts } = netlinkDump(RTM_GETNEIGH, RTM_NEWNEIGH, NEIGHBOUR_OCTETS, family);
  visitNeighboursIn(parts, family, visit);
}

/** Visits the entries of a table, the unresolved ones first. */
export function visitNeighboursIn(
  parts: readonly DataView[],
  family: Family,
  visit: NeighbourVisitor,
): void {
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
    const state = stateOf(part.getUint16(at + 8, true));
    if ((state !== NEIGHBOUR.unresolved) !== wantsResolved) continue;
    const attributes = at + NEIGHBOUR_OCTETS;
    const address = attributeAt(part, attributes, end, NDA_DST, ADDRESS_OCTETS[family]);
    const mac = attributeAt(part, attributes, end, NDA_LLADDR, MAC_OCTETS);
    const info = attributeAt(part, attributes, end, NDA_CACHEINFO, CACHE_INFO_OCTETS);
    const ageMs = info < 0 ? Number.POSITIVE_INFINITY : part.getUint32(info, true) * AGE_UNIT_MS;
    if (address < 0) continue;
    visit(part, address, part.getInt32(at + 4, true), state, isGroup(part, mac) ? -1 : mac, ageMs);
  }
}

function stateOf(bits: number): NeighbourState {
  if ((bits & NUD_UNRESOLVED) !== 0) return NEIGHBOUR.unresolved;
  if ((bits & NUD_FIXED) !== 0) return NEIGHBOUR.permanent;
  return (bits & NUD_REACHABLE) === 0 ? NEIGHBOUR.unconfirmed : NEIGHBOUR.confirmed;
}

/** Whether a MAC address is that of a group, as a broadcast address has it (IEEE 802): no host answers for it. */
function isGroup(part: DataView, mac: number): boolean {
  return mac >= 0 && (part.getUint8(mac) & 1) !== 0;
}
