/** Linux' routes, read from /proc. */

import { ADDRESS_BITS, subnetAround } from '../../address.ts';
import type { Route } from '../route.ts';
import { readProcFile } from './proc-file.ts';

/** linux/route.h, linux/ipv6_route.h and linux/if.h. */
const RTF = { up: 0x1, gateway: 0x2, reject: 0x200 };
/** How `/proc/net/route` writes that a route has none, as IPv4's blackholes have. */
const NO_INTERFACE = '*';
const IFF = { loopback: 0x8, pointToPoint: 0x10, noArp: 0x80 };

/** IPv4's main table and IPv6's; none if they cannot be read. */
export function readRoutes(): Route[] {
  const hasNeighbours = interfaceTest();
  return [
    ...parseRoutes4(readProcFile('/proc/net/route'), hasNeighbours),
    ...parseRoutes6(readProcFile('/proc/net/ipv6_route'), hasNeighbours),
  ];
}

/** `/proc/net/route`: a heading, then interface, destination, gateway, flags, two counters, metric (decimal), mask, in host-order hexadecimal. */
export function parseRoutes4(table: string, hasNeighbours: (name: string) => boolean): Route[] {
  const routes: Route[] = [];
  for (const line of table.split('\n')) {
    const [name, destination, gateway, flags, , , metric, mask] = line.split(/\s+/);
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
    const [destination, length, , , nextHop, metric, , , flags, name] = line.split(/\s+/);
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

/** A route as the kernel's tables have it: with flags of RTF, and perhaps with host bits set. */
interface TableRoute
  extends Pick<Route, 'family' | 'prefixLength' | 'interface' | 'gateway' | 'metric'> {
  readonly destination: bigint;
  readonly flags: number;
}

function makeRoute(
  { destination, flags, ...route }: TableRoute,
  hasNeighbours: (name: string) => boolean,
): Route {
  const refuses = (flags & RTF.reject) !== 0 || route.interface === NO_INTERFACE;
  const isDirect = (flags & RTF.up) !== 0 && (flags & RTF.gateway) === 0;
  return {
    ...route,
    ...subnetAround(route.family, destination, route.prefixLength),
    resolvesNeighbours: isDirect && !refuses && hasNeighbours(route.interface),
    refuses,
  };
}

/** Whether an interface resolves its neighbours by ARP or NDP; each interface is looked up once. */
function interfaceTest(): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    let answer = known.get(name);
    if (answer === undefined) {
      const flags = Number.parseInt(readProcFile(`/sys/class/net/${name}/flags`), 16);
      // /sys may be another network namespace's; an interface that it does not have is taken for the usual kind.
      answer = (flags & (IFF.loopback | IFF.pointToPoint | IFF.noArp)) === 0;
      known.set(name, answer);
    }
    return answer;
  };
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
