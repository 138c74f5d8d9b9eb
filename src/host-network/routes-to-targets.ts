/** The way to the targets by the system's routes: which gateway is the first on it, and through which interfaces it leads. */

import type { Family } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { Route } from './linux/routes.ts';

/** A next hop. */
export interface Gateway {
  readonly family: Family;
  readonly value: bigint;
  /** Interface of a link-local one, else ''. */
  readonly zone: string;
}

/** fe80::/10 (RFC 4291 section 2.5.6), by its first ten bits. */
const LINK_LOCAL6 = 0x3fan;
const LOOPBACK4 = 127n;
const LOOPBACK6 = 1n;

export class WayToTargets {
  private readonly routes: readonly Route[];

  /** @param interfaceName the only one that is sent from, where one was asked for @param routes as the system has them */
  constructor(interfaceName: string | undefined, routes: readonly Route[]) {
    this.routes = routes.filter(
      (route) => interfaceName === undefined || route.interface === interfaceName,
    );
  }

  /** The gateway that packets for an address are handed to; undefined for this host itself, connected subnets and no route. */
  gatewayTo(family: Family, address: bigint): Gateway | undefined {
    const route = this.routeTo(family, address);
    if (route === undefined || route.gateway === 0n) return undefined;
    const { gateway } = route;
    const isLinkLocal = family === 6 && gateway >> 118n === LINK_LOCAL6;
    return { family, value: gateway, zone: isLinkLocal ? route.interface : '' };
  }

  /** The first gateway that any of the targets, in address order, is asked through. */
  firstGateway(ranges: readonly AddressRange[]): Gateway | undefined {
    for (const range of ranges) {
      if (range.zone !== '') continue;
      for (const address of this.turnings(range)) {
        const gateway = this.gatewayTo(range.family, address);
        if (gateway !== undefined) return gateway;
      }
    }
    return undefined;
  }

  /** Names of the interfaces that targets are asked through. */
  interfaces(ranges: readonly AddressRange[]): Set<string> {
    const names = new Set<string>();
    for (const range of ranges) {
      if (range.zone !== '') names.add(range.zone);
      else
        for (const address of this.turnings(range)) {
          const route = this.routeTo(range.family, address);
          if (route !== undefined) names.add(route.interface);
        }
    }
    return names;
  }

  /** The first address of a range, and every one at which another route may begin to apply: between them all go one way. */
  private turnings({ family, first, last }: AddressRange): bigint[] {
    const starts = new Set([first]);
    for (const route of this.routes) {
      if (route.family !== family) continue;
      for (const at of [route.first, route.last + 1n]) if (at > first && at <= last) starts.add(at);
    }
    return [...starts].sort((a, b) => (a < b ? -1 : 1));
  }

  private routeTo(family: Family, address: bigint): Route | undefined {
    const isLoopback = family === 4 ? address >> 24n === LOOPBACK4 : address === LOOPBACK6;
    if (isLoopback) return undefined;
    let best: Route | undefined;
    for (const route of this.routes) {
      if (route.family !== family || address < route.first || address > route.last) continue;
      const isBetter =
        best === undefined ||
        route.prefixLength > best.prefixLength ||
        (route.prefixLength === best.prefixLength && route.metric < best.metric);
      if (isBetter) best = route;
    }
    return best;
  }
}
