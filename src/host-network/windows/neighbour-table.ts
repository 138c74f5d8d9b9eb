/** Windows' neighbour table: which addresses of local networks it has resolved by ARP or NDP. */

import type { Family } from '../../address.ts';
import { type NetworkTables, ROW_OCTETS, ROWS_AT } from '../../native/windows/network-tables.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';
import { NEIGHBOUR, type NeighbourState, type NeighbourVisitor } from '../host-network.ts';
import { ADDRESS_AT, AF } from './socket-address.ts';

/** MIB_IPNET_ROW2 (netioapi.h). The last field is how long ago the neighbour was reachable last, milliseconds. */
const ROW = { index: 28, mac: 40, macOctets: 72, state: 76, reachableAgo: 84 } as const;

/** By NL_NEIGHBOR_STATE (nldef.h). */
const STATES: readonly NeighbourState[] = [
  NEIGHBOUR.unresolved, // NlnsUnreachable
  NEIGHBOUR.unresolved, // NlnsIncomplete
  NEIGHBOUR.unconfirmed, // NlnsProbe
  NEIGHBOUR.unconfirmed, // NlnsDelay
  NEIGHBOUR.unconfirmed, // NlnsStale
  NEIGHBOUR.confirmed, // NlnsReachable
  NEIGHBOUR.permanent, // NlnsPermanent
];

/** As `LinkTables.visitNeighbours`; visits none if the system does not show its table. */
export function visitNeighbourTable(
  tables: NetworkTables,
  family: Family,
  visit: NeighbourVisitor,
): void {
  const table = tables.read('GetIpNetTable2', AF[family]);
  if (table === undefined) return;
  const count = table.getUint32(0, true);
  for (const wantsResolved of [false, true]) {
    for (let row = 0; row < count; row++) {
      const at = ROWS_AT + row * ROW_OCTETS.GetIpNetTable2;
      const state = STATES[table.getUint32(at + ROW.state, true)] ?? NEIGHBOUR.unconfirmed;
      if ((state !== NEIGHBOUR.unresolved) !== wantsResolved) continue;
      const index = table.getUint32(at + ROW.index, true);
      const mac = hasMac(table, at) ? at + ROW.mac : -1;
      const ageMs =
        state === NEIGHBOUR.confirmed
          ? table.getUint32(at + ROW.reachableAgo, true)
          : Number.POSITIVE_INFINITY;
      visit(table, at + ADDRESS_AT[family], index, state, mac, ageMs);
    }
  }
}

/** Zeros do not count, and neither does the address of a group (IEEE 802), as a broadcast address has it. */
function hasMac(table: DataView, at: number): boolean {
  if (table.getUint32(at + ROW.macOctets, true) !== MAC_OCTETS) return false;
  const mac = new Uint8Array(table.buffer, at + ROW.mac, MAC_OCTETS);
  return mac.some((octet) => octet !== 0) && (mac[0]! & 1) === 0;
}
