/** Reads plain addresses and prefixes fast: long lists hold little else, and ip-cidr takes 13 to 25 µs for each. */

import { parseAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { prefixOfMask } from './netmask.ts';

/** Neither an address nor a prefix. */
export const NOT_PLAIN = -1;

/** `INET6_ADDRSTRLEN` without its NUL, a slash and three digits. */
const LONGEST_IPV6 = 49;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const NINE = 57;

/**
 * Reads `192.0.2.0/24` or `192.0.2.7` exactly as `parseTarget` does, and allocates nothing.
 * @returns the address times 64 plus the prefix length, which is 32 for an address alone; `NOT_PLAIN` for any other
 * text, which may be a target all the same
 */
export function plainPrefix(text: string): number {
  const { length } = text;
  if (length < 7 || length > 18) return NOT_PLAIN;
  let address = 0;
  let at = 0;
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0 && text.charCodeAt(at++) !== DOT) return NOT_PLAIN;
    const start = at;
    let value = 0;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code < ZERO || code > NINE) break;
      value = value * 10 + code - ZERO;
    }
    const digits = at - start;
    if (digits === 0 || digits > 3 || value > 255) return NOT_PLAIN;
    if (digits > 1 && text.charCodeAt(start) === ZERO) return NOT_PLAIN;
    address = address * 256 + value;
  }
  if (at === length) return address * 64 + 32;
  if (text.charCodeAt(at++) !== SLASH) return NOT_PLAIN;
  const digits = length - at;
  if (digits < 1 || digits > 2) return NOT_PLAIN;
  let prefix = 0;
  for (const start = at; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE || (digits > 1 && at === start && code === ZERO))
      return NOT_PLAIN;
    prefix = prefix * 10 + code - ZERO;
  }
  return prefix > 32 ? NOT_PLAIN : address * 64 + prefix;
}

/** Reads `192.0.2.0/255.255.255.0`, also with a wildcard mask, as `plainPrefix` reads a prefix. */
export function plainMaskedSubnet(text: string): number {
  const slash = text.indexOf('/');
  if (slash < 0 || slash !== text.lastIndexOf('/')) return NOT_PLAIN;
  const address = plainPrefix(text.slice(0, slash));
  const mask = plainPrefix(text.slice(slash + 1));
  if (address === NOT_PLAIN || mask === NOT_PLAIN) return NOT_PLAIN;
  const prefix = prefixOfMask((mask - 32) / 64);
  return prefix === undefined ? NOT_PLAIN : address - 32 + prefix;
}

/**
 * Reads `2001:db8::/32` or `2001:db8::7`, without a zone, exactly as `parseTarget` does.
 * @returns undefined for any other text, which may be a target all the same
 */
export function plainIPv6(text: string): AddressRange | undefined {
  if (!text.includes(':') || text.length > LONGEST_IPV6) return undefined;
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address?.family !== 6) return undefined;
  const { value } = address;
  if (slash < 0) return { family: 6, zone: '', first: value, last: value };
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > 128) return undefined;
  const host = (1n << BigInt(128 - Number(length))) - 1n;
  const last = value | host;
  return { family: 6, zone: '', first: last - host, last };
}
