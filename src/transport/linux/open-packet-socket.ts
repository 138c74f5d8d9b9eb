/** Opens packet sockets on one link: to ask who has an address, and to ping who has it past the kernel's neighbour table. */

import { readFileSync } from 'node:fs';
import { addressOctets, type Family, parseAddress } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import type { Ethernet } from '../../host-network/linux/ethernets.ts';
import type { Link } from '../../host-network/local-link.ts';
import * as c from '../../native/linux/constants.ts';
import { bind, close, errnoName, lastErrno, socket } from '../../native/linux/libc.ts';
import { type HeaderFields, IP_HEADER_OCTETS } from '../../wire/ip-header.ts';
import { NDP_HOP_LIMIT } from '../../wire/neighbour-messages.ts';
import { advertisementFilter, arpReplyFilter, linkFilter } from '../../wire/packet-filters.ts';
import { ICMP_HEADER_OCTETS, type SocketOptions } from '../contract.ts';
import { randomIdentifier } from '../random-identifier.ts';
import { prepareLinkAddress } from './packet-socket-address.ts';
import { attachFilter, setUpQueues } from './socket-options.ts';

/** As plain data, which passes between threads; the descriptor belongs to whoever opened it. */
export interface LinkHandle {
  readonly fd: number;
  readonly kind: 'link';
  readonly family: Family;
  readonly link: Link;
  readonly ethernet: Ethernet;
  /** Of the IP header that goes before every packet but ARP's. */
  readonly header: HeaderFields;
  /** Of echo requests; 0 on a socket that asks for neighbours. */
  readonly identifier: number;
}

const DEFAULT_HOP_LIMIT = 64;

/** Whether the system lets us have packet sockets at all; some containers do not, raw sockets or no. */
export function mayOpenPacketSockets(): boolean {
  const fd = socket(c.AF_PACKET, c.SOCK_DGRAM | c.SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  close(fd);
  return true;
}

/** Whether an echo request leaves in one piece: there is nobody on this way who would cut it. */
export function fitsIntoFrame(family: Family, payloadBytes: number, mtu: number): boolean {
  return IP_HEADER_OCTETS[family] + ICMP_HEADER_OCTETS + payloadBytes <= mtu;
}

/** Asks who has an address: by ARP or NDP. @throws EchosweepError `SOCKET_FAILED` where the system refuses */
export function openNeighbourSocket(link: Link, ethernet: Ethernet): LinkHandle {
  const { family } = link;
  const source = sourceOctets(link);
  const filter =
    family === 4
      ? arpReplyFilter(ethernet.interfaceIndex, source)
      : advertisementFilter(ethernet.interfaceIndex, source);
  const fd = openPacketSocket(link, ethernet, family === 4 ? c.ETH_P_ARP : c.ETH_P_IPV6, filter);
  const header = {
    family,
    source,
    hopLimit: NDP_HOP_LIMIT,
    trafficClass: 0,
    dontFragment: false,
  };
  return { fd, kind: 'link', family, link, ethernet, header, identifier: 0 };
}

/** Pings who has been found. @throws EchosweepError `SOCKET_FAILED` where the system refuses */
export function openLinkSocket(link: Link, ethernet: Ethernet, options: SocketOptions): LinkHandle {
  const { family } = link;
  const source = sourceOctets(link);
  const identifier = randomIdentifier();
  const filter = linkFilter(family, identifier, ethernet.interfaceIndex, source);
  const fd = openPacketSocket(link, ethernet, family === 4 ? c.ETH_P_IP : c.ETH_P_IPV6, filter);
  const header = {
    family,
    source,
    hopLimit: options.ttl ?? usualHopLimit(link),
    trafficClass: options.tos ?? 0,
    dontFragment: options.dontFragment,
  };
  return { fd, kind: 'link', family, link, ethernet, header, identifier };
}

/** Without a protocol until the filter stands, so that nothing else comes in between (packet(7)). */
function openPacketSocket(
  link: Link,
  ethernet: Ethernet,
  protocol: number,
  filter: Uint8Array,
): number {
  const fd = socket(c.AF_PACKET, c.SOCK_DGRAM | c.SOCK_CLOEXEC | c.SOCK_NONBLOCK, 0);
  if (fd < 0) throw refusal(link);
  try {
    setUpQueues(fd);
    attachFilter(fd, filter);
    const address = new Uint8Array(c.SOCKADDR_LL_OCTETS);
    prepareLinkAddress(new DataView(address.buffer), 0, protocol, ethernet.interfaceIndex);
    if (bind(fd, address, address.length) !== 0) throw refusal(link);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

function sourceOctets({ family, source }: Link): Uint8Array {
  return addressOctets(family, parseAddress(source)!.value);
}

/** The system's own (ip-sysctl.rst, `ip_default_ttl` and `hop_limit`). */
function usualHopLimit({ family, interface: name }: Link): number {
  const path = family === 4 ? 'ipv4/ip_default_ttl' : `ipv6/conf/${name}/hop_limit`;
  try {
    return Number.parseInt(readFileSync(`/proc/sys/net/${path}`, 'utf8'), 10);
  } catch {
    return DEFAULT_HOP_LIMIT;
  }
}

function refusal({ family, interface: name }: Link): EchosweepError {
  return new EchosweepError(
    'SOCKET_FAILED',
    `cannot ask for neighbours on ${name} by ${family === 4 ? 'ARP' : 'NDP'} (${errnoName(lastErrno())})`,
    'leave it to the system with --no-arp',
  );
}
