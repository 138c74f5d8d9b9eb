/** Which addresses are on-link, by the system's routes: each of those costs a neighbour entry while it is unresolved. */

import { readFileSync } from 'node:fs';
import { ADDRESS_BITS, type Family } from '../../address.ts';
import type { AddressRange } from '../../results/block-targets.ts';

/** A route as far as it matters here. */
export interface Route {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
  /** Name of the interface that packets for it leave by. */
  readonly interface: string;
  /** Whether packets for it go to their destination itself, found by ARP or NDP. */
  readonly resolvesNeighbours: boolean;
  /** The next hop; 0 where there is none. */
  readonly gateway: bigint;
  /** Of two routes to the same network the one with less is taken. */
  readonly metric: number;
}

/** linux/route.h, linux/ipv6_route.h and linux/if.h. */
const RTF = { up: 0x1, gateway: 0x2, reject: 0x200 };
const IFF = { loopback: 0x8, pointToPoint: 0x10, noArp: 0x80 };
/** The kernel's own default for `gc_thresh2` and `gc_thresh3` (arp(7)). */
const DEFAULT_THRESHOLDS = { soft: 512, hard: 1024 };
/** Room left in the neighbour table for everybody else. */
const SPARE_SHARE = 0.85;
/** A full Internet table is not read: its connected networks are few, and its lines a million. */
const LONGEST_TABLE_OCTETS = 8 << 20;

/** On-link addresses and the interface that they are reached by. */
export interface NeighbourNetwork extends AddressRange {
  readonly interface: string;
}

/** The system's routes: IPv4's main table, and IPv6's; none where it does not say. */
export function readRoutes(): Route[] {
  const hasNeighbours = interfaceTest();
  return [
    ...parseRoutes4(readTable('/proc/net/route'), hasNeighbours),
    ...parseRoutes6(readTable('/proc/net/ipv6_route'), hasNeighbours),
  ];
}

/** How many unresolved neighbours may be in flight: the kernel refuses more with ENOBUFS (arp(7), `gc_thresh2`). */
export function neighbourCap(): number {
  const soft = readNumber('gc_thresh2') ?? DEFAULT_THRESHOLDS.soft;
  const hard = readNumber('gc_thresh3') ?? DEFAULT_THRESHOLDS.hard;
  return Math.max(1, Math.floor(Math.min(soft, hard / 2) * SPARE_SHARE));
}

/** `/proc/net/route`: a heading, then interface, destination, gateway, flags, two counters, metric (decimal), mask, in host-order hexadecimal. */
export function parseRoutes4(table: string, hasNeighbours: (name: string) => boolean): Route[] {
  const routes: Route[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [name, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/);
    if (mask === undefined || !areHex([destination!, gateway!, flags!, mask], 8)) continue;
    const bits = swap32(Number.parseInt(mask, 16));
    const route = {
      family: 4,
      destination: BigInt(swap32(Number.parseInt(destination!, 16))),
      prefixLength: Math.clz32(~bits),
      flags: Number.parseInt(flags!, 16),
      interface: name!,
      gateway: BigInt(swap32(Number.parseInt(gateway!, 16))),
      metric: Number(metric),
    } as const;
    routes.push(makeRoute(route, hasNeighbours));
  }
  return routes;
}

/** `/proc/net/ipv6_route`: destination, prefix length, source, its length, next hop, metric, two counters, flags, interface. */
export function parseRoutes6(table: string, hasNeighbours: (name: string) => boolean): Route[] {
  const routes: Route[] = [];
  for (const line of table.split('\n')) {
    const [destination, length, , , nextHop, metric, , , flags, name] = line.trim().split(/\s+/);
    if (name === undefined || !areHex([destination!, length!, nextHop!, flags!], 32)) continue;
    if (Number.parseInt(length!, 16) > ADDRESS_BITS[6]) continue;
    const gateway = BigInt(`0x${nextHop}`);
    const route = {
      family: 6,
      destination: BigInt(`0x${destination}`),
      prefixLength: Number.parseInt(length!, 16),
      flags: Number.parseInt(flags!, 16) | (gateway === 0n ? 0 : RTF.gateway),
      interface: name,
      gateway,
      metric: Number.parseInt(metric!, 16),
    } as const;
    routes.push(makeRoute(route, hasNeighbours));
  }
  return routes;
}

/** The on-link addresses of this host, disjoint: what the connected routes cover and no more specific route takes away. */
export function onLinkRanges(routes: readonly Route[]): NeighbourNetwork[] {
  const ranges: NeighbourNetwork[] = [];
  const mostSpecificFirst = [...routes].sort((a, b) => b.prefixLength - a.prefixLength);
  mostSpecificFirst.forEach((route, i) => {
    if (!route.resolvesNeighbours) return;
    const taken = mostSpecificFirst.slice(0, i).filter((other) => overlaps(route, other));
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

/** A route as the kernel's tables have it: of RTF's flags, and with host bits where somebody left them. */
interface TableRoute
  extends Pick<Route, 'family' | 'prefixLength' | 'interface' | 'gateway' | 'metric'> {
  readonly destination: bigint;
  readonly flags: number;
}

function makeRoute(
  { destination, flags, ...route }: TableRoute,
  hasNeighbours: (name: string) => boolean,
): Route {
  const hostBits = BigInt(ADDRESS_BITS[route.family] - route.prefixLength);
  const first = (destination >> hostBits) << hostBits;
  const isDirect = (flags & RTF.up) !== 0 && (flags & (RTF.gateway | RTF.reject)) === 0;
  return {
    ...route,
    first,
    last: first + (1n << hostBits) - 1n,
    resolvesNeighbours: isDirect && hasNeighbours(route.interface),
  };
}

/** Whether an interface finds its neighbours by ARP or NDP; each is looked up once. */
function interfaceTest(): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    let answer = known.get(name);
    if (answer === undefined) {
      const flags = Number.parseInt(readTable(`/sys/class/net/${name}/flags`), 16);
      answer = (flags & (IFF.loopback | IFF.pointToPoint | IFF.noArp)) === 0;
      known.set(name, answer);
    }
    return answer;
  };
}

function readTable(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > LONGEST_TABLE_OCTETS ? '' : text;
  } catch {
    return '';
  }
}

function readNumber(threshold: string): number | undefined {
  const value = Number.parseInt(readTable(`/proc/sys/net/ipv4/neigh/default/${threshold}`), 10);
  return Number.isNaN(value) ? undefined : value;
}

function areHex(words: readonly string[], mostDigits: number): boolean {
  return words.every((word) => /^[0-9a-f]+$/i.test(word) && word.length <= mostDigits);
}

function swap32(value: number): number {
  return (
    (((value & 0xff) << 24) |
      ((value & 0xff00) << 8) |
      ((value >>> 8) & 0xff00) |
      (value >>> 24)) >>>
    0
  );
}
