/** Addresses of packet sockets: struct sockaddr_ll (packet(7)). */

import { AF_PACKET } from '../../native/linux/constants.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';

/*
 *   octet 0            2                          4               8
 *        +------------+--------------------------+---------------+
 *        | family u16 | protocol u16, big-endian | interface i32 |
 *        +------------+--------------------------+---------------+
 *      8 | hardware type u16 | packet type u8 | MAC's length u8 (11) | MAC, room for 8 octets (12)
 *        +-------------------+----------------+----------------------+----------------------------
 */
const AT = { family: 0, protocol: 2, interface: 4, macLength: 11, mac: 12 } as const;

/** Writes all but the MAC, for Ethernet. */
export function preparePacketAddress(
  view: DataView,
  at: number,
  protocol: number,
  interfaceIndex: number,
): void {
  view.setUint16(at + AT.family, AF_PACKET, true);
  view.setUint16(at + AT.protocol, protocol);
  view.setInt32(at + AT.interface, interfaceIndex, true);
  view.setUint8(at + AT.macLength, MAC_OCTETS);
}

/** Writes the MAC whose 6 octets begin at `from`. */
export function setMac(bytes: Uint8Array, at: number, macs: Uint8Array, from: number): void {
  for (let i = 0; i < MAC_OCTETS; i++) bytes[at + AT.mac + i] = macs[from + i]!;
}
