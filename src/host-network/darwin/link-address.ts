/** Addresses of links (struct sockaddr_dl of net/if_dl.h): an interface's name and MAC address, or a neighbour's. */

import { AF_LINK } from '../../native/darwin/constants.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';

/*
 *   octet 0         1          2           4         5             6              7           8
 *        +---------+----------+-----------+---------+-------------+--------------+-----------+------------
 *        | length  | AF_LINK  | index u16 | type u8 | name octets | MAC octets   |           | name, MAC
 *        +---------+----------+-----------+---------+-------------+--------------+-----------+------------
 */
const AT = { family: 1, nameOctets: 5, macOctets: 6, data: 8 } as const;
/** What macOS shows instead of a MAC address to a program that may not see it: 02:00:00:00:00:00. */
const HIDDEN_FIRST_WORD = 0x0200_0000;

export interface LinkAddress {
  readonly name: string;
  /** Whether it has a MAC address, which may be hidden from us. */
  readonly hasMac: boolean;
  /** Where that begins; -1 if there is none or it is hidden. */
  readonly macAt: number;
}

/** @param at where it begins, -1 for none @returns undefined if it is not the address of a link */
export function linkAddressAt(table: DataView, at: number): LinkAddress | undefined {
  if (at < 0 || table.getUint8(at) < AT.data || table.getUint8(at + AT.family) !== AF_LINK)
    return undefined;
  const nameOctets = table.getUint8(at + AT.nameOctets);
  const macOctets = table.getUint8(at + AT.macOctets);
  const macAt = at + AT.data + nameOctets;
  if (macAt + macOctets > at + table.getUint8(at)) return undefined;
  const hasMac = macOctets === MAC_OCTETS;
  const isHidden =
    hasMac && table.getUint32(macAt) === HIDDEN_FIRST_WORD && table.getUint16(macAt + 4) === 0;
  return {
    name: Buffer.from(table.buffer, table.byteOffset + at + AT.data, nameOctets).toString('latin1'),
    hasMac,
    macAt: hasMac && !isHidden ? macAt : -1,
  };
}
