/** Classic BPF programs (bpf(4), the kernel's networking/filter.rst) that let a raw socket see only what is its own. */

import type { Family } from '../../address.ts';

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
  jumpAnyBit: 0x45,
  give: 0x06,
} as const;

const WHOLE_PACKET = 0x40000;
const NEXT = '';

/** Lets echo replies with our identifier pass, and errors whose quoted echo request bears it. */
export function socketFilter(family: Family, identifier: number): Uint8Array {
  return encode(assemble(family === 4 ? filter4(identifier) : filter6(identifier)));
}

/**
 * Lets ARP replies (RFC 826) to one of our addresses pass.
 * @param address unsigned 32-bit number
 */
export function arpReplyFilter(address: number): Uint8Array {
  return encode(
    assemble([
      [OP.loadHalf, 6],
      [OP.jumpEqual, 2, NEXT, 'drop'],
      [OP.loadWord, 24],
      [OP.jumpEqual, address, NEXT, 'drop'],
      [OP.give, WHOLE_PACKET],
      'drop',
      [OP.give, 0],
    ]),
  );
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
    'pass',
    [OP.give, WHOLE_PACKET],
    'drop',
    [OP.give, 0],
  ];
}

/**
 * An ICMPv6 raw socket is shown the ICMPv6 message; the quote begins with the IPv6 header of 40 octets, and where the
 * request was fragmented, with a fragment header of 8 (RFC 8200 section 4.5).
 */
function filter6(identifier: number): Line[] {
  return [
    [OP.loadByte, 0],
    [OP.jumpEqual, 129, 'reply', NEXT],
    [OP.jumpEqual, 1, 'error', NEXT],
    [OP.jumpEqual, 2, 'error', NEXT],
    [OP.jumpEqual, 3, 'error', NEXT],
    [OP.jumpEqual, 4, 'error', 'drop'],
    'error',
    [OP.loadByte, 8 + 6],
    [OP.jumpEqual, 58, 'whole', NEXT],
    [OP.jumpEqual, 44, NEXT, 'drop'],
    [OP.loadByte, 8 + 40],
    [OP.jumpEqual, 58, NEXT, 'drop'],
    [OP.loadHalf, 8 + 40 + 2],
    [OP.jumpAnyBit, 0xfff8, 'drop', NEXT],
    [OP.loadByte, 8 + 48],
    [OP.jumpEqual, 128, NEXT, 'drop'],
    [OP.loadHalf, 8 + 48 + 4],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    'whole',
    [OP.loadByte, 8 + 40],
    [OP.jumpEqual, 128, NEXT, 'drop'],
    [OP.loadHalf, 8 + 40 + 4],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    'reply',
    [OP.loadHalf, 4],
    [OP.jumpEqual, identifier, 'pass', 'drop'],
    'pass',
    [OP.give, WHOLE_PACKET],
    'drop',
    [OP.give, 0],
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
