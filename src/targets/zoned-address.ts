/** Addresses with the interface that a link-local one needs (RFC 4007 section 11). */

import { type Family, parseAddress, ZONE } from '../address.ts';

export interface ZonedAddress {
  readonly family: Family;
  readonly value: bigint;
  /** Interface name, alternative name or index; '' if there is none. */
  readonly zone: string;
}

/** An address with or without a zone; undefined if the text is not one. */
export function readZonedAddress(text: string): ZonedAddress | undefined {
  const percent = text.indexOf('%');
  if (percent < 0) {
    const address = parseAddress(text);
    return address === undefined ? undefined : { ...address, zone: '' };
  }
  const address = parseAddress(text.slice(0, percent));
  const zone = text.slice(percent + 1);
  if (address === undefined || address.family === 4 || !ZONE.test(zone)) return undefined;
  return { ...address, zone };
}
