/** Which changes a receiver gets: by network, tag, host, kind and severity. */

import { BlockList } from 'node:net';
import { parseAddress } from '../../address.ts';
import type { HostChange } from '../diff.ts';
import {
  CHANGE_SEVERITIES,
  type ChangeKind,
  type ChangeSeverity,
  SEVERITIES,
} from '../host-memory.ts';
import type { LabelledNetwork } from '../host-report.ts';

/** A change passes if it meets every condition that is there. */
export interface ChangeFilter {
  readonly kinds: readonly ChangeKind[];
  /** The least severity. */
  readonly severity: ChangeSeverity;
  /** Names of networks; undefined for all. */
  readonly networks: readonly string[] | undefined;
  /** One of them is a tag of the network or of the host; undefined for all. */
  readonly tags: readonly string[] | undefined;
  /** Addresses, subnets and names with wildcards, of which one fits; undefined for all. */
  readonly hosts: readonly string[] | undefined;
}

/** What people have noted about a host, as far as it decides who is notified. */
export interface HostLabels {
  readonly tags: readonly string[];
  /** No receiver is notified about the host before this moment. */
  readonly mutedUntil: Date | null;
}

/** @returns undefined if nothing is noted about the address */
export type LabelsOf = (address: string) => HostLabels | undefined;

/** The changes of a network that pass. */
export function changesFor(
  filter: ChangeFilter,
  network: Pick<LabelledNetwork, 'name' | 'tags'>,
  changes: readonly HostChange[],
  labelsOf: LabelsOf,
): readonly HostChange[] {
  const { kinds, networks, tags, hosts } = filter;
  if (networks !== undefined && !networks.includes(network.name)) return [];
  const isTagged = tags === undefined || network.tags.some((tag) => tags.includes(tag));
  const fits = hosts === undefined ? undefined : hostMatcher(hosts);
  return changes.filter(
    (change) =>
      kinds.includes(change.kind) &&
      isAtLeast(CHANGE_SEVERITIES[change.kind], filter.severity) &&
      (isTagged || labelsOf(change.address)?.tags.some((tag) => tags.includes(tag)) === true) &&
      (fits === undefined || isAbout(change, fits)),
  );
}

/** Whether a severity is this one or a higher one. */
export function isAtLeast(severity: ChangeSeverity, least: ChangeSeverity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

type HostMatcher = (address: string, names: readonly (string | null)[]) => boolean;

/** A host is meant by its old address or name too. */
function isAbout({ kind, address, hostname, before, after }: HostChange, fits: HostMatcher) {
  const names = kind === 'name-changed' ? [hostname, before, after] : [hostname];
  return fits(address, names) || (kind === 'moved' && fits(before, names));
}

/** An IPv4 or IPv6 address, perhaps with a prefix length; undefined if it is neither. */
function subnetOf(text: string): { start: string; bits: number; family: 4 | 6 } | undefined {
  const [, start = '', , length] = /^([^/]*)(\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = parseAddress(start)?.family;
  if (family === undefined) return undefined;
  const most = family === 4 ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  return bits > most ? undefined : { start, bits, family };
}

/** Whether a configuration may name hosts like this. */
export function isHostPattern(text: string): boolean {
  return subnetOf(text) !== undefined || (/^[\w*.-]+$/.test(text) && !/^[\d.]+$/.test(text));
}

/** @param patterns that `isHostPattern` accepts @returns whether any of them fits an address or one of its names */
export function hostMatcher(patterns: readonly string[]): HostMatcher {
  const list = new BlockList();
  const wildcards: string[] = [];
  for (const pattern of patterns) {
    const subnet = subnetOf(pattern);
    if (subnet === undefined) wildcards.push(pattern);
    else list.addSubnet(subnet.start, subnet.bits, subnet.family === 4 ? 'ipv4' : 'ipv6');
  }
  return (address, names) => {
    const plain = address.replace(/%.*$/, '');
    const family = parseAddress(plain)?.family;
    if (family !== undefined && list.check(plain, family === 4 ? 'ipv4' : 'ipv6')) return true;
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
