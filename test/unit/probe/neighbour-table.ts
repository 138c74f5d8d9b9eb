/** A system's neighbour table with one entry, for transports of tests. */

import { ADDRESS_OCTETS, addressOctets, type Family, parseAddress } from '../../../src/address.ts';
import type { NeighbourState } from '../../../src/host-network/host-network.ts';
import type { Transport } from '../../../src/transport/contract.ts';

/** Index of the interface that the entries are for. */
export const TABLE_INTERFACE = 7;

/** @param confirmedAgoMs when it was confirmed last, at each look: long ago if it is not given */
export function tableOf(
  family: Family,
  address: string,
  state: NeighbourState | (() => NeighbourState),
  mac: readonly number[],
  confirmedAgoMs: () => number = () => 60_000,
): Required<Pick<Transport, 'visitNeighbours'>> {
  const { value } = parseAddress(address)!;
  const entry = new DataView(Uint8Array.from([...addressOctets(family, value), ...mac]).buffer);
  return {
    visitNeighbours: (asked, visit) => {
      if (asked !== family) return;
      const now = typeof state === 'function' ? state() : state;
      visit(entry, 0, TABLE_INTERFACE, now, ADDRESS_OCTETS[family], confirmedAgoMs());
    },
  };
}
