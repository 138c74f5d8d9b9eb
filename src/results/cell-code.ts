/** One octet that sums a host up: what maps of many addresses are drawn from. */

import {
  NO_OUTCOME,
  OUTCOMES,
  outcomeNumber,
  type Reason,
  STATUSES,
  type Status,
} from './outcome.ts';

/** Of an address that was not probed, or about which nothing is known yet. */
export const CELL_EMPTY = 0;

/** RTTs are on a logarithmic scale with so many steps for each power of ten: neighbours differ by 12 %. */
export const STEPS_A_DECADE = 20;
/** From 1 µs to 10 s. */
export const RTT_STEPS = 7 * STEPS_A_DECADE + 1;

/** Codes from here on are steps of the RTT of an echo reply. */
const FIRST_UP = 1;
/** An outcome's code is its number and this. */
const OUTCOME_BASE = FIRST_UP + RTT_STEPS;
/** By status, in the order of STATUSES: without a reason, or with one of another status (a host that an inventory calls gone). */
const WITHOUT_REASON = 240;
const ECHO_REPLY = outcomeNumber('up', 'echo-reply');

/** What an octet stands for. */
export interface CellStory {
  readonly status: Status;
  /** null if the report did not say. */
  readonly reason: Reason | null;
  /** Within 6 %; null for a host without one, or whose report did not say. */
  readonly rttMs: number | null;
}

/** The step of a round-trip time on the logarithmic scale: 0 to RTT_STEPS - 1. */
export function rttStep(rttMs: number): number {
  const step = Math.round(STEPS_A_DECADE * Math.log10(rttMs * 1000));
  // Log of 0 is -Infinity, which is not a step either.
  return Math.min(RTT_STEPS - 1, Math.max(0, step));
}

/** The round-trip time in the middle of a step, milliseconds. */
export function rttMsOfStep(step: number): number {
  return 10 ** (step / STEPS_A_DECADE) / 1000;
}

/** @param rttMs mean round-trip time; null if there is none */
export function cellCode(status: Status, reason: Reason | null, rttMs: number | null): number {
  const outcome = reason === null ? NO_OUTCOME : outcomeNumber(status, reason);
  const isEcho = outcome === ECHO_REPLY || outcome === NO_OUTCOME;
  if (status === 'up' && isEcho && rttMs !== null) return FIRST_UP + rttStep(rttMs);
  return outcome === NO_OUTCOME
    ? WITHOUT_REASON + STATUSES.indexOf(status)
    : cellCodeOfOutcome(outcome);
}

/** The code of a host without an RTT. @param outcome its number, not NO_OUTCOME */
export function cellCodeOfOutcome(outcome: number): number {
  return OUTCOME_BASE + outcome;
}

/** @returns undefined for CELL_EMPTY and for what is not a code */
export function cellStory(code: number): CellStory | undefined {
  if (code === CELL_EMPTY) return undefined;
  if (code < FIRST_UP + RTT_STEPS) {
    return { status: 'up', reason: 'echo-reply', rttMs: rttMsOfStep(code - FIRST_UP) };
  }
  if (code < WITHOUT_REASON) {
    const outcome = OUTCOMES[code - OUTCOME_BASE - 1];
    return outcome && { ...outcome, rttMs: null };
  }
  const status = STATUSES[code - WITHOUT_REASON];
  return status && { status, reason: null, rttMs: null };
}
