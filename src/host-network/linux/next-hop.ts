/** The next hop of a single packet, whatever it depends on (ip-route(8), `get`). */

import {
  ADDRESS_BITS,
  ADDRESS_OCTETS,
  addressOctets,
  addressValueAt,
  FAMILIES,
  type Family,
  isLinkLocal6,
} from '../../address.ts';
import type { PacketPath } from '../host-network.ts';
import type { Gateway } from '../routes-to-targets.ts';
import { readEthernets } from './ethernets.ts';
import { ROUTE_OCTETS, RTM_GETROUTE, RTM_NEWROUTE } from './hidden-paths.ts';
import { AF, ATTRIBUTE_OCTETS, attributeAt, messagesIn, netlinkEntry } from './netlink.ts';

/** linux/rtnetlink.h. */
const RTA = { destination: 1, source: 2, outgoing: 4, gateway: 5, via: 18 } as const;
/** struct rtvia: the family, then the address. */
const VIA_FAMILY_OCTETS = 2;

/** As `LinkTables.gatewayOn`. */
export function gatewayOn(path: PacketPath): Gateway | undefined {
  const part = netlinkEntry(RTM_GETROUTE, RTM_NEWROUTE, requestBody(path));
  return part && gatewayIn(part, path.family, nameOf);
}

/** What is requested: struct rtmsg (family u8, prefix lengths of destination and source, …), then attributes. */
export function requestBody({ family, to, from, interfaceIndex }: PacketPath): Uint8Array {
  const fixed = new Uint8Array(ROUTE_OCTETS);
  fixed[0] = AF[family];
  fixed[1] = ADDRESS_BITS[family];
  const parts = [fixed, attribute(RTA.destination, addressOctets(family, to))];
  if (from !== undefined) {
    fixed[2] = ADDRESS_BITS[family];
    parts.push(attribute(RTA.source, addressOctets(family, from)));
  }
  if (interfaceIndex !== undefined)
    parts.push(attribute(RTA.outgoing, new Uint8Array(Uint32Array.of(interfaceIndex).buffer)));
  return Buffer.concat(parts);
}

/** @param data a multiple of four octets, so that no padding follows */
function attribute(type: number, data: Uint8Array): Uint8Array {
  const octets = new Uint8Array(ATTRIBUTE_OCTETS + data.length);
  octets.set(new Uint8Array(Uint16Array.of(octets.length, type).buffer));
  octets.set(data, ATTRIBUTE_OCTETS);
  return octets;
}

/** The gateway of the route in an answer, of its own family or another; undefined if it has none. */
export function gatewayIn(
  part: DataView,
  family: Family,
  nameOf: (interfaceIndex: number) => string,
): Gateway | undefined {
  for (const { at, end } of messagesIn(part, RTM_NEWROUTE, ROUTE_OCTETS)) {
    const start = at + ROUTE_OCTETS;
    const outgoing = attributeAt(part, start, end, RTA.outgoing, 4);
    const own = attributeAt(part, start, end, RTA.gateway, ADDRESS_OCTETS[family]);
    if (own >= 0) return gatewayAt(part, own, family, outgoing, nameOf);
    for (const other of FAMILIES) {
      const octets = VIA_FAMILY_OCTETS + ADDRESS_OCTETS[other];
      const via = attributeAt(part, start, end, RTA.via, octets);
      if (via >= 0) return gatewayAt(part, via + VIA_FAMILY_OCTETS, other, outgoing, nameOf);
    }
  }
  return undefined;
}

function gatewayAt(
  part: DataView,
  at: number,
  family: Family,
  outgoing: number,
  nameOf: (interfaceIndex: number) => string,
): Gateway {
  const value = addressValueAt(part, at, family);
  const isLinkLocal = family === 6 && outgoing >= 0 && isLinkLocal6(value);
  return { family, value, zone: isLinkLocal ? nameOf(part.getUint32(outgoing, true)) : '' };
}

/** The interface's number if it has no name here, as one that resolves no neighbours. */
function nameOf(interfaceIndex: number): string {
  const named = [...readEthernets()].find(([, each]) => each.interfaceIndex === interfaceIndex);
  return named?.[0] ?? `${interfaceIndex}`;
}
