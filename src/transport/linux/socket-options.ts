/** Sets and reads options of sockets; an error names the option that the system refused. */

import type { Family } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import * as c from '../../native/linux/constants.ts';
import { errnoName, getsockopt, lastErrno, setsockopt } from '../../native/linux/libc.ts';
import { allocate } from '../../native/native-memory.ts';
import { ECHO_REPLY, ERROR_TYPES } from '../../wire/icmp.ts';

/** What the replies of a second at full speed take; without CAP_NET_ADMIN the kernel caps it. */
const RECEIVE_BUFFER_OCTETS = 32 << 20;
const SEND_BUFFER_OCTETS = 4 << 20;

/** As much room for bursts as the system grants, times of arrival, and a count of dropped packets. */
export function setUpQueues(fd: number): void {
  const sizes = [
    [c.SO_RCVBUFFORCE, c.SO_RCVBUF, RECEIVE_BUFFER_OCTETS],
    [c.SO_SNDBUFFORCE, c.SO_SNDBUF, SEND_BUFFER_OCTETS],
  ] as const;
  for (const [forced, plain, octets] of sizes) {
    // Forcing needs CAP_NET_ADMIN in the first user namespace; without it the kernel's cap applies.
    if (setsockopt(fd, c.SOL_SOCKET, forced, int(octets), 4) !== 0)
      setOption(fd, c.SOL_SOCKET, plain, octets);
  }
  setOption(fd, c.SOL_SOCKET, c.SO_TIMESTAMPNS, 1);
  setOption(fd, c.SOL_SOCKET, c.SO_RXQ_OVFL, 1);
}

/** @throws EchosweepError `OPTION_INVALID` */
export function bindToInterface(fd: number, name: string): void {
  const text = Buffer.from(`${name}\0`);
  if (setsockopt(fd, c.SOL_SOCKET, c.SO_BINDTODEVICE, text, text.length) === 0) return;
  const errno = errnoName(lastErrno());
  const advice =
    errno === 'ENODEV' ? '`ip link` lists the interfaces there are' : 'run as root or leave it out';
  throw new EchosweepError(
    'OPTION_INVALID',
    `--interface: cannot send from "${name}" (${errno})`,
    advice,
  );
}

/**
 * Admits only these types of ICMP. A packet filter may check the same, but only after the kernel has copied the packet
 * for the socket.
 */
export function admitTypes(fd: number, family: Family, types: readonly number[]): void {
  const blocked = new Uint32Array(family === 4 ? 1 : 8).fill(0xffffffff);
  for (const type of types) blocked[type >> 5]! &= ~(1 << (type & 31));
  const [level, option] =
    family === 4 ? [c.SOL_RAW, c.ICMP_FILTER] : [c.SOL_ICMPV6, c.ICMPV6_FILTER];
  if (setsockopt(fd, level, option, blocked, blocked.byteLength) !== 0)
    throw optionFailure('the filter of ICMP types', lastErrno());
}

/** Admits what a sweep receives: replies and errors. */
export function admitReplies(fd: number, family: Family): void {
  admitTypes(fd, family, [ECHO_REPLY[family], ...ERROR_TYPES[family]]);
}

/** struct sock_fprog: u16 length in instructions, pointer at 8. The kernel copies the program. */
export function attachFilter(fd: number, program: Uint8Array): void {
  const code = allocate(program.length);
  code.bytes.set(program);
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(program.length / 8, 0);
  fprog.writeBigUInt64LE(code.address, 8);
  const failed = setsockopt(fd, c.SOL_SOCKET, c.SO_ATTACH_FILTER, fprog, fprog.length) !== 0;
  const errno = lastErrno();
  code.free();
  if (failed) throw optionFailure('the packet filter', errno);
}

/** @throws EchosweepError `SOCKET_FAILED` */
export function setOption(fd: number, level: number, option: number, value: number): void {
  if (setsockopt(fd, level, option, int(value), 4) !== 0) {
    throw optionFailure(`socket option ${level}/${option} = ${value}`, lastErrno());
  }
}

/** @returns zeros if the system does not know the option, and for what it leaves out */
export function readOption(fd: number, level: number, option: number, octets: number): DataView {
  const value = new Uint8Array(octets);
  getsockopt(fd, level, option, value, int(octets));
  return new DataView(value.buffer);
}

function optionFailure(what: string, errno: number): EchosweepError {
  return new EchosweepError(
    'SOCKET_FAILED',
    `the system refused ${what} (${errnoName(errno)})`,
    'try --engine system, and report this with `uname -r`',
  );
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
