/** What macOS shows about its networks. All of it takes sysctl(3), and so native code. */

import { release } from 'node:os';
import { FAMILIES } from '../../address.ts';
import {
  IFF_POINTOPOINT,
  NET_RT_DUMP,
  NET_RT_FLAGS,
  NET_RT_IFLIST,
  RTF_LLINFO,
} from '../../native/darwin/constants.ts';
import { isSupportedHere } from '../../native/darwin/libc.ts';
import type { HostNetwork, LinkTables } from '../host-network.ts';
import { UNKNOWN_NETWORK } from '../unknown-network.ts';
import { ConfirmationTimes } from './confirmation-times.ts';
import { ethernetsOf, type InterfaceEntry, interfacesIn, isRunning } from './interface-list.ts';
import { visitNeighboursIn } from './neighbour-table.ts';
import { routesIn } from './routes.ts';
import { DOMAIN_OF } from './routing-messages.ts';
import { routingTable } from './routing-table.ts';

const EVERY_FAMILY = 0;

/**
 * 1,024 packets at most wait for ARP in all (`arp_maxhold_total` in bsd/netinet/in_arp.c). A host that is not there holds up
 * to three probes, for five seconds instead of the three after which its place is free again; some are left to others.
 */
const NEIGHBOUR_LIMIT = 180;

/** Release of Darwin in macOS 15, the first with local network privacy (Apple's Technote TN3179). */
const FIRST_WITH_PRIVACY = 24;

const DARWIN_NETWORK: HostNetwork = {
  mayHideLocalNetworks: Number.parseInt(release(), 10) >= FIRST_WITH_PRIVACY,
  routes: () => routesIn(routingTable(EVERY_FAMILY, NET_RT_DUMP, 0), readInterfaces()),
  neighbourLimit: () => NEIGHBOUR_LIMIT,
  interfaceIndex: (name) => interfaceNamed(name)?.index,
  isRunning: (name) => {
    const entry = interfaceNamed(name);
    return entry !== undefined && isRunning(entry);
  },
  isPointToPoint: (name) => ((interfaceNamed(name)?.flags ?? 0) & IFF_POINTOPOINT) !== 0,
  loadLinkTables: async () => makeLinkTables(),
};

/** macOS' own, or nothing known on a system with other layouts. */
export function darwinNetwork(): HostNetwork {
  return isSupportedHere() ? DARWIN_NETWORK : UNKNOWN_NETWORK;
}

/** The neighbours that are resolved by now count as confirmed earlier. */
function makeLinkTables(): LinkTables {
  const times = { 4: new ConfirmationTimes(), 6: new ConfirmationTimes() };
  const visitNeighbours: LinkTables['visitNeighbours'] = (family, visit) => {
    const table = routingTable(DOMAIN_OF[family], NET_RT_FLAGS, RTF_LLINFO);
    visitNeighboursIn(table, family, times[family], Date.now(), visit);
  };
  for (const family of FAMILIES) visitNeighbours(family, () => {});
  return {
    ethernets: () => ethernetsOf(readInterfaces()),
    // Interfaces of macOS have one name each, and routes depend on the destination alone.
    indexOfAlternativeName: () => undefined,
    hasPolicyRules: () => false,
    hidesPaths: () => false,
    mayBypass: () => false,
    mayFilterDepartures: () => true,
    visitNeighbours,
  };
}

function interfaceNamed(name: string): InterfaceEntry | undefined {
  return readInterfaces().find((entry) => entry.name === name);
}

/** Right now; none if the system does not show them. */
function readInterfaces(): InterfaceEntry[] {
  return interfacesIn(routingTable(EVERY_FAMILY, NET_RT_IFLIST, 0));
}
