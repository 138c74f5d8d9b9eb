/** Reads a command line as fping 5 does: options and targets in any order, values attached or next, the first fault ends it. */

import { type Family, parseAddress } from '../../address.ts';
import { PACKAGE_VERSION } from '../../package-version.ts';
import { FPING_EXIT, FpingEnded, misused, refused } from './ended.ts';
import {
  defaultOptions,
  FPING_OPTIONS,
  type FpingLetter,
  type FpingNames,
  type FpingOption,
  type FpingOptions,
  usageText,
} from './options.ts';

/** The version of fping whose output this is. */
const FPING_VERSION = '5.1';
/** MAX_PING_DATA of fping. */
const LARGEST_PAYLOAD = 65_488;
const BACKOFF = { least: 1, most: 5 } as const;
/** More probes a host than a sweep has room for. */
const MOST_PROBES = 1000;
/** From here on fping has no room for the times, and a number is one below zero that has wrapped around. */
const PROBES_WITHOUT_ROOM = 2 ** 31;
/** UINT_MAX of C. */
const LARGEST_UNSIGNED = 2 ** 32 - 1;

export interface FpingCall {
  readonly options: FpingOptions;
  /** What is not an option. */
  readonly targets: readonly string[];
}

/** @throws FpingEnded for a wrong command line, and for help and version */
export function parseArguments(args: readonly string[]): FpingCall {
  const options = defaultOptions();
  const targets: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      targets.push(...rest);
      break;
    }
    if (arg.startsWith('--')) readLong(options, arg.slice(2), rest);
    else if (arg.startsWith('-') && arg !== '-') readShort(options, arg.slice(1), rest);
    else targets.push(arg);
  }
  validate(options);
  const hasFile = options.file !== undefined;
  if (hasFile && (targets.length > 0 || options.generate)) throw misused();
  if (options.generate && (targets.length === 0 || targets.length > 2)) throw misused();
  return { options, targets };
}

function readLong(options: FpingOptions, written: string, rest: string[]): void {
  const equals = written.indexOf('=');
  const name = equals < 0 ? written : written.slice(0, equals);
  const option = FPING_OPTIONS.find((each) => each.name !== '' && each.name === name);
  if (option === undefined) throw invalid('invalid option', written);
  const attached = equals < 0 ? undefined : written.slice(equals + 1);
  if (!takesValue(option) && attached !== undefined)
    throw invalid('option takes no arguments', name);
  const value = takesValue(option) ? (attached ?? rest.shift()) : '';
  if (value === undefined) throw invalid('option requires an argument', name);
  Object.assign(options, READ[option.letter](value, options));
}

/** A run of letters, the last of which may have a value. */
function readShort(options: FpingOptions, written: string, rest: string[]): void {
  for (let at = 0; at < written.length; at++) {
    const letter = written[at]!;
    const option = FPING_OPTIONS.find((each) => each.letter === letter);
    if (option === undefined) throw invalid('invalid option', letter);
    if (!takesValue(option)) {
      Object.assign(options, READ[option.letter]('', options));
      continue;
    }
    const attached = written.slice(at + 1);
    const value = attached === '' ? rest.shift() : attached;
    if (value === undefined) throw invalid('option requires an argument', letter);
    Object.assign(options, READ[option.letter](value, options));
    return;
  }
}

function takesValue(option: FpingOption): boolean {
  return option.value !== undefined;
}

function invalid(problem: string, option: string): FpingEnded {
  const text = `fping: ${problem} -- '${option}'\nsee 'fping -h' for usage information\n`;
  return new FpingEnded(text, FPING_EXIT.unreachable);
}

type Read = (value: string, options: FpingOptions) => Partial<FpingOptions>;

/** What each option means, given its value. */
const READ: Readonly<Record<FpingLetter, Read>> = {
  '4': (_, options) => ({ family: familyAfter(options, 4) }),
  '6': (_, options) => ({ family: familyAfter(options, 6) }),
  a: () => ({ alive: true }),
  A: () => ({ byAddress: true }),
  b: scanned((value) => ({ sizeOctets: unsigned(value) })),
  B: (value) => ({ backoff: leadingFloat(value) || usage() }),
  c: (value) => ({ count: leadingCount(value) }),
  C: (value) => ({ count: leadingCount(value), listsRtts: true }),
  d: (_, options) => ({ names: namesAfter(options, 'of-all') }),
  D: () => ({ timestamps: true }),
  e: () => ({ elapsed: true }),
  f: (value) => ({ file: value }),
  g: () => ({ generate: true }),
  h: () => {
    throw new FpingEnded(usageText(), FPING_EXIT.allReachable, 'stdout');
  },
  H: (value) => ({ ttl: leadingCount(value) }),
  i: (value) => ({ intervalMs: milliseconds(value) }),
  I: (value) => ({ interface: value }),
  J: () => ({ json: true }),
  l: () => ({ isLoop: true }),
  m: () => ({ allAddresses: true }),
  M: () => ({ dontFragment: true }),
  n: (_, options) => ({ names: namesAfter(options, 'of-addresses') }),
  N: () => ({ netdata: true }),
  o: () => ({ outage: true }),
  O: scanned((value) => ({ tos: integer(value) & 0xff })),
  p: (value) => ({ periodMs: milliseconds(value) }),
  q: () => ({ quiet: true }),
  Q: (value) => ({
    quiet: true,
    reportEveryMs: milliseconds(value) * 1000,
    isCumulative: value.endsWith(',cumulative'),
  }),
  r: scanned((value) => ({ retries: furtherRequests(value) })),
  R: () => ({}),
  s: () => ({ stats: true }),
  S: readSource,
  t: (value) => ({ timeoutMs: milliseconds(value) }),
  T: () => ({}),
  u: () => ({ unreachable: true }),
  v: () => {
    const text = `fping: Version ${FPING_VERSION} (echosweep ${PACKAGE_VERSION})\n`;
    throw new FpingEnded(text, FPING_EXIT.allReachable, 'stdout');
  },
  x: (value) => ({ minReachable: leadingCount(value) }),
  X: (value) => ({ minReachable: leadingCount(value), stopsWhenReached: true }),
};

/** What is empty changes nothing: scanf reports the end of it (EOF), which fping takes for a number. */
function scanned(read: Read): Read {
  return (value, options) => (value.trim() === '' ? {} : read(value, options));
}

function familyAfter(options: FpingOptions, family: Family): Family {
  if (options.family === undefined || options.family === family) return family;
  throw refused("can't specify both -4 and -6");
}

function namesAfter(options: FpingOptions, names: FpingNames): FpingNames {
  if (options.names === undefined || options.names === names) return names;
  throw refused('use either one of -d or -n');
}

function readSource(value: string): Partial<FpingOptions> {
  const address = parseAddress(value);
  if (address === undefined) throw refused(`can't parse source address: ${value}`);
  return address.family === 4 ? { source4: value } : { source6: value };
}

/** In fping's order, so that of several faults the same one is named. */
function validate(options: FpingOptions): void {
  const { ttl, sizeOctets, backoff } = options;
  if (ttl > 255) throw refused(`ttl ${ttl} out of range`);
  if (options.unreachable && options.alive) throw refused('specify only one of a, u');
  if (options.isLoop) {
    if (options.count !== undefined) throw refused('specify only one of c, l');
    throw refused('loop mode (-l) is not available here; use echosweep watch instead');
  }
  if (sizeOctets > LARGEST_PAYLOAD) {
    throw refused(`data size ${sizeOctets} not valid, must be lower than ${LARGEST_PAYLOAD}`);
  }
  if (backoff > BACKOFF.most || backoff < BACKOFF.least) {
    throw refused(`backoff factor ${backoff.toFixed(1)} not valid, must be between 1.0 and 5.0`);
  }
  if (Math.max(options.count ?? 0, options.retries) >= PROBES_WITHOUT_ROOM)
    throw new FpingEnded("fping: can't allocate resp_times array\n", FPING_EXIT.systemFailure);
  if ((options.count ?? 0) > MOST_PROBES) {
    throw refused(
      `count ${options.count} is more than ${MOST_PROBES}; use echosweep watch instead`,
    );
  }
  if (options.json && options.count === undefined) {
    throw refused('option -J, --json requires -c, -C, or -l');
  }
}

/** As scanf reads %f: what follows the number is ignored. */
function leadingFloat(text: string): number {
  const match = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i.exec(text);
  return match === null ? Number.NaN : Number(match[0]);
}

function milliseconds(text: string): number {
  const value = leadingFloat(text);
  return value >= 0 ? value : usage();
}

/** As scanf reads %u, which takes a sign and wraps around; what 64 bits cannot hold becomes the largest number. */
function unsigned(text: string): number {
  const [, sign, digits] = /^\s*([+-]?)(\d+)/.exec(text) ?? usage();
  const value = BigInt(digits!);
  if (value >= 1n << 64n) return LARGEST_UNSIGNED;
  return Number(BigInt.asUintN(32, sign === '-' ? -value : value));
}

/** As atoi reads an unsigned number that must not be 0. */
function leadingCount(text: string): number {
  return unsigned(text) || usage();
}

/** fping adds the first request, and of 2^32 nothing is left: a silent host then gets no more than that. */
function furtherRequests(text: string): number {
  const retries = unsigned(text);
  return retries === LARGEST_UNSIGNED ? 0 : retries;
}

/** As scanf reads %i: decimal, 0x hexadecimal or 0 octal. */
function integer(text: string): number {
  const [, sign, digits] = /^\s*([+-]?)(0x[\da-f]+|\d+)/i.exec(text) ?? usage();
  const octal = /^0([0-7]+)/.exec(digits!);
  const value = octal === null ? Number(digits) : Number.parseInt(octal[1]!, 8);
  return sign === '-' ? -value : value;
}

function usage(): never {
  throw misused();
}
