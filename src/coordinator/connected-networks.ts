/** The networks that this host is connected to, and on which of them it can look for neighbours by ARP or NDP itself. */

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { parseAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { type NeighbourNetwork, neighbourNetworks } from '../transport/linux/neighbour-networks.ts';
import type { Link } from '../transport/linux/open-neighbour-socket.ts';

/** On-link addresses; those with `searchedOn` are nobody's of this host and no broadcast address. */
export interface ConnectedRange extends AddressRange {
  /** The interface on which they can be looked for; undefined: that is left to the system. */
  readonly searchedOn?: string;
}

export interface ConnectedNetworks {
  /** Disjoint. */
  readonly ranges: readonly ConnectedRange[];
  /** One for each interface and family that some of the ranges are to be searched on. */
  readonly links: readonly Link[];
}

export interface SearchWish {
  /** False where the system is to do all the looking. */
  readonly arp: boolean;
  readonly interface?: string;
  readonly source4?: string;
  readonly source6?: string;
}

/** Link-local unicast (RFC 4291 section 2.5.6), of every zone. */
const LINK_LOCAL = { first: 0xfe80n << 112n, last: (0xfec0n << 112n) - 1n } as const;

/** What of it concerns these targets. */
export function connectedNetworks(
  targets: readonly AddressRange[],
  wish: SearchWish,
): ConnectedNetworks {
  const zones = new Set(targets.map(({ zone }) => zone).filter((zone) => zone !== ''));
  const networks = [
    ...neighbourNetworks().filter((network) => targets.some((target) => overlaps(network, target))),
    ...[...zones].map(
      (zone): NeighbourNetwork => ({ family: 6, zone, interface: zone, ...LINK_LOCAL }),
    ),
  ];
  const links = new Map<string, Link>();
  const ranges = networks.flatMap((network): ConnectedRange[] => {
    const link = wish.arp ? linkOf(network, wish) : undefined;
    if (link === undefined) return [network];
    links.set(`${link.interface} ${link.family}`, link);
    return cutOut(network, unaskable(network), link.interface);
  });
  return { ranges, links: [...links.values()] };
}

/** @returns undefined where it is not the interface wished for, or has no address to ask from */
function linkOf(network: NeighbourNetwork, wish: SearchWish): Link | undefined {
  const { family, interface: name } = network;
  const own = ownAddresses(name, family);
  const source = family === 4 ? wish.source4 : wish.source6;
  const addresses = own.map(({ address }) => address.split('%')[0]!);
  if (addresses.length === 0) return undefined;
  if (wish.interface !== undefined && wish.interface !== name) return undefined;
  if (source !== undefined && !addresses.includes(source)) return undefined;
  const inside = addresses.find((address) => contains(network, parseAddress(address)!.value));
  return { family, interface: name, source: source ?? inside ?? addresses[0]! };
}

/** Addresses that nobody answers ARP for though packets to them arrive: our own, and IPv4's network and broadcast ones. */
function unaskable(network: NeighbourNetwork): bigint[] {
  const names = network.zone === '' ? Object.keys(networkInterfaces()) : [network.interface];
  const own = names.flatMap((name) => ownAddresses(name, network.family));
  return own
    .flatMap(({ address, cidr }) => {
      const { value } = parseAddress(address.split('%')[0]!)!;
      const hostBits = 32 - Number(cidr?.split('/')[1] ?? 32);
      if (network.family === 6 || hostBits < 2) return [value];
      const first = (value >> BigInt(hostBits)) << BigInt(hostBits);
      return [value, first, first + (1n << BigInt(hostBits)) - 1n];
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

function ownAddresses(name: string, family: AddressRange['family']): NetworkInterfaceInfo[] {
  return (networkInterfaces()[name] ?? []).filter((entry) => entry.family === `IPv${family}`);
}

function contains({ first, last }: AddressRange, value: bigint): boolean {
  return first <= value && value <= last;
}

function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.zone === b.zone && a.first <= b.last && b.first <= a.last;
}
