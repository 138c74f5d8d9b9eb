/** Classic BPF programs (bpf(4), the kernel's networking/filter.rst) that let a raw socket see only what is its own. */

import type { Family } from '../address.ts';

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];
/** A jump names a label; the assembler turns it into a distance. */
type Line =
  | string
  | readonly [code: number, value: number]
  | readonly [code: number, value: number, ifTrue: string, ifFalse: string];

/** Opcodes as `size | mode | class`. */
const OP = {
  /** A = octet, half-word or word at a fixed place. */
  loadByte: 0x30,
  loadHalf: 0x28,
  loadWord: 0x20,
  /** A = octet or half-word at X + place. */
  loadByteX: 0x50,
  loadHalfX: 0x48,
  /** X = 4 * low nibble of the octet at a place: the length of an IPv4 header. */
  loadHeaderLengthX: 0xb1,
  and: 0x54,
  shiftLeft: 0x64,
  addX: 0x0c,
  aToX: 0x07,
  jumpEqual: 0x15,
  jumpAbove: 0x25,
  jumpAnyBit: 0x45,
  give: 0x06,
} as const;

/** What the kernel knows of a packet beside its octets (linux/filter.h, SKF_AD_OFF and what is added to it). */
const ANCILLARY = { packetType: 0xfffff004, interfaceIndex: 0xfffff008 } as const;
/** linux/if_packet.h: addressed to us, and to everybody. */
const PACKET_HOST = 0;
const PACKET_BROADCAST = 1;

const IPV6_HEADER_OCTETS = 40;
const WHOLE_PACKET = 0x40000;
const NEXT = '';
const VERDICTS: readonly Line[] = ['pass', [OP.give, WHOLE_PACKET], 'drop', [OP.give, 0]];

/** Lets echo replies with our identifier pass, and errors whose quoted echo request bears it. */
export function socketFilter(family: Family, identifier: number): Uint8Array {
  return encode(assemble(family === 4 ? filter4(identifier) : filter6(identifier)));
}

/**
 * What a packet socket on one interface is to be shown of ARP (RFC 826): replies to one of our addresses. Frames of a
 * VLAN on top of the interface pass by here too, and have the VLAN's index.
 * @param source our address, 4 octets
 */
export function arpReplyFilter(interfaceIndex: number, source: Uint8Array): Uint8Array {
  return encode(
    assemble([
      [OP.loadByte, ANCILLARY.packetType],
      [OP.jumpAbove, PACKET_BROADCAST, 'drop', NEXT],
      [OP.loadWord, ANCILLARY.interfaceIndex],
      [OP.jumpEqual, interfaceIndex, NEXT, 'drop'],
      [OP.loadHalf, 6],
      [OP.jumpEqual, 2, NEXT, 'drop'],
      ...wordsAt(24, source),
      ...VERDICTS,
    ]),
  );
}

/** Of NDP (RFC 4861 section 4.4): neighbour advertisements to our address. @param source 16 octets */
export function advertisementFilter(interfaceIndex: number, source: Uint8Array): Uint8Array {
  return encode(
    assemble([
      ...toUs(6, interfaceIndex, source),
      [OP.loadByte, IPV6_HEADER_OCTETS],
      [OP.jumpEqual, 136, 'pass', 'drop'],
      ...VERDICTS,
    ]),
  );
}

/** As `socketFilter`, for a packet socket on one interface and what is sent to our address there. */
export function linkFilter(
  family: Family,
  identifier: number,
  interfaceIndex: number,
  source: Uint8Array,
): Uint8Array {
  const ours = toUs(family, interfaceIndex, source);
  const filter = family === 4 ? filter4(identifier) : filter6(identifier, IPV6_HEADER_OCTETS);
  return encode(assemble([...ours, ...filter]));
}

/** Only ICMP that arrived on the interface itself, unfragmented, addressed to us by MAC and IP address. */
function toUs(family: Family, interfaceIndex: number, source: Uint8Array): Line[] {
  return [
    [OP.loadByte, ANCILLARY.packetType],
    [OP.jumpEqual, PACKET_HOST, NEXT, 'drop'],
    [OP.loadWord, ANCILLARY.interfaceIndex],
    [OP.jumpEqual, interfaceIndex, NEXT, 'drop'],
    [OP.loadByte, family === 4 ? 9 : 6],
    [OP.jumpEqual, family === 4 ? 1 : 58, NEXT, 'drop'],
    ...(family === 4 ? UNFRAGMENTED4 : []),
    ...wordsAt(family === 4 ? 16 : 24, source),
  ];
}

/** Neither a later fragment nor a first one with more to come. */
const UNFRAGMENTED4: readonly Line[] = [
  [OP.loadHalf, 6],
  [OP.jumpAnyBit, 0x3fff, 'drop', NEXT],
];

function wordsAt(place: number, octets: Uint8Array): Line[] {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  return Array.from({ length: octets.length / 4 }, (_, i): Line[] => [
    [OP.loadWord, place + i * 4],
    [OP.jumpEqual, view.getUint32(i * 4), NEXT, 'drop'],
  ]).flat();
}

/** An IPv4 raw socket is shown the IP header first. X: its length, then that plus the quoted header's. */
function filter4(identifier: number): Line[] {
  return [
    [OP.loadHeaderLengthX, 0],
    [OP.loadByteX, 0],
    [OP.jumpEqual, 0, 'reply', NEXT],
    [OP.jumpEqual, 3, 'error', NEXT],
    [OP.jumpEqual, 11, 'error', NEXT],
    [OP.jumpEqual, 12, 'error', 'drop'],
    'error',
    [OP.loadByteX, 8 + 9],
    [OP.jumpEqual, 1, NEXT, 'drop'],
    [OP.loadHalfX, 8 + 6],
    [OP.jumpAnyBit, 0x1fff, 'drop', NEXT],
    [OP.loadByteX, 8],
    [OP.and, 0x0f],
    [OP.shiftLeft, 2],
    [OP.addX, 0],
    [OP.aToX, 0],
    [OP.loadByteX, 8],
    [OP.jumpEqual, 8, NEXT, 'drop'],
    [OP.loadHalfX, 8 + 4],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    'reply',
    [OP.loadHalfX, 4],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    ...VERDICTS,
  ];
}

/**
 * An ICMPv6 raw socket is shown the ICMPv6 message; the quote begins with the IPv6 header of 40 octets, and where the
 * request was fragmented, with a fragment header of 8 (RFC 8200 section 4.5).
 * @param base where the message begins, with a header before it
 */
function filter6(identifier: number, base = 0): Line[] {
  return [
    [OP.loadByte, base],
    [OP.jumpEqual, 129, 'reply', NEXT],
    [OP.jumpEqual, 1, 'error', NEXT],
    [OP.jumpEqual, 2, 'error', NEXT],
    [OP.jumpEqual, 3, 'error', NEXT],
    [OP.jumpEqual, 4, 'error', 'drop'],
    'error',
    [OP.loadByte, base + 8 + 6],
    [OP.jumpEqual, 58, 'whole', NEXT],
    [OP.jumpEqual, 44, NEXT, 'drop'],
    [OP.loadByte, base + 8 + 40],
    [OP.jumpEqual, 58, NEXT, 'drop'],
    [OP.loadHalf, base + 8 + 40 + 2],
    [OP.jumpAnyBit, 0xfff8, 'drop', NEXT],
    [OP.loadByte, base + 8 + 48],
    [OP.jumpEqual, 128, NEXT, 'drop'],
    [OP.loadHalf, base + 8 + 48 + 4],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    'whole',
    [OP.loadByte, base + 8 + 40],
    [OP.jumpEqual, 128, NEXT, 'drop'],
    [OP.loadHalf, base + 8 + 40 + 4],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    'reply',
    [OP.loadHalf, base + 4],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    ...VERDICTS,
  ];
}

function assemble(lines: readonly Line[]): Instruction[] {
  const labels = new Map<string, number>();
  let count = 0;
  for (const line of lines) {
    if (typeof line === 'string') labels.set(line, count);
    else count++;
  }
  const distance = (label: string, from: number): number =>
    label === NEXT ? 0 : labels.get(label)! - from - 1;
  return lines
    .filter((line) => typeof line !== 'string')
    .map(([code, value, ifTrue = NEXT, ifFalse = NEXT], at) => [
      code,
      distance(ifTrue, at),
      distance(ifFalse, at),
      value,
    ]);
}

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. */
function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, ifTrue, ifFalse, value], i) => {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, ifTrue);
    view.setUint8(i * 8 + 3, ifFalse);
    view.setUint32(i * 8 + 4, value, true);
  });
  return bytes;
}
