/**
 * Reads subnets: an address, a slash, and a prefix length, a netmask or a wildcard mask. ip-cidr computes them. It
 * is too slow for the plain prefixes of long lists, which plain-prefix.ts reads; a fuzz property holds the two to each other.
 */

import IpCidr from 'ip-cidr';
import { ADDRESS_BITS, type Family, formatAddress, parseAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { hostAlone, isHostName } from './host-name.ts';
import { prefixOfMask } from './netmask.ts';
import { type TargetSpec, targetInvalid } from './target-error.ts';
import { readZonedAddress, type ZonedAddress } from './zoned-address.ts';

/** A range, and whether it is a subnet whose first and last address are not those of hosts. */
export interface Subnet {
  readonly range: AddressRange;
  readonly hasEdges: boolean;
}

/** IPv4 subnets of two addresses or one have no edges (RFC 3021). */
export const LONGEST_PREFIX_WITH_EDGES = 30;

/** @param spec with a slash in its text @throws EchosweepError `TARGET_INVALID` */
export function parseSubnet(spec: TargetSpec): Subnet {
  const slash = spec.text.indexOf('/');
  const left = spec.text.slice(0, slash);
  // People also write the zone at the end: fe80::/64%eth0.
  const [length = '', ...zones] = spec.text.slice(slash + 1).split('%');
  const address = readZonedAddress([left, ...zones].join('%'));
  if (address === undefined) throw notASubnet(spec, left);
  const prefix = prefixLength(spec, address.family, length);
  const bits = ADDRESS_BITS[address.family];
  // ip-cidr misreads dotted quads within IPv6, so it is given the address in our own form.
  const subnet = new IpCidr(`${withoutDots(address)}/${prefix}`);
  return {
    range: {
      family: address.family,
      zone: address.zone,
      first: subnet.start<bigint>({ type: 'bigInteger' }),
      last: subnet.end<bigint>({ type: 'bigInteger' }),
    },
    hasEdges: bits === 32 && prefix <= LONGEST_PREFIX_WITH_EDGES,
  };
}

function prefixLength(spec: TargetSpec, family: Family, text: string): number {
  const bits = ADDRESS_BITS[family];
  if (/^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= bits) return Number(text);
  const mask = family === 4 ? parseAddress(text) : undefined;
  if (mask?.family !== 4) {
    throw targetInvalid(
      spec,
      `needs a prefix length from 0 to ${bits} after the slash`,
      `write a number such as ${bits - 8}`,
    );
  }
  const prefix = prefixOfMask(Number(mask.value));
  if (prefix !== undefined) return prefix;
  if (mask.value === 0n) {
    throw targetInvalid(
      spec,
      'is every address by its netmask, and a single one by its wildcard mask',
      'write the prefix length, /0 or /32',
    );
  }
  throw targetInvalid(
    spec,
    'has a netmask with gaps',
    'write one such as 255.255.255.0, or the prefix length',
  );
}

function notASubnet(spec: TargetSpec, left: string): Error {
  if (/^\d{1,3}(\.\d{1,3}){0,2}\.?$/.test(left)) {
    const numbers = left.split('.').filter((part) => part !== '');
    const whole = [...numbers, '0', '0', '0'].slice(0, 4).join('.');
    const [length = ''] = /^\/\d{1,2}$/.exec(spec.text.slice(left.length)) ?? [];
    return targetInvalid(
      spec,
      'is not a subnet',
      `write all four numbers of its address, such as ${whole}${length}`,
    );
  }
  if (/[*,]|-/.test(left) && /^[\d.*,-]+$/.test(left)) {
    return targetInvalid(
      spec,
      'mixes a pattern with a prefix length',
      'write the pattern alone, such as 10.0.*.*, or the subnets',
    );
  }
  if (isHostName(left) && !/^\d*$/.test(spec.text.slice(left.length + 1))) {
    return targetInvalid(spec, 'has a path', hostAlone(left));
  }
  return targetInvalid(
    spec,
    'is not a subnet',
    'write an address, a slash and a prefix length, such as 192.168.1.0/24',
  );
}

function withoutDots({ family, value }: ZonedAddress): string {
  if (family === 4) return formatAddress(4, value);
  return value
    .toString(16)
    .padStart(32, '0')
    .replaceAll(/(.{4})(?!$)/g, '$1:');
}
