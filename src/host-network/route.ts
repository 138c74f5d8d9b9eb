/** A route of this host as far as it matters to a sweep, and which addresses are on its local networks. */

import { ADDRESS_BITS, FAMILIES, type Family } from '../address.ts';
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
  /** Whether the system refuses to send, as a blackhole does. */
  readonly refuses?: boolean;
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
  return rangesOf(routes, interfaceName, (route) => route.resolvesNeighbours);
}

/**
 * The addresses that no route leads to, or one that refuses: disjoint. This host's own may be among them.
 * @param interfaceName as above
 */
export function refusedRanges(routes: readonly Route[], interfaceName?: string): AddressRange[] {
  const refusing = [...routes, ...FAMILIES.map(withoutRoute)];
  const ranges = rangesOf(refusing, interfaceName, (route) => route.refuses === true);
  return ranges.map(({ family, zone, first, last }) => ({ family, zone, first, last }));
}

/** What happens to an address without a route, as one that comes after all others. */
function withoutRoute(family: Family): Route {
  return {
    family,
    first: 0n,
    last: (1n << BigInt(ADDRESS_BITS[family])) - 1n,
    prefixLength: -1,
    interface: '',
    resolvesNeighbours: false,
    refuses: true,
    gateway: 0n,
    metric: 0,
  };
}

/** The addresses for which the system takes a wanted route. */
function rangesOf(
  routes: readonly Route[],
  interfaceName: string | undefined,
  isWanted: (route: Route) => boolean,
): NeighbourNetwork[] {
  const isElsewhere = (route: Route): number => Number(route.interface !== interfaceName);
  const inOrder = [...routes].sort(
    (a, b) =>
      isElsewhere(a) - isElsewhere(b) || b.prefixLength - a.prefixLength || a.metric - b.metric,
  );
  const wanted = inOrder.filter(isWanted);
  const taken = takenFrom(wanted, inOrder);
  return wanted.flatMap((route) => withoutRoutes(route, taken.get(route)!));
}

/**
 * By wanted route: the routes that come before it and have addresses of it, ascending. A system may have 60,000 routes, so
 * not each is compared with each. @param inOrder of any two, one is inside the other, or they do not touch
 */
function takenFrom(
  wanted: readonly Route[],
  inOrder: readonly Route[],
): ReadonlyMap<Route, readonly Route[]> {
  const taken = new Map(wanted.map((route): [Route, Route[]] => [route, []]));
  const rank = new Map(inOrder.map((route, i) => [route, i]));
  const around: Route[] = [];
  for (const route of inOrder.toSorted(byPlace)) {
    while (around.length > 0 && !overlaps(around.at(-1)!, route)) around.pop();
    for (const outer of around)
      taken.get(rank.get(outer)! > rank.get(route)! ? outer : route)?.push(route);
    around.push(route);
  }
  return taken;
}

/** A route before those inside it. */
function byPlace(a: Route, b: Route): number {
  if (a.first !== b.first) return a.family - b.family || (a.first < b.first ? -1 : 1);
  return a.family - b.family || a.prefixLength - b.prefixLength;
}

function withoutRoutes(route: Route, taken: readonly Route[]): NeighbourNetwork[] {
  const { family, interface: name } = route;
  const ranges: NeighbourNetwork[] = [];
  const add = (first: bigint, last: bigint): void => {
    ranges.push({ family, zone: '', interface: name, first, last });
  };
  let next = route.first;
  for (const { first, last } of taken) {
    if (first > next) add(next, first - 1n);
    if (last >= next) next = last + 1n;
  }
  if (next <= route.last) add(next, route.last);
  return ranges;
}

type Span = Pick<AddressRange, 'family' | 'first' | 'last'>;

/** Whether two ranges have an address in common, zones aside. */
export function overlaps(a: Span, b: Span): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}
