/** macOS' routes (NET_RT_DUMP of sysctl(3)). */

import { ADDRESS_BITS, type Family, subnetAround } from '../../address.ts';
import * as c from '../../native/darwin/constants.ts';
import type { Route } from '../route.ts';
import { hasNeighbours, type InterfaceEntry } from './interface-list.ts';
import { ROUTE_AT, ROUTE_LAYOUT } from './route-message.ts';
import {
  ADDRESS,
  addressOffset,
  addressValue,
  clearEmbeddedScope,
  familyAt,
  messagesIn,
} from './routing-messages.ts';

/** Neighbours and what the system derives from other routes are in the same table, as routes to single hosts. */
const NOT_A_ROUTE = c.RTF_LLINFO | c.RTF_WASCLONED | c.RTF_MULTICAST | c.RTF_BROADCAST;
/** The system takes a route that only sockets of its interface may use after those for everyone. */
const METRIC = { everyone: 0, interfaceOnly: 1 } as const;

/** The routes of a table. @param interfaces of the same host */
export function routesIn(table: DataView, interfaces: readonly InterfaceEntry[]): Route[] {
  const byIndex = new Map(interfaces.map((entry) => [entry.index, entry]));
  const routes: Route[] = [];
  for (const { at, addresses } of messagesIn(table, ROUTE_LAYOUT)) {
    const flags = table.getUint32(at + ROUTE_AT.flags, true);
    const entry = byIndex.get(table.getUint16(at + ROUTE_AT.index, true));
    const destination = addresses[ADDRESS.destination]!;
    const family = familyAt(table, destination);
    const isRoute = (flags & c.RTF_UP) !== 0 && (flags & NOT_A_ROUTE) === 0;
    if (family === undefined || entry === undefined || !isRoute) continue;
    const gateway = addresses[ADDRESS.gateway]!;
    const refuses = (flags & (c.RTF_REJECT | c.RTF_BLACKHOLE)) !== 0;
    const isDirect = (flags & c.RTF_GATEWAY) === 0 && !refuses;
    routes.push({
      family,
      ...rangeOf(table, family, destination, addresses[ADDRESS.netmask]!),
      interface: entry.name,
      gateway: (flags & c.RTF_GATEWAY) === 0 ? 0n : hostAt(table, family, gateway),
      metric: (flags & c.RTF_IFSCOPE) === 0 ? METRIC.everyone : METRIC.interfaceOnly,
      resolvesNeighbours: isDirect && hasNeighbours(entry),
      refuses,
    });
  }
  return routes;
}

/** A route without a netmask leads to a single host. */
function rangeOf(
  table: DataView,
  family: Family,
  destination: number,
  netmask: number,
): Pick<Route, 'first' | 'last' | 'prefixLength'> {
  const bits = ADDRESS_BITS[family];
  const prefixLength = netmask < 0 ? bits : leadingOnes(addressValue(table, netmask, family), bits);
  return {
    ...subnetAround(family, hostAt(table, family, destination), prefixLength),
    prefixLength,
  };
}

/** @returns 0n for an address of another family, such as the link that a direct route leads to */
function hostAt(table: DataView, family: Family, at: number): bigint {
  if (familyAt(table, at) !== family) return 0n;
  const octets = addressOffset(table, at, family);
  if (family === 6 && octets >= 0) clearEmbeddedScope(table, octets);
  return addressValue(table, at, family);
}

function leadingOnes(mask: bigint, bits: number): number {
  const first = mask.toString(2).padStart(bits, '0').indexOf('0');
  return first < 0 ? bits : first;
}
