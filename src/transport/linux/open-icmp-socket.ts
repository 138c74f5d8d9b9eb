/** Opens ICMP sockets and sets them up, so that a worker is handed nothing but a number that works. */

import { addressOctets, type Family, parseAddress } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import * as c from '../../native/linux/constants.ts';
import { bind, close, errnoName, lastErrno, socket } from '../../native/linux/libc.ts';
import { socketFilter } from '../../wire/packet-filters.ts';
import type { SocketOptions } from '../contract.ts';
import { randomIdentifier } from '../random-identifier.ts';
import {
  admitTypes,
  attachFilter,
  bindToInterface,
  setOption,
  setUpQueues,
} from './socket-options.ts';

export type SocketKind = 'raw' | 'dgram';

/** A socket as plain data, which passes between threads; the descriptor belongs to whoever opened it. */
export interface SocketHandle {
  readonly fd: number;
  readonly kind: SocketKind;
  readonly family: Family;
  readonly identifier: number;
}

const BIND_TRIES = 100;
/** Echo replies, and the errors that are outcomes. */
const WANTED_TYPES: Readonly<Record<Family, readonly number[]>> = {
  4: [0, 3, 11, 12],
  6: [129, 1, 2, 3, 4],
};

/**
 * Opens a socket with a random identifier that is its own.
 * @throws EchosweepError `NO_ENGINE` where the system does not allow it, `OPTION_INVALID` where an option cannot be met
 */
export function openSocket(kind: SocketKind, family: Family, options: SocketOptions): SocketHandle {
  const domain = family === 4 ? c.AF_INET : c.AF_INET6;
  const type = (kind === 'raw' ? c.SOCK_RAW : c.SOCK_DGRAM) | c.SOCK_CLOEXEC | c.SOCK_NONBLOCK;
  const fd = socket(domain, type, family === 4 ? c.IPPROTO_ICMP : c.IPPROTO_ICMPV6);
  if (fd < 0) throw refusal(kind, family);
  try {
    setUpQueues(fd);
    if (options.interface !== undefined) bindToInterface(fd, options.interface);
    if (family === 4) setUp4(fd, kind, options);
    else setUp6(fd, options);
    const identifier =
      kind === 'raw' ? bindRaw(fd, family, options) : bindDgram(fd, family, options);
    return { fd, kind, family, identifier };
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** Any that was opened here or beside. */
export function closeSocket({ fd }: { readonly fd: number }): void {
  close(fd);
}

function setUp4(fd: number, kind: SocketKind, options: SocketOptions): void {
  setOption(
    fd,
    c.SOL_IP,
    c.IP_MTU_DISCOVER,
    options.dontFragment ? c.PMTUDISC_PROBE : c.PMTUDISC_OMIT,
  );
  if (options.ttl !== undefined) setOption(fd, c.SOL_IP, c.IP_TTL, options.ttl);
  if (options.tos !== undefined) setOption(fd, c.SOL_IP, c.IP_TOS, options.tos);
  // A socket without it is told that a probe left where the interface or the neighbour table had no room for it.
  setOption(fd, c.SOL_IP, c.IP_RECVERR, 1);
  if (kind === 'dgram') setOption(fd, c.SOL_IP, c.IP_RECVTTL, 1);
}

function setUp6(fd: number, options: SocketOptions): void {
  setOption(
    fd,
    c.SOL_IPV6,
    c.IPV6_MTU_DISCOVER,
    options.dontFragment ? c.PMTUDISC_PROBE : c.PMTUDISC_DONT,
  );
  setOption(fd, c.SOL_IPV6, c.IPV6_RECVHOPLIMIT, 1);
  if (options.ttl !== undefined) setOption(fd, c.SOL_IPV6, c.IPV6_UNICAST_HOPS, options.ttl);
  if (options.tos !== undefined) setOption(fd, c.SOL_IPV6, c.IPV6_TCLASS, options.tos);
  setOption(fd, c.SOL_IPV6, c.IPV6_RECVERR, 1);
}

function bindRaw(fd: number, family: Family, options: SocketOptions): number {
  const identifier = randomIdentifier();
  admitTypes(fd, family, WANTED_TYPES[family]);
  attachFilter(fd, socketFilter(family, identifier));
  const source = sourceOf(family, options);
  if (source !== undefined) bindOrThrow(fd, socketAddress(family, source, 0), source);
  return identifier;
}

/** The kernel makes an unprivileged socket's "port" the identifier of what it sends, and delivers by it. */
function bindDgram(fd: number, family: Family, options: SocketOptions): number {
  const source = sourceOf(family, options);
  for (let tries = 0; tries < BIND_TRIES; tries++) {
    const identifier = randomIdentifier();
    const address = socketAddress(family, source, identifier);
    if (bind(fd, address, address.length) === 0) return identifier;
    if (lastErrno() !== c.EADDRINUSE) throw bindFailure(source ?? 'any address');
  }
  throw new EchosweepError(
    'SOCKET_FAILED',
    'no ICMP identifier is free',
    'end other pingers and try again',
  );
}

function bindOrThrow(fd: number, address: Buffer, source: string): void {
  if (bind(fd, address, address.length) !== 0) throw bindFailure(source);
}

function bindFailure(source: string): EchosweepError {
  const errno = errnoName(lastErrno());
  const advice = '`ip address` lists the addresses that this host has';
  return new EchosweepError(
    'OPTION_INVALID',
    `--source: cannot send from ${source} (${errno})`,
    advice,
  );
}

/** struct sockaddr_in (16 octets) or sockaddr_in6 (28): family in host order, port and address in network order. */
function socketAddress(family: Family, source: string | undefined, port: number): Buffer {
  const value = source === undefined ? 0n : parseAddress(source)!.value;
  const address = Buffer.alloc(family === 4 ? 16 : 28);
  address.writeUInt16LE(family === 4 ? c.AF_INET : c.AF_INET6);
  address.writeUInt16BE(port, 2);
  address.set(addressOctets(family, value), family === 4 ? 4 : 8);
  return address;
}

function sourceOf(family: Family, options: SocketOptions): string | undefined {
  return family === 4 ? options.source4 : options.source6;
}

function refusal(kind: SocketKind, family: Family): EchosweepError {
  const errno = errnoName(lastErrno());
  const what = `${kind === 'raw' ? 'a raw' : 'an unprivileged'} ICMP socket for IPv${family}`;
  return new EchosweepError(
    'NO_ENGINE',
    `cannot open ${what} (${errno})`,
    '`echosweep doctor` shows what would allow it',
  );
}
