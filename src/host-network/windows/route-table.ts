/** Windows' routes. */

import { ADDRESS_BITS, FAMILIES, type Family, subnetAround } from '../../address.ts';
import { type NetworkTables, ROW_OCTETS, ROWS_AT } from '../../native/windows/network-tables.ts';
import type { Route } from '../route.ts';
import type { WindowsInterface } from './interface-table.ts';
import { AF, addressAt } from './socket-address.ts';

/** MIB_IPFORWARD_ROW2 (netioapi.h). */
const ROW = {
  index: 8,
  prefix: 12,
  prefixLength: 40,
  nextHop: 44,
  metric: 84,
  loopback: 92,
} as const;
/** MIB_IPINTERFACE_ROW. */
const INTERFACE_ROW = { index: 16, metric: 148 } as const;
/** The first octet of a multicast address and above: 224.0.0.0/3 with the limited broadcast, ff00::/8. */
const MULTICAST: Readonly<Record<Family, bigint>> = { 4: 224n, 6: 255n };

/** Both families' routes; none if the system does not show them. */
export function readRoutes(
  tables: NetworkTables,
  interfaces: readonly WindowsInterface[],
): Route[] {
  const byIndex = new Map(interfaces.map((each) => [each.index, each]));
  return FAMILIES.flatMap((family) => {
    const table = tables.read('GetIpForwardTable2', AF[family]);
    if (table === undefined) return [];
    const metrics = interfaceMetrics(tables, family);
    const rows = Array.from({ length: table.getUint32(0, true) }, (_, n) => {
      const at = ROWS_AT + n * ROW_OCTETS.GetIpForwardTable2;
      const index = table.getUint32(at + ROW.index, true);
      return readRow(table, at, family, byIndex.get(index), metrics.get(index) ?? 0);
    });
    return rows.filter((route) => route !== undefined);
  });
}

/** @returns undefined for a route of an interface that the system does not list, and for groups of hosts */
function readRow(
  table: DataView,
  at: number,
  family: Family,
  through: WindowsInterface | undefined,
  interfaceMetric: number,
): Route | undefined {
  if (through === undefined) return undefined;
  const bits = ADDRESS_BITS[family];
  const prefixLength = table.getUint8(at + ROW.prefixLength);
  const { first, last } = subnetAround(
    family,
    addressAt(table, at + ROW.prefix, family),
    prefixLength,
  );
  if (first >> BigInt(bits - 8) >= MULTICAST[family]) return undefined;
  const gateway = addressAt(table, at + ROW.nextHop, family);
  const isLoopback = table.getUint8(at + ROW.loopback) !== 0;
  // Those of a single address are our own addresses and broadcast addresses.
  const isNetwork = prefixLength < bits && gateway === 0n && !isLoopback;
  return {
    family,
    first,
    last,
    prefixLength,
    interface: through.name,
    gateway,
    // Windows compares the sum of both.
    metric: table.getUint32(at + ROW.metric, true) + interfaceMetric,
    resolvesNeighbours: isNetwork && through.mac !== undefined,
  };
}

/** By the index of the interface; none if the system does not show them. */
function interfaceMetrics(tables: NetworkTables, family: Family): Map<number, number> {
  const table = tables.read('GetIpInterfaceTable', AF[family]);
  if (table === undefined) return new Map();
  return new Map(
    Array.from({ length: table.getUint32(0, true) }, (_, n) => {
      const at = ROWS_AT + n * ROW_OCTETS.GetIpInterfaceTable;
      const index = table.getUint32(at + INTERFACE_ROW.index, true);
      return [index, table.getUint32(at + INTERFACE_ROW.metric, true)] as const;
    }),
  );
}
