/** What to call the addresses of a report: a prefix where they fill one, else where they begin and end. */

import { ADDRESS_BITS, formatAddress } from '../../address.ts';
import { addressTextOf, type RowAddress } from '../address-runs.ts';

/** `192.0.2.0/24` if the rows fill at least half of it. */
export function addressSpaceTitle(
  first: RowAddress | undefined,
  last: RowAddress | undefined,
  hosts: number,
): string {
  if (first === undefined || last === undefined) return 'No address';
  if (hosts === 1) return addressTextOf(first);
  const isOneSpace = first.family === last.family && first.zone === last.zone;
  if (isOneSpace) {
    const hostBits = (first.value ^ last.value).toString(2).length;
    const network = (first.value >> BigInt(hostBits)) << BigInt(hostBits);
    if (2 * hosts >= 2 ** hostBits) {
      const prefix = ADDRESS_BITS[first.family] - hostBits;
      return `${formatAddress(first.family, network)}${first.zone}/${prefix}`;
    }
  }
  return `${addressTextOf(first)} – ${addressTextOf(last)}`;
}
