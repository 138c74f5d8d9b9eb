/** IP packets around ICMP, for the simulator's answers; checksums are this file's own. */

import type { Family } from '../../../src/address.ts';

const SCRATCH_OCTETS = 4096;
export const IP4_OCTETS = 20;
export const IP6_OCTETS = 40;
const ICMP4 = 1;
const ICMP6 = 58;
const DESTINATION_OPTIONS = 60;

const scratch = new Uint8Array(SCRATCH_OCTETS);
const view = new DataView(scratch.buffer);

export interface PacketParts {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly ttl: number;
  readonly icmp: Uint8Array;
  readonly checksum: 'right' | 'bad' | 'zero';
  /** Type of service, or IPv6's traffic class. */
  readonly trafficClass?: number;
  readonly options?: readonly number[];
  readonly hasDestinationOptions?: boolean;
}

/** Valid until the next call. */
export function ipPacket(family: Family, parts: PacketParts): Uint8Array {
  return family === 4 ? ip4Packet(parts) : ip6Packet(parts);
}

function ip4Packet({
  source,
  destination,
  ttl,
  icmp,
  checksum,
  trafficClass = 0,
  options = [],
}: PacketParts): Uint8Array {
  const header = IP4_OCTETS + options.length;
  const length = header + icmp.length;
  scratch.fill(0, 0, header);
  scratch[0] = 0x40 | (header / 4);
  scratch[1] = trafficClass;
  view.setUint16(2, length);
  scratch[8] = ttl;
  scratch[9] = ICMP4;
  scratch.set(source, 12);
  scratch.set(destination, 16);
  scratch.set(options, IP4_OCTETS);
  view.setUint16(10, ~sum(scratch, 0, header));
  scratch.set(icmp, header);
  putChecksum(header, icmp.length, 0, checksum);
  return scratch.subarray(0, length);
}

function ip6Packet(parts: PacketParts): Uint8Array {
  const { source, destination, ttl, icmp, checksum, hasDestinationOptions = false } = parts;
  const { trafficClass = 0 } = parts;
  const extension = hasDestinationOptions ? [ICMP6, 0, 1, 4, 0, 0, 0, 0] : [];
  const start = IP6_OCTETS + extension.length;
  view.setUint32(0, 0x60000000 | (trafficClass << 20));
  view.setUint16(4, extension.length + icmp.length);
  scratch[6] = hasDestinationOptions ? DESTINATION_OPTIONS : ICMP6;
  scratch[7] = ttl;
  scratch.set(source, 8);
  scratch.set(destination, 24);
  scratch.set(extension, IP6_OCTETS);
  scratch.set(icmp, start);
  const pseudo = sum(scratch, 8, 32) + icmp.length + ICMP6;
  putChecksum(start, icmp.length, pseudo, checksum);
  return scratch.subarray(0, start + icmp.length);
}

function putChecksum(
  at: number,
  length: number,
  pseudo: number,
  kind: PacketParts['checksum'],
): void {
  if (length < 4) return;
  view.setUint16(at + 2, 0);
  const right = ~folded(pseudo + sum(scratch, at, length)) & 0xffff;
  view.setUint16(at + 2, kind === 'zero' ? 0 : kind === 'bad' ? right ^ 0x5555 : right);
}

/** The fragments of an IPv4 packet. Each is valid until the next. */
export function* fragments(packet: Uint8Array, octets: number): Generator<Uint8Array> {
  const payload = packet.slice(IP4_OCTETS);
  for (let at = 0; at < payload.length; at += octets) {
    const part = payload.subarray(at, at + octets);
    const isLast = at + octets >= payload.length;
    scratch.set(packet.subarray(0, IP4_OCTETS));
    view.setUint16(2, IP4_OCTETS + part.length);
    view.setUint16(4, 0x4711);
    view.setUint16(6, (at >> 3) | (isLast ? 0 : 0x2000));
    view.setUint16(10, 0);
    view.setUint16(10, ~sum(scratch, 0, IP4_OCTETS));
    scratch.set(part, IP4_OCTETS);
    yield scratch.subarray(0, IP4_OCTETS + part.length);
  }
}

/** RFC 1071, not yet complemented. */
export function sum(octets: Uint8Array, at: number, length: number): number {
  let total = 0;
  for (let i = 0; i < length; i += 2)
    total += octets[at + i]! * 256 + (i + 1 < length ? octets[at + i + 1]! : 0);
  return folded(total);
}

function folded(total: number): number {
  let rest = total;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return rest;
}
