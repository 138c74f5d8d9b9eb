/** Every way in which a network can answer, lie or be silent, and what a report must say of it. */

import type { AnswerRule, HostRule, RuleFile } from './simulator/rules.ts';

/** What a row must hold; `mark` is that of each of its probes. */
export interface Outcome {
  readonly status: 'up' | 'unreachable' | 'down';
  readonly reason: string;
  readonly responder?: string;
  readonly type?: number;
  readonly code?: number;
  readonly pattern: string;
  readonly duplicates?: number;
  readonly ttl?: number;
}

/** Things that an engine may be unable to see. */
export type Sight =
  /** Time exceeded in reassembly, which Linux tells raw sockets only. */
  | 'reassembly'
  /** A reply that another address than the one asked sent. */
  | 'other sources'
  /** Whether what came is a reply to this very request. */
  | 'forgeries'
  /** What comes after the first answer, whatever that is. */
  | 'what follows'
  /** A reply to a probe whose successor has been sent. */
  | 'overlapping probes'
  /** A reply in pieces, or with a further header before its ICMP, from a host that was sent neither. */
  | 'wrapped replies';

export interface Case {
  readonly name: string;
  readonly family: 4 | 6;
  readonly rule: Omit<HostRule, 'name' | 'net'>;
  readonly outcome: Outcome;
  /** Another right outcome if the host was probed once more, besides the same with one more silent probe. */
  readonly probedAgain?: Outcome;
  /** What it takes to see it. */
  readonly takes?: Sight;
}

const ROUTERS = { r1: '198.51.100.1', r2: '198.51.100.2', r6: '2001:db8:ffff::1' } as const;
const STRANGER = { 4: '100.64.98.5', 6: '2001:db8:100:98::5' } as const;
/** In nobody's sweep. */
const UNASKED = { 4: '100.64.99.99', 6: '2001:db8:100:99::99' } as const;

const UP: Outcome = { status: 'up', reason: 'echo-reply', pattern: '!', ttl: 57 };
const SILENT: Outcome = { status: 'down', reason: 'no-response', pattern: '..' };

function answered(
  name: string,
  family: 4 | 6,
  answers: readonly AnswerRule[] | undefined,
  more: Partial<Outcome> = {},
  takes?: Sight,
): Case {
  return make(name, family, answers, { ...UP, ...more }, takes);
}

function silent(name: string, family: 4 | 6, answers: readonly AnswerRule[], takes?: Sight): Case {
  return make(name, family, answers, SILENT, takes);
}

function refused(
  name: string,
  family: 4 | 6,
  error: NonNullable<AnswerRule['error']>,
  reason: string,
  takes?: Sight,
): Case {
  const { type, code, from } = error;
  const responder = ROUTERS[from as keyof typeof ROUTERS];
  const outcome: Outcome = { status: 'unreachable', reason, type, code, pattern: 'UU' };
  return make(
    name,
    family,
    [{ error }],
    responder === undefined ? outcome : { ...outcome, responder },
    takes,
  );
}

function make(
  name: string,
  family: 4 | 6,
  answers: readonly AnswerRule[] | undefined,
  outcome: Outcome,
  takes?: Sight,
): Case {
  const rule = answers === undefined ? { ttl: 57, delayMs: 2 } : { ttl: 57, delayMs: 2, answers };
  return { name, family, rule, outcome, ...(takes === undefined ? {} : { takes }) };
}

const CODES4 = [
  'net-unreach',
  'host-unreach',
  'proto-unreach',
  'port-unreach',
  'frag-needed',
  'source-route-failed',
  'net-unknown',
  'host-unknown',
  'host-isolated',
  'net-prohibited',
  'host-prohibited',
  'net-tos-unreach',
  'host-tos-unreach',
  'admin-prohibited',
  'precedence-violation',
  'precedence-cutoff',
];
const CODES6 = [
  'no-route',
  'admin-prohibited',
  'beyond-scope',
  'address-unreach',
  'port-unreach',
  'source-policy',
  'reject-route',
  'source-routing-error',
];
const BAD = 'bad' as const;

/** What goes for both families alike. */
function common(family: 4 | 6): Case[] {
  const unreachable =
    family === 4 ? { type: 3, code: 1, from: 'r1' } : { type: 1, code: 3, from: 'r6' };
  const reason = family === 4 ? 'host-unreach' : 'address-unreach';
  const again = (afterMs: number): AnswerRule => ({ reply: {}, afterMs });
  return [
    answered('alive', family, undefined),
    silent('silent', family, []),
    {
      ...answered('first request lost', family, undefined, { pattern: '.!' }),
      rule: { ttl: 57, delayMs: 2, loss: '.!' },
    },
    {
      ...answered('late, but in time', family, undefined, { pattern: '!!' }, 'overlapping probes'),
      rule: { ttl: 57, delayMs: 600 },
    },
    {
      ...silent('after its last timeout', family, []),
      rule: { delayMs: 1700 },
      // Another probe moves the last timeout past the reply.
      probedAgain: { ...UP, ttl: 64, pattern: '!..' },
    },
    answered(
      'three replies',
      family,
      [again(0), again(5), again(9)],
      { duplicates: 2 },
      'what follows',
    ),
    answered(
      'a storm of replies',
      family,
      [{ reply: {}, times: 50, gapMs: 0.1 }],
      { duplicates: 49 },
      'what follows',
    ),
    answered(
      'a reply from another address',
      family,
      [{ reply: { from: STRANGER[family] } }],
      { responder: STRANGER[family] },
      'other sources',
    ),
    answered('a reply with a TTL of 1', family, [{ reply: { ttl: 1 } }], { ttl: 1 }),
    answered('a longer payload', family, [{ reply: { pad: 500 } }]),
    answered('a request of its own, then a reply', family, [{ request: {} }, again(2)]),
    answered(
      'an error, then a reply',
      family,
      [{ error: unreachable }, again(3)],
      {},
      'what follows',
    ),
    // So late that a ping that is held up reads the reply before it.
    answered('a reply, then an error', family, [again(0), { error: unreachable, afterMs: 300 }]),
    answered(
      'an error, and a reply to the next',
      family,
      [
        { error: unreachable, on: [0] },
        { reply: {}, on: [1] },
      ],
      { pattern: 'U!' },
    ),
    silent('a reply with a wrong checksum', family, [{ reply: { checksum: BAD } }]),
    silent('a reply cut short', family, [{ reply: { truncate: 6 } }]),
    silent('a reply with an altered token', family, [{ reply: { flip: 3 } }], 'forgeries'),
    silent('a reply without most of its payload', family, [{ reply: { cut: 4 } }], 'forgeries'),
    silent("a reply with another's identifier", family, [{ reply: { identifier: 0x5555 } }]),
    silent(
      'a reply with another sequence number',
      family,
      [{ reply: { sequence: 0x5555 } }],
      'forgeries',
    ),
    silent('a reply with a code', family, [{ reply: { code: 5 } }], 'forgeries'),
    silent('its own request sent back', family, [{ reply: { type: family === 4 ? 8 : 128 } }]),
    refused('an error without MPLS', family, unreachable, reason),
    refused(
      'an error from the host itself',
      family,
      { type: unreachable.type, code: unreachable.code },
      reason,
    ),
    silent('an error with a wrong checksum', family, [
      { error: { ...unreachable, checksum: BAD } },
    ]),
    silent("an error about another's identifier", family, [
      { error: { ...unreachable, quotedIdentifier: 0x1234 } },
    ]),
    silent(
      'an error about a host that nobody asked',
      family,
      [{ error: { ...unreachable, quotedDestination: UNASKED[family] } }],
      'forgeries',
    ),
    silent('an error cut short', family, [{ error: { ...unreachable, truncate: 12 } }]),
  ];
}

const ONLY4: readonly Case[] = [
  ...CODES4.map((reason, code) =>
    refused(
      `3/${code}`,
      4,
      { type: 3, code, from: 'r1', ...(code === 4 ? { mtu: 1280 } : {}) },
      reason,
    ),
  ),
  refused('11/0', 4, { type: 11, code: 0, from: 'r2' }, 'time-exceeded'),
  refused('11/1', 4, { type: 11, code: 1, from: 'r2' }, 'reassembly-exceeded', 'reassembly'),
  refused('12/0', 4, { type: 12, code: 0, pointer: 20, from: 'r2' }, 'parameter-problem'),
  silent('source quench', 4, [{ error: { type: 4, code: 0, from: 'r2' } }]),
  answered(
    'a redirect, then a reply',
    4,
    [
      { error: { type: 5, code: 1, from: 'r2', gateway: '198.18.255.253' } },
      { reply: {}, afterMs: 1 },
    ],
    {},
    'what follows',
  ),
  refused(
    'an error that quotes 8 octets',
    4,
    { type: 3, code: 1, from: 'r1', quote: 28 },
    'host-unreach',
  ),
  silent('an error that quotes no ICMP', 4, [
    { error: { type: 3, code: 1, from: 'r1', quote: 20 } },
  ]),
  refused(
    'an error with an MPLS label',
    4,
    { type: 11, code: 0, from: 'r1', mpls: true },
    'time-exceeded',
  ),
  refused(
    'an error that quotes 8 octets, and zeros before an MPLS label',
    4,
    { type: 11, code: 0, from: 'r1', quote: 28, mpls: true },
    'time-exceeded',
  ),
  refused(
    'an error whose quote was translated',
    4,
    { type: 3, code: 1, from: 'r1', quotedSource: '198.51.100.99' },
    'host-unreach',
    'forgeries',
  ),
  silent('a reply without a checksum', 4, [{ reply: { checksum: 'zero' } }]),
  silent('a reply with a wrong IP checksum', 4, [{ reply: { ipChecksum: BAD } }]),
  silent('a timestamp reply', 4, [{ reply: { type: 14 } }]),
  silent(
    'replies from impossible sources',
    4,
    ['127.0.0.1', '224.0.0.1', '0.0.0.0', '255.255.255.255'].map((from) => ({ reply: { from } })),
  ),
  answered('a recorded route', 4, [{ reply: { ipOptions: 'record-route' } }]),
  answered('an IP timestamp', 4, [{ reply: { ipOptions: 'timestamp' } }]),
  answered('an option that does nothing', 4, [{ reply: { ipOptions: 'nop' } }]),
  answered('a reply in fragments', 4, [{ reply: { fragment: 24 } }], {}, 'wrapped replies'),
];

const ONLY6: readonly Case[] = [
  ...CODES6.map((reason, code) => refused(`1/${code}`, 6, { type: 1, code, from: 'r6' }, reason)),
  refused('2/0', 6, { type: 2, code: 0, mtu: 1280, from: 'r6' }, 'packet-too-big'),
  refused('3/0', 6, { type: 3, code: 0, from: 'r6' }, 'time-exceeded'),
  refused('3/1', 6, { type: 3, code: 1, from: 'r6' }, 'reassembly-exceeded'),
  refused('4/1', 6, { type: 4, code: 1, pointer: 40, from: 'r6' }, 'parameter-problem'),
  refused(
    'an error that quotes 8 octets',
    6,
    { type: 1, code: 3, from: 'r6', quote: 48 },
    'address-unreach',
  ),
  answered(
    'destination options',
    6,
    [{ reply: { destinationOptions: true } }],
    {},
    'wrapped replies',
  ),
];

export const CASES: readonly Case[] = [...common(4), ...ONLY4, ...common(6), ...ONLY6];

/** Behind the gateway, or on the connected subnet. */
export type Whereabouts = 'far' | 'link';

/** Where a case lives: a host of its own. */
export function addressOf(index: number, where: Whereabouts): string {
  const [net4, net6] =
    where === 'far' ? ['100.64.10.', '2001:db8:100:10::'] : ['198.18.10.', '2001:db8:200::a'];
  return CASES[index]!.family === 4 ? `${net4}${index + 1}` : `${net6}${(index + 1).toString(16)}`;
}

export const RULES: RuleFile = {
  seed: 7,
  routers: ROUTERS,
  hosts: CASES.map(({ name, rule }, index) => ({
    ...rule,
    name: `${index} ${name}`,
    net: [addressOf(index, 'far'), addressOf(index, 'link')],
  })),
};
