/** What the plan's hosts must look like in a report, host by host. */

import assert from 'node:assert/strict';
import {
  ERRORS4,
  ERRORS6,
  type ErrorRange,
  LAB,
  REPLY_TTLS,
  ttlRange4,
  ttlRange6,
} from './address-plan.ts';
import { type HostRecord, hostIn, type SweepReport } from './sweep-report.ts';

/** An address, and its outcome in one line as `outcome` makes it. */
export type Expected = readonly [address: string, outcome: string];

/** Status, reason, responder, type and code, in one line that a failure can be read from. */
export function outcome(
  host: Pick<HostRecord, 'status' | 'reason' | 'responder' | 'icmp_type' | 'icmp_code'>,
): string {
  const { status, reason, responder, icmp_type, icmp_code } = host;
  return `${status} ${reason} from ${responder} ${icmp_type}/${icmp_code}`;
}

export function refusedBy(
  responder: string | null,
  reason: string,
  type: number,
  code: number,
): string {
  return outcome({ status: 'unreachable', reason, responder, icmp_type: type, icmp_code: code });
}

/** Of a host that answered for its address, and refused the ping itself. */
export function presentBut(reason: string, type: number, code: number): string {
  return outcome({ status: 'up', reason, responder: null, icmp_type: type, icmp_code: code });
}

export function without(status: string, reason: string, responder: string | null = null): string {
  return outcome({ status, reason, responder, icmp_type: null, icmp_code: null });
}

export const UP = without('up', 'echo-reply');
export const SILENT = without('down', 'no-response');
const NOBODY_ON_THE_LINK = without('down', 'arp-failed');
const NO_ROUTE = without('error', 'no-route');
const NOT_PERMITTED = without('error', 'permission-denied');

export const ERRORS: readonly Expected[] = [
  ...ERRORS4.map((error) => saidBy(LAB.router4, error)),
  ...ERRORS6.map((error) => saidBy(LAB.router6, error)),
];
export const ROUTERS: readonly Expected[] = [
  [hostIn(LAB.routeUnreachable4), refusedBy(LAB.router4, 'host-unreach', 3, 1)],
  [hostIn(LAB.routeProhibited4), refusedBy(LAB.router4, 'admin-prohibited', 3, 13)],
  [hostIn(LAB.routeThrow4), refusedBy(LAB.router4, 'net-unreach', 3, 0)],
  [hostIn(LAB.farThrow4), refusedBy(LAB.farRouter4, 'net-unreach', 3, 0)],
  [hostIn(LAB.absentBehindRouter4), refusedBy(LAB.router4, 'host-unreach', 3, 1)],
  [hostIn(LAB.routeUnreachable6), refusedBy(LAB.router6, 'no-route', 1, 0)],
  [hostIn(LAB.routeProhibited6), refusedBy(LAB.router6, 'admin-prohibited', 1, 1)],
  [hostIn(LAB.routeThrow6), refusedBy(LAB.router6, 'no-route', 1, 0)],
  [hostIn(LAB.farThrow6), refusedBy(LAB.farRouter6, 'no-route', 1, 0)],
  [hostIn(LAB.absentBehindRouter6), refusedBy(LAB.router6, 'address-unreach', 1, 3)],
];
export const SILENCE: readonly Expected[] = [
  [hostIn(LAB.routeBlackhole4), SILENT],
  [hostIn(LAB.dropped4), SILENT],
  [hostIn(LAB.routeBlackhole6), SILENT],
  [hostIn(LAB.dropped6), SILENT],
];
export const ABSENT: readonly Expected[] = [
  ['10.100.2.2', NOBODY_ON_THE_LINK],
  ['fd00:100::9', NOBODY_ON_THE_LINK],
  [LAB.linkLocalSilent6, NOBODY_ON_THE_LINK],
];
export const REFUSED_HERE: readonly (readonly [string, string, string])[] = [
  [hostIn(LAB.noRoute4), NO_ROUTE, 'ENETUNREACH'],
  [hostIn(LAB.noRoute6), NO_ROUTE, 'ENETUNREACH'],
  [hostIn(LAB.sendNetUnreach4), NO_ROUTE, 'ENETUNREACH'],
  [hostIn(LAB.sendNetUnreach6), NO_ROUTE, 'ENETUNREACH'],
  [hostIn(LAB.sendHostUnreach4), NO_ROUTE, 'EHOSTUNREACH'],
  [hostIn(LAB.sendHostUnreach6), NO_ROUTE, 'EHOSTUNREACH'],
  [hostIn(LAB.sendBlackhole4), NO_ROUTE, 'EINVAL'],
  [hostIn(LAB.sendBlackhole6), NO_ROUTE, 'EINVAL'],
  [hostIn(LAB.sendProhibited4), NOT_PERMITTED, 'EACCES'],
  [hostIn(LAB.sendProhibited6), NOT_PERMITTED, 'EACCES'],
];
export const OTHER_SOURCE: readonly Expected[] = [
  [hostIn(LAB.otherSource4), without('up', 'echo-reply', LAB.otherSourceResponder4)],
  [hostIn(LAB.otherSource6), without('up', 'echo-reply', LAB.otherSourceResponder6)],
];
export const FORGED: readonly Expected[] = [
  [hostIn(LAB.badChecksum4), SILENT],
  [hostIn(LAB.wrongSequence4), SILENT],
  [hostIn(LAB.wrongSequence6), SILENT],
];
export const LOOPS = [hostIn(LAB.loop4), hostIn(LAB.loop6)] as const;
/** By TTL on arrival: the distance from 32, 64, 128 or 255, worked out by hand. */
const HOPS: Readonly<Record<(typeof REPLY_TTLS)[number], number>> = {
  1: 31,
  7: 25,
  31: 1,
  32: 0,
  33: 31,
  64: 0,
  65: 63,
  100: 28,
  128: 0,
  200: 55,
  255: 0,
};
/** Address, TTL on arrival, hops. */
export const DISTANCES: readonly (readonly [string, number, number])[] = [
  [hostIn(LAB.live4), 63, 1],
  [hostIn(LAB.live6), 63, 1],
  [hostIn(LAB.far4), 62, 2],
  [hostIn(LAB.far6), 62, 2],
  [hostIn(LAB.local4), 64, 0],
  [hostIn(LAB.local6), 64, 0],
  [LAB.lanLive4[1], 64, 0],
  [LAB.lanLive6[1], 64, 0],
  [LAB.linkLocalLive6[1], 64, 0],
  ...REPLY_TTLS.flatMap((ttl): [string, number, number][] => [
    [hostIn(ttlRange4(ttl)), ttl, HOPS[ttl]],
    [hostIn(ttlRange6(ttl)), ttl, HOPS[ttl]],
  ]),
];

function saidBy(router: string, { range, type, code, reason }: ErrorRange): [string, string] {
  return [hostIn(range), refusedBy(router, reason, type, code)];
}

/** Holds many hosts against what is expected of them; a failure shows all that differ. */
export function assertOutcomes(
  report: SweepReport,
  expected: readonly (readonly [string, string, ...unknown[]])[],
): void {
  assert.deepEqual(
    expected.map(([address]) => `${address}: ${outcome(report.host(address))}`),
    expected.map(([address, words]) => `${address}: ${words}`),
  );
}
