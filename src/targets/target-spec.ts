/** Reads one target as a person writes it: subnet, range, pattern, address or name. */

import { formatAddress, parseAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { type NotAName, readHostName } from './host-name.ts';
import { prefixOfMask } from './netmask.ts';
import { lacksZone, mappedIPv4, whyNotForProbing } from './not-for-probing.ts';
import { type FlatIntervals, isOctetPattern, parseOctetPattern } from './octet-pattern.ts';
import { parseSubnet } from './subnet.ts';
import { type TargetSpec, targetInvalid } from './target-error.ts';
import { readZonedAddress, type ZonedAddress } from './zoned-address.ts';

export type ParsedTarget =
  /** `hasEdges`: a subnet whose network and broadcast address are not those of hosts. */
  | { readonly kind: 'range'; readonly range: AddressRange; readonly hasEdges: boolean }
  /** Any number of IPv4 intervals. */
  | { readonly kind: 'pattern'; readonly intervals: FlatIntervals }
  /** `name` is for reports, `lookup` for the resolver. */
  | { readonly kind: 'name'; readonly name: string; readonly lookup: string };

/** Two IPv6 addresses with zones, or the longest name, with some room. */
const LONGEST_TARGET = 600;
/** Hyphens and dashes of word processors, and blanks around any of them. Each run of blanks is looked through once. */
export const DASH = /(?<!\s)(?:\s*[\u2010-\u2015\u2212]|\s+-(?=\s))\s*/g;

/**
 * Reads a target, whether or not it can be swept.
 * @throws EchosweepError `TARGET_INVALID`: its place, what is wrong, and what would be right
 */
export function parseTarget(written: TargetSpec): ParsedTarget {
  if (written.text.length > LONGEST_TARGET) {
    throw targetInvalid(
      written,
      'is too long for a target',
      'write a subnet, a range, an address or a host name',
    );
  }
  const spec = { ...written, text: written.text.trim().replaceAll(DASH, '-') };
  const { text } = spec;
  if (text.includes('/') && !text.includes('://')) return { kind: 'range', ...parseSubnet(spec) };
  const dash = dashOfRange(text);
  if (dash !== undefined) return parseRange(spec, dash);
  const address = readZonedAddress(text);
  if (address !== undefined) return { kind: 'range', range: single(address), hasEdges: false };
  if (isOctetPattern(text)) return { kind: 'pattern', intervals: parseOctetPattern(spec) };
  refuseLeadingZeros(spec);
  const name = readHostName(text);
  if ('name' in name) return { kind: 'name', ...name };
  throw targetInvalid(spec, name.problem, name.advice);
}

/**
 * Refuses a target that can be read but not swept. An exclusion may be any of these.
 * @throws EchosweepError `TARGET_INVALID`
 */
export function refuseUnsweepable(spec: TargetSpec, range: AddressRange): void {
  const mapped = mappedIPv4(range);
  if (mapped !== undefined) {
    throw targetInvalid(
      spec,
      'is an IPv4 address written as IPv6',
      `write it as IPv4, ${formatAddress(4, mapped.first)}`,
    );
  }
  if (lacksZone(range)) {
    throw targetInvalid(
      spec,
      'is link-local and does not name an interface',
      'write it with one, such as fe80::1%eth0',
    );
  }
  const why = whyNotForProbing(range);
  if (why !== undefined) {
    throw targetInvalid(spec, 'cannot be swept', `${why}; leave it out`);
  }
  const { family, first, last } = range;
  if (family === 4 && first === last && isBareMask(Number(first))) {
    throw targetInvalid(spec, BARE_MASK.problem, BARE_MASK.advice);
  }
}

/** What `10.0.0.0 255.255.255.0` has behind the blank, as routers print a subnet: it must not become two hosts. */
export const BARE_MASK: NotAName = {
  problem: 'is a netmask, not a host',
  advice: 'write it after its subnet and a slash, such as 10.0.0.0/255.255.255.0',
};

/** Whether an address is a mask of more than one host. @param address as a number */
export function isBareMask(address: number): boolean {
  const firstOctet = address >>> 24;
  const isMask = prefixOfMask(address) !== undefined && address !== 0xffffffff;
  return isMask && (firstOctet === 0 || firstOctet === 255);
}

/** The dash after a range's first address: names of interfaces, and so zones, may hold dashes too. */
function dashOfRange(text: string): number | undefined {
  if (!text.includes('-')) return undefined;
  const candidates = [...text.matchAll(/-/g)].flatMap(({ index }) => {
    const first = readZonedAddress(text.slice(0, index));
    return first === undefined ? [] : [{ index, last: lastOfRange(first, text.slice(index + 1)) }];
  });
  const whole = candidates.find(({ last }) => last !== undefined);
  if (whole !== undefined) return whole.index;
  if (readZonedAddress(text) !== undefined || isOctetPattern(text)) return undefined;
  return candidates[0]?.index;
}

function parseRange(spec: TargetSpec, dash: number): ParsedTarget {
  const first = readZonedAddress(spec.text.slice(0, dash))!;
  const last = lastOfRange(first, spec.text.slice(dash + 1));
  if (last === undefined) {
    const example =
      first.family === 4
        ? '10.0.0.1-10.0.0.99 or 10.0.0.1-99'
        : '2001:db8::1-2001:db8::99, both in full';
    throw targetInvalid(
      spec,
      'is not a range',
      `write the first and the last address, such as ${example}`,
    );
  }
  const zone = last.zone === '' ? first.zone : last.zone;
  if (first.family !== last.family) {
    throw targetInvalid(spec, 'mixes IPv4 and IPv6', 'write two addresses of one family');
  }
  if (first.zone !== '' && first.zone !== zone) {
    throw targetInvalid(spec, 'names two zones', 'write one range for each');
  }
  if (first.value > last.value) {
    throw targetInvalid(spec, 'ends before it begins', 'write the lower address first');
  }
  const range = { family: first.family, zone, first: first.value, last: last.value };
  return { kind: 'range', range, hasEdges: false };
}

/** A whole address, or as in `10.0.0.1-99` the last octet alone. */
function lastOfRange(first: ZonedAddress, text: string): ZonedAddress | undefined {
  const address = readZonedAddress(text);
  if (address !== undefined) return address;
  if (first.family !== 4 || !/^(0|[1-9]\d{0,2})$/.test(text) || Number(text) > 255)
    return undefined;
  return { ...first, value: (first.value & ~0xffn) | BigInt(text) };
}

function single({ family, value, zone }: ZonedAddress): AddressRange {
  return { family, zone, first: value, last: value };
}

/** `192.168.001.010` is 192.168.1.10 for some readers and 192.168.1.8 for others. */
function refuseLeadingZeros(spec: TargetSpec): void {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(spec.text)) return;
  const plain = spec.text.split('.').map(Number).join('.');
  if (parseAddress(plain) === undefined) return;
  throw targetInvalid(
    spec,
    'has leading zeros, which some programs read as octal',
    `write ${plain} if you mean that`,
  );
}
