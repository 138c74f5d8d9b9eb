/** Open sockets as plain data, which passes between threads. A descriptor belongs to the thread that opened it. */

import type { Family } from '../address.ts';
import type { Ethernet } from '../host-network/host-network.ts';
import type { LocalLink } from '../host-network/local-link.ts';
import type { HeaderFields } from '../wire/ip-header.ts';
import type { Heard } from '../wire/packet-filters.ts';

/** Which of the system's ICMP sockets: those that need privileges, those that do not, or Windows' echo requests. */
export type SocketKind = 'raw' | 'dgram' | 'icmp';

/** Memory that the system writes to while requests are under way. */
export interface RequestMemory {
  readonly address: bigint;
  readonly octets: number;
  /** Requests that it has room for. */
  readonly room: number;
}

/** Shows what leaves through an interface and arrives there: memory that the kernel fills. */
export interface RingHandle {
  readonly fd: number;
  /** A packet socket for what arrives but does not get into the ring: errors, and replies that are unusual. */
  readonly remainderFd: number;
  readonly address: bigint;
  readonly heard: Heard;
  /** Octets of a frame, and how many frames there are. */
  readonly frameOctets: number;
  readonly frames: number;
}

/** What it takes to send past the system's routing, straight to a gateway. */
export interface WayPast {
  readonly family: Family;
  /** Name and index of the interface that leads there. */
  readonly interface: string;
  readonly interfaceIndex: number;
  /** The gateway's, 6 octets. */
  readonly mac: Uint8Array;
  /** Our address in the requests. */
  readonly source: string;
}

/** A socket that the system routes for. */
export interface IcmpHandle {
  /** A file descriptor, or Windows' handle. */
  readonly fd: number;
  readonly kind: SocketKind;
  readonly family: Family;
  /** Of its echo requests. */
  readonly identifier: number;
  /** Of `raw` only: shows when requests left, and then also takes what arrives in place of the socket. */
  readonly ring?: RingHandle;
  /** Of `raw` with a ring only: of the IP header that we write before each request; undefined if the system adds it. */
  readonly header?: HeaderFields;
  /** Of `raw` with a ring only: requests leave past the system, through the ring's `remainderFd`. */
  readonly past?: WayPast;
  /** Of `icmp` only. */
  readonly requests?: RequestMemory;
}

/** A socket that sends to MAC addresses on one link. */
export interface LinkHandle {
  readonly fd: number;
  readonly kind: 'link';
  readonly family: Family;
  readonly link: LocalLink;
  readonly ethernet: Ethernet;
  /** Of the IP header before every packet but ARP's. */
  readonly header: HeaderFields;
  /** Of its echo requests; 0 for a socket that resolves neighbours. */
  readonly identifier: number;
}

/** The sockets of one thread. */
export interface ThreadSockets {
  /** One per family, and one per link. */
  readonly probing: readonly (IcmpHandle | LinkHandle)[];
  /** One per link. */
  readonly searching: readonly LinkHandle[];
}
