/** The packets that a simulated network answers with, made of the request and a rule. */

import { addressOctets, type Family, parseAddress } from '../../../src/address.ts';
import { fragments, IP4_OCTETS, IP6_OCTETS, ipPacket, sum } from './ip-packets.ts';
import type { ErrorRule, ReplyRule } from './rules.ts';

const ICMP_OCTETS = 8;
const TYPE = { echoReply: { 4: 0, 6: 129 }, echoRequest: { 4: 8, 6: 128 } } as const;
/** What an error may be long: RFC 1812 section 4.3.2.3 and RFC 4443 section 2.4 (c). */
const LONGEST_ERROR: Readonly<Record<Family, number>> = { 4: 576, 6: 1280 };
/** Routers say errors with precedence 6 and the packet's own type of service (RFC 1812 sections 4.3.2.4 and 4.3.2.5). */
const INTERNETWORK_CONTROL = 0xc0;
const TYPE_OF_SERVICE = 0x1e;
/** Of RFC 4884: a quote before extensions is padded to so many octets. */
const QUOTE_BEFORE_EXTENSION = 128;
const IP_OPTIONS: Readonly<Record<string, readonly number[]>> = {
  'record-route': [7, 39, 8, 10, 0, 0, 1, 10, 0, 0, 2, ...new Array<number>(28).fill(0), 0],
  timestamp: [68, 12, 5, 0, 0, 0, 0, 1, 0, 0, 0, 2],
  nop: [1, 1, 1, 1],
};
/** An MPLS label stack object of one label (RFC 4950 section 3) behind an extension header (RFC 4884 section 7). */
const MPLS_EXTENSION: readonly number[] = [0x20, 0, 0, 0, 0, 8, 1, 1, 0x03, 0xe8, 0x11, 0x01];

/** An IP packet as it was received. */
export interface Received {
  readonly family: Family;
  /** From the IP header to the end of the packet. */
  readonly octets: Uint8Array;
}

/** The reply to an echo request; several where it is fragmented. Each is valid until the next call. */
export function* replies(request: Received, rule: ReplyRule, ttl: number): Generator<Uint8Array> {
  const { family, octets } = request;
  const message = octets.slice(headerOctets(request));
  message[0] = rule.type ?? TYPE.echoReply[family];
  message[1] = rule.code ?? 0;
  const words = new DataView(message.buffer);
  words.setUint16(4, words.getUint16(4) ^ (rule.identifier ?? 0));
  words.setUint16(6, words.getUint16(6) ^ (rule.sequence ?? 0));
  if (rule.flip !== undefined) message[ICMP_OCTETS + rule.flip]! ^= 0xff;
  const kept = message.subarray(0, ICMP_OCTETS + (rule.cut ?? message.length));
  const padded = rule.pad === undefined ? kept : withPadding(kept, rule.pad);
  const icmp = padded.subarray(0, rule.truncate ?? padded.length);
  const source = sourceOf(request, rule.from);
  const packet = ipPacket(family, {
    source,
    destination: sourceIn(request),
    ttl: rule.ttl ?? ttl,
    icmp,
    checksum: rule.checksum ?? 'right',
    trafficClass: trafficClassOf(request),
    options: IP_OPTIONS[rule.ipOptions ?? ''] ?? [],
    hasDestinationOptions: rule.destinationOptions ?? false,
  });
  if (rule.ipChecksum === 'bad') packet[10]! ^= 0x55;
  if (rule.fragment === undefined) yield packet;
  else yield* fragments(packet.slice(), rule.fragment);
}

/** The ICMP error about a request. Valid until the next call. */
export function errorAbout(
  request: Received,
  rule: ErrorRule,
  routers: ReadonlyMap<string, string>,
  ttl: number,
): Uint8Array {
  const { family } = request;
  const longestQuote = LONGEST_ERROR[family] - headerOctetsOf(family) - ICMP_OCTETS;
  const quote = request.octets.slice(0, rule.quote ?? longestQuote);
  spoilQuote(quote, request, rule);
  const extended = rule.mpls === true ? withExtension(quote) : quote;
  const icmp = new Uint8Array(ICMP_OCTETS + extended.length);
  const words = new DataView(icmp.buffer);
  icmp[0] = rule.type;
  icmp[1] = rule.code;
  if (rule.mpls === true) icmp[5] = QUOTE_BEFORE_EXTENSION / 4;
  if (rule.gateway !== undefined) words.setUint32(4, Number(parseAddress(rule.gateway)!.value));
  if (family === 6) words.setUint32(4, rule.mtu ?? rule.pointer ?? 0);
  else if (rule.mtu !== undefined) words.setUint16(6, rule.mtu);
  else if (rule.pointer !== undefined) icmp[4] = rule.pointer;
  icmp.set(extended, ICMP_OCTETS);
  const from = routers.get(rule.from ?? '') ?? rule.from;
  return ipPacket(family, {
    source: sourceOf(request, from),
    destination: sourceIn(request),
    ttl: rule.ttl ?? ttl,
    icmp: icmp.subarray(0, rule.truncate ?? icmp.length),
    checksum: rule.checksum ?? 'right',
    trafficClass:
      family === 4 ? INTERNETWORK_CONTROL | (trafficClassOf(request) & TYPE_OF_SERVICE) : 0,
  });
}

/** An echo request to whoever sent `request`. Valid until the next call. */
export function requestTo(
  request: Received,
  identifier: number,
  from: string | undefined,
): Uint8Array {
  const icmp = new Uint8Array(ICMP_OCTETS + 56).fill(0x5a);
  icmp.set([TYPE.echoRequest[request.family], 0, 0, 0, identifier >> 8, identifier & 0xff, 0, 1]);
  return ipPacket(request.family, {
    source: sourceOf(request, from),
    destination: sourceIn(request),
    ttl: 64,
    icmp,
    checksum: 'right',
  });
}

/** Octets of the IP header; IPv6's extension headers are not looked at. */
export function headerOctets({ family, octets }: Received): number {
  return family === 4 ? (octets[0]! & 15) * 4 : IP6_OCTETS;
}

/** A neighbour advertisement (RFC 4861 section 4.4). Valid until the next call. */
export function advertisement(target: Uint8Array, to: Uint8Array, mac: Uint8Array): Uint8Array {
  const icmp = Uint8Array.from([136, 0, 0, 0, 0x60, 0, 0, 0, ...target, 2, 1, ...mac]);
  return ipPacket(6, { source: target, destination: to, ttl: 255, icmp, checksum: 'right' });
}

function spoilQuote(quote: Uint8Array, request: Received, rule: ErrorRule): void {
  const words = new DataView(quote.buffer);
  const { family } = request;
  const [sourceAt, destinationAt, ttlAt] = family === 4 ? [12, 16, 8] : [8, 24, 7];
  // The router has taken the last of it.
  const isTimeExceeded = rule.type === (family === 4 ? 11 : 3) && rule.code === 0;
  if (isTimeExceeded && quote.length > ttlAt) quote[ttlAt] = 1;
  for (const [text, at] of [
    [rule.quotedSource, sourceAt],
    [rule.quotedDestination, destinationAt],
  ] as const) {
    if (text !== undefined) quote.set(octetsOf(text), at);
  }
  if (family === 4 && quote.length >= IP4_OCTETS) {
    words.setUint16(10, 0);
    words.setUint16(10, ~sum(quote, 0, headerOctets(request)));
  }
  const identifierAt = headerOctets(request) + 4;
  if (rule.quotedIdentifier !== undefined)
    words.setUint16(identifierAt, words.getUint16(identifierAt) ^ rule.quotedIdentifier);
}

function withPadding(message: Uint8Array, octets: number): Uint8Array {
  const padded = new Uint8Array(message.length + octets).fill(0xaa);
  padded.set(message);
  return padded;
}

function withExtension(quote: Uint8Array): Uint8Array {
  const extended = new Uint8Array(QUOTE_BEFORE_EXTENSION + MPLS_EXTENSION.length);
  extended.set(quote.subarray(0, QUOTE_BEFORE_EXTENSION));
  extended.set(MPLS_EXTENSION, QUOTE_BEFORE_EXTENSION);
  const words = new DataView(extended.buffer, QUOTE_BEFORE_EXTENSION);
  words.setUint16(2, ~sum(extended, QUOTE_BEFORE_EXTENSION, MPLS_EXTENSION.length));
  return extended;
}

function headerOctetsOf(family: Family): number {
  return family === 4 ? IP4_OCTETS : IP6_OCTETS;
}

function trafficClassOf({ family, octets }: Received): number {
  return family === 4 ? octets[1]! : ((octets[0]! & 15) << 4) | (octets[1]! >> 4);
}

function sourceIn({ family, octets }: Received): Uint8Array {
  return family === 4 ? octets.slice(12, 16) : octets.slice(8, 24);
}

/** @param from an address, `+1` for the one behind the target, or undefined for the target */
function sourceOf({ family, octets }: Received, from: string | undefined): Uint8Array {
  const target = family === 4 ? octets.slice(16, 20) : octets.slice(24, 40);
  if (from === undefined) return target;
  if (!from.startsWith('+')) return octetsOf(from);
  target[target.length - 1]! += Number(from);
  return target;
}

function octetsOf(text: string): Uint8Array {
  const { family, value } = parseAddress(text)!;
  return addressOctets(family, value);
}
