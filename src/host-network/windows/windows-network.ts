/** Windows' tables behind the face that all systems share. */

import { loadNetworkTables, type NetworkTables } from '../../native/windows/network-tables.ts';
import type { HostNetwork } from '../host-network.ts';
import { ethernetsOf, readInterfaces } from './interface-table.ts';
import { visitNeighbourTable } from './neighbour-table.ts';
import { readRoutes } from './route-table.ts';

/** By default Windows keeps 256 neighbours per interface, and drops old ones for new ones. */
const NEIGHBOUR_LIMIT = 200;

/** Takes koffi. @throws Error if that, or the system's library, cannot be loaded */
export function loadWindowsNetwork(): HostNetwork {
  return windowsNetwork(loadNetworkTables());
}

/** The same, over any tables. */
export function windowsNetwork(tables: NetworkTables): HostNetwork {
  const named = (name: string) => readInterfaces(tables).find((each) => each.name === name);
  return {
    routes: () => readRoutes(tables, readInterfaces(tables)),
    neighbourLimit: () => NEIGHBOUR_LIMIT,
    interfaceIndex: (name) => named(name)?.index,
    isRunning: (name) => named(name)?.isUp ?? false,
    isPointToPoint: (name) => named(name)?.isPointToPoint ?? false,
    loadLinkTables: async () => ({
      ethernets: () => ethernetsOf(readInterfaces(tables)),
      indexOfAlternativeName: () => undefined,
      hasPolicyRules: () => false,
      hidesPaths: () => false,
      mayBypass: () => false,
      mayFilterDepartures: () => true,
      visitNeighbours: (family, visit) => visitNeighbourTable(tables, family, visit),
    }),
  };
}
