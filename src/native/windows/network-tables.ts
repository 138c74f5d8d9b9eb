/** Windows' tables of interfaces, addresses, routes and neighbours (iphlpapi.dll, netioapi.h), through koffi. */

import koffi from 'koffi';
import { memoryAt } from '../native-memory.ts';

/** What is read of the system; tests put tables of their own in its place. */
export interface NetworkTables {
  /** A copy of the table: its number of rows at 0, its rows from 8 on; undefined if the system does not show it. */
  read(table: TableName, family: number): DataView | undefined;
}

/** Octets of a row, on x64 and arm64. */
export const ROW_OCTETS = {
  GetIfTable2: 1352,
  GetIpInterfaceTable: 168,
  GetIpForwardTable2: 104,
  GetIpNetTable2: 88,
} as const;
export type TableName = keyof typeof ROW_OCTETS;

export const ROWS_AT = 8;
const NO_ERROR = 0;

/** Loads the library. @throws Error if it is not here */
export function loadNetworkTables(): NetworkTables {
  const iphlpapi = koffi.load('iphlpapi.dll');
  const freeMibTable = iphlpapi.func('void FreeMibTable(uintptr_t table)');
  const readers = new Map<TableName, (family: number, table: BigUint64Array) => number>();
  const readerOf = (name: TableName) => {
    let reader = readers.get(name);
    if (reader === undefined) {
      // Interfaces are not of a family.
      if (name === 'GetIfTable2') {
        const read = iphlpapi.func(`uint32_t ${name}(void *table)`);
        reader = (_family, table) => read(table);
      } else reader = iphlpapi.func(`uint32_t ${name}(uint16_t family, void *table)`);
      readers.set(name, reader);
    }
    return reader;
  };
  return {
    read(name, family) {
      const table = new BigUint64Array(1);
      if (readerOf(name)(family, table) !== NO_ERROR) return undefined;
      const address = table[0]!;
      const rows = memoryAt(address, ROWS_AT).view.getUint32(0, true);
      const { bytes } = memoryAt(address, ROWS_AT + rows * ROW_OCTETS[name]);
      const copy = new DataView(bytes.slice().buffer);
      freeMibTable(address);
      return copy;
    },
  };
}
