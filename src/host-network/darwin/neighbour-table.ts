/** macOS' neighbour table: which addresses of local networks it has resolved by ARP or NDP (NET_RT_FLAGS of sysctl(3)). */

import { type Family, formatAddressBytes } from '../../address.ts';
import * as c from '../../native/darwin/constants.ts';
import { NEIGHBOUR, type NeighbourState, type NeighbourVisitor } from '../host-network.ts';
import type { ConfirmationTimes } from './confirmation-times.ts';
import { linkAddressAt } from './link-address.ts';
import { ROUTE_AT, ROUTE_LAYOUT } from './route-message.ts';
import {
  ADDRESS,
  addressOffset,
  clearEmbeddedScope,
  familyAt,
  messagesIn,
} from './routing-messages.ts';

/** Entries of this host itself and of groups. */
const NOT_A_NEIGHBOUR = c.RTF_LOCAL | c.RTF_MULTICAST | c.RTF_BROADCAST;

/** As `LinkTables.visitNeighbours`. @param table of this family, as it is now @param times of every look at it @param wallMs since 1970 UTC */
export function visitNeighboursIn(
  table: DataView,
  family: Family,
  times: ConfirmationTimes,
  wallMs: number,
  visit: NeighbourVisitor,
): void {
  times.begin();
  const entries = [...neighboursIn(table, family)];
  for (const { address, index, macAt } of entries.filter(({ isResolved }) => !isResolved))
    visit(table, address, index, NEIGHBOUR.unresolved, macAt, Number.POSITIVE_INFINITY);
  for (const { at, address, index, macAt } of entries.filter(({ isResolved }) => isResolved)) {
    const expiry = table.getInt32(at + ROUTE_AT.expiry, true);
    const remainingMs = expiry === 0 ? undefined : expiry * 1000 - wallMs;
    const key = `${index} ${formatAddressBytes(family, table, address)}`;
    visit(table, address, index, stateOf(table, at), macAt, times.note(key, remainingMs));
  }
  times.end();
}

interface Entry {
  readonly at: number;
  /** Where its address begins. */
  readonly address: number;
  readonly index: number;
  readonly isResolved: boolean;
  readonly macAt: number;
}

function* neighboursIn(table: DataView, family: Family): Generator<Entry> {
  for (const { at, addresses } of messagesIn(table, ROUTE_LAYOUT)) {
    const destination = addresses[ADDRESS.destination]!;
    const link = linkAddressAt(table, addresses[ADDRESS.gateway]!);
    const isNeighbour = (table.getUint32(at + ROUTE_AT.flags, true) & NOT_A_NEIGHBOUR) === 0;
    if (!isNeighbour || link === undefined || familyAt(table, destination) !== family) continue;
    const address = addressOffset(table, destination, family);
    // Octet 0 of a group's MAC address is odd (IEEE 802).
    const isGroup = link.macAt >= 0 && (table.getUint8(link.macAt) & 1) !== 0;
    if (address < 0 || isGroup) continue;
    if (family === 6) clearEmbeddedScope(table, address);
    const index = table.getUint16(at + ROUTE_AT.index, true);
    yield { at, address, index, isResolved: link.hasMac, macAt: link.macAt };
  }
}

/** The system does not check an address that it uses, as long as its entry has not expired. */
function stateOf(table: DataView, at: number): NeighbourState {
  const flags = table.getUint32(at + ROUTE_AT.flags, true);
  return (flags & c.RTF_STATIC) === 0 ? NEIGHBOUR.confirmed : NEIGHBOUR.permanent;
}
