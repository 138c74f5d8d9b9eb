/** Reads one target as a person writes it: subnet, range, address or name. */

import IpCidr from 'ip-cidr';
import { ADDRESS_BITS, type Family, formatAddress, parseAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import type { AddressRange } from '../results/block-targets.ts';

/** A target as it was written, and where. */
export interface TargetSpec {
  readonly text: string;
  /** For messages, such as `hosts.txt, line 12`. */
  readonly where: string;
}

export type ParsedTarget =
  /** `edges` are a subnet's network and broadcast address, which no host has. */
  | { readonly kind: 'range'; readonly range: AddressRange; readonly hasEdges: boolean }
  | { readonly kind: 'name'; readonly name: string };

/** Two IPv6 addresses with zones, or the longest name, with some room. */
const LONGEST_TARGET = 300;
const LONGEST_QUOTE = 80;
/** IPv4 subnets of two addresses or one have no edges (RFC 3021). */
const LONGEST_PREFIX_WITH_EDGES = 30;
const LINK_LOCAL = { first: 0xfe80n << 112n, last: (0xfec0n << 112n) - 1n } as const;
const MAPPED_PREFIX = 0xffffn;

/** What no sweep may ask: many hosts would answer one probe, or none can. */
const NOT_FOR_PROBING: readonly { family: Family; first: bigint; last: bigint; what: string }[] = [
  { family: 4, first: 0n, last: 0n, what: 'no host can have it' },
  {
    family: 4,
    first: 0xe0000000n,
    last: 0xefffffffn,
    what: 'multicast goes to many hosts at once',
  },
  {
    family: 4,
    first: 0xffffffffn,
    last: 0xffffffffn,
    what: 'broadcast goes to every host at once',
  },
  { family: 6, first: 0n, last: 0n, what: 'no host can have it' },
  {
    family: 6,
    first: 0xffn << 120n,
    last: (1n << 128n) - 1n,
    what: 'multicast goes to many hosts at once',
  },
];

/**
 * Reads a target.
 * @throws EchosweepError `TARGET_INVALID`: where it stands, what is wrong, and what would be right
 */
export function parseTarget(spec: TargetSpec): ParsedTarget {
  const { text } = spec;
  if (text.length > LONGEST_TARGET) {
    throw targetInvalid(spec, 'is no target', 'write a subnet, a range, an address or a host name');
  }
  if (text.includes('/')) return parseSubnet(spec);
  const dash = dashOfRange(text);
  if (dash !== undefined) return parseRange(spec, dash);
  const address = readAddress(text);
  if (address !== undefined)
    return { kind: 'range', range: checked(spec, single(address)), hasEdges: false };
  return { kind: 'name', name: checkedName(spec) };
}

/** The text for a message: control characters escaped, cut where it is long. */
export function quoted(text: string): string {
  const short = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  // JSON leaves DEL, C1 controls and the marks of right-to-left writing as they are.
  return JSON.stringify(short).replaceAll(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function targetInvalid(spec: TargetSpec, problem: string, advice: string): EchosweepError {
  return new EchosweepError(
    'TARGET_INVALID',
    `${spec.where}: ${quoted(spec.text)} ${problem}`,
    advice,
  );
}

/** The range of addresses whose probing makes no sense, for taking out of larger targets. */
export function rangesNotForProbing(): AddressRange[] {
  return NOT_FOR_PROBING.map(({ family, first, last }) => ({ family, first, last, zone: '' }));
}

interface Address {
  readonly family: Family;
  readonly value: bigint;
  readonly zone: string;
}

/** An address with or without a zone; undefined where it is none. */
function readAddress(text: string): Address | undefined {
  const percent = text.indexOf('%');
  const address = parseAddress(percent < 0 ? text : text.slice(0, percent));
  if (address === undefined) return undefined;
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && (address.family === 4 || !/^[^\s%/]{1,15}$/.test(zone))) return undefined;
  return { ...address, zone };
}

function parseSubnet(spec: TargetSpec): ParsedTarget {
  const slash = spec.text.indexOf('/');
  const address = readAddress(spec.text.slice(0, slash));
  const length = spec.text.slice(slash + 1);
  if (address === undefined) {
    throw targetInvalid(
      spec,
      'is not a subnet',
      'write an address, a slash and a prefix length, such as 192.168.1.0/24',
    );
  }
  const bits = ADDRESS_BITS[address.family];
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) {
    throw targetInvalid(
      spec,
      `has no prefix length from 0 to ${bits} behind its slash`,
      `write a number such as ${bits - 8}`,
    );
  }
  // ip-cidr misreads dotted quads within IPv6, so that it is given the address as we write it.
  const subnet = new IpCidr(`${withoutDots(address)}/${length}`);
  const range = {
    family: address.family,
    zone: address.zone,
    first: subnet.start<bigint>({ type: 'bigInteger' }),
    last: subnet.end<bigint>({ type: 'bigInteger' }),
  };
  const hasEdges = address.family === 4 && Number(length) <= LONGEST_PREFIX_WITH_EDGES;
  return { kind: 'range', range: checked(spec, range), hasEdges };
}

/** The dash behind a range's first address: interfaces, and so zones, may have dashes in their names too. */
function dashOfRange(text: string): number | undefined {
  const candidates = [...text.matchAll(/-/g)].flatMap(({ index }) => {
    const first = readAddress(text.slice(0, index));
    return first === undefined ? [] : [{ index, last: lastOfRange(first, text.slice(index + 1)) }];
  });
  const whole = candidates.find(({ last }) => last !== undefined);
  if (whole !== undefined) return whole.index;
  return readAddress(text) === undefined ? candidates[0]?.index : undefined;
}

function parseRange(spec: TargetSpec, dash: number): ParsedTarget {
  const first = readAddress(spec.text.slice(0, dash))!;
  const last = lastOfRange(first, spec.text.slice(dash + 1));
  if (last === undefined) {
    throw targetInvalid(
      spec,
      'is not a range',
      'write first and last address, such as 10.0.0.1-10.0.0.99 or 10.0.0.1-99',
    );
  }
  const zone = last.zone === '' ? first.zone : last.zone;
  if (first.family !== last.family)
    throw targetInvalid(spec, 'mixes IPv4 and IPv6', 'write two addresses of one family');
  if (first.zone !== '' && first.zone !== zone)
    throw targetInvalid(spec, 'names two zones', 'write one range for each');
  if (first.value > last.value)
    throw targetInvalid(spec, 'ends before it begins', 'write the lower address first');
  const range = { family: first.family, zone, first: first.value, last: last.value };
  return { kind: 'range', range: checked(spec, range), hasEdges: false };
}

/** A whole address, or as in `10.0.0.1-99` the last octet alone. */
function lastOfRange(first: Address, text: string): Address | undefined {
  const address = readAddress(text);
  if (address !== undefined) return address;
  if (first.family !== 4 || !/^\d{1,3}$/.test(text) || Number(text) > 255) return undefined;
  return { ...first, value: (first.value & ~0xffn) | BigInt(text) };
}

function single({ family, value, zone }: Address): AddressRange {
  return { family, zone, first: value, last: value };
}

function withoutDots({ family, value }: Address): string {
  if (family === 4) return formatAddress(4, value);
  return value
    .toString(16)
    .padStart(32, '0')
    .replaceAll(/(.{4})(?!$)/g, '$1:');
}

/** Refuses what can be read but not meant. */
function checked(spec: TargetSpec, range: AddressRange): AddressRange {
  const { family, first, last, zone } = range;
  if (family === 6 && first >> 32n === MAPPED_PREFIX) {
    const plain = formatAddress(4, first & 0xffffffffn);
    throw targetInvalid(spec, 'is an IPv4 address in IPv6 dress', `write it as IPv4, ${plain}`);
  }
  const isLinkLocal = family === 6 && first <= LINK_LOCAL.last && last >= LINK_LOCAL.first;
  if (isLinkLocal && zone === '' && last - first < 1n << 118n) {
    throw targetInvalid(
      spec,
      'is link-local and names no interface',
      'write it with one, such as fe80::1%eth0',
    );
  }
  const useless = NOT_FOR_PROBING.find(
    (no) => no.family === family && no.first <= first && last <= no.last,
  );
  if (useless !== undefined)
    throw targetInvalid(spec, `cannot be swept: ${useless.what}`, 'leave it out');
  return range;
}

/** RFC 1123 section 2.1, with the underscores that people use. */
function checkedName(spec: TargetSpec): string {
  const name = spec.text.replace(/\.$/, '');
  if (/^[\d.]+$/.test(name)) {
    throw targetInvalid(
      spec,
      'is not an address',
      'write four numbers from 0 to 255, such as 10.0.0.1',
    );
  }
  if (name.includes(':') || name.includes('%')) {
    throw targetInvalid(
      spec,
      'is not an IPv6 address',
      'write one such as 2001:db8::1, or fe80::1%eth0',
    );
  }
  const labels = name.split('.');
  const isName =
    name.length <= 253 && labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i.test(label));
  if (!isName)
    throw targetInvalid(spec, 'is no target', 'write a subnet, a range, an address or a host name');
  return name;
}
