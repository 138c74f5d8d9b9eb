/** SOCKADDR_INET, as Windows' tables have it: family u16 at 0, IPv4's address at 4, IPv6's at 8. */

import { addressValueAt, type Family } from '../../address.ts';

/** ws2def.h. */
export const AF: Readonly<Record<Family, number>> = { 4: 2, 6: 23 };
export const ADDRESS_AT: Readonly<Record<Family, number>> = { 4: 4, 6: 8 };

/** The address of a SOCKADDR_INET that begins at `at`. */
export function addressAt(view: DataView, at: number, family: Family): bigint {
  return addressValueAt(view, at + ADDRESS_AT[family], family);
}
