/** What a report can say about a host: statuses, reasons and marks, which evidence wins, and the numbers of all of them. */

import type { Family } from '../address.ts';

/** A host's status; its index in this list is its number in a block's `status` column. */
export const STATUSES = ['up', 'unreachable', 'down', 'error'] as const;
export type Status = (typeof STATUSES)[number];

/**
 * What an outcome rests on, weakest first. The strongest evidence about a host wins, whichever came first: a sign of
 * life beats an error, an error beats silence, and a probe that left beats one that our own system refused. Our own
 * system's report that nothing has the address beats what routers say about it. An echo reply beats an answer by ARP or
 * NDP, and one to a TCP connection, which a router or a firewall may give for others.
 */
const EVIDENCE = [
  'refusal',
  'silence',
  'icmp-error',
  'no-neighbour',
  'neighbour',
  'connection',
  'reply',
] as const;
type Evidence = (typeof EVIDENCE)[number];

/** Of equal evidence the first counts, except for this: of several errors the last one counts. */
const LATEST_STANDS: Evidence = 'icmp-error';

/** The statuses that a reason can explain, and the evidence that it then is. */
type Grounds = Readonly<Partial<Record<Status, Evidence>>>;
const ICMP_ERROR = { unreachable: 'icmp-error' } as const;
const REFUSAL = { error: 'refusal' } as const;

/** Every reason, with its grounds. Its position is its number in a block's `reason` column, so that a new one goes to the end. */
const GROUNDS = [
  ['echo-reply', { up: 'reply' }],
  ['no-response', { down: 'silence' }],
  ['arp-failed', { down: 'no-neighbour' }],
  // IPv4 type 3 by code, RFC 792, RFC 1122 section 3.2.2.1 and RFC 1812 section 5.2.7.1
  ['net-unreach', ICMP_ERROR],
  ['host-unreach', ICMP_ERROR],
  ['proto-unreach', ICMP_ERROR],
  ['port-unreach', ICMP_ERROR],
  ['frag-needed', ICMP_ERROR],
  ['source-route-failed', ICMP_ERROR],
  ['net-unknown', ICMP_ERROR],
  ['host-unknown', ICMP_ERROR],
  ['host-isolated', ICMP_ERROR],
  ['net-prohibited', ICMP_ERROR],
  ['host-prohibited', ICMP_ERROR],
  ['net-tos-unreach', ICMP_ERROR],
  ['host-tos-unreach', ICMP_ERROR],
  ['admin-prohibited', ICMP_ERROR],
  ['precedence-violation', ICMP_ERROR],
  ['precedence-cutoff', ICMP_ERROR],
  ['time-exceeded', ICMP_ERROR],
  ['reassembly-exceeded', ICMP_ERROR],
  ['parameter-problem', ICMP_ERROR],
  // IPv6 type 1 by code, RFC 4443 section 3.1, if IPv4 has no name for it. `no-route` is our own system's reason too.
  ['no-route', { ...ICMP_ERROR, ...REFUSAL }],
  ['beyond-scope', ICMP_ERROR],
  ['address-unreach', ICMP_ERROR],
  ['source-policy', ICMP_ERROR],
  ['reject-route', ICMP_ERROR],
  ['source-routing-error', ICMP_ERROR],
  ['packet-too-big', ICMP_ERROR],
  ['permission-denied', REFUSAL],
  ['send-failed', REFUSAL],
  // Of a name, which has no address that could be probed.
  ['name-unresolved', REFUSAL],
  ['arp-reply', { up: 'neighbour' }],
  ['ndp-reply', { up: 'neighbour' }],
  ['gateway-unresolved', { error: 'no-neighbour' }],
  ['tcp-open', { up: 'connection' }],
  ['tcp-refused', { up: 'connection' }],
] as const satisfies readonly (readonly [string, Grounds])[];

/** Why a host has its status. */
export type Reason = (typeof GROUNDS)[number][0];
/** The index in this list is the number in a block's `reason` column. */
export const REASONS: readonly Reason[] = GROUNDS.map(([reason]) => reason);
/** Making an object of so many properties would take V8 1 % of a small sweep. */
const GROUNDS_OF = new Map<Reason, Grounds>(GROUNDS);

/** What became of one probe, as its character in a report's `pattern`. */
export const MARKS = { reply: '!', silence: '.', error: 'U', unsent: 'E' } as const;
export type Mark = (typeof MARKS)[keyof typeof MARKS];
/** What a pattern is made of. */
export const PATTERN = new RegExp(`^[${Object.values(MARKS).join('')}]*$`);

/** A status with one of its reasons. */
export interface Outcome {
  readonly status: Status;
  readonly reason: Reason;
}

/** Every outcome that a host can have. Its number is its index here and 1, which leaves 0 to NO_OUTCOME. */
export const OUTCOMES: readonly Outcome[] = REASONS.flatMap((reason) =>
  STATUSES.filter((status) => evidenceOf(status, reason) !== undefined).map((status) => ({
    status,
    reason,
  })),
);

/** The number of an outcome that is not known yet. */
export const NO_OUTCOME = 0;

/** By the number of an outcome: the numbers of its status and reason, and how strong its evidence is. */
const STATUS_NUMBERS = byOutcome(({ status }) => statusNumber(status));
const REASON_NUMBERS = byOutcome(({ reason }) => reasonNumber(reason));
const STRENGTHS = byOutcome(
  ({ status, reason }) => 1 + EVIDENCE.indexOf(evidenceOf(status, reason)!),
);
const LATEST_STANDS_STRENGTH = 1 + EVIDENCE.indexOf(LATEST_STANDS);

/** By the numbers of a status and a reason: that of the outcome, NO_OUTCOME if they do not go together. */
const OUTCOME_NUMBERS = new Uint8Array(STATUSES.length * REASONS.length);
OUTCOMES.forEach((_, i) => {
  const number = i + 1;
  OUTCOME_NUMBERS[STATUS_NUMBERS[number]! * REASONS.length + REASON_NUMBERS[number]!] = number;
});

export function statusNumber(status: Status): number {
  return STATUSES.indexOf(status);
}

export function reasonNumber(reason: Reason): number {
  return REASONS.indexOf(reason);
}

/** The number of an outcome; NO_OUTCOME if the reason cannot explain the status. */
export function outcomeNumber(status: Status, reason: Reason): number {
  return outcomeOfNumbers(statusNumber(status), reasonNumber(reason));
}

/** As `outcomeNumber`, for a block's `status` and `reason` columns. */
export function outcomeOfNumbers(status: number, reason: number): number {
  return OUTCOME_NUMBERS[status * REASONS.length + reason]!;
}

/** The number of an outcome's status. @param outcome not NO_OUTCOME */
export function statusOfOutcome(outcome: number): number {
  return STATUS_NUMBERS[outcome]!;
}

/** The number of an outcome's reason. @param outcome not NO_OUTCOME */
export function reasonOfOutcome(outcome: number): number {
  return REASON_NUMBERS[outcome]!;
}

/** Whether new evidence decides about a host: the one rule of every engine. @param standing what was known before it, or NO_OUTCOME */
export function outweighs(next: number, standing: number): boolean {
  const strength = STRENGTHS[next]!;
  const least = STRENGTHS[standing]!;
  return strength > least || (strength === least && strength === LATEST_STANDS_STRENGTH);
}

const NO_RESPONSE = outcomeNumber('down', 'no-response');
const PRESENT: Readonly<Record<Family, number>> = {
  4: outcomeNumber('up', 'arp-reply'),
  6: outcomeNumber('up', 'ndp-reply'),
};

/** The outcome of a host that answered ARP or NDP for its address, and no probe. */
export function outcomeOfPresence(family: Family): number {
  return PRESENT[family];
}

/** The evidence that is left when a host's time is over. @param sent probes that left @param errno of the last that did not */
export function outcomeOfSilence(sent: number, errno: string): number {
  return sent > 0 ? NO_RESPONSE : outcomeNumber('error', reasonOfErrno(errno));
}

/** Why nothing could be sent, by the errno of sending (send(2), ip(7)). EINVAL is what a blackhole route gives. */
function reasonOfErrno(errno: string): Reason {
  switch (errno) {
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EINVAL':
    // Of a family that is switched off on this host (ip(7), ipv6(7)).
    case 'EAFNOSUPPORT':
    case 'EADDRNOTAVAIL':
      return 'no-route';
    case 'EACCES':
    case 'EPERM':
      return 'permission-denied';
    default:
      return 'send-failed';
  }
}

/** Whether the system refuses by its routes, such as after it lost one. A `prohibit` route gives EACCES. */
export function isRouteErrno(errno: string): boolean {
  return errno === 'EACCES' || reasonOfErrno(errno) === 'no-route';
}

function evidenceOf(status: Status, reason: Reason): Evidence | undefined {
  return GROUNDS_OF.get(reason)?.[status];
}

/** A column by the number of an outcome, 0 for NO_OUTCOME. */
function byOutcome(value: (outcome: Outcome) => number): Uint8Array {
  return Uint8Array.of(0, ...OUTCOMES.map(value));
}
