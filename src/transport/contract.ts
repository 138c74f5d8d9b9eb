/**
 * The seam between probing and sockets: what a packet engine gives the prober. One socket serves one family and one
 * thread; it sends and receives batches through preallocated slots, and allocates nothing per packet.
 *
 * Times are nanoseconds of the system's monotonic clock, the same in every thread, as numbers (exact below 2^53,
 * that is for 104 days after boot; finer than 2 ns for years).
 *
 * The prober fills in the checksum of IPv4's ICMP. ICMPv6's covers the addresses too, and every system fills it in on
 * send and verifies it on receipt (RFC 3542 section 3.1).
 */

import type { Family } from '../address.ts';
import type { NeighbourVisitor } from '../host-network/host-network.ts';

/** Part of the contract, as `visitNeighbours` is. */
export { NEIGHBOUR, type NeighbourState } from '../host-network/host-network.ts';

/** How the octets of a received slot are laid out. */
export const FORM = {
  /** An IPv4 header, then the ICMP packet. */
  ipv4Datagram: 0,
  /** The ICMP or ICMPv6 packet alone; its source and TTL are in fields of `ReceiveBatch`. */
  icmpMessage: 1,
  /**
   * An error from the kernel's error queue: type, code, offender and destination are in fields of `ReceiveBatch`. The
   * slot's octets begin with the ICMP header of our own echo request.
   */
  queuedError: 2,
  /**
   * The system notifies us late that it could not send a packet that `send` counted: `errno` says why. The destination is
   * in fields of `ReceiveBatch`, and the slot's octets begin with the ICMP header of our own echo request.
   */
  localFailure: 3,
  /**
   * A packet that `send` had counted has left: `receivedAtNs` says when. The slot's octets begin with the ICMP header of our
   * own echo request.
   */
  departure: 4,
} as const;

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
   * When slot `i` left, as closely as is known, and the earliest and latest that it may have left. Filled by `send`. If
   * the thread is held up while it sends, the two are far apart. If the latest is Infinity, the packet is still on its
   * way to the interface, and a `departure` follows, unless it never leaves.
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
  /** TTL or hop limit of the packet, 0 if unknown. An `ipv4Datagram` has it in its header instead. */
  readonly ttl: Uint8Array;
  /** When the packet arrived: the kernel's stamp if there is one, else when the process read it. */
  readonly receivedAtNs: Float64Array;
  /** 1 if that is the kernel's stamp; 0 if it is the time of reading, which may be later. */
  readonly isKernelTime: Uint8Array;
  /**
   * The sender of slot `i` (for `queuedError`: the offender), laid out as in SendBatch. An `ipv4Datagram` has it in its
   * header instead.
   */
  readonly sourceView: DataView;
  readonly sourceOffset: number;
  readonly sourceStride: number;
  /** Of a `queuedError`: the ICMP error. */
  readonly errorType: Uint8Array;
  readonly errorCode: Uint8Array;
  /** 1 if the system gives other codes of this type as the same one; absent if every code is exact. */
  readonly isCodeVague?: Uint8Array;
  /** By slot, of a `localFailure`: the system's name of it, as in `SendingSocket`. Absent if there is no such form. */
  readonly errnos?: readonly string[];
  /** Of a `queuedError` or a `localFailure`: the destination of the echo request it is about. */
  readonly destinationView: DataView;
  readonly destinationOffset: number;
  readonly destinationStride: number;
}

/** What a failed send means to the prober. */
export type SendFailure =
  /** The system is out of buffers or neighbour entries at the moment: wait and send the same packet again. */
  | 'busy'
  /** This packet was not let through, as by a firewall; the errno says why. It may be at another time. */
  | 'refused'
  /** The system has found that nothing answers ARP or NDP for this address. */
  | 'unresolved'
  /** No packet to this address can be sent; the errno says why. */
  | 'hopeless';

export interface SendingSocket {
  readonly tx: SendBatch;
  /** How many packets may be sent now; absent if the socket itself sets no limit. */
  readonly room?: number;
  /**
   * Sends slots `first` to `first + count - 1` and stamps them.
   * @returns how many left, from the first on; if fewer than `count`, the next one failed, and `failure` and `errno` say why
   */
  send(first: number, count: number): number;
  readonly failure: SendFailure;
  /** The system's name of the last failure, such as `ENETUNREACH`. */
  readonly errno: string;
}

/** Binds a socket to one link, on which packets go to MAC addresses instead of where the system would route them. */
export interface LinkEnd {
  /** Of the LocalLink; a block whose hosts are resolved on it has the same. */
  readonly index: number;
  /** Sets the destination of slot `slot`: the 6 octets of `macs` from `at` on. */
  setMac(slot: number, macs: Uint8Array, at: number): void;
}

export interface PacketSocket extends SendingSocket {
  readonly family: Family;
  /** Undefined if the system routes what is sent. */
  readonly link?: LinkEnd;
  /** The ICMP identifier of every echo request from this socket. */
  readonly identifier: number;
  readonly rx: ReceiveBatch;
  /** Fills the receive slots with what has arrived, without waiting. @returns how many slots are filled, 0 for none */
  receive(): number;
  /**
   * Receives everything as the system passes it on, if a socket that shows departures has taken it from the interface so
   * far. Does nothing if requests leave past the system.
   */
  leaveRepliesToSystem?(): void;
  /** Packets that the socket's own buffer dropped so far; undefined if the system does not count them. */
  readonly droppedPackets: number | undefined;
  /** Times the wall clock was seen to step while kernel times were in use. */
  readonly clockSteps: number;
}

/** Addresses and the MAC addresses that claim them, as received by a NeighbourSocket; valid from one `receive` to the next. */
export interface AnswerBatch {
  readonly view: DataView;
  /** The address of slot `i`, 4 or 16 octets in network order, begins at `i * stride`. */
  readonly stride: number;
  /** Its MAC address of 6 octets begins this much further. */
  readonly macOffset: number;
}

/** Resolves the hosts of one link to MAC addresses: by ARP (RFC 826) or NDP (RFC 4861 section 7.2.2). */
export interface NeighbourSocket extends SendingSocket {
  readonly family: Family;
  /** Of the link, as in LinkEnd. */
  readonly linkIndex: number;
  readonly answers: AnswerBatch;
  /** Packets that the socket's own buffer dropped so far. */
  readonly droppedPackets: number;
  /** Fills the slots with well-formed answers that have arrived, without waiting. @returns how many, 0 for none */
  receive(): number;
}

/** The sockets of one thread and its clock. */
export interface Transport {
  /** One per family that the system routes for, and at most one per link. */
  readonly sockets: readonly PacketSocket[];
  /** One per link of `sockets`. */
  readonly neighbourSockets?: readonly NeighbourSocket[];
  /** Why the system ended a socket of its own accord, such as an errno's name; undefined while all of them work. */
  readonly endReason?: string | undefined;
  nowNs(): number;
  /**
   * When `receive` last had nothing more that had arrived by then. Absent if that is whenever it returns 0. No probe is
   * silent before its reply could have been received.
   */
  readonly receivedUntilNs?: number;
  /** Difference between wall clock and monotonic clock now, so that `ns + wallClockOffsetNs()` is since 1970 UTC. */
  wallClockOffsetNs(): number;
  /** Waits until a packet can be read or the time is over, and yields to the event loop if it has to. */
  wait(maxMs: number): void | Promise<void>;
  /** As `wait`, on another thread, for a thread that has more to do than to probe. Absent if `wait` yields anyway. */
  waitAside?(maxMs: number): Promise<unknown>;
  /** As `LinkTables.visitNeighbours`. Absent if the system does not show its neighbour table. */
  visitNeighbours?(family: Family, visit: NeighbourVisitor): void;
  /** Frees memory and, if the transport opened the sockets itself, closes them. */
  close(): void;
}

/** What a socket is set up for; the same for every engine. */
export interface SocketOptions {
  /** Octets of ICMP payload. */
  readonly payloadBytes: number;
  /** The longest that the prober waits for any reply. */
  readonly longestTimeoutMs: number;
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
