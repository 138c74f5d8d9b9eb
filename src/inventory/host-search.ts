/** What a search over all networks is about: an address, a MAC address, free or unseen hosts, or a part of a name. */

import { readAddress } from '../address.ts';
import { macPart } from './host-window.ts';

/** A search, as its text was understood. */
export type HostSearch =
  | { readonly kind: 'address'; readonly key: string }
  | { readonly kind: 'mac'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'free'; readonly network: string | undefined }
  | { readonly kind: 'unseen'; readonly days: number; readonly network: string | undefined };

const FREE = /^free(?:\s+(?:in\s+)?(?<network>\S+))?$/i;
const UNSEEN = /^unseen\s+(?:(?<days>\d{1,5})\s*d(?:ays?)?)(?:\s+(?:in\s+)?(?<network>\S+))?$/i;

/** @param networks their names: `free in office` needs one of them to be office */
export function readSearch(text: string, networks: readonly string[]): HostSearch {
  const trimmed = text.trim();
  const address = readAddress(trimmed);
  if (address !== undefined) return { kind: 'address', key: address.key };
  const named = (name: string | undefined): string | undefined =>
    networks.find((each) => each.toLowerCase() === name?.toLowerCase());
  const free = FREE.exec(trimmed)?.groups;
  if (
    free !== undefined &&
    (free['network'] === undefined || named(free['network']) !== undefined)
  ) {
    return { kind: 'free', network: named(free['network']) };
  }
  const unseen = UNSEEN.exec(trimmed)?.groups;
  if (
    unseen !== undefined &&
    (unseen['network'] === undefined || named(unseen['network']) !== undefined)
  ) {
    return { kind: 'unseen', days: Number(unseen['days']), network: named(unseen['network']) };
  }
  // A name may be made of hexadecimal digits as well, so only six and more of them are taken for a card.
  const isMac = /[:.-]/.test(trimmed) || trimmed.length >= LEAST_PLAIN_DIGITS;
  if (isMac && macPart(trimmed) !== undefined) return { kind: 'mac', text: trimmed };
  return { kind: 'text', text: trimmed };
}

const LEAST_PLAIN_DIGITS = 6;
