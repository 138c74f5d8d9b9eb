/** Addresses of packet sockets: struct sockaddr_ll (packet(7)). */

import { AF_PACKET } from '../../native/linux/constants.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';

/*
 * 0 family u16   2 protocol u16, network order   4 interface i32   8 hardware type u16, packet type u8
 * 11 length of the MAC u8   12 MAC, room for 8 octets
 */
const PLACE = { family: 0, protocol: 2, interface: 4, macLength: 11, mac: 12 } as const;

/** Writes all but the MAC, for Ethernet. */
export function prepareLinkAddress(
  view: DataView,
  at: number,
  protocol: number,
  interfaceIndex: number,
): void {
  view.setUint16(at + PLACE.family, AF_PACKET, true);
  view.setUint16(at + PLACE.protocol, protocol);
  view.setInt32(at + PLACE.interface, interfaceIndex, true);
  view.setUint8(at + PLACE.macLength, MAC_OCTETS);
}

/** Writes the MAC whose 6 octets begin at `from`. */
export function setMacOf(bytes: Uint8Array, at: number, macs: Uint8Array, from: number): void {
  for (let i = 0; i < MAC_OCTETS; i++) bytes[at + PLACE.mac + i] = macs[from + i]!;
}
