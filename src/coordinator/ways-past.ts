/** Whether requests may go to the gateway past the system's routing, and which way that is. */

import { FAMILIES, type Family, formatAddress } from '../address.ts';
import type { LinkTables } from '../host-network/host-network.ts';
import { NEIGHBOUR } from '../host-network/host-network.ts';
import type { OwnAddress } from '../host-network/own-addresses.ts';
import type { BehindGateway, Gateway, RoutesToTargets } from '../host-network/routes-to-targets.ts';
import { sourceTo } from '../host-network/source-address.ts';
import { MAC_OCTETS } from '../results/block-results.ts';
import { type AddressRange, blockOfRanges, indexOfAddress } from '../results/block-targets.ts';
import type { SweepSettings } from '../settings.ts';
import type { WayPast } from '../transport/handles.ts';
import { fitsIntoFrame } from '../transport/native-sockets.ts';
import { isIn, rangeOfHost } from './single-host.ts';

/** More have hardly one source address in common. */
const MOST_ROUTES = 64;

/**
 * Whether requests may leave past the system at all. By itself a sweep does so only at full speed: the slower
 * it is, the less time it saves, and the more likely its routes change. A canary has to show that.
 */
export function maySendPast({ send, ratePps, canary }: SweepSettings): boolean {
  if (send !== 'auto') return send === 'link';
  return ratePps === Number.POSITIVE_INFINITY && canary !== undefined;
}

/** By family. A family with a target that is not behind the same gateway as the others is left out. */
export function behindGateways(
  ranges: readonly AddressRange[],
  routes: RoutesToTargets,
  own: readonly OwnAddress[],
): Map<Family, BehindGateway> {
  const found = new Map<Family, BehindGateway>();
  for (const family of FAMILIES) {
    const ofFamily = ranges.filter((range) => range.family === family);
    const hop = routes.onlyNextHop(ofFamily);
    const isOwn = own.some((address) => isIn(ofFamily, address));
    if (hop === undefined || isOwn || routes.hasRivals(family)) continue;
    const addresses = Array.from(routes.stretches(ofFamily), ({ address }) => address);
    found.set(family, { hop, ranges: ofFamily, addresses });
  }
  return found;
}

/** Why requests go through the system if no socket can send past it. */
export const NO_RING = 'no ring shows what leaves';

/** The way past the system, or why its own has to do. @param isHeard whether a ring may show what leaves */
export async function wayPast(
  family: Family,
  isHeard: boolean,
  behind: BehindGateway | undefined,
  settings: SweepSettings,
  tables: LinkTables,
): Promise<WayPast | string> {
  if (!isHeard) return NO_RING;
  if (behind === undefined) return 'no one gateway is sure to lead to all targets and the canary';
  const reason = prevents(family, behind.ranges, settings, tables);
  if (reason !== undefined) return reason;
  const { gateway, interface: name } = behind.hop;
  const ethernet = tables.ethernets().get(name);
  if (ethernet === undefined) return `${name} is not an Ethernet`;
  if (!fitsIntoFrame(family, settings.payloadBytes, ethernet)) return 'requests exceed a frame';
  const mac = gatewayMac(gateway, ethernet.interfaceIndex, tables);
  if (mac === undefined)
    return `the MAC address of ${formatAddress(family, gateway.value)} is not known yet`;
  const source = await sourceOf(family, behind.addresses, settings);
  if (source === undefined) return 'the source address depends on the route: give it by --source';
  return { family, interface: name, interfaceIndex: ethernet.interfaceIndex, mac, source };
}

/** What the system would do to packets, beyond their route, that keeps them from going past it; undefined if nothing. */
export function prevents(
  family: Family,
  ranges: readonly AddressRange[],
  { send }: SweepSettings,
  tables: LinkTables,
): string | undefined {
  if (send === 'auto' && tables.mayFilterDepartures(family))
    return 'a firewall may have rules for what leaves';
  if (!tables.mayBypass(family, ranges)) return 'more than the routes may decide how packets leave';
  return undefined;
}

/** By which way the requests of a family leave, and why: for people. @param way as `wayPast` has it */
export function sendingWords(family: Family, way: WayPast | string): string {
  return typeof way === 'string'
    ? `IPv${family} through the system: ${way}`
    : `IPv${family} to the gateway's MAC address on ${way.interface}, past routing and firewall`;
}

/** The one that the system would take; undefined if there are several. */
async function sourceOf(
  family: Family,
  addresses: readonly bigint[],
  { source4, source6, interface: chosen }: SweepSettings,
): Promise<string | undefined> {
  const given = family === 4 ? source4 : source6;
  if (given !== undefined) return given;
  if (chosen !== undefined || addresses.length > MOST_ROUTES) return undefined;
  const sources = new Set(await Promise.all(addresses.map((address) => sourceTo(family, address))));
  const [source, ...others] = sources;
  return others.length === 0 ? source : undefined;
}

/** As the system has resolved it; undefined if it has not. */
export function gatewayMac(
  gateway: Gateway,
  gatewayInterface: number,
  tables: LinkTables,
): Uint8Array | undefined {
  const target = blockOfRanges([rangeOfHost(gateway)]);
  let mac: Uint8Array | undefined;
  tables.visitNeighbours(gateway.family, (view, offset, interfaceIndex, state, macOffset) => {
    if (interfaceIndex !== gatewayInterface || indexOfAddress(target, view, offset) !== 0) return;
    if (state === NEIGHBOUR.unresolved || macOffset < 0) return;
    mac = new Uint8Array(view.buffer, view.byteOffset + macOffset, MAC_OCTETS).slice();
  });
  return mac;
}
