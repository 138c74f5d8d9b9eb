/** Linux' Ethernet interfaces (rtnetlink(7), RTM_GETLINK). */

import { MAC_OCTETS } from '../../results/block-results.ts';
import type { Ethernet } from '../host-network.ts';
import { INTERFACE_AT, interfaceParts, interfacesIn } from './interface-messages.ts';
import { attributeAt, attributesIn } from './netlink.ts';

/** linux/if_link.h */
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const LONGEST_NAME_OCTETS = 16;
/** linux/if_arp.h, linux/if.h */
const ARPHRD_ETHER = 1;
const IFF_NOARP = 0x80;
const IFF_LOWER_UP = 0x10000;

/** As `LinkTables.ethernets`. */
export function readEthernets(): ReadonlyMap<string, Ethernet> {
  return ethernetsIn(interfaceParts());
}

/** Those in a table of interfaces, by name. */
export function ethernetsIn(parts: readonly DataView[]): ReadonlyMap<string, Ethernet> {
  const found = new Map<string, Ethernet>();
  for (const part of parts) {
    for (const { at, attributes, end } of interfacesIn(part)) {
      const macAt = attributeAt(part, attributes, end, IFLA_ADDRESS, MAC_OCTETS);
      const mtuAt = attributeAt(part, attributes, end, IFLA_MTU, 4);
      const name = nameAt(part, attributes, end);
      const isEthernet = part.getUint16(at + INTERFACE_AT.type, true) === ARPHRD_ETHER;
      const flags = part.getUint32(at + INTERFACE_AT.flags, true);
      const hasArp = (flags & IFF_NOARP) === 0;
      const hasCarrier = (flags & IFF_LOWER_UP) !== 0;
      if (name === undefined || macAt < 0 || mtuAt < 0 || !isEthernet || !hasArp) continue;
      const mac = new Uint8Array(part.buffer.slice(macAt, macAt + MAC_OCTETS));
      const mtu = part.getUint32(mtuAt, true);
      const interfaceIndex = part.getInt32(at + INTERFACE_AT.index, true);
      found.set(name, { interfaceIndex, mac, hasCarrier, mtu });
    }
  }
  return found;
}

/** Ends with a 0. As text it must be what Node makes of the same name elsewhere, which is UTF-8. */
function nameAt(part: DataView, start: number, end: number): string | undefined {
  for (const attribute of attributesIn(part, start, end)) {
    const octets = attribute.end - attribute.at;
    if (attribute.type === IFLA_IFNAME && octets >= 2 && octets <= LONGEST_NAME_OCTETS)
      return Buffer.from(part.buffer, attribute.at, octets - 1).toString();
  }
  return undefined;
}
