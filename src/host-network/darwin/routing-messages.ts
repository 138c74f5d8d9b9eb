/** Reads macOS' tables of routes, neighbours and interfaces: messages of the routing socket (route(4)). */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import { AF_INET, AF_INET6, RTM_VERSION } from '../../native/darwin/constants.ts';

export const DOMAIN_OF: Readonly<Record<Family, number>> = { 4: AF_INET, 6: AF_INET6 };
/** Where struct sockaddr_in and sockaddr_in6 have the address. */
const ADDRESS_AT: Readonly<Record<Family, number>> = { 4: 4, 6: 8 };

/** Order of a message's addresses: that of the bits of `rtm_addrs`, RTA_DST first. */
export const ADDRESS = { destination: 0, gateway: 1, netmask: 2, interface: 4 } as const;
const ADDRESSES = 8;

/** A message: where its header begins, where it ends, and where each of its addresses begins, -1 for one it does not have. */
export interface RoutingMessage {
  readonly at: number;
  readonly end: number;
  readonly addresses: readonly number[];
}

/** What to read of a message: its type, the octets of its header, and where that has the bits of its addresses. */
export interface MessageLayout {
  readonly type: number;
  readonly headerOctets: number;
  readonly addressesAt: number;
}

/*
 * Every message begins alike, and the addresses follow its header, each padded to 4 octets:
 *
 *   octet 0             2           3        4 or 12
 *        +-------------+-----------+--------+---------------+---------------------
 *        | length u16  | version u8| type u8|  …  addresses | struct sockaddr, …
 *        +-------------+-----------+--------+---------------+---------------------
 */
/** The messages of one type; truncated ones are left out. */
export function* messagesIn(table: DataView, layout: MessageLayout): Generator<RoutingMessage> {
  const { type, headerOctets, addressesAt } = layout;
  let at = 0;
  while (at + 4 <= table.byteLength) {
    const length = table.getUint16(at, true);
    const end = at + length;
    if (length < 4 || end > table.byteLength) return;
    const isWanted = table.getUint8(at + 2) === RTM_VERSION && table.getUint8(at + 3) === type;
    if (isWanted && length >= headerOctets) {
      const bits = table.getUint32(at + addressesAt, true);
      yield { at, end, addresses: addressesOf(table, at + headerOctets, end, bits) };
    }
    at = end;
  }
}

function addressesOf(table: DataView, start: number, end: number, bits: number): number[] {
  const places: number[] = new Array(ADDRESSES).fill(-1);
  let at = start;
  for (let index = 0; index < ADDRESSES; index++) {
    if ((bits & (1 << index)) === 0 || at + 4 > end) continue;
    const length = table.getUint8(at);
    if (at + length > end) break;
    places[index] = at;
    // An address of length 0, which is that of a default route's mask, takes 4 octets as well.
    at += length === 0 ? 4 : (length + 3) & ~3;
  }
  return places;
}

/** The family of the address at `at`; undefined for another kind, such as a link's. */
export function familyAt(table: DataView, at: number): Family | undefined {
  const domain = at < 0 || table.getUint8(at) < 2 ? 0 : table.getUint8(at + 1);
  if (domain === AF_INET) return 4;
  return domain === AF_INET6 ? 6 : undefined;
}

/** Where the octets of an address begin that has all of them; -1 if it has not. */
export function addressOffset(table: DataView, at: number, family: Family): number {
  const isWhole = table.getUint8(at) >= ADDRESS_AT[family] + ADDRESS_OCTETS[family];
  return isWhole ? at + ADDRESS_AT[family] : -1;
}

/** Octets of an address that may be cut off behind its last octet that is not 0, as netmasks are. */
export function addressValue(table: DataView, at: number, family: Family): bigint {
  const end = at + table.getUint8(at);
  let value = 0n;
  for (let octet = 0; octet < ADDRESS_OCTETS[family]; octet++) {
    const from = at + ADDRESS_AT[family] + octet;
    value = (value << 8n) | BigInt(from < end ? table.getUint8(from) : 0);
  }
  return value;
}

/** XNU keeps the interface of a link-local address in its second pair of octets. The address itself has zeros there. */
export function clearEmbeddedScope(table: DataView, address: number): void {
  const isLinkLocal = (table.getUint16(address) & 0xffc0) === 0xfe80;
  if (isLinkLocal) table.setUint16(address + 2, 0);
}
