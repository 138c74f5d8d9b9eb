/** What an inventory makes of MAC addresses: whether they identify a device, and the vendors in a change. */

import { vendorOf } from '../mac-vendor.ts';
import type { Change } from './host-memory.ts';

/** IEEE 802-2014 clause 8.2.2: this bit of the first octet says that the address is of a group. */
const GROUP_BIT = 0x01;

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
