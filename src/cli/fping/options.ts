/** The options of fping 5 that `echosweep fping` takes: each once, for the parser, the usage text and the documentation. */

import type { Family } from '../../address.ts';
import { type OptionSpec, text, toggle } from '../../option-spec.ts';

/** Targets given as addresses, or all of them. */
export type FpingNames = 'of-addresses' | 'of-all';

/** What a command line of fping means; defaults are those of fping. */
export interface FpingOptions {
  family?: Family;
  alive: boolean;
  unreachable: boolean;
  byAddress: boolean;
  /** Which targets go by the names that reverse DNS has for them. */
  names?: FpingNames;
  allAddresses: boolean;
  timestamps: boolean;
  elapsed: boolean;
  json: boolean;
  netdata: boolean;
  outage: boolean;
  quiet: boolean;
  stats: boolean;
  /** Between interim results, milliseconds. */
  reportEveryMs?: number;
  isCumulative: boolean;
  /** Count mode; undefined for the default mode. */
  count?: number;
  /** Whether the summary of count mode lists each round-trip time. */
  listsRtts: boolean;
  generate: boolean;
  file?: string;
  isLoop: boolean;
  sizeOctets: number;
  backoff: number;
  ttl: number;
  tos?: number;
  dontFragment: boolean;
  interface?: string;
  source4?: string;
  source6?: string;
  intervalMs: number;
  periodMs: number;
  retries: number;
  timeoutMs?: number;
  /** The fewest hosts that have to be reachable. */
  minReachable?: number;
  /** Whether to stop once that many are. */
  stopsWhenReached: boolean;
}

/** What fping does without any option. */
export function defaultOptions(): FpingOptions {
  return {
    alive: false,
    unreachable: false,
    byAddress: false,
    allAddresses: false,
    timestamps: false,
    elapsed: false,
    json: false,
    netdata: false,
    outage: false,
    quiet: false,
    stats: false,
    isCumulative: false,
    listsRtts: false,
    generate: false,
    isLoop: false,
    sizeOctets: 56,
    backoff: 1.5,
    ttl: 0,
    dontFragment: false,
    intervalMs: 10,
    periodMs: 1000,
    retries: 3,
    stopsWhenReached: false,
  };
}

/** Whether each target or probe has a line; those of JSON, which fping 5.1 did not have, are only silenced by `-q`. */
export function isVerbose(options: FpingOptions): boolean {
  const { json, quiet, alive, unreachable, minReachable } = options;
  return !quiet && (json || (!alive && !unreachable && minReachable === undefined));
}

/** One option of the command line. */
export interface FpingOption {
  readonly letter: string;
  readonly name: string;
  /** Of its value, such as `MSEC`; undefined if it takes none. */
  readonly value?: string;
  readonly help: string;
}

/** What to probe and how. */
const PROBING_OPTIONS = [
  { letter: '4', name: 'ipv4', help: 'probe IPv4 addresses only' },
  { letter: '6', name: 'ipv6', help: 'probe IPv6 addresses only' },
  { letter: 'b', name: 'size', value: 'BYTES', help: 'payload of each request (default: 56)' },
  { letter: 'B', name: 'backoff', value: 'N', help: 'growth of the timeout (default: 1.5)' },
  { letter: 'c', name: 'count', value: 'N', help: 'count mode: N requests to each target' },
  { letter: 'f', name: 'file', value: 'FILE', help: 'read targets from a file (- for stdin)' },
  { letter: 'g', name: 'generate', help: 'take targets from a subnet, or from first and last IP' },
  { letter: 'H', name: 'ttl', value: 'N', help: 'TTL or hop limit of the requests' },
  { letter: 'i', name: 'interval', value: 'MSEC', help: 'time between requests (default: 10 ms)' },
  { letter: 'I', name: 'iface', value: 'IFACE', help: 'send from this interface' },
  { letter: 'm', name: 'all', help: 'probe all addresses of each name' },
  { letter: 'M', name: 'dontfrag', help: 'forbid fragmentation' },
  { letter: 'O', name: 'tos', value: 'N', help: 'TOS octet or traffic class' },
  {
    letter: 'p',
    name: 'period',
    value: 'MSEC',
    help: 'count mode: time between requests to a target',
  },
  {
    letter: 'r',
    name: 'retry',
    value: 'N',
    help: 'further requests to a silent target (default: 3)',
  },
  { letter: 'R', name: 'random', help: 'accepted; the payload is never all zeros anyway' },
  { letter: 'S', name: 'src', value: 'IP', help: 'send from this address' },
  {
    letter: 't',
    name: 'timeout',
    value: 'MSEC',
    help: 'time to wait (default: 500, or the period up to 2000)',
  },
  { letter: 'T', name: '', value: 'N', help: 'accepted and ignored, as fping does' },
] as const satisfies readonly FpingOption[];

/** What to print. */
const OUTPUT_OPTIONS = [
  { letter: 'a', name: 'alive', help: 'print the targets that are alive' },
  { letter: 'A', name: 'addr', help: 'print addresses instead of names' },
  { letter: 'C', name: 'vcount', value: 'N', help: 'as -c, with a list of the times at the end' },
  { letter: 'd', name: 'rdns', help: 'print the names that reverse DNS has for all targets' },
  { letter: 'D', name: 'timestamp', help: 'count mode: begin each line with the time' },
  { letter: 'e', name: 'elapsed', help: 'print the round-trip time' },
  { letter: 'J', name: 'json', help: 'count mode: print JSON, an object a line' },
  { letter: 'n', name: 'name', help: 'the same as -d, for targets given as addresses' },
  { letter: 'N', name: 'netdata', help: 'print interim results (-Q) for netdata' },
  { letter: 'o', name: 'outage', help: 'print lost requests times period' },
  { letter: 'q', name: 'quiet', help: 'print the summary only' },
  { letter: 'Q', name: 'squiet', value: 'SECS', help: 'as -q, with interim results in count mode' },
  { letter: 's', name: 'stats', help: 'print statistics at the end' },
  { letter: 'u', name: 'unreach', help: 'print the targets that are unreachable' },
  { letter: 'x', name: 'reachable', value: 'N', help: 'print whether N targets are reachable' },
  { letter: 'X', name: 'fast-reachable', value: 'N', help: 'as -x, and stop once they are' },
] as const satisfies readonly FpingOption[];

/** What is neither. */
const OTHER_OPTIONS = [
  { letter: 'h', name: 'help', help: 'print this text' },
  { letter: 'l', name: 'loop', help: 'not available: use echosweep watch' },
  { letter: 'v', name: 'version', help: 'print the version' },
] as const satisfies readonly FpingOption[];

/** All of them. */
export const FPING_OPTIONS = [...PROBING_OPTIONS, ...OUTPUT_OPTIONS, ...OTHER_OPTIONS] as const;

/** An option as the manual page and the completion take it. */
export function optionSpec({ letter, name, value, help }: FpingOption): OptionSpec {
  const names = name === '' ? `-${letter}` : `-${letter}, --${name}`;
  const sentence = `${help[0]!.toUpperCase()}${help.slice(1)}.`;
  if (value === undefined) return toggle(letter, names, sentence);
  const flags = `${names} <${value.toLowerCase()}>`;
  return text(letter, flags, sentence, value === 'FILE' ? { isPath: true } : {});
}

/** The letter of an option. */
export type FpingLetter = (typeof FPING_OPTIONS)[number]['letter'];

/** Options begin their lines as in fping's own text, because programs look there for what they may use. */
export function usageText(): string {
  return [
    'Usage: fping [options] [targets...]',
    '',
    'Probing options:',
    ...PROBING_OPTIONS.map(usageLine),
    '',
    'Output options:',
    ...OUTPUT_OPTIONS.map(usageLine),
    '',
    'Other options:',
    ...OTHER_OPTIONS.map(usageLine),
    '',
  ].join('\n');
}

function usageLine({ letter, name, value, help }: FpingOption): string {
  const argument = value === undefined ? '' : name === '' ? ` ${value}` : `=${value}`;
  const flags = name === '' ? `-${letter}${argument}` : `-${letter}, --${name}${argument}`;
  return `   ${flags.padEnd(24)} ${help}`;
}
