/** How a configuration names hosts: by address, subnet, or a name with `*` for any text. */

import { z } from 'zod';
import { ADDRESS_BITS, type Family, parseAddress, subnetAround } from '../address.ts';
import { fieldProblem } from './field-problem.ts';
import { oneOrMore } from './one-or-more.ts';

/** Whether a host is meant, by its address and its names. */
export type HostMatcher = (address: string, names: readonly (string | null)[]) => boolean;

/** The addresses of a subnet. */
export interface AddressSpan {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** An address, perhaps with a prefix length; undefined if the text is neither. */
export function addressSpan(text: string): AddressSpan | undefined {
  const [, start = '', , length] = /^([^/]*)(\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(start);
  if (address === undefined) return undefined;
  const { family, value } = address;
  const prefixLength = Number(length ?? ADDRESS_BITS[family]);
  if (prefixLength > ADDRESS_BITS[family]) return undefined;
  return { family, ...subnetAround(family, value, prefixLength) };
}

function isHostPattern(text: string): boolean {
  return addressSpan(text) !== undefined || (/^[\w*.-]+$/.test(text) && !/^[\d.]+$/.test(text));
}

const hostPattern = z.string().refine(isHostPattern, {
  error: fieldProblem(
    'is not a host',
    'write an address, a subnet such as 192.0.2.0/24 or a name such as core-*.example',
  ),
});

/** One or more hosts in a configuration. */
export const HOSTS_FIELD = oneOrMore(hostPattern);

/** @param patterns as HOSTS_FIELD lets them pass @returns whether any of them fits an address or one of its names */
export function hostMatcher(patterns: readonly string[]): HostMatcher {
  const spans: AddressSpan[] = [];
  const wildcards: string[] = [];
  for (const pattern of patterns) {
    const span = addressSpan(pattern);
    if (span === undefined) wildcards.push(pattern);
    else spans.push(span);
  }
  return (address, names) => {
    const parsed = spans.length === 0 ? undefined : parseAddress(address.replace(/%.*$/, ''));
    const isInside = spans.some(
      ({ family, first, last }) =>
        parsed?.family === family && parsed.value >= first && parsed.value <= last,
    );
    if (isInside) return true;
    // A host may have several names, with blanks between them.
    const each = names.flatMap((name) => name?.split(' ') ?? []);
    return each.some((name) => wildcards.some((pattern) => fitsName(pattern, name)));
  };
}

/** `*` is any text; names are compared regardless of case (RFC 4343). */
function fitsName(pattern: string, name: string): boolean {
  const [first, ...pieces] = pattern.toLowerCase().split('*') as [string, ...string[]];
  const text = name.toLowerCase().replace(/\.$/, '');
  const last = pieces.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
