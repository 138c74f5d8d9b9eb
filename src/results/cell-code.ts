/** One octet that tells a host's story in short: what maps of many addresses are drawn from. */

import { REASONS, type Reason, reasonNumber, STATUSES, type Status } from './outcome.ts';

/** Of an address that was not asked, or has no answer yet. */
export const CELL_EMPTY = 0;

/** RTTs are told on a logarithmic scale of so many steps for each power of ten, so that neighbours differ by 12 %. */
export const STEPS_A_DECADE = 20;
/** From 1 µs to 10 s. */
export const RTT_STEPS = 7 * STEPS_A_DECADE + 1;

const FIRST_UP = 1;
const UP_WITHOUT_RTT = FIRST_UP + RTT_STEPS;
const FIRST_REASON = 160;
/** `no-route` is a router's word (unreachable) or our own system's (error). */
const OWN_NO_ROUTE = 254;
/** By status, in the order of STATUSES: where there is no reason, or one of another status (a host that an inventory calls gone). */
const WITHOUT_REASON = 240;

/** What an octet tells. */
export interface CellStory {
  readonly status: Status;
  /** null where the report did not say. */
  readonly reason: Reason | null;
  /** Within 6 %; null for a host that is not up, or whose report did not say. */
  readonly rttMs: number | null;
}

/** The step of a round-trip time on the logarithmic scale: 0 to RTT_STEPS - 1. */
export function rttStep(rttMs: number): number {
  const step = Math.round(STEPS_A_DECADE * Math.log10(rttMs * 1000));
  // Log of 0 is -Infinity, which is no step either.
  return Math.min(RTT_STEPS - 1, Math.max(0, step));
}

/** The round-trip time in the middle of a step, milliseconds. */
export function rttMsOfStep(step: number): number {
  return 10 ** (step / STEPS_A_DECADE) / 1000;
}

/** @param rttMs mean round-trip time; null where there is none */
export function cellCode(status: Status, reason: Reason | null, rttMs: number | null): number {
  if (status === 'up') return rttMs === null ? UP_WITHOUT_RTT : FIRST_UP + rttStep(rttMs);
  if (status === 'error' && reason === 'no-route') return OWN_NO_ROUTE;
  if (reason === null || statusOfReason(reason) !== status) {
    return WITHOUT_REASON + STATUSES.indexOf(status);
  }
  return FIRST_REASON + reasonNumber(reason);
}

/** @returns undefined for CELL_EMPTY */
export function cellStory(code: number): CellStory | undefined {
  if (code === CELL_EMPTY) return undefined;
  if (code < UP_WITHOUT_RTT) {
    return { status: 'up', reason: 'echo-reply', rttMs: rttMsOfStep(code - FIRST_UP) };
  }
  if (code === UP_WITHOUT_RTT) return { status: 'up', reason: 'echo-reply', rttMs: null };
  if (code === OWN_NO_ROUTE) return { status: 'error', reason: 'no-route', rttMs: null };
  if (code >= WITHOUT_REASON) {
    return { status: STATUSES[code - WITHOUT_REASON]!, reason: null, rttMs: null };
  }
  const reason = REASONS[code - FIRST_REASON]!;
  return { status: statusOfReason(reason), reason, rttMs: null };
}

function statusOfReason(reason: Reason): Status {
  switch (reason) {
    case 'no-response':
    case 'arp-failed':
      return 'down';
    case 'permission-denied':
    case 'send-failed':
      return 'error';
    default:
      return 'unreachable';
  }
}
