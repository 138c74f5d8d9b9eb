/** An assembler of classic BPF programs (bpf(4), the kernel's networking/filter.rst). */

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];
/** A label, or an instruction; a jump names its labels, and the assembler turns them into distances. */
export type Line =
  | string
  | readonly [code: number, value: number]
  | readonly [code: number, value: number, ifTrue: string, ifFalse: string];

/** Opcodes as `size | mode | class`. */
export const OP = {
  /** A = octet, half-word or word at a fixed place. */
  loadByte: 0x30,
  loadHalf: 0x28,
  loadWord: 0x20,
  /** A = octet or half-word at X + place. */
  loadByteX: 0x50,
  loadHalfX: 0x48,
  /** X = 4 times the low four bits of the octet at a place: the length of an IPv4 header. */
  loadHeaderLengthX: 0xb1,
  and: 0x54,
  shiftLeft: 0x64,
  addX: 0x0c,
  aToX: 0x07,
  jumpEqual: 0x15,
  jumpAbove: 0x25,
  jumpAnyBit: 0x45,
  return: 0x06,
} as const;

/** The label of the next instruction. */
export const NEXT = '';
const WHOLE_PACKET = 0x40000;
/** Forwards only. */
const LONGEST_JUMP = 255;

/** Ends a program: `pass` takes the whole packet, `drop` none of it. */
export const VERDICTS: readonly Line[] = [
  'pass',
  [OP.return, WHOLE_PACKET],
  'drop',
  [OP.return, 0],
];

/** The program as the kernel takes it: an array of struct sock_filter (u16 code, u8 jt, u8 jf, u32 k). */
export function assemble(lines: readonly Line[]): Uint8Array {
  return encode(resolve(lines));
}

function resolve(lines: readonly Line[]): Instruction[] {
  const labels = new Map<string, number>();
  let count = 0;
  for (const line of lines) {
    if (typeof line === 'string') labels.set(line, count);
    else count++;
  }
  const distance = (label: string, from: number): number => {
    const jump = label === NEXT ? 0 : labels.get(label)! - from - 1;
    if (!(jump >= 0 && jump <= LONGEST_JUMP)) throw new RangeError(`no jump to ${label}: ${jump}`);
    return jump;
  };
  return lines
    .filter((line) => typeof line !== 'string')
    .map(([code, value, ifTrue = NEXT, ifFalse = NEXT], at) => [
      code,
      distance(ifTrue, at),
      distance(ifFalse, at),
      value,
    ]);
}

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
