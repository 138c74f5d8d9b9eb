/** The names among targets and exclusions: their addresses, and what is said of those that have none. */

import { type Family, type PartOfAddresses, parseAddress } from '../address.ts';
import { messageOf } from '../errors.ts';
import { errorCode } from '../file-errors.ts';
import { untilAborted } from '../pause.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { plural } from '../words.ts';
import { lacksZone, mappedIPv4, whyNotForProbing } from './not-for-probing.ts';
import {
  addressKey,
  isSweepable,
  type NamedTarget,
  type TargetCollector,
} from './target-collector.ts';
import { targetInvalid } from './target-error.ts';

const NAMES_AT_ONCE = 32;
/** Of one address in a report: lists of blocked names have 100,000 for 127.0.0.1. */
const MOST_NAMES = 64;
const MOST_ADDRESSES_NAMED = 3;
const MOST_NOTES = 10;

/** How names are resolved, and which of their addresses are wanted. */
export interface NameRules {
  /** All addresses of a name, best first, or as many as could be looked up; rejects if there is none. */
  readonly resolve: (name: string) => Promise<readonly string[] | PartOfAddresses>;
  /** Keep this family only. */
  readonly family?: Family;
  /** Use only the first address of a name. */
  readonly firstAddressOnly: boolean;
  /** Ends the looking up: names that have no answer yet get none. */
  readonly signal?: AbortSignal | undefined;
}

export interface UnresolvedName {
  /** As it was written. */
  readonly name: string;
  readonly where: string;
  /** Why it is not swept, as the end of a sentence that begins with the name. */
  readonly reason: string;
  /** The sweep was stopped before there was an answer: it may have an address, and so it has no row. */
  readonly isStopped?: true;
}

/** Those that were looked up, and have a row. */
export function lookedUp(names: readonly UnresolvedName[]): UnresolvedName[] {
  return names.filter(({ isStopped }) => isStopped !== true);
}

const STOPPED = new Error('the sweep was stopped');

/** What the resolver said of a name: its addresses, or why there are none. */
type Answer =
  | { readonly found: readonly AddressRange[]; readonly part?: PartOfAddresses }
  | { readonly error: unknown };
type Answers = ReadonlyMap<string, Answer>;

export function namedTargets(targets: TargetCollector): NamedTarget[] {
  return targets.names.filter((name) => 'lookup' in name);
}

export async function resolveNames(
  names: readonly NamedTarget[],
  { resolve, signal }: Pick<NameRules, 'resolve' | 'signal'>,
): Promise<Answers> {
  const answers = new Map<string, Answer>();
  for (const { lookup } of names) answers.set(lookup, { error: STOPPED });
  const queue = [...answers.keys()].values();
  const resolveSome = async (): Promise<void> => {
    for (const lookup of queue) {
      if (signal?.aborted === true) return;
      try {
        answers.set(lookup, answerOf(await resolve(lookup)));
      } catch (error) {
        answers.set(lookup, { error });
      }
    }
  };
  // All draw from one iterator, so each name is resolved once.
  const all = Promise.all(Array.from({ length: NAMES_AT_ONCE }, resolveSome));
  await (signal === undefined ? all : untilAborted(all, signal));
  // What comes after a stop changes nothing.
  return new Map(answers);
}

function answerOf(resolved: readonly string[] | PartOfAddresses): Answer {
  if (!('failed' in resolved)) return { found: readAddresses(resolved) };
  return { found: readAddresses(resolved.addresses), part: resolved };
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
export function sweepableOf(
  { lookup }: NamedTarget,
  answers: Answers,
  { family, firstAddressOnly }: Pick<NameRules, 'family' | 'firstAddressOnly'>,
): AddressRange[] {
  const answer = answers.get(lookup)!;
  if ('error' in answer) return [];
  const found = answer.found.filter(isWanted(family)).filter(isSweepable);
  return firstAddressOnly ? found.slice(0, 1) : found;
}

/** The addresses of a name in an exclusion, which may be anything, as addresses that are written there. */
export function sparedBy({ lookup }: NamedTarget, answers: Answers): AddressRange[] {
  const answer = answers.get(lookup)!;
  if ('error' in answer) return [];
  return answer.found.flatMap((range) => [range, mappedIPv4(range) ?? []].flat());
}

export function isWanted(family: Family | undefined): (range: AddressRange) => boolean {
  return (range) => family === undefined || range.family === family;
}

/**
 * A name without an address does not say which host to spare: better to probe nothing than the wrong host.
 * @param swept families of the targets
 */
export function refuseUnknownExclusions(
  excluded: TargetCollector,
  answers: Answers,
  swept: ReadonlySet<Family>,
): void {
  const whyOf = ({ lookup }: NamedTarget) => whyUnknown(answers.get(lookup)!, swept);
  const unknown = namedTargets(excluded).filter((name) => whyOf(name) !== undefined);
  const [first] = unknown;
  if (first === undefined) return;
  const more = unknown.length === 1 ? '' : ` (and ${unknown.length - 1} more like it)`;
  throw targetInvalid(
    { text: first.name, where: first.where },
    `cannot be excluded, since it ${whyOf(first)}${more}`,
    'exclude its address',
  );
}

/**
 * Why an answer does not name all that is to be spared; undefined if it does. Filtering resolvers answer 0.0.0.0 or :: for
 * names that they block.
 */
function whyUnknown(answer: Answer, swept: ReadonlySet<Family>): string | undefined {
  if ('error' in answer || answer.found.every(({ first }) => first === 0n)) {
    return whyUnresolved(answer, undefined);
  }
  const { part } = answer;
  if (part === undefined || !swept.has(part.failed)) return undefined;
  return `${resolverWords(part)}, so its IPv${part.failed} addresses are not known`;
}

export function unresolvedOf(
  included: TargetCollector,
  answers: Answers,
  rules: NameRules,
): UnresolvedName[] {
  return namedTargets(included).flatMap((named) => {
    if (sweepableOf(named, answers, rules).length > 0) return [];
    const { name, where } = named;
    const answer = answers.get(named.lookup)!;
    const reason = whyUnresolved(answer, rules.family);
    const isStopped = 'error' in answer && answer.error === STOPPED;
    return [{ name, where, reason, ...(isStopped && { isStopped }) }];
  });
}

function whyUnresolved(answer: Answer, family: Family | undefined): string {
  if ('error' in answer) return resolverWords(answer);
  const { part } = answer;
  if (part !== undefined && part.failed === family) return resolverWords(part);
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

/** Names that are swept at some of their addresses, while others cannot be probed or are not known. */
export function notesOnNames(
  included: TargetCollector,
  answers: Answers,
  rules: NameRules,
): string[] {
  if (rules.firstAddressOnly) return [];
  const notes = namedTargets(included).flatMap((named) => {
    const answer = answers.get(named.lookup)!;
    if ('error' in answer) return [];
    const ofFamily = answer.found.filter(isWanted(rules.family));
    const left = ofFamily.filter((range) => !isSweepable(range));
    if (left.length === ofFamily.length) return [];
    const { name } = named;
    const unknown = rules.family === undefined ? answer.part : undefined;
    return [
      ...(left.length === 0 ? [] : [`${name} also resolves to ${notProbedWords(left)}`]),
      ...(unknown === undefined
        ? []
        : [`${name} may also have IPv${unknown.failed} addresses: ${causeOf(unknown.error)}`]),
    ];
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

/** Why there is no answer yet, by the codes of getaddrinfo(3) and of DNS as Node has them. */
const NO_ANSWER_NOW: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'the resolver did not reply',
  ETIMEOUT: 'the resolver did not reply',
  ECONNREFUSED: 'there is no DNS server at that address',
  ESERVFAIL: 'the DNS server failed',
  EREFUSED: 'the DNS server refused to answer',
};

function resolverWords({ error }: { readonly error: unknown }): string {
  const code = errorCode(error);
  if (code === 'ENOTFOUND') return 'does not resolve';
  if (code === 'ENODATA') return 'has no address';
  return `does not resolve${code in NO_ANSWER_NOW ? ' now' : ''}: ${causeOf(error)}`;
}

/** Errors that are not in the table speak for themselves. */
function causeOf(error: unknown): string {
  const code = errorCode(error);
  const cause = NO_ANSWER_NOW[code];
  return cause === undefined ? messageOf(error) : `${cause} (${code})`;
}

export function hostnamesOf(
  included: TargetCollector,
  answers: Answers,
  rules: NameRules,
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
      for (const range of sweepableOf(named, answers, rules)) {
        addTo(addressKey(range), named.name);
      }
    }
  }
  return new Map([...names].map(([address, all]) => [address, [...all].join(' ')]));
}
