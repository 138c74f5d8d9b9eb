/** The options of a sweep, each once: key, flags, unit, default, range and help. Types, parser, schema and docs follow. */

import { MS_AN_HOUR } from './durations.ts';
import { choice, number, type OptionSpec, text, toggle } from './option-spec.ts';

/** The engines, best first. */
export const ENGINES = ['raw', 'dgram', 'icmp', 'raw-socket', 'system'] as const;
export type Engine = (typeof ENGINES)[number];

/** Options that belong together in the help and in the documentation. */
export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionSpec[];
}

const REPEATABLE = { isRepeatable: true } as const;
const MILLISECONDS = { unit: 'milliseconds', isFractional: true } as const;
/** How slow and how fast anything may be sent. */
export const RATE_PPS = { from: 0.1, to: 10_000_000 } as const;

/** What is left out of the targets; each caller of `targetsOf` reads it. */
export const EXCLUDE = text(
  'exclude',
  '--exclude <spec>',
  'Leave out a target, written as targets are.',
  REPEATABLE,
);

/** Which addresses of the targets are swept; `targetsOf` reads them. */
export const SELECTION = [
  toggle('includeEdges', '--include-edges', 'Also probe network and broadcast addresses.'),
  toggle('firstAddress', '--first-address', 'Use only the first address of a name.'),
  toggle(
    'allowLarge',
    '--yes',
    'Sweep more than a /12, or an IPv6 prefix of more than 2^20 addresses.',
  ),
] as const;

const FAMILIES = [
  toggle('ipv4', '-4, --ipv4', 'Probe IPv4 addresses only.'),
  toggle('ipv6', '-6, --ipv6', 'Probe IPv6 addresses only.'),
] as const;

const PROBING = [
  number('count', '-c, --count <n>', 'Probes for each host; if more than 1, all are sent.', {
    from: 1,
    to: 1000,
    default: 1,
  }),
  number('retries', '-r, --retries <n>', 'Further probes for a host that has not replied.', {
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
  text(
    'patience',
    '--patience <ms>',
    'When to give up a silent host: milliseconds after its first probe, or quick for 1.35 s.',
    { otherwise: 'about 3.2 s, depending on --timeout, --backoff and --retries' },
  ),
  number('periodMs', '-p, --period <ms>', "Time between a host's probes with --count above 1.", {
    ...MILLISECONDS,
    from: 1,
    to: MS_AN_HOUR,
    default: 1000,
  }),
  number('tcp', '--tcp <ports>', 'Try TCP connections to these ports of hosts that do not reply.', {
    ...REPEATABLE,
    hasCommas: true,
    from: 1,
    to: 65_535,
    otherwise: 'none',
  }),
] as const;

/** What the packets look like and where they leave. */
export const PACKETS = [
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
] as const;

const SPEED = [
  number('ratePps', '--rate <n>', 'Probes a second, over all workers together.', {
    isFractional: true,
    unit: 'probes a second',
    ...RATE_PPS,
    default: 1000,
    unlimited: 'max',
  }),
  number('arpRatePps', '--arp-rate <n>', 'Own ARP and NDP requests a second.', {
    isFractional: true,
    unit: 'requests a second',
    ...RATE_PPS,
    unlimited: 'max',
    otherwise: 'they share the --rate with the probes',
  }),
  toggle(
    'arp',
    '--no-arp',
    'Let the kernel resolve local neighbours instead of sending our own ARP/NDP.',
    { default: true },
  ),
  choice('engine', '--engine <name>', 'How to send and receive.', {
    choices: ['auto', ...ENGINES],
    default: 'auto',
    otherwise: 'auto, the best that works here',
  }),
  choice('send', '--send <way>', 'Through the system, or past it to the gateway.', {
    choices: ['auto', 'raw', 'link'],
    default: 'auto',
    otherwise: 'auto: link at full speed, unless that bypasses a firewall',
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
] as const;

const TRUST = [
  text(
    'canary',
    '--canary <address>',
    'Also probe this host about once a second; if it stops replying, the sweep is marked unreliable.',
    {
      otherwise:
        'the first gateway on the way to the targets, if these are 16 or more and it is not excluded; none for loopback and connected subnets',
      off: { flags: '--no-canary', help: 'Probe only the targets.' },
    },
  ),
] as const;

const NAMES = [
  toggle(
    'rdns',
    '-d, --rdns',
    'Look up the names of the hosts that replied, in the hosts file and then in DNS.',
  ),
  number(
    'rdnsTimeoutMs',
    '--rdns-timeout <ms>',
    'How long to wait for name servers that do not answer.',
    {
      ...MILLISECONDS,
      from: 1,
      to: 600_000,
      default: 2000,
    },
  ),
  text(
    'dnsServer',
    '--dns-server <address>',
    'Look names up at this DNS server, such as 192.0.2.53 or [2001:db8::53]:5353; the hosts file still comes first.',
    { otherwise: "the system's own" },
  ),
] as const;

/** What `resolveSettings` makes settings of: most as they are, some together with others. */
export const RESOLVED = [...FAMILIES, ...PROBING, ...SPEED, ...TRUST, ...NAMES] as const;

/** Every option of a sweep, with the type of each row. */
export const SWEEP_ROWS = [EXCLUDE, ...SELECTION, ...PACKETS, ...RESOLVED] as const;

/** The same as plain rows. */
export const OPTIONS: readonly OptionSpec[] = [...SWEEP_ROWS];

/** The same in groups, as people read them. */
export const OPTION_GROUPS = [
  { title: 'Targets', options: [EXCLUDE, ...SELECTION, ...FAMILIES] },
  { title: 'Probing', options: PROBING },
  { title: 'Packets', options: PACKETS },
  { title: 'Speed', options: SPEED },
  { title: 'Trust', options: TRUST },
  { title: 'Names', options: NAMES },
] as const satisfies readonly OptionGroup[];
