/** What to sweep: all targets minus everything excluded, as a set of disjoint intervals. */

import { type Family, parseAddress } from '../address.ts';
import { messageOf } from '../errors.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { plural } from '../words.ts';
import { countAddresses, mergeRanges, subtractRanges } from './interval-set.ts';
import { lacksZone, mappedIPv4, rangesNotForProbing, whyNotForProbing } from './not-for-probing.ts';
import {
  addressKey,
  isSweepable,
  type NamedTarget,
  TargetCollector,
  type TargetUse,
} from './target-collector.ts';
import { quoted, type TargetSpec, targetInvalid, targetsRefused } from './target-error.ts';

/** Targets that are still to be read, or that were read from files already. */
export type Targets = readonly TargetSpec[] | TargetCollector;

export interface TargetRequest {
  readonly include: Targets;
  readonly exclude: Targets;
  /** Keep network and broadcast addresses of IPv4 subnets. */
  readonly includeEdges: boolean;
  /** Use only the first address of a name. */
  readonly firstAddressOnly: boolean;
  /** Keep this family only. */
  readonly family?: Family;
  /** The person has confirmed that a large sweep is meant. */
  readonly confirmLarge: boolean;
  /** The place in a configuration that has the targets, such as `networks.office`; left out for a command line. */
  readonly configuredAt?: string;
  /** All addresses of a name, best first; rejects if there is none. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
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

export interface UnresolvedName {
  /** As it was written. */
  readonly name: string;
  readonly where: string;
  /** Why it is not swept, as the end of a sentence that begins with the name. */
  readonly reason: string;
}

/** A /12 of IPv4, and as much of IPv6: more has to be confirmed. */
const LARGE = 1n << 20n;
const LARGEST = 1n << 32n;
const NAMES_AT_ONCE = 32;
/** Of one address in a report: lists of blocked names have 100,000 for 127.0.0.1. */
const MOST_NAMES = 64;
const MOST_ADDRESSES_NAMED = 3;
const MOST_NOTES = 10;

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
    throw targetsRefused('no target', 'name a subnet, such as `echosweep 192.168.1.0/24`');
  }
  const names = await resolveNames([...namedTargets(included), ...namedTargets(excluded)], request);
  refuseUnknownExclusions(excluded, names);
  const swept = namedTargets(included).flatMap((name) => sweepableOf(name, names, request));
  const spared = namedTargets(excluded).flatMap((name) => sparedBy(name, names));
  const named = rangesOf(included, swept, request.includeEdges).filter(isWanted(request.family));
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

/** What the resolver said of a name: its addresses, or why there are none. */
type Answer = { readonly found: readonly AddressRange[] } | { readonly error: unknown };
type Answers = ReadonlyMap<string, Answer>;

function namedTargets(targets: TargetCollector): NamedTarget[] {
  return targets.names.filter((name) => 'lookup' in name);
}

async function resolveNames(
  names: readonly NamedTarget[],
  { resolve }: TargetRequest,
): Promise<Answers> {
  const answers = new Map<string, Answer>();
  const queue = new Set(names.map(({ lookup }) => lookup)).values();
  const resolveSome = async (): Promise<void> => {
    for (const lookup of queue) {
      try {
        answers.set(lookup, { found: readAddresses(await resolve(lookup)) });
      } catch (error) {
        answers.set(lookup, { error });
      }
    }
  };
  // All draw from one iterator, so each name is resolved once.
  await Promise.all(Array.from({ length: NAMES_AT_ONCE }, resolveSome));
  return answers;
}

/** What a resolver gives is hostile too: text that does not read as an address is ignored. */
function readAddresses(texts: readonly string[]): AddressRange[] {
  return texts.flatMap((text) => {
    const [plain, zone = ''] = text.split('%');
    const address = parseAddress(plain!);
    return address === undefined
      ? []
      : [{ family: address.family, zone, first: address.value, last: address.value }];
  });
}

/** The addresses of a name that are to be swept. */
function sweepableOf(
  { lookup }: NamedTarget,
  answers: Answers,
  { family, firstAddressOnly }: Pick<TargetRequest, 'family' | 'firstAddressOnly'>,
): AddressRange[] {
  const answer = answers.get(lookup)!;
  if ('error' in answer) return [];
  const found = answer.found.filter(isWanted(family)).filter(isSweepable);
  return firstAddressOnly ? found.slice(0, 1) : found;
}

/** The addresses of a name in an exclusion, which may be anything, as addresses that are written there. */
function sparedBy({ lookup }: NamedTarget, answers: Answers): AddressRange[] {
  const answer = answers.get(lookup)!;
  if ('error' in answer) return [];
  return answer.found.flatMap((range) => [range, mappedIPv4(range) ?? []].flat());
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

function isWanted(family: Family | undefined): (range: AddressRange) => boolean {
  return (range) => family === undefined || range.family === family;
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

/** A name without an address does not say which host to spare: better to probe nothing than the wrong host. */
function refuseUnknownExclusions(excluded: TargetCollector, answers: Answers): void {
  const unknown = namedTargets(excluded).filter(({ lookup }) => isUnknown(answers.get(lookup)!));
  const [first] = unknown;
  if (first === undefined) return;
  const more = unknown.length === 1 ? '' : ` (and ${unknown.length - 1} more like it)`;
  throw targetInvalid(
    { text: first.name, where: first.where },
    `cannot be excluded, since it ${whyUnresolved(answers.get(first.lookup)!, undefined)}${more}`,
    'exclude its address',
  );
}

/** Whether an answer names no host: filtering resolvers answer 0.0.0.0 or :: for names that they block. */
function isUnknown(answer: Answer): boolean {
  return 'error' in answer || answer.found.every(({ first }) => first === 0n);
}

function unresolvedOf(
  included: TargetCollector,
  answers: Answers,
  request: TargetRequest,
): UnresolvedName[] {
  return namedTargets(included).flatMap((named) => {
    if (sweepableOf(named, answers, request).length > 0) return [];
    const { name, where } = named;
    return [{ name, where, reason: whyUnresolved(answers.get(named.lookup)!, request.family) }];
  });
}

function whyUnresolved(answer: Answer, family: Family | undefined): string {
  if ('error' in answer) return resolverWords(answer);
  const ofFamily = answer.found.filter(isWanted(family));
  const [first] = ofFamily;
  if (first === undefined) {
    return family === undefined || answer.found.length === 0
      ? 'has no address'
      : `has no IPv${family} address`;
  }
  return `resolves to ${notProbedWords(ofFamily)}`;
}

/** @param ranges addresses that cannot be probed, at least one */
function notProbedWords(ranges: readonly AddressRange[]): string {
  const addresses = [...new Set(ranges.map(addressKey))].slice(0, MOST_ADDRESSES_NAMED);
  return `${addresses.join(', ')}, which cannot be probed: ${whyNotProbed(ranges[0]!)}`;
}

/** Names that are swept at some of their addresses, while others cannot be probed. */
function notesOnNames(
  included: TargetCollector,
  answers: Answers,
  request: TargetRequest,
): string[] {
  if (request.firstAddressOnly) return [];
  const notes = namedTargets(included).flatMap((named) => {
    const answer = answers.get(named.lookup)!;
    if ('error' in answer) return [];
    const ofFamily = answer.found.filter(isWanted(request.family));
    const left = ofFamily.filter((range) => !isSweepable(range));
    if (left.length === 0 || left.length === ofFamily.length) return [];
    return [`${named.name} also resolves to ${notProbedWords(left)}`];
  });
  const more = notes.length - MOST_NOTES;
  return more > 0
    ? [...notes.slice(0, MOST_NOTES), `and ${plural(more, 'more name')} like it`]
    : notes;
}

function whyNotProbed(range: AddressRange): string {
  if (lacksZone(range)) return 'it is link-local and does not name an interface';
  return whyNotForProbing(range) ?? 'it is an IPv4 address written as IPv6';
}

/** The codes of getaddrinfo(3) and of DNS as Node has them; others speak for themselves. */
function resolverWords(answer: Answer): string {
  if (!('error' in answer)) return 'has no address';
  const { error } = answer;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOTFOUND') return 'does not resolve';
  if (code === 'ENODATA') return 'has no address';
  if (code === 'EAI_AGAIN' || code === 'ETIMEOUT') {
    return `does not resolve now: the resolver did not reply (${code})`;
  }
  return `does not resolve: ${messageOf(error)}`;
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
  const confirmation =
    request.configuredAt === undefined ? 'add --yes' : 'add yes: true to its sweep';
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
  const { family, configuredAt } = request;
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
      `give one that has, or leave out ${configuredAt === undefined ? `-${family}` : `ipv${family}: true`}`,
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

function hostnamesOf(
  included: TargetCollector,
  answers: Answers,
  request: TargetRequest,
): Map<string, string> {
  const names = new Map<string, Set<string>>();
  const addTo = (address: string, name: string): void => {
    const before = names.get(address);
    if (before === undefined) names.set(address, new Set([name]));
    else if (before.size < MOST_NAMES) before.add(name);
  };
  for (const named of included.names) {
    if ('address' in named) addTo(named.address, named.name);
    else {
      for (const range of sweepableOf(named, answers, request)) {
        addTo(addressKey(range), named.name);
      }
    }
  }
  return new Map([...names].map(([address, all]) => [address, [...all].join(' ')]));
}
