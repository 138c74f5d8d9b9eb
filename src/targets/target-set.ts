/** What to sweep: everything asked for minus everything excluded, as a set of disjoint intervals. */

import { type Family, formatAddress, parseAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { countAddresses, mergeRanges, subtractRanges } from './interval-set.ts';
import {
  type ParsedTarget,
  parseTarget,
  quoted,
  rangesNotForProbing,
  type TargetSpec,
  targetInvalid,
} from './target-spec.ts';

export interface TargetRequest {
  readonly include: readonly TargetSpec[];
  readonly exclude: readonly TargetSpec[];
  /** Keep network and broadcast addresses of IPv4 subnets. */
  readonly includeEdges: boolean;
  /** Of a name with several addresses take the first. */
  readonly firstAddressOnly: boolean;
  /** Keep this family only. */
  readonly family?: Family;
  /** The person has confirmed that a large sweep is meant. */
  readonly confirmLarge: boolean;
  /** All addresses of a name, best first; rejects where there is none. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
}

export interface TargetSet {
  /** Disjoint, in address order: IPv4 before IPv6. */
  readonly ranges: readonly AddressRange[];
  /** Addresses in `ranges`: at most 2^32, and 0 only where no name could be resolved. */
  readonly count: number;
  /** Canonical address text to the name that it was asked for by. */
  readonly hostnames: ReadonlyMap<string, string>;
  /** What nobody may be asked for the sake of: everything excluded, and what is never asked. */
  readonly excluded: readonly AddressRange[];
  readonly unresolved: readonly UnresolvedName[];
}

export interface UnresolvedName {
  readonly name: string;
  readonly where: string;
  /** The resolver's word. */
  readonly message: string;
}

/** A /12 of IPv4, and as much of IPv6: more wants to be confirmed. */
const LARGE = 1n << 20n;
const LARGEST = 1n << 32n;
const NAMES_AT_ONCE = 32;

/**
 * Reads, resolves, merges and subtracts.
 * @throws EchosweepError `TARGET_INVALID` for the first target that is wrong, for a sweep larger than allowed, and where nothing is left
 */
export async function buildTargetSet(request: TargetRequest): Promise<TargetSet> {
  if (request.include.length === 0) {
    throw new EchosweepError(
      'TARGET_INVALID',
      'no target',
      'name a subnet, such as `echosweep 192.168.1.0/24`',
    );
  }
  const included = parseAll(request.include);
  const excluded = parseAll(request.exclude);
  const names = await resolveNames([...included, ...excluded], request);
  refuseUnknownExclusions(excluded, names);
  const asked = mergeRanges(
    rangesOf(included, names, !request.includeEdges).filter(isWanted(request.family)),
  );
  const removed = [...rangesOf(excluded, names, false), ...rangesNotForProbing()];
  const ranges = subtractRanges(asked, removed);
  const count = countAddresses(ranges);
  if (count === 0n && names.unresolved.length === 0) throw nothingLeft(included, request);
  refuseLarge(count, request);
  return {
    ranges,
    count: Number(count),
    hostnames: hostnamesOf(included, names),
    excluded: removed,
    unresolved: names.unresolved,
  };
}

interface Parsed {
  readonly spec: TargetSpec;
  readonly target: ParsedTarget;
}

interface Names {
  readonly addresses: ReadonlyMap<string, readonly AddressRange[]>;
  readonly unresolved: readonly UnresolvedName[];
}

function parseAll(specs: readonly TargetSpec[]): Parsed[] {
  const parsed: Parsed[] = [];
  let firstError: EchosweepError | undefined;
  let more = 0;
  for (const spec of specs) {
    try {
      parsed.push({ spec, target: parseTarget(spec) });
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      if (firstError === undefined) firstError = error;
      else more++;
    }
  }
  if (firstError === undefined) return parsed;
  const others = more === 0 ? '' : ` (and ${more} more like it)`;
  throw new EchosweepError('TARGET_INVALID', firstError.problem, `${firstError.advice}${others}`, {
    cause: firstError,
  });
}

async function resolveNames(parsed: readonly Parsed[], request: TargetRequest): Promise<Names> {
  const addresses = new Map<string, readonly AddressRange[]>();
  const failures = new Map<string, UnresolvedName>();
  const whereOf = new Map<string, string>();
  for (const { spec, target } of parsed) {
    if (target.kind === 'name' && !whereOf.has(target.name)) whereOf.set(target.name, spec.where);
  }
  const queue = whereOf.entries();
  const resolveSome = async (): Promise<void> => {
    for (const [name, where] of queue) {
      try {
        const found = readAddresses(await request.resolve(name)).filter(isWanted(request.family));
        if (found.length === 0)
          failures.set(name, { name, where, message: noAddress(request.family) });
        addresses.set(name, request.firstAddressOnly ? found.slice(0, 1) : found);
      } catch (error) {
        failures.set(name, {
          name,
          where,
          message: error instanceof Error ? error.message : String(error),
        });
      }
    }
  };
  // All workers draw from one iterator, so that each name is resolved once.
  await Promise.all(Array.from({ length: NAMES_AT_ONCE }, resolveSome));
  const unresolved = [...whereOf.keys()].flatMap((name) => failures.get(name) ?? []);
  return { addresses, unresolved };
}

/** What a resolver gives is hostile too: what does not read as an address is not one. */
function readAddresses(texts: readonly string[]): AddressRange[] {
  return texts.flatMap((text) => {
    const [plain, zone = ''] = text.split('%');
    const address = parseAddress(plain!);
    return address === undefined
      ? []
      : [{ family: address.family, zone, first: address.value, last: address.value }];
  });
}

function noAddress(family: Family | undefined): string {
  return family === undefined ? 'has no address' : `has no IPv${family} address`;
}

function rangesOf(parsed: readonly Parsed[], names: Names, withoutEdges: boolean): AddressRange[] {
  return parsed.flatMap(({ target }) => {
    if (target.kind === 'name') return names.addresses.get(target.name) ?? [];
    const { range } = target;
    return withoutEdges && target.hasEdges
      ? [{ ...range, first: range.first + 1n, last: range.last - 1n }]
      : [range];
  });
}

function isWanted(family: Family | undefined): (range: AddressRange) => boolean {
  return (range) => family === undefined || range.family === family;
}

/** Whom to spare cannot be told from a name without an address: better nobody is asked than the wrong host. */
function refuseUnknownExclusions(excluded: readonly Parsed[], names: Names): void {
  const unknown = excluded.find(
    ({ target }) => target.kind === 'name' && !names.addresses.has(target.name),
  );
  if (unknown === undefined) return;
  throw targetInvalid(
    unknown.spec,
    'cannot be excluded, since it does not resolve',
    'exclude its address',
  );
}

function refuseLarge(count: bigint, request: TargetRequest): void {
  if (count > LARGEST) {
    throw new EchosweepError(
      'TARGET_INVALID',
      `${count} addresses are more than a sweep can ask (2^32)`,
      'name smaller subnets',
    );
  }
  if (request.confirmLarge || count <= LARGE) return;
  throw new EchosweepError(
    'TARGET_INVALID',
    `${count} addresses are a large sweep (above a /12)`,
    'add --yes if that is meant',
  );
}

function nothingLeft(
  included: readonly Parsed[],
  { family, exclude }: TargetRequest,
): EchosweepError {
  const first = quoted(included[0]!.spec.text);
  let [why, advice] = [`no target (${first} …) has an address`, 'correct the targets'];
  if (family !== undefined) {
    [why, advice] = [`no target (${first} …) has an IPv${family} address`, 'sweep both families'];
  } else if (exclude.length > 0) [why, advice] = ['every address is excluded', 'exclude less'];
  return new EchosweepError('TARGET_INVALID', `nothing is left to sweep: ${why}`, advice);
}

function hostnamesOf(included: readonly Parsed[], names: Names): Map<string, string> {
  const hostnames = new Map<string, string>();
  for (const { target } of included) {
    if (target.kind !== 'name') continue;
    for (const { family, first, zone } of names.addresses.get(target.name) ?? []) {
      const address = `${formatAddress(family, first)}${zone === '' ? '' : `%${zone}`}`;
      if (!hostnames.has(address)) hostnames.set(address, target.name);
    }
  }
  return hostnames;
}
