/** Windows' interfaces, by the names that Node and the user have for them. */

import { type NetworkTables, ROW_OCTETS, ROWS_AT } from '../../native/windows/network-tables.ts';
import { MAC_OCTETS } from '../../results/block-results.ts';
import type { Ethernet } from '../host-network.ts';

/** MIB_IF_ROW2 (netioapi.h): what is at which octet. The name is UTF-16, with a 0 behind it. */
const ROW = {
  index: 8,
  name: 28,
  macOctets: 1056,
  mac: 1060,
  mtu: 1124,
  accessType: 1144,
  operationalStatus: 1156,
} as const;
const LONGEST_NAME_OCTETS = 512;
/** IfOperStatusUp and NET_IF_ACCESS_POINT_TO_POINT (ifdef.h). */
const UP = 1;
const POINT_TO_POINT = 3;

/** An interface as Windows has it. */
export interface WindowsInterface {
  readonly name: string;
  readonly index: number;
  readonly isUp: boolean;
  readonly isPointToPoint: boolean;
  readonly mtu: number;
  /** undefined if it has none, and so neither ARP nor NDP. */
  readonly mac: Uint8Array | undefined;
}

export function readInterfaces(tables: NetworkTables): WindowsInterface[] {
  const table = tables.read('GetIfTable2', 0);
  if (table === undefined) return [];
  const count = table.getUint32(0, true);
  return Array.from({ length: count }, (_, n) =>
    readRow(table, ROWS_AT + n * ROW_OCTETS.GetIfTable2),
  );
}

/** As `LinkTables.ethernets`. */
export function ethernetsOf(interfaces: readonly WindowsInterface[]): Map<string, Ethernet> {
  return new Map(
    interfaces.flatMap(({ name, index, isUp, mtu, mac }): [string, Ethernet][] =>
      mac === undefined ? [] : [[name, { interfaceIndex: index, mac, hasCarrier: isUp, mtu }]],
    ),
  );
}

function readRow(table: DataView, at: number): WindowsInterface {
  const name = Buffer.from(table.buffer, at + ROW.name, LONGEST_NAME_OCTETS).toString('utf16le');
  const octets = new Uint8Array(table.buffer.slice(at + ROW.mac, at + ROW.mac + MAC_OCTETS));
  const hasMac =
    table.getUint32(at + ROW.macOctets, true) === MAC_OCTETS && octets.some((octet) => octet !== 0);
  return {
    name: name.split('\0')[0]!,
    index: table.getUint32(at + ROW.index, true),
    isUp: table.getUint32(at + ROW.operationalStatus, true) === UP,
    isPointToPoint: table.getUint32(at + ROW.accessType, true) === POINT_TO_POINT,
    mtu: table.getUint32(at + ROW.mtu, true),
    mac: hasMac ? octets : undefined,
  };
}
