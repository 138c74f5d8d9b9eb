/** The networks that this host is connected to, and on which of them we can resolve hosts by ARP or NDP ourselves. */

import { LINK_LOCAL6 } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { LocalLink } from './local-link.ts';
import type { OwnAddress } from './own-addresses.ts';
import { type NeighbourNetwork, onLinkRanges, overlaps, type Route } from './route.ts';
import type { ZoneInterfaces } from './zone-interface.ts';

/** Addresses of a local network. Those with a `link` are neither this host's own nor a broadcast address. */
export interface ConnectedRange extends NeighbourNetwork {
  /** Where we can resolve the hosts ourselves; undefined if that is left to the system. */
  readonly link?: LocalLink;
}

export interface ConnectedNetworks {
  /** Disjoint. */
  readonly ranges: readonly ConnectedRange[];
  /** The links of the ranges, in the order of their indexes. */
  readonly links: readonly LocalLink[];
}

/** What was chosen about sending. */
export interface LinkChoice {
  /** False to leave resolving neighbours to the system. */
  readonly arp: boolean;
  readonly interface?: string;
  readonly source4?: string;
  readonly source6?: string;
}

/** Each costs two sockets per worker; what is beyond is left to the system. */
const MOST_LINKS = 16;

/** The connected networks that have targets. @param routes of this host @param own its addresses @param named the targets' zones, if other than names of interfaces */
export function connectedNetworks(
  targets: readonly AddressRange[],
  choice: LinkChoice,
  routes: readonly Route[],
  own: readonly OwnAddress[],
  named: ZoneInterfaces = new Map(),
): ConnectedNetworks {
  const zones = new Set(targets.map(({ zone }) => zone).filter((zone) => zone !== ''));
  const networks = [
    ...onLinkRanges(routes, choice.interface).filter((network) =>
      targets.some((target) => network.zone === target.zone && overlaps(network, target)),
    ),
    ...[...zones].map((zone): NeighbourNetwork => {
      const name = named.get(zone)?.name ?? zone;
      return { family: 6, zone, interface: name, ...LINK_LOCAL6 };
    }),
  ];
  const links: LocalLink[] = [];
  const ranges = networks.flatMap((network): ConnectedRange[] => {
    const source = choice.arp ? sourceFor(network, choice, own) : undefined;
    const link = source === undefined ? undefined : linkFrom(source, links);
    if (link === undefined) return [network];
    return cutOut(network, unresolvable(network, own), link);
  });
  return { ranges, links };
}

/**
 * The address of ours to resolve a network's hosts from.
 * @returns undefined if another interface was chosen, or if no address of ours (or not the one chosen) is inside the
 * network: then only the system knows where replies would come back to
 */
function sourceFor(
  network: NeighbourNetwork,
  choice: LinkChoice,
  own: readonly OwnAddress[],
): OwnAddress | undefined {
  if (choice.interface !== undefined && choice.interface !== network.interface) return undefined;
  const chosen = network.family === 4 ? choice.source4 : choice.source6;
  return own.find(
    (address) =>
      address.interface === network.interface &&
      isNeighbourOf(address, network) &&
      (chosen === undefined || chosen === address.text),
  );
}

/** The link of this interface and address, added to `links` if it is new; undefined if there is no room for it. */
function linkFrom(source: OwnAddress, links: LocalLink[]): LocalLink | undefined {
  const { family, interface: name, text } = source;
  const known = links.find((link) => link.interface === name && link.source === text);
  if (known !== undefined || links.length === MOST_LINKS) return known;
  const link = { index: links.length, family, interface: name, source: text };
  links.push(link);
  return link;
}

/** Whether our address is inside the network, or its subnet contains all that more specific routes left of the network. */
function isNeighbourOf({ family, value, hostBits }: OwnAddress, network: AddressRange): boolean {
  if (family !== network.family) return false;
  return (
    contains(network, value) ||
    (value >> hostBits === network.first >> hostBits &&
      value >> hostBits === network.last >> hostBits)
  );
}

/** Addresses that no host replies to ARP for although packets to them arrive: our own, and IPv4's network and broadcast addresses. */
function unresolvable(network: NeighbourNetwork, own: readonly OwnAddress[]): bigint[] {
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

/** The network in pieces: the holes are left to the system, everything else is resolved on the link. */
function cutOut(
  network: NeighbourNetwork,
  holes: readonly bigint[],
  link: LocalLink,
): ConnectedRange[] {
  const { family, zone, interface: name } = network;
  const shared = { family, zone, interface: name } as const;
  const pieces: ConnectedRange[] = [];
  let next = network.first;
  for (const hole of [...new Set(holes)].sort((a, b) => (a < b ? -1 : 1))) {
    if (hole > next) pieces.push({ ...shared, first: next, last: hole - 1n, link });
    pieces.push({ ...shared, first: hole, last: hole });
    next = hole + 1n;
  }
  if (next <= network.last) pieces.push({ ...shared, first: next, last: network.last, link });
  return pieces;
}

function contains({ first, last }: AddressRange, value: bigint): boolean {
  return first <= value && value <= last;
}
