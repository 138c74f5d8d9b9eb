/** The networks that this host is connected to, and on which of them it can look for neighbours by ARP or NDP itself. */

import { networkInterfaces } from 'node:os';
import { ADDRESS_BITS, type Family, parseAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { type NeighbourNetwork, onLinkRanges, type Route } from './linux/routes.ts';
import { type Link, linkName } from './local-link.ts';

/** On-link addresses; those with `searchedOn` are nobody's of this host and no broadcast address. */
export interface ConnectedRange extends AddressRange {
  /** Name of the link on which they can be looked for; undefined: that is left to the system. */
  readonly searchedOn?: string;
}

export interface ConnectedNetworks {
  /** Disjoint. */
  readonly ranges: readonly ConnectedRange[];
  /** One for each family, interface and own address there that some of the ranges are to be searched from. */
  readonly links: readonly Link[];
}

export interface SearchWish {
  /** False where the system is to do all the looking. */
  readonly arp: boolean;
  readonly interface?: string;
  readonly source4?: string;
  readonly source6?: string;
}

/** Each costs two sockets a worker; what is beyond is left to the system. */
const MOST_LINKS = 16;

/** Link-local unicast (RFC 4291 section 2.5.6), of every zone. */
const LINK_LOCAL = { first: 0xfe80n << 112n, last: (0xfec0n << 112n) - 1n } as const;

/** One of this host's addresses. */
interface OwnAddress {
  readonly interface: string;
  readonly family: Family;
  readonly text: string;
  readonly value: bigint;
  /** Bits of it that its subnet leaves to the hosts. */
  readonly hostBits: bigint;
}

/** What of it concerns these targets. @param routes of the system */
export function connectedNetworks(
  targets: readonly AddressRange[],
  wish: SearchWish,
  routes: readonly Route[],
): ConnectedNetworks {
  const own = ownAddresses();
  const zones = new Set(targets.map(({ zone }) => zone).filter((zone) => zone !== ''));
  const networks = [
    ...onLinkRanges(routes).filter((network) =>
      targets.some((target) => overlaps(network, target)),
    ),
    ...[...zones].map(
      (zone): NeighbourNetwork => ({ family: 6, zone, interface: zone, ...LINK_LOCAL }),
    ),
  ];
  const links = new Map<string, Link>();
  const ranges = networks.flatMap((network): ConnectedRange[] => {
    const link = wish.arp ? linkOf(network, wish, own) : undefined;
    const name = link === undefined ? '' : linkName(link);
    if (link === undefined || (links.size === MOST_LINKS && !links.has(name))) return [network];
    links.set(name, link);
    return cutOut(network, unaskable(network, own), name);
  });
  return { ranges, links: [...links.values()] };
}

/**
 * @returns undefined where it is not the interface wished for, or has no address inside the network (or not the one
 * wished for): what the replies would come back to is then for the system to say
 */
function linkOf(
  network: NeighbourNetwork,
  wish: SearchWish,
  own: readonly OwnAddress[],
): Link | undefined {
  const { family, interface: name } = network;
  if (wish.interface !== undefined && wish.interface !== name) return undefined;
  const wished = family === 4 ? wish.source4 : wish.source6;
  const source = own.find(
    (address) =>
      address.interface === name &&
      isNeighbourOf(address, network) &&
      (wished === undefined || wished === address.text),
  );
  return source === undefined ? undefined : { family, interface: name, source: source.text };
}

/** Whether one of our addresses is inside the network, or its own subnet holds all of what a route has left of that. */
function isNeighbourOf({ family, value, hostBits }: OwnAddress, network: AddressRange): boolean {
  if (family !== network.family) return false;
  return (
    contains(network, value) ||
    (value >> hostBits === network.first >> hostBits &&
      value >> hostBits === network.last >> hostBits)
  );
}

/** Addresses that nobody answers ARP for though packets to them arrive: our own, and IPv4's network and broadcast ones. */
function unaskable(network: NeighbourNetwork, own: readonly OwnAddress[]): bigint[] {
  return own
    .filter(
      (address) =>
        address.family === network.family &&
        (network.zone === '' || network.interface === address.interface),
    )
    .flatMap(({ family, value, hostBits }) => {
      if (family === 6 || hostBits < 2n) return [value];
      const first = (value >> hostBits) << hostBits;
      return [value, first, first + (1n << hostBits) - 1n];
    })
    .filter((value) => contains(network, value));
}

/** The range in pieces: the holes left to the system, all else searched. */
function cutOut(
  network: NeighbourNetwork,
  holes: readonly bigint[],
  searchedOn: string,
): ConnectedRange[] {
  const { family, zone } = network;
  const pieces: ConnectedRange[] = [];
  let next = network.first;
  for (const hole of [...new Set(holes)].sort((a, b) => (a < b ? -1 : 1))) {
    if (hole > next) pieces.push({ family, zone, first: next, last: hole - 1n, searchedOn });
    pieces.push({ family, zone, first: hole, last: hole });
    next = hole + 1n;
  }
  if (next <= network.last)
    pieces.push({ family, zone, first: next, last: network.last, searchedOn });
  return pieces;
}

function ownAddresses(): OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    (entries ?? []).map(({ address, cidr }): OwnAddress => {
      const text = address.split('%')[0]!;
      const { family, value } = parseAddress(text)!;
      const bits = ADDRESS_BITS[family];
      const hostBits = BigInt(bits - Number(cidr?.split('/')[1] ?? bits));
      return { interface: name, family, text, value, hostBits };
    }),
  );
}

function contains({ first, last }: AddressRange, value: bigint): boolean {
  return first <= value && value <= last;
}

function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.zone === b.zone && a.first <= b.last && b.first <= a.last;
}
