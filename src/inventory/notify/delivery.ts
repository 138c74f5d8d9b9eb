/** Delivers one channel's messages in order, and retries while the receiver is down. */

import { type Store, writeWhenFree } from '../store.ts';
import {
  type Channel,
  claim,
  LONGEST_PUT_OFF_MS,
  putOff,
  type QueuedMessage,
  release,
  remove,
  retryDelayMs,
  type Urgency,
} from './outbox.ts';

/** The result of one attempt. */
export type Verdict =
  | {
      readonly isDelivered: true;
      /** The recipients that did not get it although others did, as a line; undefined for none. */
      readonly problem?: string;
    }
  | {
      readonly isDelivered: false;
      /** A line. */
      readonly problem: string;
      /** Whether the message itself was refused: a retry would be refused as well. */
      readonly isFinal: boolean;
      /** The delay that the receiver requests; undefined if it requests none. */
      readonly retryAfterMs?: number | undefined;
    };

/** Delivers messages to one receiver; it never throws. */
export interface Courier {
  readonly channel: Channel;
  /** Most messages in one delivery. */
  readonly batch: number;
  /** `deliver` takes no longer. */
  readonly timeoutMs: number;
  deliver(messages: readonly QueuedMessage[], signal: AbortSignal): Promise<Verdict>;
}

/** The time, and a random number from 0 to 1: the system's, or a test's. */
export interface DeliveryClock {
  now(): Date;
  random(): number;
}

export const SYSTEM_CLOCK: DeliveryClock = { now: () => new Date(), random: Math.random };

/** For writing down the result of a delivery. */
const CLAIM_SPARE_MS = 30_000;

/**
 * Delivers what is due until nothing is left or the receiver fails.
 * @param urgencyAt what the receiver may get at a moment; undefined for nothing
 * @returns problems, a line each
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function deliverDue(
  store: Store,
  courier: Courier,
  signal: AbortSignal,
  clock: DeliveryClock = SYSTEM_CLOCK,
  urgencyAt: (now: Date) => Urgency | undefined = () => 'all',
): Promise<string[]> {
  const { channel, batch } = courier;
  const claimMs = courier.timeoutMs + CLAIM_SPARE_MS;
  const claimNow = (): readonly QueuedMessage[] => {
    const now = clock.now();
    const urgency = urgencyAt(now);
    return urgency === undefined ? [] : claim(store, channel, batch, now, claimMs, urgency);
  };
  const problems: string[] = [];
  while (!signal.aborted) {
    const messages = await writeWhenFree(store, claimNow);
    if (messages.length === 0) return problems;
    const verdict = await courier.deliver(messages, signal);
    if (verdict.isDelivered) {
      await writeWhenFree(store, () => remove(store, messages));
      if (verdict.problem !== undefined) problems.push(`${channel}: ${verdict.problem}`);
      continue;
    }
    if (signal.aborted) {
      await writeWhenFree(store, () => release(store, messages));
      return problems;
    }
    if (verdict.isFinal) {
      await writeWhenFree(store, () => remove(store, messages));
      const what = messages.length === 1 ? 'a message was' : `${messages.length} messages were`;
      problems.push(
        `${channel}: ${what} dropped: ${verdict.problem}; see echosweep inventory changes for the changes`,
      );
      continue;
    }
    const backoffMs = retryDelayMs(messages[0]!.attempts + 1, clock.random());
    const askedMs = Math.min(verdict.retryAfterMs ?? 0, LONGEST_PUT_OFF_MS);
    const nextTry = new Date(clock.now().getTime() + Math.max(backoffMs, askedMs));
    await writeWhenFree(store, () => putOff(store, channel, messages, verdict.problem, nextTry));
    problems.push(
      `${channel}: ${verdict.problem}; the next attempt is at ${nextTry.toISOString()}`,
    );
    return problems;
  }
  return problems;
}
