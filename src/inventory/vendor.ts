/** The maker of a network card, by the first bits of its MAC address, as registered with IEEE. */

import { createRequire } from 'node:module';
import type { Change } from './host-memory.ts';

/** IEEE 802-2014 clause 8.2.2: this bit of the first octet says that no manufacturer gave the address. */
const LOCAL_BIT = 0x02;
/** Clause 8.2.2 as well: this bit says that the address is of a group. */
const GROUP_BIT = 0x01;
/** Hexadecimal digits of what is registered, longest first: MA-S, MA-M and MA-L (36, 28 and 24 bits). */
const REGISTERED_DIGITS = [9, 7, 6] as const;
/** Stands for blocks that it has cut into smaller ones. */
const REGISTRY = 'IEEE Registration Authority';

const require = createRequire(import.meta.url);
let registered: Readonly<Record<string, string>> | undefined;

/**
 * @param mac such as `02:00:00:00:00:01`
 * @returns the maker's name as registered, which is foreign text; `(local)` if a device made the address up, as telephones
 * and virtual machines do; null if it is not registered
 */
export function vendorOf(mac: string | null): string | null {
  if (mac === null) return null;
  const digits = mac.replaceAll(':', '').toUpperCase();
  if ((Number.parseInt(digits.slice(0, 2), 16) & LOCAL_BIT) !== 0) return '(local)';
  // Megabytes, loaded only when there is a MAC address.
  registered ??= require('oui-data') as Readonly<Record<string, string>>;
  for (const length of REGISTERED_DIGITS) {
    const prefix = digits.slice(0, length);
    const name = Object.hasOwn(registered, prefix) ? registered[prefix]!.split('\n')[0]! : REGISTRY;
    if (name !== REGISTRY && name !== '') return name;
  }
  return null;
}

/** Whether the address can be that of a single device: not of a group, and not all zero. */
export function isOfOneDevice(mac: string): boolean {
  const digits = mac.replaceAll(':', '');
  return (Number.parseInt(digits.slice(0, 2), 16) & GROUP_BIT) === 0 && /[^0]/.test(digits);
}

/** The makers of the two cards of a change of MAC address or a conflict; both null for any other change. */
export function makersOf({ kind, before, after }: Change): {
  readonly before: string | null;
  readonly after: string | null;
} {
  if (kind !== 'mac-changed' && kind !== 'conflict') return { before: null, after: null };
  return { before: vendorOf(before), after: vendorOf(after) };
}
