/**
 * Opens macOS' unprivileged ICMP sockets (icmp_dgram_attach and icmp6_dgram_attach in XNU). They send echo requests with
 * any identifier, and receive every ICMP packet of this host.
 */

import type { Family } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import * as c from '../../native/darwin/constants.ts';
import {
  bind,
  close,
  errnoName,
  ifNametoindex,
  lastErrno,
  setsockopt,
  socket,
} from '../../native/darwin/libc.ts';
import { ECHO_REPLY, ERROR_TYPES } from '../../wire/icmp.ts';
import { ICMP_PROTOCOL } from '../../wire/ip-header.ts';
import type { SocketOptions } from '../contract.ts';
import type { IcmpHandle, SocketKind } from '../handles.ts';
import { randomIdentifier } from '../random-identifier.ts';
import { DOMAIN, socketAddressOf } from './socket-address.ts';

/** Tried in turn: by default a socket has 8 KiB, and `kern.ipc.maxsockbuf`, 8 MiB, covers the kernel's own overhead too. */
const BUFFER_OCTETS = [6 << 20, 4 << 20, 2 << 20, 1 << 20, 256 << 10];

/**
 * Opens a socket with a random identifier of its own.
 * @throws EchosweepError `NO_ENGINE` if the system does not allow it, `OPTION_INVALID` if an option cannot be met
 */
export function openIcmpSocket(
  kind: SocketKind,
  family: Family,
  options: SocketOptions,
): IcmpHandle {
  const fd = socket(DOMAIN[family], c.SOCK_DGRAM, ICMP_PROTOCOL[family]);
  if (fd < 0) throw refusal(family);
  try {
    setUpQueues(fd);
    if (family === 4) setUp4(fd, options);
    else setUp6(fd, options);
    const source = family === 4 ? options.source4 : options.source6;
    if (source !== undefined) bindTo(fd, family, source);
    return { fd, kind, family, identifier: randomIdentifier() };
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** As much room for bursts as the system grants, and times of arrival. */
function setUpQueues(fd: number): void {
  for (const option of [c.SO_RCVBUF, c.SO_SNDBUF])
    BUFFER_OCTETS.some((octets) => trySetOption(fd, c.SOL_SOCKET, option, octets));
  setOption(fd, c.SOL_SOCKET, c.SO_TIMESTAMP_MONOTONIC, 1);
}

function setUp4(fd: number, options: SocketOptions): void {
  if (options.ttl !== undefined) setOption(fd, c.IPPROTO_IP, c.IP_TTL, options.ttl);
  if (options.tos !== undefined) setOption(fd, c.IPPROTO_IP, c.IP_TOS, options.tos);
  if (options.dontFragment) setOption(fd, c.IPPROTO_IP, c.IP_DONTFRAG, 1);
  if (options.interface !== undefined)
    setOption(fd, c.IPPROTO_IP, c.IP_BOUND_IF, indexOfInterface(options.interface));
}

function setUp6(fd: number, options: SocketOptions): void {
  setOption(fd, c.IPPROTO_IPV6, c.IPV6_RECVHOPLIMIT, 1);
  admitTypes6(fd, [ECHO_REPLY[6], ...ERROR_TYPES[6]]);
  if (options.ttl !== undefined) setOption(fd, c.IPPROTO_IPV6, c.IPV6_UNICAST_HOPS, options.ttl);
  if (options.tos !== undefined) setOption(fd, c.IPPROTO_IPV6, c.IPV6_TCLASS, options.tos);
  if (options.dontFragment) forbidFragments6(fd);
  if (options.interface !== undefined)
    setOption(fd, c.IPPROTO_IPV6, c.IPV6_BOUND_IF, indexOfInterface(options.interface));
}

/** XNU lets only root forbid this host to fragment IPv6 (icmp6_dgram_ctloutput); routers on the way never do. */
function forbidFragments6(fd: number): void {
  if (trySetOption(fd, c.IPPROTO_IPV6, c.IPV6_DONTFRAG, 1)) return;
  throw new EchosweepError(
    'OPTION_INVALID',
    `--dont-fragment: macOS does not allow this for IPv6 (${errnoName(lastErrno())})`,
    'run as root, or leave it out for IPv6 targets',
  );
}

/** There is no such filter for IPv4: those sockets receive every type. */
function admitTypes6(fd: number, types: readonly number[]): void {
  const admitted = new Uint32Array(8);
  for (const type of types) admitted[type >> 5]! |= 1 << (type & 31);
  if (setsockopt(fd, c.IPPROTO_ICMPV6, c.ICMP6_FILTER, admitted, admitted.byteLength) !== 0)
    throw optionFailure('the filter of ICMP types');
}

function bindTo(fd: number, family: Family, source: string): void {
  const address = socketAddressOf(family, source);
  if (bind(fd, address, address.length) === 0) return;
  throw new EchosweepError(
    'OPTION_INVALID',
    `--source: cannot send from ${source} (${errnoName(lastErrno())})`,
    '`ifconfig` lists the addresses that this host has',
  );
}

function indexOfInterface(name: string): number {
  const index = ifNametoindex(name);
  if (index !== 0) return index;
  throw new EchosweepError(
    'OPTION_INVALID',
    `--interface: cannot send from "${name}"`,
    '`ifconfig -l` lists the interfaces that this host has',
  );
}

function trySetOption(fd: number, level: number, option: number, value: number): boolean {
  return setsockopt(fd, level, option, new Int32Array([value]), 4) === 0;
}

/** @throws EchosweepError `SOCKET_FAILED` */
function setOption(fd: number, level: number, option: number, value: number): void {
  if (!trySetOption(fd, level, option, value))
    throw optionFailure(`socket option ${level}/${option} = ${value}`);
}

function optionFailure(what: string): EchosweepError {
  return new EchosweepError(
    'SOCKET_FAILED',
    `the system refused ${what} (${errnoName(lastErrno())})`,
    'try --engine system, and report this with `sw_vers`',
  );
}

function refusal(family: Family): EchosweepError {
  return new EchosweepError(
    'NO_ENGINE',
    `cannot open an unprivileged ICMP socket for IPv${family} (${errnoName(lastErrno())})`,
    '`echosweep doctor` shows what would allow it',
  );
}
