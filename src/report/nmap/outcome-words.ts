/** The outcomes of hosts in nmap's words, and back. */

import {
  NO_OUTCOME,
  outcomeNumber,
  REASONS,
  type Reason,
  type Status,
} from '../../results/outcome.ts';

/** nmap's states of a host (nmap.dtd, `host_states`) for our statuses. An ICMP error is not a sign of life to nmap. */
const STATES = {
  up: 'up',
  unreachable: 'down',
  down: 'down',
  error: 'unknown',
} as const satisfies Readonly<Record<Status, string>>;

/** nmap's own words, if they differ. It has none for the others, which it allows as they are. */
const WORDS: Readonly<Partial<Record<Reason, string>>> = {
  'arp-reply': 'arp-response',
  'ndp-reply': 'nd-response',
  'tcp-open': 'syn-ack',
  'tcp-refused': 'conn-refused',
  'parameter-problem': 'param-problem',
  'permission-denied': 'perm-denied',
};

const REASON_OF_WORD: ReadonlyMap<string, Reason> = new Map([
  ...REASONS.map((reason) => [WORDS[reason] ?? reason, reason] as const),
  // A refusal as a raw socket sees it, and in masscan's words.
  ['reset', 'tcp-refused'],
  ['rst', 'tcp-refused'],
  ['rst-ack', 'tcp-refused'],
]);

/** An outcome whose reason may be one that we do not have. */
export interface NmapOutcome {
  readonly status: Status;
  readonly reason: Reason | null;
}

/** `Status` of greppable output as well, with a capital letter. */
export type NmapState = (typeof STATES)[Status];

export function nmapState(status: Status): NmapState {
  return STATES[status];
}

export function nmapReason(reason: Reason): string {
  return WORDS[reason] ?? reason;
}

/** What a report of nmap says of a host, in our words. */
export function outcomeInNmapWords(state: string, word: string): NmapOutcome {
  const reason = REASON_OF_WORD.get(word) ?? null;
  const explains = (status: Status): boolean =>
    reason !== null && outcomeNumber(status, reason) !== NO_OUTCOME;
  const status = statusOf(state, explains('unreachable'));
  return { status, reason: explains(status) ? reason : null };
}

function statusOf(state: string, isIcmpError: boolean): Status {
  if (state === 'up') return 'up';
  if (state !== 'down') return 'error';
  return isIcmpError ? 'unreachable' : 'down';
}
