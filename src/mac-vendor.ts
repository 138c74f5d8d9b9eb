/** The maker of a network card, by the first bits of its MAC address, as registered with IEEE. */

import { createRequire } from 'node:module';

/** IEEE 802-2014 clause 8.2.2: this bit of the first octet says that no manufacturer gave the address. */
const LOCAL_BIT = 0x02;
/** Hexadecimal digits of what is registered, longest first: MA-S, MA-M and MA-L (36, 28 and 24 bits). */
const REGISTERED_DIGITS = [9, 7, 6] as const;
/** Stands for blocks that it has cut into smaller ones. */
const REGISTRY = 'IEEE Registration Authority';
/** Instead of a vendor. */
export const LOCAL_MAC = '(local)';

const require = createRequire(import.meta.url);
let registered: Readonly<Record<string, string>> | undefined;

/**
 * @param mac such as `02:00:00:00:00:01`
 * @returns the maker's name as registered, which is foreign text; `LOCAL_MAC` if a device made the address up, as telephones
 * and virtual machines do; null if it is not registered
 */
export function vendorOf(mac: string | null): string | null {
  if (mac === null) return null;
  const digits = mac.replaceAll(':', '').toUpperCase();
  if ((Number.parseInt(digits.slice(0, 2), 16) & LOCAL_BIT) !== 0) return LOCAL_MAC;
  // Megabytes, loaded only when there is a MAC address.
  registered ??= require('oui-data') as Readonly<Record<string, string>>;
  for (const length of REGISTERED_DIGITS) {
    const prefix = digits.slice(0, length);
    const name = Object.hasOwn(registered, prefix) ? registered[prefix]!.split('\n')[0]! : REGISTRY;
    if (name !== REGISTRY && name !== '') return name;
  }
  return null;
}
