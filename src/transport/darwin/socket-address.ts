/** Socket addresses of macOS: struct sockaddr_in and sockaddr_in6. */

import { addressOctets, type Family, parseAddress } from '../../address.ts';
import { AF_INET, AF_INET6 } from '../../native/darwin/constants.ts';

/*
 *   octet 0          1          2      4                8                24         28
 *        +----------+----------+------+----------------+
 *        | length   | AF_INET  | port | address        |  zeros
 *        +----------+----------+------+----------------+----------------+----------+
 *        | length   | AF_INET6 | port | flow label     | address        | scope id |
 *        +----------+----------+------+----------------+----------------+----------+
 */
export const SOCKET_ADDRESS_OCTETS: Readonly<Record<Family, number>> = { 4: 16, 6: 28 };
export const ADDRESS_AT: Readonly<Record<Family, number>> = { 4: 4, 6: 8 };
export const SCOPE_AT = 24;
export const DOMAIN: Readonly<Record<Family, number>> = { 4: AF_INET, 6: AF_INET6 };

/** Writes length and family; the rest is left as it is. */
export function beginSocketAddress(view: DataView, at: number, family: Family): void {
  view.setUint8(at, SOCKET_ADDRESS_OCTETS[family]);
  view.setUint8(at + 1, DOMAIN[family]);
}

/** With port and scope 0. @param address valid, without a zone */
export function socketAddressOf(family: Family, address: string): Uint8Array {
  const octets = new Uint8Array(SOCKET_ADDRESS_OCTETS[family]);
  beginSocketAddress(new DataView(octets.buffer), 0, family);
  octets.set(addressOctets(family, parseAddress(address)!.value), ADDRESS_AT[family]);
  return octets;
}
