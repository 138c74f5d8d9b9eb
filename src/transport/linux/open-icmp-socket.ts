/** Opens ICMP sockets and sets them up: a worker gets a descriptor that is ready to use. */

import { addressOctets, type Family, parseAddress } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import * as c from '../../native/linux/constants.ts';
import {
  bind,
  close,
  errnoName,
  interfaceIndexOf,
  lastErrno,
  socket,
} from '../../native/linux/libc.ts';
import { echoPacketOctets, ICMP_PROTOCOL } from '../../wire/ip-header.ts';
import { type Heard, socketFilter } from '../../wire/packet-filters.ts';
import type { SocketOptions } from '../contract.ts';
import type { IcmpHandle, RingHandle, SocketKind, WayPast } from '../handles.ts';
import { randomIdentifier } from '../random-identifier.ts';
import { ADDRESS_AT, NAME_OCTETS } from './internet-address.ts';
import { closeEchoRing, openEchoRing } from './open-echo-ring.ts';
import { headerFrom } from './open-packet-socket.ts';
import {
  admitReplies,
  attachFilter,
  bindToInterface,
  setOption,
  setUpQueues,
} from './socket-options.ts';

const BIND_TRIES = 100;
/** As a source address: the one of the route (raw(7)). */
const SYSTEM_CHOOSES = '0.0.0.0';

/**
 * Opens a socket with a random identifier of its own.
 * @param heardOn name of the interface whose packets a ring shows; undefined for no ring
 * @param past how to send past the system, if there is a ring
 * @throws EchosweepError `NO_ENGINE` if the system does not allow it, `OPTION_INVALID` if an option cannot be met
 */
export function openIcmpSocket(
  kind: SocketKind,
  family: Family,
  options: SocketOptions,
  heardOn?: string,
  past?: WayPast,
): IcmpHandle {
  const domain = family === 4 ? c.AF_INET : c.AF_INET6;
  const type = (kind === 'raw' ? c.SOCK_RAW : c.SOCK_DGRAM) | c.SOCK_CLOEXEC | c.SOCK_NONBLOCK;
  const fd = socket(domain, type, ICMP_PROTOCOL[family]);
  if (fd < 0) throw refusal(kind, family);
  let ring: RingHandle | undefined;
  try {
    setUpQueues(fd);
    if (options.interface !== undefined) bindToInterface(fd, options.interface);
    if (family === 4) setUp4(fd, kind, options);
    else setUp6(fd, options);
    if (kind === 'dgram') return { fd, kind, family, identifier: bindDgram(fd, family, options) };
    const heard = heardOn === undefined ? undefined : heardFrom(heardOn, family, options);
    const identifier = randomIdentifier();
    ring = heard && openEchoRing(family, identifier, heard);
    bindRaw(fd, family, identifier, options);
    if (ring === undefined) return { fd, kind, family, identifier };
    if (past !== undefined)
      return { fd, kind, family, identifier, ring, past, header: headerFrom(past, options) };
    if (family === 6 || ring.heard.packetOctets > LONGEST_HEADED)
      return { fd, kind, family, identifier, ring };
    setOption(fd, c.SOL_IP, c.IP_HDRINCL, 1);
    const source = options.source4 ?? SYSTEM_CHOOSES;
    const header = headerFrom({ family, interface: heardOn!, source }, options);
    return { fd, kind, family, identifier, ring, header };
  } catch (error) {
    close(fd);
    if (ring !== undefined) closeEchoRing(ring);
    throw error;
  }
}

/** Longer packets may be fragmented on their way, and a ring shows single fragments (RFC 791 section 3.2, RFC 8200 section 5). */
const LONGEST_HEARD: Readonly<Record<Family, number>> = { 4: 576, 6: 1280 };

/**
 * With an IP header of ours. No interface has shorter frames. The system refuses a packet that is longer than its
 * interface's, and would fragment one whose header it adds.
 */
const LONGEST_HEADED = 128;

/** Always (LOOPBACK_IFINDEX, net/net_namespace.h): there every packet passes twice, from addresses that others never have. */
const LOOPBACK_INDEX = 1;

function heardFrom(
  interfaceName: string,
  family: Family,
  { payloadBytes }: SocketOptions,
): Heard | undefined {
  const interfaceIndex = interfaceIndexOf(interfaceName);
  const packetOctets = echoPacketOctets(family, payloadBytes);
  if (interfaceIndex === 0 || interfaceIndex === LOOPBACK_INDEX) return undefined;
  if (packetOctets > LONGEST_HEARD[family]) return undefined;
  return { interfaceIndex, packetOctets };
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
  // Without it, a probe for which the interface or the neighbour table has no room counts as sent.
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

function bindRaw(fd: number, family: Family, identifier: number, options: SocketOptions): void {
  admitReplies(fd, family);
  attachFilter(fd, socketFilter(family, identifier));
  const source = sourceOf(family, options);
  if (source !== undefined) bindOrThrow(fd, socketAddress(family, source, 0), source);
}

/** The kernel uses an unprivileged socket's "port" as the identifier of what it sends, and delivers replies by it. */
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
    'end other programs that ping and try again',
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

/** The family is in host order, port and address are in network order. */
function socketAddress(family: Family, source: string | undefined, port: number): Buffer {
  const value = source === undefined ? 0n : parseAddress(source)!.value;
  const address = Buffer.alloc(NAME_OCTETS[family]);
  address.writeUInt16LE(family === 4 ? c.AF_INET : c.AF_INET6);
  address.writeUInt16BE(port, 2);
  address.set(addressOctets(family, value), ADDRESS_AT[family]);
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
