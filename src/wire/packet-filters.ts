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
  PROTOCOL_AT,
} from './ip-header.ts';
import { ARP, ARP_OPERATION } from './neighbour-messages.ts';

/** What the kernel knows about a packet besides its octets: offsets from SKF_AD_OFF (linux/filter.h). */
const ANCILLARY = { packetType: 0xfffff004, interfaceIndex: 0xfffff008 } as const;
/** linux/if_packet.h: addressed to us, and broadcast. */
const PACKET_HOST = 0;
const PACKET_BROADCAST = 1;
/** Where the packet that an error quotes begins, counted from the error's own header. */
const QUOTE_AT = ICMP_HEADER_OCTETS;

/** Passes echo replies with our identifier, and errors that quote an echo request with it. */
export function socketFilter(family: Family, identifier: number): Uint8Array {
  return assemble(family === 4 ? filter4(identifier) : filter6(identifier));
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
function filter4(identifier: number): Line[] {
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
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    ...VERDICTS,
  ];
}

/**
 * An ICMPv6 raw socket sees the ICMPv6 message alone. An error's quote has a fragment header behind its IPv6 header if
 * the request was fragmented.
 * @param base octets of headers before the message
 */
function filter6(identifier: number, base = 0): Line[] {
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
    [OP.jumpEqual, identifier, 'pass', 'drop'],
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
