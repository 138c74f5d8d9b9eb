/** Addresses of ICMP sockets: struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)). */

import type { Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';

/*
 *   octet 0            2           4                                   8                 16
 *        +------------+-----------+-----------------------------------+-----------------+
 *   IPv4 | family u16 | port u16  | address, 4 octets                 | unused          |
 *        +------------+-----------+-----------------------------------+-----------------+----------------+
 *   IPv6 | family u16 | port u16  | flow u32                          | address, 16 octets   | scope u32 |
 *        +------------+-----------+-----------------------------------+----------------------------------+
 */
export const NAME_OCTETS: Readonly<Record<Family, number>> = { 4: 16, 6: 28 };
export const ADDRESS_AT: Readonly<Record<Family, number>> = { 4: 4, 6: 8 };
export const SCOPE_AT = 24;

/** Writes the family into `count` names, one after another. */
export function prepareNames(view: DataView, family: Family, count: number): void {
  const domain = family === 4 ? c.AF_INET : c.AF_INET6;
  for (let slot = 0; slot < count; slot++) view.setUint16(slot * NAME_OCTETS[family], domain, true);
}
