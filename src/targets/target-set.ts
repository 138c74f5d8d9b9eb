/** What to sweep: all targets minus everything excluded, as a set of disjoint intervals. */

import type { AddressRange } from '../results/block-targets.ts';
import { countAddresses, mergeRanges, subtractRanges } from './interval-set.ts';
import { rangesNotForProbing } from './not-for-probing.ts';
import { TargetCollector, type TargetUse } from './target-collector.ts';
import { quoted, type TargetSpec, targetsRefused } from './target-error.ts';
import {
  hostnamesOf,
  isWanted,
  type NameRules,
  namedTargets,
  notesOnNames,
  refuseUnknownExclusions,
  resolveNames,
  sparedBy,
  sweepableOf,
  type UnresolvedName,
  unresolvedOf,
} from './target-names.ts';

/** Targets that are still to be read, or that were read from files already. */
export type Targets = readonly TargetSpec[] | TargetCollector;

export interface TargetRequest extends NameRules {
  readonly include: Targets;
  readonly exclude: Targets;
  /** Keep network and broadcast addresses of IPv4 subnets. */
  readonly includeEdges: boolean;
  /** The person has confirmed that a large sweep is meant. */
  readonly confirmLarge: boolean;
  /** The place in a configuration that has the targets, such as `networks.office`; left out for a command line. */
  readonly configuredAt?: string;
  /** Whether a program gave the targets, and not a person on a command line. */
  readonly isOfProgram?: boolean;
  /** The index of the interface that a zone names; undefined if there is none. Left out, zones are names of their own. */
  readonly zoneIndex?: (zone: string) => Promise<number | undefined>;
}

export interface TargetSet {
  /** Disjoint, in address order: IPv4 before IPv6. */
  readonly ranges: readonly AddressRange[];
  /** Addresses in `ranges`: at most 2^32, and 0 only if no name could be resolved. */
  readonly count: number;
  /** Canonical address text to the names that were given for it, in the order of the targets, with blanks between. */
  readonly hostnames: ReadonlyMap<string, string>;
  /** What is never probed, not even as a gateway: everything excluded, and what no sweep may probe. */
  readonly excluded: readonly AddressRange[];
  /** Names that were to be swept and have no address that can be, in the order of the targets. */
  readonly unresolved: readonly UnresolvedName[];
  /** A sentence on each name of which some addresses cannot be probed; only the first few, and how many more. */
  readonly notes: readonly string[];
}

/** A /12 of IPv4, and as much of IPv6: more has to be confirmed. */
const LARGE = 1n << 20n;
const LARGEST = 1n << 32n;

/**
 * Reads, resolves, merges and subtracts.
 * @throws EchosweepError `TARGET_INVALID` for the first target that is wrong, for a sweep larger than allowed, and if nothing is left
 */
export async function buildTargetSet(request: TargetRequest): Promise<TargetSet> {
  const included = collected(request.include, 'sweep');
  const excluded = collected(request.exclude, 'exclude');
  included.refuseWrong();
  excluded.refuseWrong();
  if (included.count === 0) {
    const example = request.isOfProgram ? '192.168.1.0/24' : '`echosweep 192.168.1.0/24`';
    throw targetsRefused('no target', `name a subnet, such as ${example}`);
  }
  const names = await resolveNames([...namedTargets(included), ...namedTargets(excluded)], request);
  const swept = namedTargets(included).flatMap((name) => sweepableOf(name, names, request));
  const spared = namedTargets(excluded).flatMap((name) => sparedBy(name, names));
  const named = rangesOf(included, swept, request.includeEdges).filter(isWanted(request.family));
  refuseUnknownExclusions(excluded, names, new Set(named.map(({ family }) => family)));
  const unwanted = rangesOf(excluded, spared, true);
  const inOneZone = await zonesByInterface([...named, ...unwanted], request);
  const wanted = inOneZone ? mergeRanges(named.map(inOneZone)) : named;
  const removed = [...(inOneZone ? unwanted.map(inOneZone) : unwanted), ...rangesNotForProbing()];
  const ranges = subtractRanges(wanted, inEveryZone(removed, wanted));
  const count = countAddresses(ranges);
  const unresolved = unresolvedOf(included, names, request);
  if (count === 0n && unresolved.length === 0) throw nothingLeft(included, excluded, request);
  refuseLarge(count, request);
  return {
    ranges,
    count: Number(count),
    hostnames: hostnamesOf(included, names, request),
    excluded: removed,
    unresolved,
    notes: notesOnNames(included, names, request),
  };
}

function collected(targets: Targets, use: TargetUse): TargetCollector {
  if (targets instanceof TargetCollector) return targets;
  const collector = new TargetCollector(use);
  for (const spec of targets) collector.add(spec);
  return collector;
}

/** Disjoint, in address order. @param named the addresses of names among the targets */
function rangesOf(
  targets: TargetCollector,
  named: readonly AddressRange[],
  withEdges: boolean,
): AddressRange[] {
  const written = targets.ranges(withEdges);
  return named.length === 0 ? written : mergeRanges([...written, ...named]);
}

/** An exclusion without a zone holds on every interface. */
function inEveryZone(
  removed: readonly AddressRange[],
  wanted: readonly AddressRange[],
): readonly AddressRange[] {
  const zones = new Set(wanted.map(({ zone }) => zone));
  zones.delete('');
  if (zones.size === 0) return removed;
  const plain = removed.filter(({ family, zone }) => family === 6 && zone === '');
  return [...removed, ...[...zones].flatMap((zone) => plain.map((range) => ({ ...range, zone })))];
}

/**
 * What gives ranges on one interface the same zone: the first name that it has in the list.
 * @returns undefined if none has two
 */
async function zonesByInterface(
  ranges: readonly AddressRange[],
  { zoneIndex }: TargetRequest,
): Promise<((range: AddressRange) => AddressRange) | undefined> {
  const zones = [...new Set(ranges.map(({ zone }) => zone))].filter((zone) => zone !== '');
  if (zones.length < 2 || zoneIndex === undefined) return undefined;
  const firstOf = new Map<number, string>();
  const otherNames = new Map<string, string>();
  const isIndex = (zone: string): boolean => /^\d+$/.test(zone);
  for (const zone of [...zones.filter((each) => !isIndex(each)), ...zones.filter(isIndex)]) {
    const index = await zoneIndex(zone);
    if (index === undefined) continue;
    const first = firstOf.get(index);
    if (first === undefined) firstOf.set(index, zone);
    else otherNames.set(zone, first);
  }
  if (otherNames.size === 0) return undefined;
  return (range) => ({ ...range, zone: otherNames.get(range.zone) ?? range.zone });
}

function refuseLarge(count: bigint, request: TargetRequest): void {
  if (count > LARGEST) {
    throw refusedOf(
      request,
      `${count} addresses are more than a sweep can probe (2^32)`,
      'name smaller subnets',
    );
  }
  if (request.confirmLarge || count <= LARGE) return;
  const { configuredAt, isOfProgram } = request;
  const forOneSweep = isOfProgram ? 'set allowLarge: true' : 'add --yes';
  const confirmation = configuredAt === undefined ? forOneSweep : 'add yes: true to its sweep';
  throw refusedOf(
    request,
    `${count} addresses are a large sweep (above a /12)`,
    `${confirmation} if you mean that`,
  );
}

/** For what is wrong with all targets together: those of a command line are in sight, others have a place. */
function refusedOf({ configuredAt }: TargetRequest, problem: string, advice: string): Error {
  return targetsRefused(
    configuredAt === undefined ? problem : `${configuredAt}: ${problem}`,
    advice,
  );
}

function nothingLeft(
  included: TargetCollector,
  excluded: TargetCollector,
  request: TargetRequest,
): Error {
  const { family, configuredAt, isOfProgram } = request;
  const nothing = 'nothing is left to sweep';
  if (included.leftOut === included.count) {
    return refusedOf(
      request,
      `${nothing}: no address in the files can be probed`,
      'give addresses of hosts',
    );
  }
  if (family !== undefined) {
    return refusedOf(
      request,
      `${nothing}: no target (${quoted(included.first)} …) has an IPv${family} address`,
      `give one that has, or leave out ${configuredAt === undefined && !isOfProgram ? `-${family}` : `ipv${family}: true`}`,
    );
  }
  if (excluded.count > 0) {
    return refusedOf(request, `${nothing}: every address is excluded`, 'exclude less');
  }
  return refusedOf(
    request,
    `${nothing}: no target (${quoted(included.first)} …) has an address`,
    'give one that has',
  );
}
