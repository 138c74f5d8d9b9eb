/** What this host's routes mean for the targets: looked up before anything is opened. */

import { FAMILIES, type Family } from '../address.ts';
import { type ConnectedNetworks, connectedNetworks } from '../host-network/connected-networks.ts';
import type { HostNetwork } from '../host-network/host-network.ts';
import { interfaceOfZone } from '../host-network/interfaces.ts';
import {
  broadcastAddresses,
  ownAddresses,
  withoutAddresses,
} from '../host-network/own-addresses.ts';
import { refusedRanges } from '../host-network/route.ts';
import {
  type BehindGateway,
  type NextHop,
  RoutesToTargets,
} from '../host-network/routes-to-targets.ts';
import type { ZoneInterface, ZoneInterfaces } from '../host-network/zone-interface.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { SweepSettings } from '../settings.ts';
import type { TargetSet } from '../targets/target-set.ts';
import type { OpenedEngine } from './block-engine.ts';
import { type CanaryHost, chooseCanary } from './canary.ts';
import type { SpecialRange } from './plan.ts';
import { isIn, rangeOfHost } from './single-host.ts';
import { behindGateways, maySendPast } from './ways-past.ts';

export interface Outlook {
  readonly routes: RoutesToTargets;
  readonly canaryHost: CanaryHost | undefined;
  readonly networks: ConnectedNetworks;
  /** Those that may be resolved, and the networks that they are on. */
  readonly gateways: readonly NextHop[];
  readonly gatewayNetworks: ConnectedNetworks;
  /** Without a route; none of this host's own. */
  readonly refused: readonly AddressRange[];
  /** As `EngineRequest` has it. */
  readonly heardOn: ReadonlyMap<Family, string>;
  /** As `EngineRequest` has it. */
  readonly behind: ReadonlyMap<Family, BehindGateway>;
  /** Those of the targets that are broadcast addresses of this host's networks. */
  readonly broadcasts: readonly string[];
}

/** Reads the routes once. @param zones those of the targets */
export function lookAround(
  host: HostNetwork,
  settings: SweepSettings,
  targets: TargetSet,
  zones: ZoneInterfaces,
): Outlook {
  const hostRoutes = host.routes();
  const routes = new RoutesToTargets(settings.interface, hostRoutes);
  const own = ownAddresses();
  const gateways = routes
    .nextHops(targets.ranges)
    .filter(({ gateway }) => !isIn(targets.excluded, gateway));
  const networks = connectedNetworks(targets.ranges, settings, hostRoutes, own, zones);
  const hops = gateways.map(({ gateway }) => rangeOfHost(gateway));
  const canaryHost = chooseCanary(settings, targets, routes);
  return {
    routes,
    canaryHost,
    networks,
    gateways,
    refused: withoutAddresses(refusedRanges(hostRoutes, settings.interface), own),
    heardOn: heardOn(targets, routes, networks),
    behind: maySendPast(settings)
      ? witnessed(behindGateways(probed(targets, settings), routes, own), settings, canaryHost)
      : new Map(),
    gatewayNetworks: connectedNetworks(hops, settings, hostRoutes, own),
    broadcasts: broadcastAddresses(own)
      .filter((address) => isIn(targets.ranges, address))
      .map(({ text }) => text),
  };
}

/** All that the sweep's sockets send to, but for a gateway that is the canary. */
function probed({ ranges }: TargetSet, { canary }: SweepSettings): AddressRange[] {
  if (canary === undefined || canary === 'gateway') return [...ranges];
  return [...ranges, rangeOfHost(canary)];
}

/** By itself a sweep goes past the system only where its canary goes: it falls silent if the gateway is replaced. */
function witnessed(
  behind: ReadonlyMap<Family, BehindGateway>,
  { send }: SweepSettings,
  canary: CanaryHost | undefined,
): ReadonlyMap<Family, BehindGateway> {
  if (send === 'link') return behind;
  const { family, value, choice } = canary ?? {};
  const isThere = ({ hop }: BehindGateway): boolean =>
    choice === 'named' || value === hop.gateway.value;
  return new Map([...behind].filter(([of, each]) => of === family && isThere(each)));
}

/** Below, a ring costs more time than it saves: it is set up, closed, and read by code that is compiled first (docs/performance.md). */
const LEAST_HEARD_HOSTS = 60_000;

function heardOn(
  { count, ranges }: TargetSet,
  routes: RoutesToTargets,
  networks: ConnectedNetworks,
): Map<Family, string> {
  const heard = new Map<Family, string>();
  if (count < LEAST_HEARD_HOSTS) return heard;
  const searched = new Set(networks.links.map((link) => link.interface));
  for (const family of FAMILIES) {
    const ofFamily = ranges.filter((range) => range.family === family);
    // The system resolves hosts of these networks before a request leaves.
    const isLeftToSystem = networks.ranges.some(
      (range) => range.family === family && !searched.has(range.interface),
    );
    const name = isLeftToSystem ? undefined : routes.onlyInterface(ofFamily);
    if (name !== undefined) heard.set(family, name);
  }
  return heard;
}

/** The targets that are not simply routed. @param unresolved gateways that cannot be resolved */
export function specialRanges(
  { routes, networks, refused }: Outlook,
  { links }: OpenedEngine,
  unresolved: readonly NextHop[],
): SpecialRange[] {
  const cutOff = withoutAddresses(routes.rangesBehind(unresolved), ownAddresses());
  return [
    // A range keeps its link only if the engine resolves neighbours on it.
    ...networks.ranges.map((range) => {
      const { link, ...unsearched } = range;
      return link !== undefined && links.includes(link) ? range : unsearched;
    }),
    ...refused.map((range) => ({ ...range, isRefused: true }) as const),
    ...cutOff.map((range) => ({ ...range, isCutOff: true }) as const),
  ];
}

/** The interfaces that the zones of the ranges mean. @throws EchosweepError `TARGET_INVALID` */
export async function resolveZones(
  host: HostNetwork,
  ranges: readonly AddressRange[],
): Promise<ZoneInterfaces> {
  const interfaces = new Map<string, ZoneInterface>();
  for (const zone of zonesOf(ranges)) interfaces.set(zone, await interfaceOfZone(host, zone));
  return interfaces;
}

/** The interface index of the canary's zone; 0 if it has none. @throws EchosweepError `TARGET_INVALID` */
export async function scopeIdOfCanary(
  host: HostNetwork,
  { zone }: Pick<CanaryHost, 'zone'> = { zone: '' },
): Promise<number> {
  return zone === '' ? 0 : (await interfaceOfZone(host, zone)).index;
}

/** The zones of the ranges, each once. */
export function zonesOf(ranges: readonly AddressRange[]): string[] {
  return [...new Set(ranges.map((range) => range.zone))].filter((zone) => zone !== '');
}
