/** IP addresses as numbers and as text: the one place that reads and writes them. */

export type Family = 4 | 6;

export const FAMILIES: readonly Family[] = [4, 6];

/** The addresses of a name in one family, if the look-up of the other has failed: it may have more. */
export interface PartOfAddresses {
  readonly addresses: readonly string[];
  readonly failed: Family;
  /** Why. */
  readonly error: unknown;
}

/** Bits in an address of the family. */
export const ADDRESS_BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** Octets in an address of the family. */
export const ADDRESS_OCTETS: Readonly<Record<Family, 4 | 16>> = { 4: 4, 6: 16 };

/** fe80::/10: IPv6's link-local addresses (RFC 4291 section 2.5.6). */
export const LINK_LOCAL6 = { first: 0xfe80n << 112n, last: (0xfec0n << 112n) - 1n } as const;

/** Whether an IPv6 address is link-local. */
export function isLinkLocal6(value: bigint): boolean {
  return LINK_LOCAL6.first <= value && value <= LINK_LOCAL6.last;
}

/**
 * Reads a plain address: dotted quad without leading zeros (RFC 6943 section 3.1.1), or any IPv6 form of
 * RFC 4291 section 2.2 including an embedded dotted quad. No zone, prefix or brackets.
 * @returns undefined if the text is not an address
 */
export function parseAddress(text: string): { family: Family; value: bigint } | undefined {
  const v4 = parseIPv4(text);
  if (v4 !== undefined) return { family: 4, value: BigInt(v4) };
  const v6 = parseIPv6(text);
  return v6 === undefined ? undefined : { family: 6, value: v6 };
}

/**
 * The name, alternative name or index of an interface, without controls and other characters that do not show.
 * Linux: 15 characters in a name, 127 in an alternative one (`ALTIFNAMSIZ`).
 */
export const ZONE = /^[^\s%/\p{Cc}\p{Cf}\p{Cs}]{1,127}$/u;

/** What `readAddress` gives. */
export interface ReadAddress {
  /** Canonical, with its zone, if any. */
  readonly text: string;
  /** Differs for other addresses and zones. Sorts by address when compared as text, IPv4 before IPv6. */
  readonly key: string;
}

/** Only a key with a zone is longer. */
const PLAIN_KEY_LENGTH = 1 + ADDRESS_BITS[6] / 4;

/** Of a key: sorts as reports do when compared as text, IPv4 before IPv6, then by zone, then by address. */
export function orderOfKey(key: string): string {
  if (key.length <= PLAIN_KEY_LENGTH) return key;
  // Zones come after all addresses without one; a space comes before all that may be part of their names.
  return `7${key.slice(PLAIN_KEY_LENGTH)} ${key.slice(1, PLAIN_KEY_LENGTH)}`;
}

/**
 * Reads an address as reports have it, with or without a zone (RFC 4007 section 11).
 * @returns undefined if the text is not an address
 */
export function readAddress(text: string): ReadAddress | undefined {
  // Most addresses, without the cost of a bigint.
  const v4 = parseIPv4(text);
  if (v4 !== undefined) {
    const address = formatIPv4(v4);
    return { text: address, key: lastSubnet.key + HEX_OCTETS[v4 & 255]! };
  }
  const percent = text.indexOf('%');
  const plain = percent < 0 ? text : text.slice(0, percent);
  const zone = percent < 0 ? '' : text.slice(percent);
  const address = parseAddress(plain);
  if (address === undefined) return undefined;
  if (zone !== '' && (address.family === 4 || !ZONE.test(zone.slice(1)))) return undefined;
  const { family, value } = address;
  return { text: formatAddress(family, value) + zone, key: keyOfAddress(family, value) + zone };
}

/** @see ReadAddress.key */
export function keyOfAddress(family: Family, value: bigint): string {
  return `${family}${value.toString(16).padStart(ADDRESS_BITS[family] / 4, '0')}`;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** @returns the address as an unsigned 32-bit number, or undefined */
function parseIPv4(text: string): number | undefined {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0) return undefined;
      value = value * 256 + octet;
      octet = -1;
      dots++;
      continue;
    }
    const digit = code - ZERO;
    // A digit after a zero would make it a leading zero.
    if (digit < 0 || digit > 9 || octet === 0) return undefined;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return undefined;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : undefined;
}

function parseIPv6(text: string): bigint | undefined {
  let words = text;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const tail = parseIPv4(dotted[2]!);
    if (tail === undefined) return undefined;
    words = `${dotted[1]}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`;
  }
  const halves = words.split('::');
  if (halves.length > 2) return undefined;
  const head = halves[0] === '' ? [] : halves[0]!.split(':');
  const tail = halves[1] === undefined || halves[1] === '' ? [] : halves[1].split(':');
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let [high, low] = [0n, 0n];
  // Two words at a time: arithmetic with bigints is what takes long here.
  for (let pair = 0; pair < 8; pair += 2) {
    const first = wordAt(pair, head, missing, tail);
    const second = wordAt(pair + 1, head, missing, tail);
    if (first < 0 || second < 0) return undefined;
    const bits = BigInt(first * 0x10000 + second);
    if (pair < 4) high = (high << 32n) | bits;
    else low = (low << 32n) | bits;
  }
  return (high << 64n) | low;
}

/** The 16-bit word of an address whose middle words are missing; -1 if its text is not one. */
function wordAt(
  index: number,
  head: readonly string[],
  missing: number,
  tail: readonly string[],
): number {
  if (index >= head.length && index < head.length + missing) return 0;
  const text = index < head.length ? head[index]! : tail[index - head.length - missing]!;
  return /^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : -1;
}

/** IPv4 as a dotted quad, IPv6 in the canonical form of RFC 5952. */
export function formatAddress(family: Family, value: bigint): string {
  if (family === 4) return formatIPv4(Number(value));
  return formatIPv6Words(
    Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn)),
  );
}

/** The same with the zone of the address; '' for none. */
export function formatZonedAddress(address: {
  readonly family: Family;
  readonly value: bigint;
  readonly zone: string;
}): string {
  const text = formatAddress(address.family, address.value);
  return address.zone === '' ? text : `${text}%${address.zone}`;
}

const HEX_OCTETS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));
/** @see ReadAddress.key */
const lastSubnet = { prefix: -1, text: '', key: '' };

/** Addresses are mostly needed in order, so all but the last number is that of the previous one. */
function formatIPv4(value: number): string {
  const prefix = value >>> 8;
  if (prefix !== lastSubnet.prefix) {
    lastSubnet.text = `${value >>> 24}.${(value >>> 16) & 255}.${prefix & 255}.`;
    lastSubnet.key = `4${prefix.toString(16).padStart(6, '0')}`;
    lastSubnet.prefix = prefix;
  }
  return lastSubnet.text + (value & 255);
}

/** The octets of an address in network order: 4 or 16 of them. */
export function addressOctets(family: Family, value: bigint): Uint8Array {
  const length = ADDRESS_OCTETS[family];
  return Uint8Array.from({ length }, (_, i) =>
    Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn),
  );
}

/** Formats the address whose octets begin at `offset`, in network order: 4 or 16 of them by family. */
export function formatAddressBytes(family: Family, view: DataView, offset: number): string {
  if (family === 4) return formatIPv4(view.getUint32(offset));
  return formatIPv6Words(Array.from({ length: 8 }, (_, i) => view.getUint16(offset + 2 * i)));
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero words (the first of equals) as `::`. */
function formatIPv6Words(words: readonly number[]): string {
  if (words[5] === 0xffff && words.slice(0, 5).every((word) => word === 0)) {
    return `::ffff:${formatIPv4(((words[6]! << 16) | words[7]!) >>> 0)}`;
  }
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length++;
    if (length > bestLength) {
      bestStart = start;
      bestLength = length;
    }
  }
  const hex = words.map((word) => word.toString(16));
  if (bestStart < 0) return hex.join(':');
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`;
}

/** The first and the last address of the subnet that an address is in. */
export function subnetAround(
  family: Family,
  value: bigint,
  prefixLength: number,
): { readonly first: bigint; readonly last: bigint } {
  const hostBits = BigInt(ADDRESS_BITS[family] - prefixLength);
  const first = (value >> hostBits) << hostBits;
  return { first, last: first + (1n << hostBits) - 1n };
}

/** An address in network byte order as a number. */
export function addressValueAt(view: DataView, offset: number, family: Family): bigint {
  let value = 0n;
  for (let octet = 0; octet < ADDRESS_OCTETS[family]; octet += 4)
    value = (value << 32n) | BigInt(view.getUint32(offset + octet));
  return value;
}
