/** Opens the sockets that ask a link who has an address: ARP through AF_PACKET, NDP through a raw ICMPv6 socket. */

import { type Family, parseAddress } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import * as c from './constants.ts';
import type { Ethernet } from './ethernet.ts';
import { bind, close, errnoName, lastErrno, socket } from './libc.ts';
import { arpReplyFilter } from './socket-filter.ts';
import {
  admitTypes,
  attachFilter,
  bindToInterface,
  setBuffers,
  setOption,
} from './socket-options.ts';

/** A link on which neighbours are to be asked for. */
export interface Link {
  readonly family: Family;
  /** Name of the interface. */
  readonly interface: string;
  /** Our own address there, which the question is asked from. */
  readonly source: string;
}

/** As plain data, which passes between threads; the descriptor belongs to whoever opened it. */
export interface NeighbourHandle {
  readonly fd: number;
  readonly link: Link;
  readonly ethernet: Ethernet;
}

const NEIGHBOUR_ADVERTISEMENT = 136;
/** RFC 4861 section 7.1: what has not come through a router still has it. */
const NDP_HOP_LIMIT = 255;

/** @throws EchosweepError `SOCKET_FAILED` where the system refuses */
export function openNeighbourSocket(link: Link, ethernet: Ethernet): NeighbourHandle {
  const flags = c.SOCK_CLOEXEC | c.SOCK_NONBLOCK;
  const fd =
    link.family === 4
      ? socket(c.AF_PACKET, c.SOCK_DGRAM | flags, 0)
      : socket(c.AF_INET6, c.SOCK_RAW | flags, c.IPPROTO_ICMPV6);
  if (fd < 0) throw refusal(link);
  try {
    setBuffers(fd);
    setOption(fd, c.SOL_SOCKET, c.SO_RXQ_OVFL, 1);
    if (link.family === 4) setUpArp(fd, link, ethernet);
    else setUpNdp(fd, link);
    return { fd, link, ethernet };
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** struct sockaddr_ll (packet(7)): family u16, protocol u16 in network order, interface i32, …; 20 octets. */
function setUpArp(fd: number, link: Link, { interfaceIndex }: Ethernet): void {
  attachFilter(fd, arpReplyFilter(Number(parseAddress(link.source)!.value)));
  const address = Buffer.alloc(20);
  address.writeUInt16LE(c.AF_PACKET);
  address.writeUInt16BE(c.ETH_P_ARP, 2);
  address.writeInt32LE(interfaceIndex, 4);
  if (bind(fd, address, address.length) !== 0) throw refusal(link);
}

function setUpNdp(fd: number, link: Link): void {
  admitTypes(fd, 6, [NEIGHBOUR_ADVERTISEMENT]);
  bindToInterface(fd, link.interface);
  setOption(fd, c.SOL_IPV6, c.IPV6_RECVHOPLIMIT, 1);
  setOption(fd, c.SOL_IPV6, c.IPV6_MULTICAST_HOPS, NDP_HOP_LIMIT);
  setOption(fd, c.SOL_IPV6, c.IPV6_MULTICAST_LOOP, 0);
}

function refusal({ family, interface: name }: Link): EchosweepError {
  return new EchosweepError(
    'SOCKET_FAILED',
    `cannot ask for neighbours on ${name} by ${family === 4 ? 'ARP' : 'NDP'} (${errnoName(lastErrno())}): leave it to the system with --no-arp`,
  );
}
