/** Packets taken apart field by field, by code of its own, so that two of them can be held against each other. */

import { type Family, formatAddressBytes } from '../../src/address.ts';

export type Fields = Readonly<Record<string, unknown>>;

const IP4_OCTETS = 20;
const IP6_OCTETS = 40;
const ICMP_OCTETS = 8;
const ICMP4 = 1;
const ICMP6 = 58;

/**
 * Every field of an ICMP packet but those that each kernel chooses by itself: IPv4's identification and IPv6's flow label.
 * @param roles names of the addresses, so that packets of two networks read alike
 */
export function icmpFields(
  family: Family,
  packet: Uint8Array,
  roles: ReadonlyMap<string, string>,
): Fields {
  const header = headerFields(family, packet, roles);
  const icmp = packet.subarray(headerOctets(family, packet));
  const isError = family === 4 ? [3, 4, 5, 11, 12].includes(icmp[0]!) : icmp[0]! < 128;
  const body = icmp.subarray(ICMP_OCTETS);
  return {
    ...header,
    type: icmp[0],
    code: icmp[1],
    'ICMP checksum holds': sum(icmp, pseudo(family, packet, icmp.length)) === 0xffff,
    'rest of the header': hex(icmp.subarray(4, ICMP_OCTETS)),
    ...(isError ? quoteFields(family, body, roles) : { data: hex(body) }),
  };
}

function quoteFields(
  family: Family,
  quote: Uint8Array,
  roles: ReadonlyMap<string, string>,
): Fields {
  const header = headerFields(family, quote, roles);
  const inner = Object.entries(header).map(([name, value]) => [`quoted ${name}`, value]);
  return {
    ...Object.fromEntries(inner),
    'quoted octets': quote.length,
    'quoted ICMP': quotedIcmp(family, quote.subarray(headerOctets(family, quote))),
  };
}

/** Without ICMPv6's checksum, which covers the addresses. */
function quotedIcmp(family: Family, icmp: Uint8Array): string {
  return hex(icmp.map((octet, i) => (family === 6 && (i === 2 || i === 3) ? 0 : octet)));
}

function headerFields(
  family: Family,
  packet: Uint8Array,
  roles: ReadonlyMap<string, string>,
): Fields {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const role = (at: number): string => {
    const address = formatAddressBytes(family, view, at);
    return roles.get(address) ?? address;
  };
  if (family === 4) {
    const flags = view.getUint16(6);
    return {
      version: packet[0]! >> 4,
      'header octets': headerOctets(4, packet),
      'type of service': packet[1],
      'total length': view.getUint16(2),
      "don't fragment": (flags & 0x4000) !== 0,
      'more fragments': (flags & 0x2000) !== 0,
      'fragment offset': flags & 0x1fff,
      'time to live': packet[8],
      protocol: packet[9],
      'header checksum holds': sum(packet.subarray(0, headerOctets(4, packet)), 0) === 0xffff,
      source: role(12),
      destination: role(16),
    };
  }
  return {
    version: packet[0]! >> 4,
    'traffic class': (view.getUint16(0) >> 4) & 255,
    'payload length': view.getUint16(4),
    'next header': packet[6],
    'hop limit': packet[7],
    source: role(8),
    destination: role(24),
  };
}

/** ARP as RFC 826 has it, and that the frame and the packet agree about who speaks. */
export function arpFields(frame: Uint8Array, client: Uint8Array, asked: string): Fields {
  const arp = frame.subarray(14);
  const view = new DataView(arp.buffer, arp.byteOffset, arp.length);
  return {
    'fixed part': hex(arp.subarray(0, 8)),
    'speaks for itself': hex(arp.subarray(8, 14)) === hex(frame.subarray(6, 12)),
    'speaks of who was asked': formatAddressBytes(4, view, 14) === asked,
    'to the client':
      hex(arp.subarray(18, 24)) === hex(client) && hex(frame.subarray(0, 6)) === hex(client),
  };
}

/** The option of an advertisement names who sent the frame. */
export function advertisementFields(frame: Uint8Array, roles: ReadonlyMap<string, string>): Fields {
  const packet = frame.subarray(14);
  const { data, ...fields } = icmpFields(6, packet, roles);
  const text = data as string;
  const view = new DataView(packet.buffer, packet.byteOffset + IP6_OCTETS + ICMP_OCTETS);
  return {
    ...fields,
    target: roles.get(formatAddressBytes(6, view, 0)),
    option: text.slice(32, 36),
    'option names the sender': text.slice(36) === hex(frame.subarray(6, 12)),
  };
}

function headerOctets(family: Family, packet: Uint8Array): number {
  return family === 4 ? (packet[0]! & 15) * 4 : IP6_OCTETS;
}

/** RFC 8200 section 8.1; IPv4's ICMP has none. */
function pseudo(family: Family, packet: Uint8Array, length: number): number {
  return family === 4 ? 0 : sum(packet.subarray(8, IP6_OCTETS), length + ICMP6);
}

/** RFC 1071, folded. */
function sum(octets: Uint8Array, start: number): number {
  let total = start;
  for (const [i, octet] of octets.entries()) total += i % 2 === 0 ? octet * 256 : octet;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return total;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

/** An echo request with everything that a sender may choose. */
export interface RequestFields {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly hopLimit: number;
  readonly trafficClass: number;
  readonly dontFragment: boolean;
  readonly identifier: number;
  readonly sequence: number;
  readonly dataOctets: number;
}

export function echoRequest(family: Family, fields: RequestFields): Uint8Array {
  const { identifier, sequence, dataOctets } = fields;
  const icmp = new Uint8Array(ICMP_OCTETS + dataOctets).map((_, i) => i * 7);
  const view = new DataView(icmp.buffer);
  view.setUint32(0, family === 4 ? 0x08000000 : 0x80000000);
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  return ipPacket(family, fields, icmp);
}

/** An IP packet around ICMP that has no checksum yet. */
export function ipPacket(
  family: Family,
  fields: Pick<
    RequestFields,
    'source' | 'destination' | 'hopLimit' | 'trafficClass' | 'dontFragment'
  >,
  icmp: Uint8Array,
): Uint8Array {
  const { source, destination, hopLimit, trafficClass, dontFragment } = fields;
  const header = new Uint8Array(family === 4 ? IP4_OCTETS : IP6_OCTETS);
  const view = new DataView(header.buffer);
  if (family === 4) {
    header.set([0x45, trafficClass]);
    view.setUint16(2, header.length + icmp.length);
    view.setUint16(6, dontFragment ? 0x4000 : 0);
    header.set([hopLimit, ICMP4], 8);
    header.set(source, 12);
    header.set(destination, 16);
    view.setUint16(10, ~sum(header, 0));
  } else {
    view.setUint32(0, 0x60000000 + trafficClass * 0x100000);
    view.setUint16(4, icmp.length);
    header.set([ICMP6, hopLimit], 6);
    header.set(source, 8);
    header.set(destination, 24);
  }
  const packet = Uint8Array.from([...header, ...icmp]);
  const whole = new DataView(packet.buffer);
  whole.setUint16(header.length + 2, ~sum(icmp, pseudo(family, packet, icmp.length)));
  return packet;
}
