/** A route of this host as far as it matters to a sweep, and which addresses are on its local networks. */

import type { Family } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';

/** As every system has it. */
export interface Route {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
  /** Name of the interface that packets leave through. */
  readonly interface: string;
  /** Whether packets go directly to their destination, whose MAC address ARP or NDP resolves. */
  readonly resolvesNeighbours: boolean;
  /** The next hop; 0 if there is none. */
  readonly gateway: bigint;
  /** Of two routes to the same network, the system takes the one with the lower metric. */
  readonly metric: number;
}

/** Addresses of a local network and the interface that leads there. */
export interface NeighbourNetwork extends AddressRange {
  readonly interface: string;
}

/**
 * The addresses of this host's local networks, disjoint: those of its connected routes, without those of routes that come
 * first. @param interfaceName the one to send from, if one was chosen: its routes come before all others
 */
export function onLinkRanges(routes: readonly Route[], interfaceName?: string): NeighbourNetwork[] {
  const ranges: NeighbourNetwork[] = [];
  const isElsewhere = (route: Route): number => Number(route.interface !== interfaceName);
  const inOrder = [...routes].sort(
    (a, b) =>
      isElsewhere(a) - isElsewhere(b) || b.prefixLength - a.prefixLength || a.metric - b.metric,
  );
  inOrder.forEach((route, i) => {
    if (!route.resolvesNeighbours) return;
    const taken = inOrder.slice(0, i).filter((other) => overlaps(route, other));
    ranges.push(...withoutRoutes(route, taken));
  });
  return ranges;
}

function withoutRoutes(route: Route, taken: readonly Route[]): NeighbourNetwork[] {
  const { family, interface: name } = route;
  const ranges: NeighbourNetwork[] = [];
  const add = (first: bigint, last: bigint): void => {
    ranges.push({ family, zone: '', interface: name, first, last });
  };
  let next = route.first;
  for (const { first, last } of [...taken].sort((a, b) => (a.first < b.first ? -1 : 1))) {
    if (first > next) add(next, first - 1n);
    if (last >= next) next = last + 1n;
  }
  if (next <= route.last) add(next, route.last);
  return ranges;
}

function overlaps(a: Route, b: Route): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}
