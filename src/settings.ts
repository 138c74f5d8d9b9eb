/** From the options of a command line or a program to the settings of a sweep: checked, completed and consistent. */

import { randomInt } from 'node:crypto';
import { parseAddress } from './address.ts';
import { longFlag, type OptionSpec } from './option-spec.ts';
import { checkValue, optionInvalid, wrongValue } from './option-value.ts';
import { type Engine, OPTIONS, type SweepSettings } from './options.ts';

/**
 * What a program asks for. Everything but `targets` may be left out; docs/options.md has ranges and defaults. The
 * names are those of the command line, with the unit where there is one.
 */
export interface SweepOptions {
  /** Subnets, ranges, addresses and names, such as `192.168.1.0/24`. */
  readonly targets: string | readonly string[];
  /** Stops the sweep; what is known by then is still reported. */
  readonly signal?: AbortSignal | undefined;
  /** Targets to leave out. */
  readonly exclude?: string | readonly string[] | undefined;
  /** Ask network and broadcast addresses of IPv4 subnets too. */
  readonly includeEdges?: boolean | undefined;
  /** Ask only the first of the addresses of a name. */
  readonly firstAddress?: boolean | undefined;
  /** Ask addresses of this family only. */
  readonly ipv4?: boolean | undefined;
  readonly ipv6?: boolean | undefined;
  /** Allow a sweep of more than a /12, or an IPv6 prefix of more than 2^20 addresses. */
  readonly yes?: boolean | undefined;
  /** Probes for each host; if more than 1, all are sent. */
  readonly count?: number | undefined;
  /** Further probes for a host that has not answered. */
  readonly retries?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** Each retry waits this many times longer. */
  readonly backoff?: number | undefined;
  /** Between the probes for one host where `count` is above 1. */
  readonly periodMs?: number | undefined;
  readonly payloadBytes?: number | undefined;
  /** TTL or hop limit. */
  readonly ttl?: number | undefined;
  /** TOS octet or traffic class. */
  readonly tos?: number | undefined;
  readonly dontFragment?: boolean | undefined;
  /** Leave looking for hosts on the own links to the system, instead of asking by ARP and NDP. */
  readonly noArp?: boolean | undefined;
  /** Address to send from, one for each family. */
  readonly source?: string | readonly string[] | undefined;
  /** Interface to send from, by name. */
  readonly interface?: string | undefined;
  /** Probes a second over all workers together; Infinity for no limit. */
  readonly ratePps?: number | undefined;
  readonly engine?: Engine | 'auto' | undefined;
  readonly workers?: number | undefined;
  /** Order of the probes on the wire. */
  readonly order?: 'random' | 'sequential' | undefined;
  /** Repeats the random order of an earlier sweep. */
  readonly seed?: number | undefined;
  /** A host to ask beside the targets, about once a second, so that a failed uplink is told from hosts that are down. */
  readonly canary?: string | undefined;
  /** Ask nobody but the targets. */
  readonly noCanary?: boolean | undefined;
  /** Look up the names of the hosts that answered. */
  readonly rdns?: boolean | undefined;
  readonly rdnsTimeoutMs?: number | undefined;
}

/** Options that have a default in the table. */
type Defaulted =
  | 'engine'
  | 'count'
  | 'retries'
  | 'timeoutMs'
  | 'backoff'
  | 'periodMs'
  | 'ratePps'
  | 'payloadBytes'
  | 'order'
  | 'rdnsTimeoutMs';
type CheckedOptions = Omit<SweepOptions, Defaulted | 'source'> & {
  readonly [Key in Defaulted]-?: NonNullable<SweepOptions[Key]>;
} & { readonly source?: readonly string[] };

const LIBRARY_OPTIONS = OPTIONS.filter((option) => !option.isCommandOnly);
/** Not in the table: what is swept, and what stops it. */
const BESIDE_THE_TABLE: readonly string[] = ['targets', 'signal'];
/** Timeouts that grow beyond this are a slip, not a wish. */
const LONGEST_WAIT_MS = 86_400_000;

/**
 * Checks every option but `targets` and `exclude`, which the targets' own parser reads, and fills in the defaults.
 * @throws EchosweepError OPTION_INVALID: one line that names option, value and what is allowed
 */
export function resolveSettings(options: SweepOptions): SweepSettings {
  const checked = checkOptions(options);
  const { count, ttl, tos, workers } = checked;
  const settings: SweepSettings = {
    engine: checked.engine,
    count,
    retries: resolveRetries(count, options.retries, checked.retries),
    timeoutMs: checked.timeoutMs,
    backoff: checked.backoff,
    periodMs: checked.periodMs,
    ratePps: checked.ratePps,
    payloadBytes: checked.payloadBytes,
    ...(ttl === undefined ? {} : { ttl }),
    ...(tos === undefined ? {} : { tos }),
    dontFragment: checked.dontFragment ?? false,
    arp: !(checked.noArp ?? false),
    ...resolveSources(checked.source ?? []),
    ...(checked.interface === undefined ? {} : { interface: checked.interface }),
    ...(workers === undefined ? {} : { workers }),
    order: checked.order,
    seed: checked.seed ?? randomInt(2 ** 32),
    ...resolveFamily(checked),
    ...resolveCanary(checked),
  };
  refuseEndlessWait(settings);
  return settings;
}

/**
 * How long the names of a block may take, or undefined where no names are looked up.
 * @throws EchosweepError OPTION_INVALID
 */
export function resolveRdnsTimeoutMs(options: SweepOptions): number | undefined {
  const { rdns, rdnsTimeoutMs } = checkOptions(options);
  return rdns === true ? rdnsTimeoutMs : undefined;
}

function checkOptions(options: SweepOptions): CheckedOptions {
  const known = new Set([...LIBRARY_OPTIONS.map((option) => option.key), ...BESIDE_THE_TABLE]);
  const unknown = Object.keys(options).find((key) => !known.has(key));
  if (unknown !== undefined) {
    throw optionInvalid(
      `unknown option ${JSON.stringify(unknown)}`,
      `use ${[...known].join(', ')}`,
    );
  }
  const given = options as unknown as Readonly<Record<string, unknown>>;
  const values = LIBRARY_OPTIONS.flatMap((option): [string, unknown][] => {
    const value = given[option.key];
    if (value !== undefined) return [[option.key, checkValue(option, value)]];
    const isDefaulted = option.kind !== 'switch' && option.default !== undefined;
    return isDefaulted ? [[option.key, option.default]] : [];
  });
  // The table gives each key the type that SweepOptions has for it; the tests hold the two together.
  return { targets: options.targets, ...Object.fromEntries(values) } as CheckedOptions;
}

/** Retries end with the first reply, while a count wants every probe: who asks for both must choose. */
function resolveRetries(count: number, asked: number | undefined, retries: number): number {
  if (count === 1) return retries;
  if (asked !== undefined && retries > 0) {
    throw optionInvalid(
      `--count ${count} and --retries ${retries} exclude each other`,
      'leave --retries out, because a count sends every probe anyway',
    );
  }
  return 0;
}

function resolveSources(sources: readonly string[]): { source4?: string; source6?: string } {
  const option = optionByKey('source');
  const found: { source4?: string; source6?: string } = {};
  for (const source of sources) {
    const address = parseAddress(source);
    if (address === undefined) {
      throw wrongValue(option, source, 'an IPv4 or IPv6 address of this host');
    }
    const key = address.family === 4 ? 'source4' : 'source6';
    if (found[key] !== undefined) {
      throw optionInvalid(
        `${longFlag(option)}: ${found[key]} and ${source} are both IPv${address.family}`,
        'give one address for each family',
      );
    }
    found[key] = source;
  }
  return found;
}

function resolveFamily({ ipv4, ipv6 }: CheckedOptions): Pick<SweepSettings, 'family'> {
  if (ipv4 && ipv6) {
    throw optionInvalid('--ipv4 and --ipv6 exclude each other', 'give one, or neither for both');
  }
  if (ipv4) return { family: 4 };
  return ipv6 ? { family: 6 } : {};
}

function resolveCanary({ canary, noCanary }: CheckedOptions): Pick<SweepSettings, 'canary'> {
  if (noCanary) {
    if (canary === undefined) return {};
    throw optionInvalid('--canary and --no-canary exclude each other', 'give one, or neither');
  }
  if (canary === undefined) return { canary: 'gateway' };
  const [text, zone = ''] = canary.split('%');
  const address = parseAddress(text!);
  if (address === undefined) {
    throw wrongValue(optionByKey('canary'), canary, 'an IPv4 or IPv6 address');
  }
  return { canary: { ...address, zone } };
}

function refuseEndlessWait({ count, retries, timeoutMs, backoff }: SweepSettings): void {
  if (count > 1) return;
  const lastTimeoutMs = timeoutMs * backoff ** retries;
  if (lastTimeoutMs <= LONGEST_WAIT_MS) return;
  throw optionInvalid(
    `--timeout ${timeoutMs}, --backoff ${backoff} and --retries ${retries} together would make the last retry wait more than a day`,
    'lower one of them',
  );
}

function optionByKey(key: string): OptionSpec {
  return OPTIONS.find((option) => option.key === key)!;
}
