/** BPF programs that show a socket only the packets meant for it. */

import type { Family } from '../address.ts';
import { assemble, type Line, NEXT, OP, VERDICTS } from './bpf.ts';
import {
  ECHO_REPLY,
  ECHO_REQUEST,
  ERROR_TYPES,
  ICMP_AT,
  ICMP_HEADER_OCTETS,
  NDP_TYPE,
} from './icmp.ts';
import {
  DESTINATION_AT,
  FRAGMENT_HEADER,
  ICMP_PROTOCOL,
  IP_HEADER_OCTETS,
  IPV4_AT,
  IPV4_FRAGMENT,
  IPV6_AT,
  PROTOCOL_AT,
} from './ip-header.ts';
import { ARP, ARP_OPERATION } from './neighbour-messages.ts';

/** What the kernel knows about a packet besides its octets: offsets from SKF_AD_OFF (linux/filter.h). */
const ANCILLARY = {
  packetType: 0xfffff004,
  interfaceIndex: 0xfffff008,
  vlanTag: 0xfffff02c,
} as const;
/** Of a VLAN's tag: its number, 0 if the tag is for priority only. */
const VLAN_NUMBER = 0x0fff;
/** Offsets from the IP header, wherever the socket's packets begin: SKF_NET_OFF (linux/filter.h). */
const NETWORK = 0xfff00000;
/** linux/if_packet.h: addressed to us, broadcast, to a group, and sent by this host. */
const PACKET_HOST = 0;
const PACKET_BROADCAST = 1;
const PACKET_MULTICAST = 2;
export const PACKET_OUTGOING = 4;
/** Where the packet that an error quotes begins, counted from the error's own header. */
const QUOTE_AT = ICMP_HEADER_OCTETS;

/** What a ring takes: our requests that leave through an interface, and the usual replies that arrive there. */
export interface Heard {
  readonly interfaceIndex: number;
  /** Octets of the IP packet. */
  readonly packetOctets: number;
}

/** Passes nothing. */
export const DROP_ALL: Uint8Array = assemble([[OP.return, 0]]);

/** Passes echo replies with our identifier, and errors that quote an echo request with it. */
export function socketFilter(family: Family, identifier: number): Uint8Array {
  return assemble(family === 4 ? filter4(identifier) : filter6(identifier));
}

/**
 * For a packet socket on all interfaces: the same as `socketFilter`, without replies that a ring takes, fragments, and
 * IPv6 packets with further headers.
 */
export function remainderFilter(family: Family, identifier: number, heard: Heard): Uint8Array {
  const replies = unlessHeard(family, heard);
  return assemble([
    [OP.loadByte, ANCILLARY.packetType],
    [OP.jumpAbove, PACKET_MULTICAST, 'drop', NEXT],
    [OP.loadByte, PROTOCOL_AT[family]],
    [OP.jumpEqual, ICMP_PROTOCOL[family], NEXT, 'drop'],
    ...(family === 4
      ? [...UNFRAGMENTED4, ...filter4(identifier, replies)]
      : filter6(identifier, IP_HEADER_OCTETS[6], replies)),
  ]);
}

/** For an IPv6 raw socket: of what `socketFilter` passes, packets with further headers before their message. */
export function furtherHeadersFilter(identifier: number): Uint8Array {
  return assemble([
    [OP.loadByte, NETWORK + PROTOCOL_AT[6]],
    [OP.jumpEqual, ICMP_PROTOCOL[6], 'drop', NEXT],
    ...filter6(identifier),
  ]);
}

/**
 * For a packet socket on one interface: our own echo requests on their way out, and replies to them. Only packets without
 * options or further headers, as long as the requests and whole. The first fragment of a reply passes as well, because the
 * system may put it together to such a reply.
 * @param which 'requests' to leave out all replies
 */
export function ringFilter(
  family: Family,
  identifier: number,
  heard: Heard,
  which: 'all' | 'requests' = 'all',
): Uint8Array {
  const message = IP_HEADER_OCTETS[family];
  return assemble([
    [OP.loadWord, ANCILLARY.interfaceIndex],
    [OP.jumpEqual, heard.interfaceIndex, NEXT, 'drop'],
    [OP.loadByte, ANCILLARY.packetType],
    [OP.jumpEqual, PACKET_OUTGOING, 'outgoing', NEXT],
    [OP.jumpEqual, which === 'requests' ? NOT_A_PACKET_TYPE : PACKET_HOST, NEXT, 'drop'],
    // A packet for a VLAN passes the interface below it as well.
    [OP.loadWord, ANCILLARY.vlanTag],
    [OP.jumpAnyBit, VLAN_NUMBER, 'drop', NEXT],
    ...(family === 4 ? ifFragment4() : ifFragment6()),
    ...ifShape(family, heard),
    [OP.loadByte, message + ICMP_AT.type],
    [OP.jumpEqual, ECHO_REPLY[family], 'identifier', 'drop'],
    'outgoing',
    ...ifShape(family, heard),
    [OP.loadByte, message + ICMP_AT.type],
    [OP.jumpEqual, ECHO_REQUEST[family], NEXT, 'drop'],
    'identifier',
    [OP.loadHalf, message + ICMP_AT.identifier],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    'fragment',
    ...(family === 4 ? [] : FIRST_FRAGMENT6),
    [OP.loadByte, fragmentAt(family) + ICMP_AT.type],
    [OP.jumpEqual, ECHO_REPLY[family], NEXT, 'drop'],
    [OP.loadHalf, fragmentAt(family) + ICMP_AT.identifier],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    ...VERDICTS,
  ]);
}

/** No packet has it. */
const NOT_A_PACKET_TYPE = 0xff;

/** Where a fragment's ICMP header begins. */
function fragmentAt(family: Family): number {
  return family === 4 ? IP_HEADER_OCTETS[4] : IP_HEADER_OCTETS[6] + FRAGMENT_HEADER.octets;
}

/** Goes to `fragment` for the first one; later ones do not have the ICMP header. */
function ifFragment4(): Line[] {
  return [
    [OP.loadByte, PROTOCOL_AT[4]],
    [OP.jumpEqual, ICMP_PROTOCOL[4], NEXT, 'drop'],
    [OP.loadHalf, IPV4_AT.fragment],
    [OP.jumpAnyBit, IPV4_FRAGMENT.offset, 'drop', NEXT],
    [OP.jumpAnyBit, IPV4_FRAGMENT.more, 'fragment', NEXT],
  ];
}

function ifFragment6(): Line[] {
  return [
    [OP.loadByte, PROTOCOL_AT[6]],
    [OP.jumpEqual, FRAGMENT_HEADER.protocol, 'fragment', NEXT],
  ];
}

const FIRST_FRAGMENT6: readonly Line[] = [
  [OP.loadByte, IP_HEADER_OCTETS[6] + FRAGMENT_HEADER.nextHeaderAt],
  [OP.jumpEqual, ICMP_PROTOCOL[6], NEXT, 'drop'],
  [OP.loadHalf, IP_HEADER_OCTETS[6] + FRAGMENT_HEADER.offsetAt],
  [OP.jumpAnyBit, FRAGMENT_HEADER.offsetMask, 'drop', NEXT],
];

function ifShape(family: Family, heard: Heard): Line[] {
  return [
    [OP.loadByte, PROTOCOL_AT[family]],
    [OP.jumpEqual, ICMP_PROTOCOL[family], NEXT, 'drop'],
    ...shape(family, heard).flatMap(({ load, at, value }): Line[] => [
      [load, at],
      [OP.jumpEqual, value, NEXT, 'drop'],
    ]),
  ];
}

/** The fields of the IP header that show that nothing but ICMP of the expected length follows it. */
function shape(family: Family, { packetOctets }: Heard) {
  return family === 4
    ? [
        { load: OP.loadByte, at: 0, value: 0x45 },
        { load: OP.loadHalf, at: IPV4_AT.totalLength, value: packetOctets },
      ]
    : [
        { load: OP.loadByte, at: PROTOCOL_AT[6], value: ICMP_PROTOCOL[6] },
        {
          load: OP.loadHalf,
          at: IPV6_AT.payloadLength,
          value: packetOctets - IP_HEADER_OCTETS[6],
        },
      ];
}

/** Passes a reply that a ring does not take. */
function unlessHeard(family: Family, heard: Heard): Line[] {
  return [
    [OP.loadWord, ANCILLARY.interfaceIndex],
    [OP.jumpEqual, heard.interfaceIndex, NEXT, 'pass'],
    [OP.loadByte, ANCILLARY.packetType],
    [OP.jumpEqual, PACKET_HOST, NEXT, 'pass'],
    ...shape(family, heard).flatMap(({ load, at, value }): Line[] => [
      [load, at],
      [OP.jumpEqual, value, NEXT, 'pass'],
    ]),
    [OP.return, 0],
  ];
}

/**
 * For a packet socket on one interface: ARP replies to our address there. The socket also sees frames of VLANs on top of
 * the interface; those have the VLAN's index.
 * @param source our address, 4 octets
 */
export function arpReplyFilter(interfaceIndex: number, source: Uint8Array): Uint8Array {
  return assemble([
    [OP.loadByte, ANCILLARY.packetType],
    [OP.jumpAbove, PACKET_BROADCAST, 'drop', NEXT],
    [OP.loadWord, ANCILLARY.interfaceIndex],
    [OP.jumpEqual, interfaceIndex, NEXT, 'drop'],
    [OP.loadHalf, ARP.operation],
    [OP.jumpEqual, ARP_OPERATION.reply, NEXT, 'drop'],
    ...wordsAt(ARP.target, source),
    ...VERDICTS,
  ]);
}

/** The same for NDP: neighbour advertisements to our address. @param source 16 octets */
export function advertisementFilter(interfaceIndex: number, source: Uint8Array): Uint8Array {
  return assemble([
    ...toUs(6, interfaceIndex, source),
    [OP.loadByte, IP_HEADER_OCTETS[6] + ICMP_AT.type],
    [OP.jumpEqual, NDP_TYPE.advertisement, 'pass', 'drop'],
    ...VERDICTS,
  ]);
}

/** As `socketFilter`, for a packet socket on one interface and packets to our address there. */
export function linkFilter(
  family: Family,
  identifier: number,
  interfaceIndex: number,
  source: Uint8Array,
): Uint8Array {
  const ours = toUs(family, interfaceIndex, source);
  const filter = family === 4 ? filter4(identifier) : filter6(identifier, IP_HEADER_OCTETS[6]);
  return assemble([...ours, ...filter]);
}

/** Only ICMP that arrived on the interface itself, unfragmented, addressed to us by MAC and IP address. */
function toUs(family: Family, interfaceIndex: number, source: Uint8Array): Line[] {
  return [
    [OP.loadByte, ANCILLARY.packetType],
    [OP.jumpEqual, PACKET_HOST, NEXT, 'drop'],
    [OP.loadWord, ANCILLARY.interfaceIndex],
    [OP.jumpEqual, interfaceIndex, NEXT, 'drop'],
    [OP.loadByte, PROTOCOL_AT[family]],
    [OP.jumpEqual, ICMP_PROTOCOL[family], NEXT, 'drop'],
    ...(family === 4 ? UNFRAGMENTED4 : []),
    ...wordsAt(DESTINATION_AT[family], source),
  ];
}

/** Not a fragment, neither the first one nor a later one. */
const UNFRAGMENTED4: readonly Line[] = [
  [OP.loadHalf, IPV4_AT.fragment],
  [OP.jumpAnyBit, IPV4_FRAGMENT.more | IPV4_FRAGMENT.offset, 'drop', NEXT],
];

function wordsAt(place: number, octets: Uint8Array): Line[] {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  return Array.from({ length: octets.length / 4 }, (_, i): Line[] => [
    [OP.loadWord, place + i * 4],
    [OP.jumpEqual, view.getUint32(i * 4), NEXT, 'drop'],
  ]).flat();
}

/**
 * An IPv4 raw socket sees the IP header first, and an error quotes the IP header of our request:
 *
 *   | IP header | ICMP header | quoted IP header | quoted ICMP header
 *                X             X + QUOTE_AT       X + QUOTE_AT, with the quoted header's length added to X
 *
 * X is the length of the first header.
 */
function filter4(identifier: number, replies: readonly Line[] = []): Line[] {
  return [
    [OP.loadHeaderLengthX, 0],
    [OP.loadByteX, ICMP_AT.type],
    [OP.jumpEqual, ECHO_REPLY[4], 'reply', NEXT],
    ...ifErrorType(4),
    'error',
    [OP.loadByteX, QUOTE_AT + PROTOCOL_AT[4]],
    [OP.jumpEqual, ICMP_PROTOCOL[4], NEXT, 'drop'],
    [OP.loadHalfX, QUOTE_AT + IPV4_AT.fragment],
    [OP.jumpAnyBit, IPV4_FRAGMENT.offset, 'drop', NEXT],
    [OP.loadByteX, QUOTE_AT],
    [OP.and, 0x0f],
    [OP.shiftLeft, 2],
    [OP.addX, 0],
    [OP.aToX, 0],
    [OP.loadByteX, QUOTE_AT + ICMP_AT.type],
    [OP.jumpEqual, ECHO_REQUEST[4], NEXT, 'drop'],
    [OP.loadHalfX, QUOTE_AT + ICMP_AT.identifier],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    'reply',
    [OP.loadHalfX, ICMP_AT.identifier],
    [OP.jumpEqual, identifier, replies.length === 0 ? 'pass' : NEXT, 'drop'],
    ...replies,
    ...VERDICTS,
  ];
}

/**
 * An ICMPv6 raw socket sees the ICMPv6 message alone. An error's quote has a fragment header behind its IPv6 header if
 * the request was fragmented.
 * @param base octets of headers before the message @param replies goes on with replies of ours
 */
function filter6(identifier: number, base = 0, replies: readonly Line[] = []): Line[] {
  const header = base + QUOTE_AT;
  const next = header + IP_HEADER_OCTETS[6];
  const behindFragment = next + FRAGMENT_HEADER.octets;
  return [
    [OP.loadByte, base + ICMP_AT.type],
    [OP.jumpEqual, ECHO_REPLY[6], 'reply', NEXT],
    ...ifErrorType(6),
    'error',
    [OP.loadByte, header + PROTOCOL_AT[6]],
    [OP.jumpEqual, ICMP_PROTOCOL[6], 'whole', NEXT],
    [OP.jumpEqual, FRAGMENT_HEADER.protocol, NEXT, 'drop'],
    [OP.loadByte, next + FRAGMENT_HEADER.nextHeaderAt],
    [OP.jumpEqual, ICMP_PROTOCOL[6], NEXT, 'drop'],
    [OP.loadHalf, next + FRAGMENT_HEADER.offsetAt],
    [OP.jumpAnyBit, FRAGMENT_HEADER.offsetMask, 'drop', NEXT],
    ...ifRequestAt(behindFragment, identifier),
    'whole',
    ...ifRequestAt(next, identifier),
    'reply',
    [OP.loadHalf, base + ICMP_AT.identifier],
    [OP.jumpEqual, identifier, replies.length === 0 ? 'pass' : NEXT, 'drop'],
    ...replies,
    ...VERDICTS,
  ];
}

/** Goes to `error` if the loaded type is one of an error, else to `drop`. */
function ifErrorType(family: Family): Line[] {
  const types = ERROR_TYPES[family];
  return types.map((type, i) => [
    OP.jumpEqual,
    type,
    'error',
    i === types.length - 1 ? 'drop' : NEXT,
  ]);
}

/** Ends the program: passes the packet if an echo request with our identifier is quoted at `at`. */
function ifRequestAt(at: number, identifier: number): Line[] {
  return [
    [OP.loadByte, at + ICMP_AT.type],
    [OP.jumpEqual, ECHO_REQUEST[6], NEXT, 'drop'],
    [OP.loadHalf, at + ICMP_AT.identifier],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
  ];
}
