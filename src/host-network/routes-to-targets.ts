/** How the system routes packets to the targets: through which gateways and interfaces. */

import { ADDRESS_BITS, type Family, isLinkLocal6 } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { Route } from './route.ts';
import { RouteIndex } from './route-index.ts';
import type { ZoneInterfaces } from './zone-interface.ts';

/** A next hop. */
export interface Gateway {
  readonly family: Family;
  readonly value: bigint;
  /** Interface of a link-local gateway, else ''. */
  readonly zone: string;
}

/** A gateway with the interface that leads to it. */
export interface NextHop {
  readonly gateway: Gateway;
  /** Name of the interface. */
  readonly interface: string;
}

/** All targets of a family, and the gateway that they are behind. */
export interface BehindGateway {
  readonly hop: NextHop;
  readonly ranges: readonly AddressRange[];
  /** An address of each route that leads there. */
  readonly addresses: readonly bigint[];
}

const LOOPBACK4 = 127n;
const LOOPBACK6 = 1n;
/** Where the loopback addresses begin, and what comes after them. */
const LOOPBACK_BORDERS: Readonly<Record<Family, readonly bigint[]>> = {
  4: [LOOPBACK4 << 24n, (LOOPBACK4 + 1n) << 24n],
  6: [LOOPBACK6, LOOPBACK6 + 1n],
};

export class RoutesToTargets {
  private readonly indexes: Readonly<Record<Family, RouteIndex>>;
  private readonly usable: readonly Route[];

  /** @param interfaceName the only one to send from, if one was chosen @param routes as the system has them */
  constructor(interfaceName: string | undefined, routes: readonly Route[]) {
    const usable = routes.filter(
      (route) => interfaceName === undefined || route.interface === interfaceName,
    );
    this.usable = usable;
    const indexOf = (family: Family): RouteIndex =>
      new RouteIndex(usable.filter((route) => route.family === family));
    this.indexes = { 4: indexOf(4), 6: indexOf(6) };
  }

  /** The gateway to an address; undefined for this host itself, connected subnets and addresses without a route. */
  gatewayTo(family: Family, address: bigint): Gateway | undefined {
    const route = this.routeTo(family, address);
    if (route === undefined || route.gateway === 0n) return undefined;
    const { gateway } = route;
    const isLinkLocal = family === 6 && isLinkLocal6(gateway);
    return { family, value: gateway, zone: isLinkLocal ? route.interface : '' };
  }

  /** The first gateway on the way to any of the targets, in address order. */
  firstGateway(ranges: readonly AddressRange[]): Gateway | undefined {
    for (const { family, address, zone } of this.stretches(ranges)) {
      const gateway = zone === '' ? this.gatewayTo(family, address) : undefined;
      if (gateway !== undefined) return gateway;
    }
    return undefined;
  }

  /** All gateways on the way to the targets, in address order. */
  nextHops(targets: readonly AddressRange[]): NextHop[] {
    const found = new Map<string, NextHop>();
    for (const { family, address, zone } of this.stretches(targets)) {
      const hop = zone === '' ? this.nextHopTo(family, address) : undefined;
      if (hop !== undefined) found.set(keyOf(hop), hop);
    }
    return [...found.values()];
  }

  /** The gateway that all of the targets are behind; undefined if there is any that is not. */
  onlyNextHop(targets: readonly AddressRange[]): NextHop | undefined {
    const hops = new Map<string, NextHop>();
    for (const { family, address, zone } of this.stretches(targets)) {
      const hop = zone === '' ? this.nextHopTo(family, address) : undefined;
      if (hop === undefined) return undefined;
      hops.set(keyOf(hop), hop);
    }
    const [hop, ...others] = hops.values();
    return others.length === 0 ? hop : undefined;
  }

  /**
   * Whether two IPv6 routes are equally good: the system chooses between their routers by what it hears from them (RFC 4191
   * section 3.2). There are no such routes of IPv4.
   */
  hasRivals(family: Family): boolean {
    if (family === 4) return false;
    const seen = new Map<string, string>();
    for (const route of this.usable) {
      if (route.family === 4 || route.gateway === 0n) continue;
      const place = `${route.first}/${route.prefixLength} ${route.metric}`;
      const hop = `${route.interface} ${route.gateway}`;
      if ((seen.get(place) ?? hop) !== hop) return true;
      seen.set(place, hop);
    }
    return false;
  }

  /** The first address of each part of the targets that one route leads to. */
  *stretches(
    targets: readonly AddressRange[],
  ): Generator<{ readonly family: Family; readonly address: bigint; readonly zone: string }> {
    for (const target of targets) {
      const { family, zone } = target;
      for (const address of this.changes(target)) yield { family, address, zone };
    }
  }

  /** Every address that is reached through one of these gateways: disjoint and ascending. */
  rangesBehind(hops: readonly NextHop[]): AddressRange[] {
    const keys = new Set(hops.map(keyOf));
    return [...new Set(hops.map(({ gateway }) => gateway.family))].flatMap((family) => {
      const all = { family, zone: '', first: 0n, last: (1n << BigInt(ADDRESS_BITS[family])) - 1n };
      const starts = this.changes(all);
      return starts.flatMap((first, i): AddressRange[] => {
        const hop = this.nextHopTo(family, first);
        if (hop === undefined || !keys.has(keyOf(hop))) return [];
        return [{ ...all, first, last: (starts[i + 1] ?? all.last + 1n) - 1n }];
      });
    });
  }

  /** Names of the interfaces on the way to the targets. @param named their zones, if other than names of interfaces */
  interfaces(ranges: readonly AddressRange[], named: ZoneInterfaces = new Map()): Set<string> {
    const names = new Set<string>();
    for (const range of ranges) {
      if (range.zone !== '') names.add(named.get(range.zone)?.name ?? range.zone);
      else
        for (const address of this.changes(range)) {
          const route = this.routeTo(range.family, address);
          if (route !== undefined) names.add(route.interface);
        }
    }
    return names;
  }

  /** The interface through which all of the targets that are not on a local network are reached; undefined if there are several. */
  onlyInterface(targets: readonly AddressRange[]): string | undefined {
    const names = new Set<string | undefined>();
    for (const target of targets) {
      for (const address of this.changes(target)) {
        const route = this.routeTo(target.family, address);
        if (route?.resolvesNeighbours !== true) names.add(route?.interface);
      }
    }
    const [name, ...others] = names;
    return others.length > 0 ? undefined : name;
  }

  /** The first address of a range, and every one at which another route may apply: all addresses in between share a route. */
  private changes({ family, first, last }: AddressRange): bigint[] {
    const borders = LOOPBACK_BORDERS[family].filter((at) => at > first && at <= last);
    const starts = [first, ...this.indexes[family].changesIn(first, last)];
    if (borders.length === 0) return starts;
    return [...new Set([...starts, ...borders])].sort((a, b) => (a < b ? -1 : 1));
  }

  private nextHopTo(family: Family, address: bigint): NextHop | undefined {
    const gateway = this.gatewayTo(family, address);
    if (gateway === undefined) return undefined;
    return { gateway, interface: this.routeTo(family, address)!.interface };
  }

  private routeTo(family: Family, address: bigint): Route | undefined {
    const isLoopback = family === 4 ? address >> 24n === LOOPBACK4 : address === LOOPBACK6;
    return isLoopback ? undefined : this.indexes[family].routeTo(address);
  }
}

/** The same for the same next hop only. */
export function keyOf({ gateway, interface: name }: NextHop): string {
  return `${name} ${gateway.family} ${gateway.value}`;
}
