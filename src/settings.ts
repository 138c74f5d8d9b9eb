/** The options that a program gives, and the settings made from it: checked, completed and consistent. */

import { type Family, parseAddress } from './address.ts';
import { MS_A_DAY } from './durations.ts';
import { readDnsServer } from './names/dns-server.ts';
import { type GivenOf, longFlag, type OptionSpec, type ValuesOf } from './option-spec.ts';
import { checkValue, defaultOf, optionInvalid, shownValue, wrongValue } from './option-value.ts';
import { EXCLUDE, OPTIONS, PACKETS, RESOLVED, SELECTION, type SWEEP_ROWS } from './options.ts';
import { randomUint32 } from './random-octets.ts';

/**
 * What a program gives. Everything but `targets` may be left out; docs/options.md has meanings, ranges and defaults.
 * The names are those of the table of options, with the unit if there is one.
 */
export interface SweepOptions extends GivenOf<typeof SWEEP_ROWS> {
  /** Subnets, ranges, addresses and names, such as `192.168.1.0/24`. */
  readonly targets: string | readonly string[];
  /** Hosts come in the order in which they become final, not in that of their addresses. */
  readonly stream?: boolean | undefined;
  /** Stops the sweep; what is known by then is still reported. */
  readonly signal?: AbortSignal | undefined;
}

/** What a socket needs to know; all but the addresses is as the table of options has it. */
export interface PacketSettings extends Omit<ValuesOf<typeof PACKETS>, 'source'> {
  readonly source4?: string;
  readonly source6?: string;
}

/** The rows whose settings have another name, type or form; `resolveSettings` reads them one by one. */
type Combined =
  | 'ipv4'
  | 'ipv6'
  | 'patience'
  | 'tcp'
  | 'seed'
  | 'canary'
  | 'rdns'
  | 'rdnsTimeoutMs'
  | 'dnsServer';

/**
 * What a sweep does, every value checked and every default filled in. What is not listed here is as the table of options
 * has it.
 */
export interface SweepSettings extends PacketSettings, Omit<ValuesOf<typeof RESOLVED>, Combined> {
  /** When a silent host is given up after its first probe: `quick`, or milliseconds; undefined: as timeout, backoff and retries have it. */
  readonly patience?: 'quick' | number;
  /** How long discovery waits for a host at least; undefined: as long as the kernel would. */
  readonly leastDiscoveryMs?: number;
  /** TCP ports that silent hosts are tried at, each once; undefined for none. */
  readonly tcpPorts?: readonly number[];
  /** Of the order on the wire; 0 to 2^32-1. */
  readonly seed: number;
  /** Probe only addresses of this family. */
  readonly family?: Family;
  /** A host probed alongside the others: `gateway` for the first one on the way to the targets, if there is one; undefined for none. */
  readonly canary?: 'gateway' | NamedCanary;
  /** How long the names of one block's hosts may take; undefined: no names are looked up. */
  readonly rdnsTimeoutMs?: number;
  /** Where names are looked up, in the form of `setServers` of Node; undefined: as the system does. */
  readonly dnsServer?: string;
}

/** A host that a person named to be probed alongside the others. */
export interface NamedCanary {
  readonly family: Family;
  readonly value: bigint;
  /** Of an IPv6 link-local address, else ''. */
  readonly zone: string;
}

/** Not in the table: what is swept, and what stops it. */
const NOT_IN_THE_TABLE: readonly string[] = ['targets', 'stream', 'signal'];
/** Timeouts that grow beyond this are a slip, not a wish. */
const LONGEST_WAIT_MS = MS_A_DAY;
/** As long as a timeout may be. */
const LONGEST_PATIENCE_MS = 600_000;

/**
 * Checks every option but `targets` and `exclude`, which the targets' own parser reads, and fills in the defaults.
 * @throws EchosweepError OPTION_INVALID: option, value and what is allowed
 */
export function resolveSettings(options: SweepOptions): SweepSettings {
  refuseWrongTypes(options);
  refuseUnknown(options);
  checkOptions([EXCLUDE, ...SELECTION], options);
  const { ipv4, ipv6, patience, tcp, seed, canary, rdns, rdnsTimeoutMs, dnsServer, ...others } =
    checkOptions(RESOLVED, options);
  const { source, ...packets } = checkOptions(PACKETS, options);
  refuseArpRateWithoutArp(others);
  const settings: SweepSettings = {
    ...others,
    ...packets,
    ...resolveSources(source ?? []),
    retries: resolveRetries(others, options.retries),
    ...resolvePatience(patience, options),
    ...resolvePorts(tcp, packets.interface),
    seed: seed ?? randomUint32(),
    ...resolveFamily(ipv4, ipv6),
    ...resolveCanary(canary),
    ...(rdns ? { rdnsTimeoutMs } : {}),
    ...resolveDnsServer(dnsServer),
  };
  refuseEndlessWait(settings);
  return settings;
}

/** What the table does not list: the options themselves, the targets and the signal. */
function refuseWrongTypes(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw optionInvalid(
      `options: ${shownValue(options)} is not valid`,
      "use an object such as { targets: '192.0.2.0/24' }",
    );
  }
  const { targets, stream, signal } = options as {
    targets?: unknown;
    stream?: unknown;
    signal?: unknown;
  };
  const list: readonly unknown[] = Array.isArray(targets) ? targets : [targets];
  const index = list.findIndex((target) => typeof target !== 'string');
  if (index >= 0) {
    const name = Array.isArray(targets) ? `targets[${index}]` : 'targets';
    throw optionInvalid(
      `${name}: ${shownValue(list[index])} is not valid`,
      'use a text such as 192.0.2.0/24, or an array of texts for targets',
    );
  }
  if (stream !== undefined && typeof stream !== 'boolean') {
    throw optionInvalid(`stream: ${shownValue(stream)} is not valid`, 'use true or false');
  }
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw optionInvalid(`signal: ${shownValue(signal)} is not valid`, 'use an AbortSignal');
}

function refuseUnknown(options: SweepOptions): void {
  const known = new Set<string>([...OPTIONS.map(({ key }) => key), ...NOT_IN_THE_TABLE]);
  const unknown = Object.keys(options).find((key) => !known.has(key));
  if (unknown === undefined) return;
  throw optionInvalid(`unknown option ${JSON.stringify(unknown)}`, `use ${[...known].join(', ')}`);
}

/** The values of these rows, checked; a default takes the place of what was not given. */
function checkOptions<Rows extends readonly OptionSpec[]>(
  rows: Rows,
  options: SweepOptions,
): ValuesOf<Rows> {
  const given = options as unknown as Readonly<Record<string, unknown>>;
  const values = rows.flatMap((option): [string, unknown][] => {
    const value = given[option.key];
    if (value !== undefined) return [[option.key, checkValue(option, value)]];
    const usual = defaultOf(option);
    return usual === undefined ? [] : [[option.key, usual]];
  });
  // `checkValue` returns what the row's type says.
  return Object.fromEntries(values) as ValuesOf<Rows>;
}

/** Retries end with the first reply, while a count wants every probe: giving both is a contradiction. */
function resolveRetries(
  { count, retries }: Pick<SweepSettings, 'count' | 'retries'>,
  given: number | undefined,
): number {
  if (count === 1) return retries;
  if (given !== undefined && retries > 0) {
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

function resolvePorts(
  ports: readonly number[] = [],
  interfaceName: string | undefined,
): Pick<SweepSettings, 'tcpPorts'> {
  if (ports.length === 0) return {};
  if (interfaceName !== undefined) {
    throw optionInvalid(
      '--tcp and --interface exclude each other: the system routes TCP connections',
      'give --source with an address of the interface instead, or leave --tcp out',
    );
  }
  return { tcpPorts: [...new Set(ports)] };
}

function refuseArpRateWithoutArp({
  arpRatePps,
  arp,
}: Pick<SweepSettings, 'arpRatePps' | 'arp'>): void {
  if (arpRatePps === undefined || arp) return;
  throw optionInvalid(
    '--arp-rate and --no-arp exclude each other: then the kernel sends the requests',
    'leave one of them out',
  );
}

function resolveFamily(ipv4: boolean, ipv6: boolean): Pick<SweepSettings, 'family'> {
  if (ipv4 && ipv6) {
    throw optionInvalid('--ipv4 and --ipv6 exclude each other', 'give one, or neither for both');
  }
  if (ipv4) return { family: 4 };
  return ipv6 ? { family: 6 } : {};
}

function resolveCanary(canary: string | false | undefined): Pick<SweepSettings, 'canary'> {
  if (canary === false) return {};
  if (canary === undefined) return { canary: 'gateway' };
  const [text, zone = ''] = canary.split('%');
  const address = parseAddress(text!);
  if (address === undefined) {
    throw wrongValue(optionByKey('canary'), canary, 'an IPv4 or IPv6 address');
  }
  return { canary: { ...address, zone } };
}

function resolveDnsServer(written: string | undefined): Pick<SweepSettings, 'dnsServer'> {
  if (written === undefined) return {};
  const dnsServer = readDnsServer(written);
  if (dnsServer === undefined) {
    throw wrongValue(
      optionByKey('dnsServer'),
      written,
      'the IP address of a server, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353',
    );
  }
  return { dnsServer };
}

function resolvePatience(
  given: string | undefined,
  { count, timeoutMs, backoff }: SweepOptions,
): Pick<SweepSettings, 'patience'> {
  if (given === undefined) return {};
  if ((count ?? 1) > 1 || timeoutMs !== undefined || backoff !== undefined) {
    throw optionInvalid(
      '--patience excludes --count, --timeout and --backoff',
      'leave it out, or give it alone: it decides when each probe leaves and times out',
    );
  }
  if (given === 'quick') return { patience: given };
  const ms = /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN;
  if (ms >= 1 && ms <= LONGEST_PATIENCE_MS) return { patience: ms };
  throw optionInvalid(
    `--patience ${JSON.stringify(given)} is not a time`,
    `give 1 to ${LONGEST_PATIENCE_MS} milliseconds, or quick`,
  );
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
