/** Which changes a receiver gets: by network, tag, host, kind and severity. */

import type { HostChange } from '../diff.ts';
import {
  CHANGE_SEVERITIES,
  type ChangeKind,
  type ChangeSeverity,
  SEVERITIES,
} from '../host-memory.ts';
import { type HostMatcher, hostMatcher } from '../host-pattern.ts';
import type { LabelledNetwork } from '../host-report.ts';
import type { LabelsByAddress } from './host-labels.ts';

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

/** The changes of a network that pass. */
export function changesFor(
  filter: ChangeFilter,
  network: Pick<LabelledNetwork, 'name' | 'tags'>,
  changes: readonly HostChange[],
  labels: LabelsByAddress,
): readonly HostChange[] {
  const { kinds, networks, tags, hosts } = filter;
  if (networks !== undefined && !networks.includes(network.name)) return [];
  const isTagged = tags === undefined || network.tags.some((tag) => tags.includes(tag));
  const fits = hosts === undefined ? undefined : hostMatcher(hosts);
  return changes.filter(
    (change) =>
      kinds.includes(change.kind) &&
      isAtLeast(CHANGE_SEVERITIES[change.kind], filter.severity) &&
      (isTagged || labels.get(change.address)?.tags.some((tag) => tags.includes(tag)) === true) &&
      (fits === undefined || isAbout(change, labels.get(change.address)?.name ?? null, fits)),
  );
}

/** Whether a severity is this one or a higher one. */
function isAtLeast(severity: ChangeSeverity, least: ChangeSeverity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** A host is meant by its old address or name too, and by the name that people gave it. */
function isAbout(
  { kind, address, hostname, before, after }: HostChange,
  given: string | null,
  fits: HostMatcher,
): boolean {
  const names = kind === 'name-changed' ? [hostname, before, after, given] : [hostname, given];
  return fits(address, names) || (kind === 'moved' && fits(before, names));
}
