/** The targets of a call in fping's order and words: names looked up, subnets written out, lists read. */

import { type Family, formatAddress, formatZonedAddress } from '../../address.ts';
import { errorCode } from '../../file-errors.ts';
import { systemLookup } from '../../names/name-lookup.ts';
import { ReverseLookup } from '../../names/reverse-dns.ts';
import { type InputFile, inputFile } from '../../report/input-file.ts';
import { zoneIndex } from '../../sweep-targets.ts';
import { readZonedAddress, type ZonedAddress } from '../../targets/zoned-address.ts';
import { linesOf } from '../../text/text-lines.ts';
import { safeText } from '../../words.ts';
import type { FpingCall } from './arguments.ts';
import { FPING_EXIT, FpingEnded, misused, refused } from './ended.ts';
import { readNumericAddress } from './numeric-address.ts';
import type { FpingOptions } from './options.ts';
import { resolverWords, systemWords } from './system-words.ts';

/** More targets than fping itself takes by -g, and few enough to keep all of them. */
const MOST_TARGETS = 1 << 20;
/** MAX_GENERATE of fping. */
const MOST_IN_RANGE = 100_000;
const NAMES_AT_ONCE = 32;
/** For the names of all targets together. */
const REVERSE_TIMEOUT_MS = 5000;

/** A target as it was given, with one of its addresses. */
export interface FpingTarget {
  /** As it was written. */
  readonly name: string;
  /** As the output shows it. */
  readonly shown: string;
  readonly address: ZonedAddress;
  /** Canonical, as rows have it. */
  readonly addressText: string;
}

export interface FpingTargets {
  /** In the order given; an address may be among them several times. */
  readonly targets: readonly FpingTarget[];
  /** Lines about names without an address. */
  readonly complaints: readonly string[];
}

/** What looks names and addresses up. */
export interface FpingResolvers {
  /** All addresses of a name; rejects if there is none. */
  readonly addressesOf: (name: string) => Promise<readonly string[]>;
  /** Names by address; those without one are left out. */
  readonly namesOf: (addresses: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Of the interface that a zone means; undefined if there is none. */
  readonly zoneIndex: (zone: string) => Promise<number | undefined>;
}

/** Those of this system. */
export function systemResolvers(): FpingResolvers {
  return {
    addressesOf: systemLookup(),
    namesOf: async (addresses) =>
      (await new ReverseLookup(REVERSE_TIMEOUT_MS).namesOf(addresses)).names,
    zoneIndex,
  };
}

/** @throws FpingEnded if a subnet, a range or a file cannot be read, or there are too many targets */
export async function readTargets(
  call: FpingCall,
  stdin: InputFile,
  resolvers: FpingResolvers,
): Promise<FpingTargets> {
  const names = await namesOf(call, stdin);
  const { options } = call;
  const found = await lookUpAll(names, options.family, resolvers);
  const targets: Omit<FpingTarget, 'shown'>[] = [];
  const complaints: string[] = [];
  names.forEach((name, at) => {
    const answer = found[at]!;
    if (typeof answer === 'string') complaints.push(`${safeText(name)}: ${answer}\n`);
    else {
      for (const address of options.allAddresses ? answer : answer.slice(0, 1))
        targets.push({ name, address, addressText: formatZonedAddress(address) });
    }
  });
  refuseTooMany(targets.length);
  return { targets: await withShownNames(targets, options, resolvers), complaints };
}

async function namesOf({ options, targets }: FpingCall, stdin: InputFile): Promise<string[]> {
  if (options.generate) {
    const [first, last] = targets;
    return last === undefined ? hostsOfSubnet(first!) : hostsOfRange(first!, last);
  }
  if (targets.length > 0) return [...targets];
  return readList(options.file === undefined || options.file === '-' ? stdin : options.file);
}

/** The first word of each line; a line whose first word begins with # is a comment, and one ends at a NUL, as text does in C. */
async function readList(source: InputFile | string): Promise<string[]> {
  const stream = typeof source === 'string' ? inputFile(source) : source;
  const names: string[] = [];
  try {
    const tooLong = (line: number | undefined): Error =>
      refused(`line ${line} of the list is too long`);
    for await (const lines of linesOf(stream.setEncoding('utf8'), tooLong)) {
      for (const line of lines) {
        const [word = ''] = line.split('\0', 1)[0]!.trim().split(/\s+/, 1);
        if (word !== '' && !word.startsWith('#')) names.push(word);
      }
      refuseTooMany(names.length);
    }
  } catch (error) {
    if (error instanceof FpingEnded) throw error;
    const code = errorCode(error);
    // Of a folder, fping reads nothing.
    if (code === 'EISDIR') return [];
    throw new FpingEnded(`fping: fopen : ${systemWords(code)}\n`, FPING_EXIT.systemFailure);
  }
  return names;
}

/** As fping: IPv4 only, without network and broadcast address unless it is a /31 or a /32. */
function hostsOfSubnet(written: string): string[] {
  const [network, ...rest] = written.split('/');
  if (rest.length === 0) throw misused();
  const mask = rest.join('/');
  // The comma is fping's.
  const address = generatorAddress(network!, (problem) => `fping, ${problem}`);
  const length = Number(/^\s*([+-]?\d+)/.exec(mask)?.[1] ?? 0);
  if (length < 1 || length > 32) {
    throw refused(`netmask must be between 1 and 32 (is: ${mask})`);
  }
  const size = 2 ** (32 - length);
  const first = address - (address % size);
  return length < 31 ? addresses(first + 1, size - 2) : addresses(first, size);
}

function hostsOfRange(from: string, to: string): string[] {
  const prefix = (problem: string): string => `fping: ${problem}`;
  const first = generatorAddress(from, prefix);
  const last = generatorAddress(to, prefix);
  if (last > first + MOST_IN_RANGE) throw refused('-g parameter generates too many addresses');
  return addresses(first, Math.max(0, last - first + 1));
}

function generatorAddress(written: string, line: (problem: string) => string): number {
  const address = readNumericAddress(written);
  if (address === undefined) {
    const problem = `can't parse address ${safeText(written)}: ${resolverWords('ENOTFOUND')}`;
    throw new FpingEnded(`${line(problem)}\n`, FPING_EXIT.unreachable);
  }
  if (address.family !== 4) throw refused('-g works only with IPv4 addresses');
  return Number(address.value);
}

function addresses(first: number, count: number): string[] {
  refuseTooMany(count);
  return Array.from({ length: count }, (_, step) => formatAddress(4, BigInt(first + step)));
}

function refuseTooMany(count: number): void {
  if (count <= MOST_TARGETS) return;
  throw refused(`more than ${MOST_TARGETS} targets; use echosweep instead`);
}

/** By name: its addresses of the family, best first, or in the resolver's words why there is none. */
async function lookUpAll(
  names: readonly string[],
  family: Family | undefined,
  resolvers: FpingResolvers,
): Promise<(ZonedAddress[] | string)[]> {
  const found: (ZonedAddress[] | string)[] = [];
  const queue = names.entries();
  const lookUpSome = async (): Promise<void> => {
    for (const [at, name] of queue) found[at] = await lookUp(name, family, resolvers);
  };
  // All draw from one iterator.
  await Promise.all(Array.from({ length: NAMES_AT_ONCE }, lookUpSome));
  return found;
}

async function lookUp(
  name: string,
  family: Family | undefined,
  { addressesOf, zoneIndex }: FpingResolvers,
): Promise<ZonedAddress[] | string> {
  const literal = readNumericAddress(name);
  if (literal !== undefined) {
    if (family !== undefined && literal.family !== family) return resolverWords('EAI_ADDRFAMILY');
    // A zone that no interface has would end the sweep of all others.
    const isKnown = literal.zone === '' || (await zoneIndex(literal.zone)) !== undefined;
    return isKnown ? [literal] : resolverWords('ENOTFOUND');
  }
  // Node answers the empty name with a warning.
  if (name === '') return resolverWords('ENOTFOUND');
  try {
    const all = (await addressesOf(name)).flatMap((text) => readZonedAddress(text) ?? []);
    const wanted = all.filter((address) => family === undefined || address.family === family);
    return wanted.length === 0 ? resolverWords('ENODATA') : wanted;
  } catch (error) {
    return resolverWords(errorCode(error));
  }
}

async function withShownNames(
  targets: readonly Omit<FpingTarget, 'shown'>[],
  { names, byAddress }: FpingOptions,
  { namesOf }: FpingResolvers,
): Promise<FpingTarget[]> {
  const isReversed = ({ name }: Pick<FpingTarget, 'name'>): boolean =>
    names === 'of-all' || (names === 'of-addresses' && readNumericAddress(name) !== undefined);
  const reversed = new Set(targets.filter(isReversed).map(({ addressText }) => addressText));
  const found = reversed.size === 0 ? new Map<string, string>() : await namesOf([...reversed]);
  return targets.map((target) => {
    const { name, addressText } = target;
    // An address without a name goes by its own text.
    const printed = isReversed(target) ? (found.get(addressText) ?? addressText) : safeText(name);
    if (!byAddress) return { ...target, shown: printed };
    return {
      ...target,
      shown: names === undefined ? addressText : `${printed} (${addressText})`,
    };
  });
}
