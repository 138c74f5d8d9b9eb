/** The IP header of packets that no kernel routes for us (RFC 791, RFC 8200), around ICMP only. */

import type { Family } from '../address.ts';
import { checksumHolds, foldSum, internetChecksum, sumWords } from './checksum.ts';

/*
 * IPv4:  0 version and header length, TOS, total length   4 identification, flags and fragment   8 TTL, protocol, checksum
 *       12 source   16 destination
 * IPv6:  0 version, traffic class, flow   4 payload length, next header, hop limit   8 source   24 destination
 */
export const IP_HEADER_OCTETS: Readonly<Record<Family, number>> = { 4: 20, 6: 40 };
export const SOURCE_AT: Readonly<Record<Family, number>> = { 4: 12, 6: 8 };
export const DESTINATION_AT: Readonly<Record<Family, number>> = { 4: 16, 6: 24 };
export const HOP_LIMIT_AT: Readonly<Record<Family, number>> = { 4: 8, 6: 7 };
const IPV4 = { totalLength: 2, identification: 4, flags: 6, protocol: 9, checksum: 10 } as const;
const IPV6 = { payloadLength: 4, nextHeader: 6 } as const;
const DONT_FRAGMENT = 0x4000;
const ICMP: Readonly<Record<Family, number>> = { 4: 1, 6: 58 };
const ICMP_SEQUENCE_AT = 6;
const ICMP_CHECKSUM_AT = 2;

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

/** Writes what is the same in every packet. @param at where the header begins @param octets of the ICMP message */
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
    view.setUint16(at + IPV4.totalLength, IP_HEADER_OCTETS[4] + octets);
    view.setUint16(at + IPV4.flags, dontFragment ? DONT_FRAGMENT : 0);
    view.setUint8(at + IPV4.protocol, ICMP[4]);
  } else {
    view.setUint32(at, ((6 << 28) | (trafficClass << 20)) >>> 0);
    view.setUint16(at + IPV6.payloadLength, octets);
    view.setUint8(at + IPV6.nextHeader, ICMP[6]);
  }
}

/** Completes a packet whose destination and message are written: IPv4's own checksum, or ICMPv6's over both. */
export function sealPacket(family: Family, view: DataView, at: number, octets: number): void {
  const message = at + IP_HEADER_OCTETS[family];
  if (family === 4) {
    // What is sent in one piece may bear any identification (RFC 6864 section 4.1); fragments need one of their own.
    view.setUint16(at + IPV4.identification, view.getUint16(message + ICMP_SEQUENCE_AT));
    view.setUint16(at + IPV4.checksum, 0);
    view.setUint16(at + IPV4.checksum, internetChecksum(view, at, IP_HEADER_OCTETS[4]));
    return;
  }
  view.setUint16(message + ICMP_CHECKSUM_AT, 0);
  view.setUint16(message + ICMP_CHECKSUM_AT, ~foldSum(sum6(view, at, octets)) & 0xffff);
}

/**
 * Checks a received packet as the kernel does before it hands ICMP on: an IPv4 header without fault, or an ICMPv6 message
 * whose checksum is right and that follows its header at once.
 * @param length octets received, which may be more than the packet has (Ethernet fills short frames up)
 * @returns octets of the whole packet, 0 where it is not valid
 */
export function packetLength(family: Family, view: DataView, at: number, length: number): number {
  if (length < IP_HEADER_OCTETS[family]) return 0;
  const first = view.getUint8(at);
  if (first >> 4 !== family) return 0;
  if (family === 4) {
    const headerOctets = (first & 0x0f) * 4;
    const total = view.getUint16(at + IPV4.totalLength);
    if (headerOctets < IP_HEADER_OCTETS[4] || total < headerOctets || total > length) return 0;
    if (!isHostAddress4(view.getUint32(at + SOURCE_AT[4]))) return 0;
    return checksumHolds(view, at, headerOctets) ? total : 0;
  }
  const octets = view.getUint16(at + IPV6.payloadLength);
  if (IP_HEADER_OCTETS[6] + octets > length || view.getUint8(at + IPV6.nextHeader) !== ICMP[6])
    return 0;
  if (!isHostAddress6(view, at + SOURCE_AT[6])) return 0;
  return foldSum(sum6(view, at, octets)) === 0xffff ? IP_HEADER_OCTETS[6] + octets : 0;
}

/** Nobody sends from 0/8, 127/8, a group or the broadcast address (RFC 1122 section 3.2.1.3). */
function isHostAddress4(address: number): boolean {
  const first = address >>> 24;
  const isGroup = first >= 224 && first < 240;
  return first !== 0 && first !== 127 && !isGroup && address !== 0xffffffff;
}

/** Nor from a group, :: or ::1 (RFC 4291 section 2.5, 2.7). */
function isHostAddress6(view: DataView, at: number): boolean {
  const isGroup = view.getUint8(at) === 0xff;
  const isZeroBut = view.getUint32(at) + view.getUint32(at + 4) + view.getUint32(at + 8) === 0;
  return !isGroup && !(isZeroBut && view.getUint32(at + 12) <= 1);
}

/** The sum that ICMPv6's checksum is made of: both addresses, length and protocol, and the message (RFC 8200 section 8.1). */
function sum6(view: DataView, at: number, octets: number): number {
  const addresses = sumWords(view, at + SOURCE_AT[6], 32);
  return addresses + octets + ICMP[6] + sumWords(view, at + IP_HEADER_OCTETS[6], octets);
}
