/** IPv4 and IPv6 headers (RFC 791, RFC 8200): their fields, and writing and checking those around ICMP. */

import type { Family } from '../address.ts';
import { checksumHolds, foldSum, internetChecksum, sumWords } from './checksum.ts';
import { ICMP_AT, ICMP_HEADER_OCTETS } from './icmp.ts';

/*
 * IPv4 (RFC 791 section 3.1), 20 octets without options, and IPv6 (RFC 8200 section 3):
 *
 *   octet 0           1           2           3           4
 *        +-----------+-----------+-----------------------+
 *      0 | 4 | words |    TOS    |     total length      |
 *        +-----------+-----------+-----+-----------------+
 *      4 |    identification     |flags| fragment offset |
 *        +-----------+-----------+-----+-----------------+
 *      8 |    TTL    | protocol  |       checksum        |
 *        +-----------+-----------+-----------------------+
 *     12 |               source, 4 octets                |
 *     16 |            destination, 4 octets              |
 *        +-----------------------------------------------+
 *
 *        +---+---------------+---------------------------+
 *      0 | 6 | traffic class |        flow label         |
 *        +---+---------------+---+-----------+-----------+
 *      4 |    payload length     |next header| hop limit |
 *        +-----------------------+-----------+-----------+
 *      8 |               source, 16 octets               |
 *     24 |            destination, 16 octets             |
 *        +-----------------------------------------------+
 */

/** Octets of the header, IPv4's without options. */
export const IP_HEADER_OCTETS = { 4: 20, 6: 40 } as const;
/** IPv4's with as many options as fit. */
export const LONGEST_IPV4_HEADER_OCTETS = 60;

/** By family, where the fields that both have begin. */
export const SOURCE_AT = { 4: 12, 6: 8 } as const;
export const DESTINATION_AT = { 4: 16, 6: 24 } as const;
export const HOP_LIMIT_AT = { 4: 8, 6: 7 } as const;
/** The number of what follows the header. */
export const PROTOCOL_AT = { 4: 9, 6: 6 } as const;

/** Fields of IPv4 alone. */
export const IPV4_AT = { totalLength: 2, identification: 4, fragment: 6, checksum: 10 } as const;
/** Fields of IPv6 alone. */
export const IPV6_AT = { payloadLength: 4 } as const;

/** Bits of IPv4's fragment field. */
export const IPV4_FRAGMENT = { dont: 0x4000, more: 0x2000, offset: 0x1fff } as const;

/** Protocol number of ICMP and ICMPv6. */
export const ICMP_PROTOCOL = { 4: 1, 6: 58 } as const;

/**
 * IPv6's fragment header (RFC 8200 section 4.5), in a quote if a request was longer than the path allows. `offset` is a
 * field of 16 bits, of which `offsetMask` has the offset.
 */
export const FRAGMENT_HEADER = {
  protocol: 44,
  octets: 8,
  nextHeaderAt: 0,
  offsetAt: 2,
  offsetMask: 0xfff8,
} as const;

/** Octets of the IPv4 header at `at`, as it says itself; less than 20 if it is invalid. */
export function ipv4HeaderOctets(view: DataView, at: number): number {
  return (view.getUint8(at) & 0x0f) * 4;
}

export interface HeaderFields {
  readonly family: Family;
  /** Our address, 4 or 16 octets. */
  readonly source: Uint8Array;
  /** TTL or hop limit. */
  readonly hopLimit: number;
  /** TOS octet or traffic class. */
  readonly trafficClass: number;
  readonly dontFragment: boolean;
}

/**
 * Writes the fields that are the same in every packet.
 * @param at where the header begins
 * @param octets of the ICMP part
 */
export function prepareHeader(
  view: DataView,
  at: number,
  octets: number,
  { family, source, hopLimit, trafficClass, dontFragment }: HeaderFields,
): void {
  source.forEach((octet, i) => {
    view.setUint8(at + SOURCE_AT[family] + i, octet);
  });
  view.setUint8(at + HOP_LIMIT_AT[family], hopLimit);
  if (family === 4) {
    view.setUint16(at, 0x4500 | trafficClass);
    view.setUint16(at + IPV4_AT.totalLength, IP_HEADER_OCTETS[4] + octets);
    view.setUint16(at + IPV4_AT.fragment, dontFragment ? IPV4_FRAGMENT.dont : 0);
    view.setUint8(at + PROTOCOL_AT[4], ICMP_PROTOCOL[4]);
  } else {
    view.setUint32(at, ((6 << 28) | (trafficClass << 20)) >>> 0);
    view.setUint16(at + IPV6_AT.payloadLength, octets);
    view.setUint8(at + PROTOCOL_AT[6], ICMP_PROTOCOL[6]);
  }
}

/** Completes a packet whose destination and message are written: IPv4's header checksum, or ICMPv6's over both. */
export function sealPacket(family: Family, view: DataView, at: number, octets: number): void {
  const message = at + IP_HEADER_OCTETS[family];
  if (family === 4) {
    // An unfragmented packet may have any identification (RFC 6864 section 4.1); fragments need a unique one.
    view.setUint16(at + IPV4_AT.identification, view.getUint16(message + ICMP_AT.sequence));
    view.setUint16(at + IPV4_AT.checksum, 0);
    view.setUint16(at + IPV4_AT.checksum, internetChecksum(view, at, IP_HEADER_OCTETS[4]));
    return;
  }
  view.setUint16(message + ICMP_AT.checksum, 0);
  view.setUint16(message + ICMP_AT.checksum, ~foldSum(sum6(view, at, octets)) & 0xffff);
}

/**
 * Checks a received packet as the kernel does before it passes ICMP on: a valid IPv4 header, or an ICMPv6 message with
 * the right checksum directly after the IPv6 header.
 * @param length octets received, which may be more than the packet has (Ethernet pads short frames)
 * @returns octets of the whole packet, 0 if it is invalid
 */
export function packetLength(family: Family, view: DataView, at: number, length: number): number {
  if (length < IP_HEADER_OCTETS[family]) return 0;
  const first = view.getUint8(at);
  if (first >> 4 !== family) return 0;
  if (family === 4) {
    const headerOctets = ipv4HeaderOctets(view, at);
    const total = view.getUint16(at + IPV4_AT.totalLength);
    if (headerOctets < IP_HEADER_OCTETS[4] || total < headerOctets || total > length) return 0;
    if (!isHostAddress4(view.getUint32(at + SOURCE_AT[4]))) return 0;
    return checksumHolds(view, at, headerOctets) ? total : 0;
  }
  const octets = view.getUint16(at + IPV6_AT.payloadLength);
  if (
    IP_HEADER_OCTETS[6] + octets > length ||
    view.getUint8(at + PROTOCOL_AT[6]) !== ICMP_PROTOCOL[6]
  )
    return 0;
  if (!isHostAddress6(view, at + SOURCE_AT[6])) return 0;
  return foldSum(sum6(view, at, octets)) === 0xffff ? IP_HEADER_OCTETS[6] + octets : 0;
}

/** 0/8, 127/8, multicast and broadcast are never a source (RFC 1122 section 3.2.1.3). */
function isHostAddress4(address: number): boolean {
  const first = address >>> 24;
  const isGroup = first >= 224 && first < 240;
  return first !== 0 && first !== 127 && !isGroup && address !== 0xffffffff;
}

/** Nor are multicast, :: and ::1 (RFC 4291 sections 2.5 and 2.7). */
function isHostAddress6(view: DataView, at: number): boolean {
  const isGroup = view.getUint8(at) === 0xff;
  const isZeroBut = view.getUint32(at) + view.getUint32(at + 4) + view.getUint32(at + 8) === 0;
  return !isGroup && !(isZeroBut && view.getUint32(at + 12) <= 1);
}

/** What ICMPv6's checksum covers: both addresses, length and protocol, and the message (RFC 8200 section 8.1). */
function sum6(view: DataView, at: number, octets: number): number {
  const addresses = sumWords(view, at + SOURCE_AT[6], 32);
  return addresses + octets + ICMP_PROTOCOL[6] + sumWords(view, at + IP_HEADER_OCTETS[6], octets);
}

/** Octets of the IP packet that carries an echo request. */
export function echoPacketOctets(family: Family, payloadOctets: number): number {
  return IP_HEADER_OCTETS[family] + ICMP_HEADER_OCTETS + payloadOctets;
}
