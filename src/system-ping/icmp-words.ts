/** What the words of a `ping` mean: the ICMP error behind them, or the errno. */

import type { Family } from '../address.ts';
import type { Reason } from '../results/outcome.ts';

export interface WordedError {
  readonly reason: Reason;
  /** Both 0 if the words do not determine them. */
  readonly type: number;
  readonly code: number;
}

/** Pattern, reason, type, code; the first that matches counts. Words of iputils, macOS and the BSDs, and Windows. */
type Wording = readonly [pattern: RegExp, reason: Reason, type: number, code: number];

const WORDS_4: readonly Wording[] = [
  [/net unreachable for (type of service|tos)/i, 'net-tos-unreach', 3, 11],
  [/host unreachable for (type of service|tos)/i, 'host-tos-unreach', 3, 12],
  [/destination net(work)? unreachable/i, 'net-unreach', 3, 0],
  [/destination host unreachable/i, 'host-unreach', 3, 1],
  [/destination protocol unreachable/i, 'proto-unreach', 3, 2],
  [/destination port unreachable/i, 'port-unreach', 3, 3],
  [/frag(mentation)? needed|needs to be fragmented/i, 'frag-needed', 3, 4],
  [/source route failed/i, 'source-route-failed', 3, 5],
  [/destination net unknown/i, 'net-unknown', 3, 6],
  [/destination host unknown/i, 'host-unknown', 3, 7],
  [/source host isolated/i, 'host-isolated', 3, 8],
  [/destination net prohibited/i, 'net-prohibited', 3, 9],
  [/destination host prohibited/i, 'host-prohibited', 3, 10],
  [/packet filtered|communication prohibited by filter/i, 'admin-prohibited', 3, 13],
  [/precedence violation/i, 'precedence-violation', 3, 14],
  [/precedence cutoff/i, 'precedence-cutoff', 3, 15],
  [/time to live exceeded|ttl expired in transit/i, 'time-exceeded', 11, 0],
  [/frag(ment)? reassembly time exceeded|reassembly/i, 'reassembly-exceeded', 11, 1],
  [/parameter problem/i, 'parameter-problem', 12, 0],
];

const WORDS_6: readonly Wording[] = [
  [/no route|destination net(work)? unreachable/i, 'no-route', 1, 0],
  [/administratively prohibited|communication prohibited/i, 'admin-prohibited', 1, 1],
  [/beyond scope/i, 'beyond-scope', 1, 2],
  [/address unreachable|destination host unreachable/i, 'address-unreach', 1, 3],
  [/port unreachable/i, 'port-unreach', 1, 4],
  [/unknown code 5|policy/i, 'source-policy', 1, 5],
  [/unknown code 6|reject route/i, 'reject-route', 1, 6],
  [/unknown code 7|source routing/i, 'source-routing-error', 1, 7],
  [/packet too big/i, 'packet-too-big', 2, 0],
  [/time exceeded: (defragmentation|fragment)|reassembly/i, 'reassembly-exceeded', 3, 1],
  [/time exceeded|hop limit|ttl expired/i, 'time-exceeded', 3, 0],
  [/parameter problem: unknown header/i, 'parameter-problem', 4, 1],
  [/parameter problem: unknown option/i, 'parameter-problem', 4, 2],
  [/parameter problem/i, 'parameter-problem', 4, 0],
];

/** How macOS and the BSDs print the codes of IPv4's `unreachable` that they have no words for, such as 10 (host-prohibited). */
const UNWORDED = /dest unreachable, bad code: (\d+)/i;

/** Errors in other languages are not silence: a refusal is certain, and only its type stays unknown. */
const UNKNOWN: Readonly<Record<Family, WordedError>> = {
  4: { reason: 'host-unreach', type: 0, code: 0 },
  6: { reason: 'address-unreach', type: 0, code: 0 },
};

export function errorOfWords(family: Family, words: string): WordedError {
  const number = family === 4 ? UNWORDED.exec(words)?.[1] : undefined;
  const found = (family === 4 ? WORDS_4 : WORDS_6).find(([pattern, , type, code]) =>
    number === undefined ? pattern.test(words) : type === 3 && code === Number(number),
  );
  return found === undefined
    ? UNKNOWN[family]
    : { reason: found[1], type: found[2], code: found[3] };
}

/** Redirects and source quench (RFC 792, RFC 6633), and codes that no RFC gives a meaning. */
const NO_OUTCOME =
  /redirect|source quench|time exceeded(, bad|:) code|unreachable, bad code: (1[6-9]|[2-9]\d|\d{3})|unknown code ([89]|\d\d)/i;

/** Whether the words are not an outcome. */
export function isNoOutcome(words: string): boolean {
  return NO_OUTCOME.test(words);
}
