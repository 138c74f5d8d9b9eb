/** Every option once: flag, unit, default, range and help text; the parser, the help and the docs come from it. */

import type { Family } from './address.ts';
import { choice, number, type OptionSpec, text, toggle } from './option-spec.ts';
import { FORMATS } from './report/formats.ts';
import { STATUSES } from './results/outcome.ts';

/** The engines, best first. */
export const ENGINES = ['raw', 'dgram', 'raw-socket', 'system'] as const;
export type Engine = (typeof ENGINES)[number];

/** What a sweep does, every value checked and every default filled in. */
export interface SweepSettings {
  readonly engine: Engine | 'auto';
  /** Probes a host; with 1, `retries` applies, else every probe is sent. */
  readonly count: number;
  readonly retries: number;
  readonly timeoutMs: number;
  /** Each retry's timeout is the one before it times this. */
  readonly backoff: number;
  /** Between a host's probes where count > 1. */
  readonly periodMs: number;
  /** Probes a second over all workers together; Infinity for no limit. */
  readonly ratePps: number;
  readonly payloadBytes: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly dontFragment: boolean;
  /** Whether hosts on an own link are looked for by ARP and NDP before they are pinged, where the engine can. */
  readonly arp: boolean;
  readonly source4?: string;
  readonly source6?: string;
  readonly interface?: string;
  /** undefined: as many as help. */
  readonly workers?: number;
  readonly order: 'random' | 'sequential';
  /** Of the order on the wire; 0 to 2^32-1. */
  readonly seed: number;
  /** Ask only addresses of this family. */
  readonly family?: Family;
  /** A host asked beside the others: `gateway` for the first one on the way to the targets, where there is one; undefined for none. */
  readonly canary?: 'gateway' | NamedCanary;
}

/** A host that a person named to be asked beside the others. */
export interface NamedCanary {
  readonly family: Family;
  readonly value: bigint;
  /** Of an IPv6 link-local address, else ''. */
  readonly zone: string;
}

/** Options that belong together in the help and in the documentation. */
export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionSpec[];
}

const REPEATABLE = { isRepeatable: true } as const;
const COMMAND_ONLY = { isCommandOnly: true } as const;
const MILLISECONDS = { unit: 'milliseconds', isFractional: true } as const;

const TARGETS: readonly OptionSpec[] = [
  text('files', '-f, --file <file>', 'Read targets from a file; - is standard input.', {
    ...REPEATABLE,
    ...COMMAND_ONLY,
  }),
  text('exclude', '--exclude <spec>', 'Leave out a target, written as targets are.', REPEATABLE),
  text('excludeFiles', '--exclude-file <file>', 'Leave out the targets in a file.', {
    ...REPEATABLE,
    ...COMMAND_ONLY,
  }),
  toggle('includeEdges', '--include-edges', 'Ask network and broadcast addresses too.'),
  toggle('firstAddress', '--first-address', 'Ask only the first of the addresses of a name.'),
  toggle('ipv4', '-4, --ipv4', 'Ask IPv4 addresses only.'),
  toggle('ipv6', '-6, --ipv6', 'Ask IPv6 addresses only.'),
  toggle('yes', '--yes', 'Sweep more than a /12, or an IPv6 prefix of more than 2^20 addresses.'),
];

const PROBING: readonly OptionSpec[] = [
  number('count', '-c, --count <n>', 'Probes for each host; if more than 1, all are sent.', {
    from: 1,
    to: 1000,
    default: 1,
  }),
  number('retries', '-r, --retries <n>', 'Further probes for a host that has not answered.', {
    from: 0,
    to: 999,
    default: 2,
    otherwise: '2, or 0 with a --count above 1',
  }),
  number('timeoutMs', '-t, --timeout <ms>', 'How long to wait for the reply to a probe.', {
    ...MILLISECONDS,
    from: 1,
    to: 600_000,
    default: 1000,
  }),
  number('backoff', '-B, --backoff <factor>', 'Each retry waits this many times longer.', {
    isFractional: true,
    from: 1,
    to: 10,
    default: 1.5,
  }),
  number('periodMs', '-p, --period <ms>', "Time between a host's probes with --count above 1.", {
    ...MILLISECONDS,
    from: 1,
    to: 3_600_000,
    default: 1000,
  }),
];

const PACKETS: readonly OptionSpec[] = [
  number('payloadBytes', '-b, --size <octets>', 'Octets of payload in each echo request.', {
    unit: 'octets',
    from: 24,
    to: 65_507,
    default: 56,
  }),
  number('ttl', '-H, --ttl <n>', 'TTL or hop limit of the echo requests.', {
    from: 1,
    to: 255,
    otherwise: "the system's own",
  }),
  number('tos', '-O, --tos <n>', 'TOS octet or traffic class, decimal or 0x hexadecimal.', {
    isHexadecimal: true,
    from: 0,
    to: 255,
    otherwise: "the system's own",
  }),
  toggle('dontFragment', '-M, --dont-fragment', 'Forbid fragmentation on the way.'),
  text('source', '-S, --source <address>', 'Send from this address; one for each family.', {
    ...REPEATABLE,
    otherwise: "the system's choice",
  }),
  text('interface', '-I, --interface <name>', 'Send from this interface.', {
    otherwise: "the system's choice",
  }),
];

const SPEED: readonly OptionSpec[] = [
  number('ratePps', '--rate <n>', 'Probes a second, over all workers together.', {
    isFractional: true,
    unit: 'probes a second',
    from: 0.1,
    to: 10_000_000,
    default: 1000,
    unlimited: 'max',
  }),
  toggle('noArp', '--no-arp', 'Leave looking for hosts on the own links to the system.'),
  choice('engine', '--engine <name>', 'How to send and receive.', {
    choices: ['auto', ...ENGINES],
    default: 'auto',
    otherwise: 'auto, the best that works here',
  }),
  number('workers', '-w, --workers <n>', 'Worker threads.', {
    from: 1,
    to: 64,
    otherwise: 'as many as help',
  }),
  choice(
    'order',
    '--order <order>',
    'Order of the probes on the wire; reports are sorted anyway.',
    {
      choices: ['random', 'sequential'],
      default: 'random',
    },
  ),
  number('seed', '--seed <n>', 'Repeats the random order of an earlier sweep.', {
    from: 0,
    to: 2 ** 32 - 1,
    otherwise: 'a new one for each sweep',
  }),
];

const TRUST: readonly OptionSpec[] = [
  text(
    'canary',
    '--canary <address>',
    'Ask this host too, about once a second; its silence casts doubt on the sweep.',
    {
      otherwise:
        'the first gateway on the way to the targets, if these are 16 or more and it is not excluded; none for loopback and connected subnets',
    },
  ),
  toggle('noCanary', '--no-canary', 'Ask nobody but the targets.'),
];

const NAMES: readonly OptionSpec[] = [
  toggle('rdns', '-d, --rdns', 'Look up the names of the hosts that answered.'),
  number('rdnsTimeoutMs', '--rdns-timeout <ms>', 'How long to wait for the names of a batch.', {
    ...MILLISECONDS,
    from: 1,
    to: 600_000,
    default: 2000,
  }),
];

const REPORTS: readonly OptionSpec[] = [
  text(
    'outputs',
    '-o, --output <file>',
    'Write a report; its ending picks the format, - is stdout.',
    {
      ...REPEATABLE,
      otherwise: 'standard output',
    },
  ),
  choice('format', '--format <format>', 'Format of the reports, whatever their endings.', {
    choices: FORMATS.map(({ name }) => name),
    otherwise: 'by the ending; on standard output a table on a terminal, else CSV',
  }),
  choice('only', '--only <status>', 'Report only hosts of these statuses, commas between.', {
    ...REPEATABLE,
    choices: STATUSES,
    otherwise: 'all',
  }),
  text('columns', '--columns <names>', 'Columns of the report in this order, commas between.', {
    ...REPEATABLE,
    hasCommas: true,
    otherwise: 'all; in a table the most useful',
  }),
  choice('csvProfile', '--csv-profile <profile>', 'CSV for programs, or as Excel likes it.', {
    choices: ['plain', 'excel'],
    default: 'plain',
  }),
  text('csvDelimiter', '--csv-delimiter <char>', 'What separates CSV cells: a character, or tab.', {
    default: ',',
  }),
  choice('csvDecimal', '--csv-decimal <char>', 'Decimal sign in CSV.', {
    choices: ['.', ','],
    default: '.',
  }),
].map((option) => ({ ...option, ...COMMAND_ONLY }));

const RUN: readonly OptionSpec[] = [
  toggle('dryRun', '--dry-run', 'Print what would be swept and how; send nothing.'),
  number('expectUp', '--expect-up <n>', 'Exit with code 1 where fewer hosts are up.', {
    unit: 'hosts',
    from: 1,
    to: 2 ** 32,
  }),
  toggle('quiet', '-q, --quiet', 'Print nothing but the report and errors.'),
  toggle('live', '--live', 'Draw the addresses as a map while the sweep runs.'),
  toggle('noProgress', '--no-progress', 'Show no progress bar.'),
  toggle('help', '-h, --help', 'Print this help.'),
  toggle('version', '-V, --version', 'Print the version.'),
].map((option) => ({ ...option, ...COMMAND_ONLY }));

export const OPTION_GROUPS: readonly OptionGroup[] = [
  { title: 'Targets', options: TARGETS },
  { title: 'Probing', options: PROBING },
  { title: 'Packets', options: PACKETS },
  { title: 'Speed', options: SPEED },
  { title: 'Trust', options: TRUST },
  { title: 'Names', options: NAMES },
  { title: 'Reports', options: REPORTS },
  { title: 'Run', options: RUN },
];

export const OPTIONS: readonly OptionSpec[] = OPTION_GROUPS.flatMap((group) => group.options);
