/** The networks that this host is connected to, and on which of them it can look for neighbours by ARP or NDP itself. */

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { ADDRESS_BITS, parseAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { type Link, linkName } from '../transport/linux/link.ts';
import { type NeighbourNetwork, neighbourNetworks } from '../transport/linux/neighbour-networks.ts';

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
    const name = link === undefined ? '' : linkName(link);
    if (link === undefined || (links.size === MOST_LINKS && !links.has(name))) return [network];
    links.set(name, link);
    return cutOut(network, unaskable(network), name);
  });
  return { ranges, links: [...links.values()] };
}

/**
 * @returns undefined where it is not the interface wished for, or has no address inside the network (or not the one
 * wished for): what the replies would come back to is then for the system to say
 */
function linkOf(network: NeighbourNetwork, wish: SearchWish): Link | undefined {
  const { family, interface: name } = network;
  if (wish.interface !== undefined && wish.interface !== name) return undefined;
  const wished = family === 4 ? wish.source4 : wish.source6;
  const sources = ownAddresses(name, family)
    .filter((own) => isNeighbourOf(own, network))
    .map(({ address }) => address.split('%')[0]!);
  const source = sources.find((address) => wished === undefined || wished === address);
  return source === undefined ? undefined : { family, interface: name, source };
}

/** Whether one of our addresses is inside the network, or its own subnet holds all of what a route has left of that. */
function isNeighbourOf({ address, cidr }: NetworkInterfaceInfo, network: AddressRange): boolean {
  const { family, value } = parseAddress(address.split('%')[0]!)!;
  if (contains(network, value)) return true;
  const hostBits = BigInt(
    ADDRESS_BITS[family] - Number(cidr?.split('/')[1] ?? ADDRESS_BITS[family]),
  );
  return (
    value >> hostBits === network.first >> hostBits &&
    value >> hostBits === network.last >> hostBits
  );
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
