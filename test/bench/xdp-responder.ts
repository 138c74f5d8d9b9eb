/** Answers echo requests where they arrive, so that replies cost the sender next to nothing: a program for XDP (bpf(2)). */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import koffi from 'koffi';
import { allocate } from '../../src/native/native-memory.ts';
import { ETHER_TYPE } from '../../src/wire/ethernet.ts';

/** A file system of BPF programs, in the private /run of the benchmark. */
const PROGRAMS = '/run/bpf';

/** linux/bpf.h. */
const BPF = { programLoad: 5, pin: 6, typeXdp: 6, attributeOctets: 128 } as const;
const VERDICT = { pass: 2, sendBack: 3 } as const;
/** Of bpf(2), by architecture. */
const SYSTEM_CALL: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };

/** Operation codes: class, size and mode, or class, operation and source (RFC 9669). */
const OP = {
  loadU8: 0x71,
  loadU16: 0x69,
  loadU32: 0x61,
  storeU8: 0x73,
  storeU16: 0x6b,
  storeU32: 0x63,
  copy: 0xbf,
  set: 0xb7,
  add: 0x07,
  addRegister: 0x0f,
  shiftRight: 0x77,
  jumpIfGreater: 0x2d,
  jumpUnless: 0x55,
  end: 0x95,
} as const;

/** Registers: the context that XDP gives, the result, where the packet begins and ends, and four to work with. */
const R = { result: 0, context: 1, packet: 2, end: 3, a: 5, b: 6, c: 7, d: 8 } as const;
/** Offsets in a frame with an IPv4 header without options. */
const AT = {
  destinationMac: 0,
  sourceMac: 6,
  etherType: 12,
  versionAndLength: 14,
  protocol: 23,
  source: 26,
  destination: 30,
  type: 34,
  checksum: 36,
  end: 42,
} as const;
const ICMP = { protocol: 1, echoRequest: 8, echoReply: 0 } as const;

type Instruction = readonly [
  op: number,
  destination: number,
  source?: number,
  offset?: number,
  value?: number,
];

/** Those that lead to `pass` are completed when the length of the rest is known. */
const TO_PASS = Number.NaN;

function instructions(): readonly Instruction[] {
  const load = (op: number, register: number, at: number): Instruction =>
    [op, register, R.packet, at] as const;
  const store = (op: number, at: number, register: number): Instruction =>
    [op, R.packet, register, at] as const;
  const passUnless = (op: number, at: number, value: number): Instruction[] => [
    load(op, R.a, at),
    [OP.jumpUnless, R.a, 0, TO_PASS, value],
  ];
  const swapped = ETHER_TYPE.ipv4 >> 8;
  return [
    // struct xdp_md begins with where the packet begins and ends.
    [OP.loadU32, R.packet, R.context, 0],
    [OP.loadU32, R.end, R.context, 4],
    [OP.copy, R.a, R.packet],
    [OP.add, R.a, 0, 0, AT.end],
    [OP.jumpIfGreater, R.a, R.end, TO_PASS],
    ...passUnless(OP.loadU16, AT.etherType, swapped),
    ...passUnless(OP.loadU8, AT.versionAndLength, 0x45),
    ...passUnless(OP.loadU8, AT.protocol, ICMP.protocol),
    ...passUnless(OP.loadU8, AT.type, ICMP.echoRequest),
    load(OP.loadU32, R.a, AT.destinationMac),
    load(OP.loadU16, R.b, AT.destinationMac + 4),
    load(OP.loadU32, R.c, AT.sourceMac),
    load(OP.loadU16, R.d, AT.sourceMac + 4),
    store(OP.storeU32, AT.destinationMac, R.c),
    store(OP.storeU16, AT.destinationMac + 4, R.d),
    store(OP.storeU32, AT.sourceMac, R.a),
    store(OP.storeU16, AT.sourceMac + 4, R.b),
    load(OP.loadU32, R.a, AT.source),
    load(OP.loadU32, R.b, AT.destination),
    store(OP.storeU32, AT.source, R.b),
    store(OP.storeU32, AT.destination, R.a),
    [OP.set, R.a, 0, 0, ICMP.echoReply],
    store(OP.storeU8, AT.type, R.a),
    // The sum of the message is less by the type, so its complement is more (RFC 1624); the carry comes back below.
    load(OP.loadU16, R.a, AT.checksum),
    [OP.add, R.a, 0, 0, ICMP.echoRequest],
    [OP.copy, R.b, R.a],
    [OP.shiftRight, R.b, 0, 0, 16],
    [OP.addRegister, R.a, R.b],
    store(OP.storeU16, AT.checksum, R.a),
    [OP.set, R.result, 0, 0, VERDICT.sendBack],
    [OP.end, 0],
    [OP.set, R.result, 0, 0, VERDICT.pass],
    [OP.end, 0],
  ];
}

/** struct bpf_insn: operation u8, destination and source in u8, offset i16, value i32. */
function assembled(program: readonly Instruction[]): Buffer {
  const pass = program.length - 2;
  const octets = Buffer.alloc(8 * program.length);
  program.forEach(([op, destination, source = 0, offset = 0, value = 0], i) => {
    octets.writeUInt8(op, 8 * i);
    octets.writeUInt8(destination | (source << 4), 8 * i + 1);
    octets.writeInt16LE(Number.isNaN(offset) ? pass - i - 1 : offset, 8 * i + 2);
    octets.writeInt32LE(value, 8 * i + 4);
  });
  return octets;
}

/**
 * Lets an interface of a namespace answer every echo request that arrives, whatever its destination.
 * To be called once. @returns false if the kernel does not let this process load programs
 */
export function answerOn(namespace: string, interfaceName: string): boolean {
  const number = SYSTEM_CALL[process.arch];
  if (number === undefined) return false;
  mkdirSync(PROGRAMS);
  if (spawnSync('mount', ['-t', 'bpf', 'bpf', PROGRAMS]).status !== 0) return false;
  const path = `${PROGRAMS}/responder`;
  if (!loadAndPin(number, assembled(instructions()), path)) return false;
  const attach = ['link', 'set', 'dev', interfaceName, 'xdpgeneric', 'pinned', path];
  return spawnSync('nsenter', [`--net=/run/netns/${namespace}`, 'ip', ...attach]).status === 0;
}

/** A pinned program stays until its file system is gone. */
function loadAndPin(number: number, program: Buffer, path: string): boolean {
  const call = koffi
    .load(null)
    .func('long syscall(long number, long command, void *attributes, unsigned long octets)');
  const texts = ['GPL', path].map((text) => memoryOf(Buffer.from(`${text}\0`)));
  const code = memoryOf(program);
  const [licence, place] = texts;
  const attributes = Buffer.alloc(BPF.attributeOctets);
  // union bpf_attr for BPF_PROG_LOAD: type u32, instructions u32, then pointers to them and to the licence.
  attributes.writeUInt32LE(BPF.typeXdp, 0);
  attributes.writeUInt32LE(program.length / 8, 4);
  attributes.writeBigUInt64LE(code.address, 8);
  attributes.writeBigUInt64LE(licence!.address, 16);
  const fd = Number(call(number, BPF.programLoad, attributes, attributes.length));
  attributes.fill(0);
  // For BPF_OBJ_PIN: a pointer to the path, and the descriptor u32.
  attributes.writeBigUInt64LE(place!.address, 0);
  attributes.writeUInt32LE(Math.max(0, fd), 8);
  const isPinned = fd >= 0 && Number(call(number, BPF.pin, attributes, attributes.length)) === 0;
  for (const memory of [code, ...texts]) memory.free();
  return isPinned;
}

function memoryOf(octets: Buffer): ReturnType<typeof allocate> {
  const memory = allocate(octets.length);
  memory.bytes.set(octets);
  return memory;
}
