/** Addresses that no sweep may probe, even if a target names them: many hosts would answer one probe, or none can. */

import { LINK_LOCAL6 } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';

interface ForbiddenRange extends AddressRange {
  readonly what: string;
}

const MULTICAST = 'multicast goes to many hosts at once';
const NO_HOST = 'no host can have it';

/** RFC 1122 section 3.2.1.3, RFC 4291 sections 2.5.2 and 2.7. */
const NOT_FOR_PROBING: readonly ForbiddenRange[] = [
  { family: 4, zone: '', first: 0n, last: 0n, what: NO_HOST },
  { family: 4, zone: '', first: 0xe0000000n, last: 0xefffffffn, what: MULTICAST },
  {
    family: 4,
    zone: '',
    first: 0xffffffffn,
    last: 0xffffffffn,
    what: 'broadcast goes to every host at once',
  },
  { family: 6, zone: '', first: 0n, last: 0n, what: NO_HOST },
  { family: 6, zone: '', first: 0xffn << 120n, last: (1n << 128n) - 1n, what: MULTICAST },
];
const MAPPED_PREFIX = 0xffffn;
/** 64:ff9b::, the well-known prefix. */
const TRANSLATED = 0x64ff9bn << 96n;
/** Addresses of IPv6 that stand for those of IPv4 (RFC 4291 section 2.5.5.2): a TCP connection to one goes to that host. */
export const MAPPED: AddressRange = {
  family: 6,
  zone: '',
  first: MAPPED_PREFIX << 32n,
  last: ((MAPPED_PREFIX + 1n) << 32n) - 1n,
};

/** Addresses of IPv6 that a translator on the way makes those of IPv4 of (RFC 6052 section 2.1). */
export function translatedIPv4({ first, last }: AddressRange): AddressRange {
  return { family: 6, zone: '', first: TRANSLATED + first, last: TRANSLATED + last };
}

/** The addresses whose probing makes no sense, for taking out of larger targets. */
export function rangesNotForProbing(): AddressRange[] {
  return NOT_FOR_PROBING.map(({ family, zone, first, last }) => ({ family, zone, first, last }));
}

/** Why no address of a range can be probed; undefined if some can. */
export function whyNotForProbing({ family, first, last }: AddressRange): string | undefined {
  return NOT_FOR_PROBING.find((no) => no.family === family && no.first <= first && last <= no.last)
    ?.what;
}

/** Whether a range is link-local (RFC 4291 section 2.5.6) and does not name its interface. */
export function lacksZone({ family, first, last, zone }: AddressRange): boolean {
  if (family === 4 || zone !== '') return false;
  // Larger ranges hold other addresses too, which need no zone.
  return first <= LINK_LOCAL6.last && last >= LINK_LOCAL6.first && last - first < 1n << 118n;
}

/** The IPv4 addresses that an IPv4-mapped range of IPv6 stands for (RFC 4291 section 2.5.5.2); undefined for others. */
export function mappedIPv4({ family, first, last }: AddressRange): AddressRange | undefined {
  if (family === 4 || first >> 32n !== MAPPED_PREFIX || last >> 32n !== MAPPED_PREFIX) {
    return undefined;
  }
  return { family: 4, zone: '', first: first & 0xffffffffn, last: last & 0xffffffffn };
}
