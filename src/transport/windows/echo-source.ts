/** The address that echo requests leave from: Windows takes an address where other systems take an interface. */

import {
  ADDRESS_OCTETS,
  addressOctets,
  type Family,
  isLinkLocal6,
  parseAddress,
} from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import { type OwnAddress, ownAddresses } from '../../host-network/own-addresses.ts';
import type { SocketOptions } from '../contract.ts';

/**
 * @returns the octets in network order, all 0 for the system's choice
 * @throws EchosweepError `OPTION_INVALID` if this host does not have the address, or the interface has none of the family
 */
export function sourceFor(
  family: Family,
  options: Pick<SocketOptions, 'source4' | 'source6' | 'interface'>,
  own: readonly OwnAddress[] = ownAddresses(),
): Uint8Array {
  const source = family === 4 ? options.source4 : options.source6;
  const name = options.interface;
  if (source === undefined && name === undefined) return new Uint8Array(ADDRESS_OCTETS[family]);
  const candidates = own.filter(
    (address) =>
      address.family === family &&
      (name === undefined || address.interface === name) &&
      (source === undefined || address.value === parseAddress(source)!.value),
  );
  const chosen = candidates.find((address) => !isLinkLocal(address)) ?? candidates[0];
  if (chosen === undefined) throw refusal(family, source, name);
  return Uint8Array.from(addressOctets(family, chosen.value));
}

function isLinkLocal({ family, value }: OwnAddress): boolean {
  return family === 6 && isLinkLocal6(value);
}

function refusal(
  family: Family,
  source: string | undefined,
  name: string | undefined,
): EchosweepError {
  const problem =
    source === undefined
      ? `--interface: "${name}" has no IPv${family} address to send from`
      : `--source: ${source} is not an address of ${name === undefined ? 'this host' : `"${name}"`}`;
  return new EchosweepError(
    'OPTION_INVALID',
    problem,
    '`ipconfig` lists the interfaces and addresses that this host has',
  );
}
