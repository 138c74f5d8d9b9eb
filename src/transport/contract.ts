/**
 * The seam between probing and sockets: what a packet engine gives the prober. One socket serves one family and one
 * thread; it sends and receives batches through preallocated slots, so that nothing is allocated per packet.
 *
 * Times are nanoseconds of the system's monotonic clock, the same in every thread, as numbers (exact below 2^53,
 * that is for 104 days after boot; finer than 2 ns for years).
 *
 * The prober fills in the checksum of IPv4's ICMP. ICMPv6's covers the addresses too, and every system fills it in on
 * send and verifies it on receipt (RFC 3542 section 3.1).
 */

import type { Family } from '../address.ts';

/** How the octets of a received slot are laid out. */
export const FORM = {
  /** An IPv4 header, then the ICMP message. */
  ipv4Datagram: 0,
  /** The ICMP or ICMPv6 message alone; its source and TTL stand beside it. */
  icmpMessage: 1,
  /** The kernel's word about an error (error queue): type, code, offender and destination stand beside the slot, whose octets begin with the ICMP header of our own echo request. */
  queuedError: 2,
} as const;

/** Of an echo request or reply, before its payload (RFC 792, RFC 4443 section 4.1). */
export const ICMP_HEADER_OCTETS = 8;

/** Slots to send from. The prober writes packets and addresses, then calls `send`. */
export interface SendBatch {
  /** Number of slots. */
  readonly capacity: number;
  /** Slot `i` begins at `i * stride`; every packet has `packetLength` octets of ICMP, header included. */
  readonly view: DataView;
  readonly stride: number;
  readonly packetLength: number;
  /** The destination of slot `i`, 4 or 16 octets in network order, begins at `addressOffset + i * addressStride`. */
  readonly addressView: DataView;
  readonly addressOffset: number;
  readonly addressStride: number;
  /** Sets the interface index (`sin6_scope_id`) of slot `i`; 0 for none. IPv6 only. */
  setScope(slot: number, scopeId: number): void;
  /**
   * When slot `i` left, as near as can be told; before when it did not, and after when it did not. Filled by `send`. A
   * thread held up while it sends moves the two apart.
   */
  readonly sentAtNs: Float64Array;
  readonly notBeforeNs: Float64Array;
  readonly leftByNs: Float64Array;
}

/** Slots received into; valid from one `receive` to the next. */
export interface ReceiveBatch {
  readonly view: DataView;
  readonly stride: number;
  readonly length: Uint32Array;
  /** One of FORM. */
  readonly form: Uint8Array;
  /** TTL or hop limit of the packet, 0 where it is unknown. In an `ipv4Datagram` it stands in the header instead. */
  readonly ttl: Uint8Array;
  /** When the packet arrived: by the kernel where it says so, else when the process read it. */
  readonly receivedAtNs: Float64Array;
  /** 1 where that is the kernel's time; 0 where it is the time of reading, which may be later. */
  readonly isKernelTime: Uint8Array;
  /** Who sent slot `i` (for `queuedError`: the offender), laid out as in SendBatch. In an `ipv4Datagram` it stands in the header instead. */
  readonly sourceView: DataView;
  readonly sourceOffset: number;
  readonly sourceStride: number;
  /** Of a `queuedError`: the ICMP error and the destination of the echo request it is about. */
  readonly errorType: Uint8Array;
  readonly errorCode: Uint8Array;
  readonly destinationView: DataView;
  readonly destinationOffset: number;
  readonly destinationStride: number;
}

/** What a failed send means to the prober. */
export type SendFailure =
  /** The system is out of buffers or neighbour entries for the moment: wait and send the same packet again. */
  | 'busy'
  /** This packet cannot be sent; the errno says why. Others may. */
  | 'refused';

export interface SendingSocket {
  readonly tx: SendBatch;
  /**
   * Sends slots `first` to `first + count - 1` and stamps them.
   * @returns how many left, from the first on; fewer than `count` means that the next one failed, and `failure` and `errno` say why
   */
  send(first: number, count: number): number;
  readonly failure: SendFailure;
  /** The system's name of the last failure, such as `ENETUNREACH`. */
  readonly errno: string;
}

/** What ties a socket to one link, on which packets go to MAC addresses and not where the system would route them. */
export interface LinkEnd {
  /** Tells the link from all others; a block that is searched on it names it. */
  readonly name: string;
  /** Sets where slot `slot` goes: the 6 octets of `macs` from `at` on. */
  setMac(slot: number, macs: Uint8Array, at: number): void;
}

export interface PacketSocket extends SendingSocket {
  readonly family: Family;
  /** Undefined where the system routes what is sent. */
  readonly link?: LinkEnd;
  /** The ICMP identifier of every echo request from this socket. */
  readonly identifier: number;
  readonly rx: ReceiveBatch;
  /** Fills the receive slots with what has arrived, without waiting. @returns how many slots are filled, 0 for none */
  receive(): number;
  /** Packets that the socket's own buffer dropped so far. */
  readonly droppedPackets: number;
  /** Times the wall clock was seen to step while kernel times were in use. */
  readonly clockSteps: number;
}

/**
 * Shown one entry of the system's neighbour table: the address's octets in network order, the index of the interface,
 * whether the address has been found there, and where its MAC address of 6 octets stands (-1 for none).
 */
export type NeighbourVisitor = (
  view: DataView,
  offset: number,
  interfaceIndex: number,
  isResolved: boolean,
  macOffset: number,
) => void;

/** Who has an address on a link, as heard by a NeighbourSocket; valid from one `receive` to the next. */
export interface AnswerBatch {
  readonly view: DataView;
  /** The address of slot `i`, 4 or 16 octets in network order, begins at `i * stride`. */
  readonly stride: number;
  /** Its MAC address of 6 octets begins this much further. */
  readonly macOffset: number;
}

/** Asks on one link who has an address: by ARP (RFC 826) or by NDP (RFC 4861 section 7.2.2). */
export interface NeighbourSocket extends SendingSocket {
  readonly family: Family;
  /** Name of the link, as in LinkEnd. */
  readonly linkName: string;
  readonly answers: AnswerBatch;
  /** Packets that the socket's own buffer dropped so far. */
  readonly droppedPackets: number;
  /** Fills the slots with well-formed answers that have arrived, without waiting. @returns how many, 0 for none */
  receive(): number;
}

/** The sockets of one thread and its clock. */
export interface Transport {
  /** For each family one that the system routes for, and at most one for each link. */
  readonly sockets: readonly PacketSocket[];
  /** One for each link that `sockets` has one for. */
  readonly neighbourSockets?: readonly NeighbourSocket[];
  nowNs(): number;
  /** Difference between wall clock and monotonic clock now, so that `ns + wallClockOffsetNs()` is since 1970 UTC. */
  wallClockOffsetNs(): number;
  /** Waits until a packet can be read or the time is over, and lets the event loop turn if it must for that. */
  wait(maxMs: number): void | Promise<void>;
  /**
   * Shows every entry of the system's neighbour table: first those that are not resolved, so that what is resolved on
   * any interface has the last word. Absent where the system cannot be asked.
   */
  visitNeighbours?(family: Family, visit: NeighbourVisitor): void;
  /** Frees memory and, where the transport opened the sockets itself, the sockets. */
  close(): void;
}

/** What a socket must be set up for; the same for every engine. */
export interface SocketOptions {
  /** Octets of ICMP payload. */
  readonly payloadBytes: number;
  /** TTL or hop limit of what is sent, 1–255; undefined for the system's own. */
  readonly ttl?: number;
  /** TOS octet or traffic class, 0–255. */
  readonly tos?: number;
  /** Forbid fragmentation on the way (IPv4 DF; IPv6 never fragments on the way). */
  readonly dontFragment: boolean;
  /** Source address, one of this host's, by family. */
  readonly source4?: string;
  readonly source6?: string;
  /** Interface to send from, by name. */
  readonly interface?: string;
}
