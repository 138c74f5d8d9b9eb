/** Addresses as getaddrinfo(3) reads them without a look-up (AI_NUMERICHOST), and so fping. */

import { readZonedAddress, type ZonedAddress } from '../../targets/zoned-address.ts';

/** A number of inet_aton(3): 0x hexadecimal, 0 octal, or decimal. */
const NUMBER = /^(?:0x([0-9a-f]+)|(0[0-7]*)|([1-9]\d*))$/i;

/** An address, also one of IPv4 in the short forms of inet_aton(3), such as `10.79.1` for 10.79.0.1; undefined for a name. */
export function readNumericAddress(text: string): ZonedAddress | undefined {
  const address = readZonedAddress(text);
  if (address !== undefined) return address;
  const value = shortAddress(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value), zone: '' };
}

/** One to four numbers: an octet each, but for the last one, which has all octets that are left. */
function shortAddress(text: string): number | undefined {
  const numbers = text.split('.').map(readNumber);
  if (numbers.length > 4) return undefined;
  const last = numbers.pop()!;
  const room = 256 ** (4 - numbers.length);
  // NaN is below nothing.
  if (!(last < room) || !numbers.every((octet) => octet < 256)) return undefined;
  const high = numbers.reduce((sum, octet, at) => sum + octet * 256 ** (3 - at), 0);
  return high + last;
}

function readNumber(text: string): number {
  const [, hexadecimal, octal, decimal] = NUMBER.exec(text) ?? [];
  if (hexadecimal !== undefined) return Number.parseInt(hexadecimal, 16);
  if (octal !== undefined) return Number.parseInt(octal, 8);
  return decimal === undefined ? Number.NaN : Number(decimal);
}
