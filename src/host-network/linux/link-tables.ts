/** The tables that Linux shows over netlink. */

import type { LinkTables } from '../host-network.ts';
import { indexOfAlternativeName } from './alternative-names.ts';
import { readEthernets } from './ethernets.ts';
import { mayFilterDepartures } from './firewall.ts';
import { hidesPaths, mayBypass } from './hidden-paths.ts';
import { visitNeighbourTable } from './neighbour-table.ts';
import { gatewayOn } from './next-hop.ts';
import { hasPolicyRules } from './policy-rules.ts';

export const LINUX_LINK_TABLES: LinkTables = {
  ethernets: readEthernets,
  indexOfAlternativeName,
  hasPolicyRules,
  hidesPaths,
  gatewayOn,
  mayBypass,
  mayFilterDepartures,
  visitNeighbours: visitNeighbourTable,
};
