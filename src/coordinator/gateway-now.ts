/** The gateway that the system would send to a host at the moment, for families of which the routes are not the whole picture. */

import { type Family, parseAddress } from '../address.ts';
import {
  type HostNetwork,
  type LinkTables,
  NEIGHBOUR,
  type PacketPath,
} from '../host-network/host-network.ts';
import type { Gateway, RoutesToTargets } from '../host-network/routes-to-targets.ts';
import { blockOfRanges } from '../results/block-targets.ts';
import type { PacketSettings } from '../settings.ts';
import { stateOf } from './gateway-check.ts';
import { rangeOfHost } from './single-host.ts';

/** undefined for a host that needs no gateway, 'unknown' if it has one that cannot be named. */
export type GatewayNow = (family: Family, address: bigint) => Gateway | 'unknown' | undefined;

/** @param tables undefined if the system does not show them */
export function gatewayNowOf(
  host: HostNetwork,
  tables: LinkTables | undefined,
  routes: RoutesToTargets,
  settings: PacketSettings,
): GatewayNow {
  return (family, to) => {
    const gateway = tables?.gatewayOn?.({ family, to, ...choicesOf(settings, family, host) });
    if (tables === undefined || gateway === undefined || family === 4) return gateway;
    // A router that does not answer is no longer what IPv6 would choose (RFC 4191 section 3.2).
    const candidates = [gateway, routes.gatewayTo(family, to)];
    return candidates.find((each) => each && isUnresolved(each, tables)) ?? 'unknown';
  };
}

function choicesOf(
  { source4, source6, interface: name }: PacketSettings,
  family: Family,
  host: HostNetwork,
): Pick<PacketPath, 'from' | 'interfaceIndex'> {
  const from = parseAddress((family === 4 ? source4 : source6) ?? '')?.value;
  const interfaceIndex = name === undefined ? undefined : host.interfaceIndex(name);
  return {
    ...(from !== undefined && { from }),
    ...(interfaceIndex !== undefined && { interfaceIndex }),
  };
}

function isUnresolved(gateway: Gateway, tables: LinkTables): boolean {
  const targets = blockOfRanges([rangeOfHost(gateway)]);
  return stateOf(targets, undefined, tables) === NEIGHBOUR.unresolved;
}
