/**
 * Opens packet sockets (packet(7)): those on one link that resolve hosts by ARP or NDP, those that ping resolved hosts, and
 * those that receive what a ring leaves.
 */

import { readFileSync } from 'node:fs';
import { addressOctets, type Family, parseAddress } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import type { Ethernet } from '../../host-network/host-network.ts';
import type { LocalLink } from '../../host-network/local-link.ts';
import * as c from '../../native/linux/constants.ts';
import { bind, close, errnoName, lastErrno, socket } from '../../native/linux/libc.ts';
import { ETHER_TYPE } from '../../wire/ethernet.ts';
import type { HeaderFields } from '../../wire/ip-header.ts';
import { NDP_HOP_LIMIT } from '../../wire/neighbour-messages.ts';
import {
  advertisementFilter,
  arpReplyFilter,
  DROP_ALL,
  linkFilter,
} from '../../wire/packet-filters.ts';
import type { SocketOptions } from '../contract.ts';
import type { LinkHandle } from '../handles.ts';
import { randomIdentifier } from '../random-identifier.ts';
import { preparePacketAddress } from './packet-socket-address.ts';
import { attachFilter, setUpQueues } from './socket-options.ts';

/** An interface, and our address there. */
type Place = Pick<LocalLink, 'family' | 'interface' | 'source'>;

const DEFAULT_HOP_LIMIT = 64;
const IP_TYPE: Readonly<Record<Family, number>> = { 4: ETHER_TYPE.ipv4, 6: ETHER_TYPE.ipv6 };
/** As the index of an interface (packet(7)). */
const EVERY_INTERFACE = 0;

/** Whether the system lets us open packet sockets at all. */
export function mayOpenPacketSockets(): boolean {
  const fd = socket(c.AF_PACKET, c.SOCK_DGRAM | c.SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  close(fd);
  return true;
}

/** Resolves hosts by ARP or NDP. @throws EchosweepError `SOCKET_FAILED` if the system refuses */
export function openNeighbourSocket(link: LocalLink, ethernet: Ethernet): LinkHandle {
  const { family } = link;
  const source = sourceOctets(link);
  const filter =
    family === 4
      ? arpReplyFilter(ethernet.interfaceIndex, source)
      : advertisementFilter(ethernet.interfaceIndex, source);
  const protocol = family === 4 ? ETHER_TYPE.arp : ETHER_TYPE.ipv6;
  const fd = openPacketSocket(protocol, ethernet.interfaceIndex, filter);
  if (fd === undefined) throw refusal(link);
  const header = headerFrom(link, { ttl: NDP_HOP_LIMIT, dontFragment: false });
  return { fd, kind: 'link', family, link, ethernet, header, identifier: 0 };
}

/** Pings resolved hosts. @throws EchosweepError `SOCKET_FAILED` if the system refuses */
export function openLinkSocket(
  link: LocalLink,
  ethernet: Ethernet,
  options: SocketOptions,
): LinkHandle {
  const { family } = link;
  const source = sourceOctets(link);
  const identifier = randomIdentifier();
  const filter = linkFilter(family, identifier, ethernet.interfaceIndex, source);
  const fd = openPacketSocket(IP_TYPE[family], ethernet.interfaceIndex, filter);
  if (fd === undefined) throw refusal(link);
  const header = headerFrom(link, options);
  return { fd, kind: 'link', family, link, ethernet, header, identifier };
}

/**
 * Receives, on every interface, what a ring leaves: its filter is still to be attached, and passes nothing. It may also
 * send to a gateway.
 * @returns undefined if the system refuses
 */
export function openRemainderSocket(family: Family): number | undefined {
  return openPacketSocket(IP_TYPE[family], EVERY_INTERFACE, DROP_ALL);
}

/** The IP header of requests that leave from a place. */
export function headerFrom(
  place: Place,
  options: Pick<SocketOptions, 'ttl' | 'tos' | 'dontFragment'>,
): HeaderFields {
  return {
    family: place.family,
    source: sourceOctets(place),
    hopLimit: options.ttl ?? usualHopLimit(place),
    trafficClass: options.tos ?? 0,
    dontFragment: options.dontFragment,
  };
}

/**
 * Opened without a protocol, so that nothing arrives before the filter is attached.
 * @param isReady sets the socket up for what arrives @returns undefined if the system refuses
 * @throws EchosweepError `SOCKET_FAILED` if it refuses the filter or a queue
 */
export function openPacketSocket(
  protocol: number,
  interfaceIndex: number,
  filter: Uint8Array,
  isReady: (fd: number) => boolean = hasQueues,
): number | undefined {
  const fd = socket(c.AF_PACKET, c.SOCK_DGRAM | c.SOCK_CLOEXEC | c.SOCK_NONBLOCK, 0);
  if (fd < 0) return undefined;
  try {
    attachFilter(fd, filter);
    const address = new Uint8Array(c.SOCKADDR_LL_OCTETS);
    preparePacketAddress(new DataView(address.buffer), 0, protocol, interfaceIndex);
    if (isReady(fd) && bind(fd, address, address.length) === 0) return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
  close(fd);
  return undefined;
}

function hasQueues(fd: number): boolean {
  setUpQueues(fd);
  return true;
}

function sourceOctets({ family, source }: Place): Uint8Array {
  return addressOctets(family, parseAddress(source)!.value);
}

/** The system's default (ip-sysctl.rst, `ip_default_ttl` and `hop_limit`). */
function usualHopLimit({ family, interface: name }: Place): number {
  const path = family === 4 ? 'ipv4/ip_default_ttl' : `ipv6/conf/${name}/hop_limit`;
  try {
    return Number.parseInt(readFileSync(`/proc/sys/net/${path}`, 'utf8'), 10);
  } catch {
    return DEFAULT_HOP_LIMIT;
  }
}

function refusal({ family, interface: name }: LocalLink): EchosweepError {
  return new EchosweepError(
    'SOCKET_FAILED',
    `cannot open a socket for ${family === 4 ? 'ARP' : 'NDP'} on ${name} (${errnoName(lastErrno())})`,
    'leave it to the system with --no-arp',
  );
}
