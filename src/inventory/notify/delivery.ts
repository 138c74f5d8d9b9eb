/** Delivers what waits in the outbox: in order, again and again while a receiver is down. */

import type { Store } from '../store.ts';
import {
  type Channel,
  claim,
  putOff,
  type QueuedMessage,
  release,
  remove,
  retryDelayMs,
} from './outbox.ts';

/** What came of a try. */
export type Verdict =
  | { readonly isDelivered: true }
  | {
      readonly isDelivered: false;
      /** A line. */
      readonly problem: string;
      /** Whether it is the message that is refused, so that trying again is of no use. */
      readonly isFinal: boolean;
      /** As the receiver wishes it; undefined where it says nothing. */
      readonly retryAfterMs?: number | undefined;
    };

/** A way to tell. Nothing it does is thrown. */
export interface Courier {
  readonly channel: Channel;
  /** Messages that it takes at once. */
  readonly batch: number;
  /** `deliver` has ended after this. */
  readonly timeoutMs: number;
  deliver(messages: readonly QueuedMessage[], signal: AbortSignal): Promise<Verdict>;
}

/** Receivers wish for many things. */
const LONGEST_RETRY_AFTER_MS = 6 * 3_600_000;
/** Between the end of a delivery and its being written down. */
const CLAIM_SPARE_MS = 30_000;

/**
 * Delivers what is due, until nothing is left or the receiver fails.
 * @param clock now, and a random number from 0 to 1
 * @returns problems, a line each
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function deliverDue(
  store: Store,
  courier: Courier,
  signal: AbortSignal,
  clock: { now(): Date; random(): number } = { now: () => new Date(), random: Math.random },
): Promise<string[]> {
  const { channel } = courier;
  const problems: string[] = [];
  while (!signal.aborted) {
    const claimMs = courier.timeoutMs + CLAIM_SPARE_MS;
    while (store.writing !== undefined) await store.writing;
    const messages = claim(store, channel, courier.batch, clock.now(), claimMs);
    if (messages.length === 0) return problems;
    const verdict = await courier.deliver(messages, signal);
    while (store.writing !== undefined) await store.writing;
    if (verdict.isDelivered) {
      remove(store, messages);
      continue;
    }
    if (signal.aborted) {
      release(store, messages);
      return problems;
    }
    const now = clock.now();
    const first = messages[0]!;
    if (verdict.isFinal) {
      remove(store, messages);
      const what = messages.length === 1 ? 'a message is' : `${messages.length} messages are`;
      problems.push(
        `${channel}: ${what} given up: ${verdict.problem}; echosweep inventory changes has what it told`,
      );
      continue;
    }
    const backoffMs = retryDelayMs(first.attempts + 1, clock.random());
    const wishedMs = Math.min(verdict.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
    const nextTry = new Date(now.getTime() + Math.max(backoffMs, wishedMs));
    putOff(store, channel, messages, verdict.problem, nextTry);
    problems.push(
      `${channel}: ${verdict.problem}; it is tried again from ${nextTry.toISOString()}`,
    );
    return problems;
  }
  return problems;
}
