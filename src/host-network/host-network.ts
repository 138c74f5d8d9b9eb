/**
 * What this host knows about its networks: one interface for every system. A system's folder reads its tables;
 * load-host-network.ts chooses the folder. Addresses and interfaces that Node knows on every system are in
 * own-addresses.ts and interfaces.ts.
 */

import type { Family } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { Route } from './route.ts';
import type { Gateway } from './routes-to-targets.ts';

/** What can be read on this host. Nothing here throws for what the system does not show. */
export interface HostNetwork {
  /** The system's routes with their gateways, in any order; none if it does not show them. */
  routes(): readonly Route[];
  /** How many hosts of local networks the system may be resolving at a time before it refuses to send to more. */
  neighbourLimit(): number;
  /** Index of the interface with this name, whether or not it has an address; undefined if there is none. */
  interfaceIndex(name: string): number | undefined;
  /** Whether the interface is up and has a carrier, with or without an address; false if the system does not say. */
  isRunning(name: string): boolean;
  /** How often the interface has lost its carrier so far. Absent, or undefined, if the system does not count it. */
  carrierLosses?(name: string): number | undefined;
  /** Whether the interface leads to a single other host, as a tunnel does; false if the system does not say. */
  isPointToPoint(name: string): boolean;
  /** Whether the system may keep a program from its local networks unless a person allows it. Absent if it never does. */
  readonly mayHideLocalNetworks?: boolean;
  /** Loads native code for the tables that need it. Rejects if it cannot be loaded here. */
  loadLinkTables(): Promise<LinkTables>;
}

/** What it takes to resolve neighbours ourselves, and what the system itself has resolved. */
export interface LinkTables {
  /** By name: the interfaces that resolve their neighbours by ARP and NDP. */
  ethernets(): ReadonlyMap<string, Ethernet>;
  /** Index of the interface that has this as an alternative name; undefined if there is none. */
  indexOfAlternativeName(name: string): number | undefined;
  /** Whether a route depends on more than the destination, in which case `routes` is not the whole picture. */
  hasPolicyRules(family: Family): boolean;
  /** Whether packets may also leave by other interfaces than those of `routes`, or changed so that they are not recognised there. */
  hidesPaths(family: Family): boolean;
  /** The gateway that the system sends a packet to; undefined if it needs none. Absent if `routes` shows all there is. */
  gatewayOn?(path: PacketPath): Gateway | undefined;
  /**
   * Whether packets to the ranges, sent to their gateway's MAC address, go where the system would send them, and look the
   * same. Only for a family of which `hidesPaths` is false.
   */
  mayBypass(family: Family, ranges: readonly AddressRange[]): boolean;
  /** Whether a firewall of this host may refuse or change what leaves; so too if the system does not show its rules. */
  mayFilterDepartures(family: Family): boolean;
  /**
   * Shows every entry of the system's neighbour table: the unresolved ones first, so that an address resolved on any
   * interface is shown as resolved last.
   */
  visitNeighbours(family: Family, visit: NeighbourVisitor): void;
}

/** What the next hop of a packet may depend on. */
export interface PacketPath {
  readonly family: Family;
  readonly to: bigint;
  /** Its source address, if one was chosen. */
  readonly from?: bigint;
  /** The interface to leave through, if one was chosen. */
  readonly interfaceIndex?: number;
}

/** An interface that resolves its neighbours by ARP and NDP. */
export interface Ethernet {
  readonly interfaceIndex: number;
  /** 6 octets. */
  readonly mac: Uint8Array;
  /** Whether it is connected to anything, such as by a cable. */
  readonly hasCarrier: boolean;
  /** Octets of the longest IP packet. */
  readonly mtu: number;
}

/** What the system knows about a neighbour (RFC 4861 section 7.3.2, which Linux follows for ARP too). */
export const NEIGHBOUR = {
  /** Its MAC address is being resolved, or could not be. */
  unresolved: 0,
  /** Its MAC address is known from earlier; the system checks it once it is used. */
  unconfirmed: 1,
  /** It has confirmed its MAC address lately. */
  confirmed: 2,
  /** Its MAC address was configured. */
  permanent: 3,
} as const;
export type NeighbourState = (typeof NEIGHBOUR)[keyof typeof NEIGHBOUR];

/**
 * Called with an entry of the neighbour table: its address (octets in network order), the index of its interface, its
 * state, where its MAC address of 6 octets begins (-1 if there is none), and how long ago it was confirmed last.
 */
export type NeighbourVisitor = (
  view: DataView,
  offset: number,
  interfaceIndex: number,
  state: NeighbourState,
  macOffset: number,
  confirmedAgoMs: number,
) => void;
