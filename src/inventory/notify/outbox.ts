/** The queue of messages to receivers, on disk: a receiver that is down misses nothing. */

import { randomUUID } from 'node:crypto';
import { MS_AN_HOUR } from '../../durations.ts';
import type { SqlRow } from '../database.ts';
import { type Store, writeWhenFree } from '../store.ts';

/** The name of the receiver that messages wait for. */
export type Channel = string;

/** A message to put into the queue. */
export interface Outgoing {
  readonly channel: Channel;
  readonly body: string;
  /** Not before this moment; later if a digest collects messages. */
  readonly dueAt: Date;
}

/** A message claimed for delivery. */
export interface QueuedMessage {
  readonly id: number;
  /** A unique ID, the same for every attempt, by which a receiver recognizes a repetition. */
  readonly delivery: string;
  readonly body: string;
  readonly queuedAt: Date;
  /** Failed attempts so far. */
  readonly attempts: number;
}

/** The messages that wait in one channel. */
export interface Backlog {
  readonly channel: Channel;
  readonly messages: number;
  readonly oldest: Date;
  readonly nextTry: Date;
  /** Why the latest attempt failed; null if none has. */
  readonly problem: string | null;
}

/** A message that stands for a digest: what it says is found out when it is delivered. */
export const DIGEST = '{"type":"digest"}';

/** More messages waiting in a channel mean a receiver that is gone for good; the oldest are dropped. */
const MOST_WAITING = 10_000;
const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = MS_AN_HOUR;
/** No channel is put off for longer; a receiver may request any delay. */
export const LONGEST_PUT_OFF_MS = 6 * MS_AN_HOUR;
/** Delays vary by this share either way, so that many senders do not retry at the same moment. */
const JITTER = 0.25;

/** Whether everything that waits may be delivered, or alarms only. */
export type Urgency = 'all' | 'alarms';

/** Queues messages; call it inside the transaction that writes their changes. @returns how many old ones were dropped */
export function queue({ database }: Store, messages: readonly Outgoing[], now: Date): number {
  const insert = database.prepare(
    `INSERT INTO outbox (channel, delivery, body, queued_at, due_at, claimed_until, attempts)
     VALUES (?, ?, ?, ?, ?, 0, 0)`,
  );
  const putOffUntil = database.prepare(
    'SELECT max(due_at) AS at FROM outbox WHERE channel = ? AND attempts > 0',
  );
  const channels = [...new Set(messages.map(({ channel }) => channel))];
  // A channel that is put off stays put off: its messages keep their order.
  const putOffMs = new Map(
    channels.map((channel) => [channel, Number(putOffUntil.get(channel)!['at'] ?? 0)]),
  );
  for (const { channel, body, dueAt } of messages) {
    const dueMs = Math.max(dueAt.getTime(), putOffMs.get(channel)!);
    insert.run(channel, randomUUID(), body, now.getTime(), dueMs);
  }
  const drop = database.prepare(
    `DELETE FROM outbox WHERE id IN
       (SELECT id FROM outbox WHERE channel = ? ORDER BY id DESC LIMIT -1 OFFSET ?)`,
  );
  return channels.reduce((dropped, channel) => dropped + drop.run(channel, MOST_WAITING), 0);
}

/**
 * Claims the oldest messages that are due, in a transaction of its caller: no other process can claim them within
 * `claimMs`. What is neither removed nor put off by then is due again, since the process that claimed it has died.
 * @param urgency which of them
 * @returns none while another process delivers in this channel
 */
export function claim(
  { database }: Store,
  channel: Channel,
  most: number,
  now: Date,
  claimMs: number,
  urgency: Urgency = 'all',
): readonly QueuedMessage[] {
  // A claim that lasts longer than any claim was made while the clock was ahead.
  const isTaken = database
    .prepare(
      'SELECT 1 FROM outbox WHERE channel = ? AND claimed_until > ? AND claimed_until <= ? LIMIT 1',
    )
    .get(channel, now.getTime(), now.getTime() + claimMs);
  if (isTaken !== undefined) return [];
  const rows = database
    .prepare(
      `SELECT * FROM outbox WHERE channel = ? AND due_at <= ? ${urgency === 'alarms' ? ONLY_ALARMS : ''}
       ORDER BY id LIMIT ?`,
    )
    .all(channel, now.getTime(), most);
  const take = database.prepare('UPDATE outbox SET claimed_until = ? WHERE id = ?');
  for (const row of rows) take.run(now.getTime() + claimMs, Number(row['id']));
  return rows.map(messageOf);
}

/** A message has the severity of its most severe change. */
const ONLY_ALARMS = "AND iif(json_valid(body), json_extract(body, '$.severity'), NULL) = 'alarm'";

/** Removes messages that were delivered, or that are dropped; in a transaction of its caller. */
export function remove({ database }: Store, messages: readonly QueuedMessage[]): void {
  const statement = database.prepare('DELETE FROM outbox WHERE id = ?');
  for (const { id } of messages) statement.run(id);
}

/**
 * Puts the whole channel off until `nextTry`: messages keep their order, and a receiver that is down is left alone. In a
 * transaction of its caller.
 */
export function putOff(
  { database }: Store,
  channel: Channel,
  messages: readonly QueuedMessage[],
  problem: string,
  nextTry: Date,
): void {
  const note = database.prepare(
    'UPDATE outbox SET attempts = attempts + 1, problem = ?, claimed_until = 0 WHERE id = ?',
  );
  for (const { id } of messages) note.run(problem, id);
  database
    .prepare('UPDATE outbox SET due_at = max(due_at, ?) WHERE channel = ?')
    .run(nextTry.getTime(), channel);
}

/** Makes everything that waits in a channel due now. */
export function makeDue({ database }: Store, channel: Channel, now: Date): void {
  database
    .prepare('UPDATE outbox SET due_at = min(due_at, ?) WHERE channel = ?')
    .run(now.getTime(), channel);
}

/**
 * Makes due what was put off or queued while the clock was ahead: it would wait until it shows that time again. What
 * waits for a digest is due with the next one.
 */
export async function endImpossiblePutOffs(store: Store, now: Date): Promise<void> {
  const { database } = store;
  const latestMs = now.getTime() + LONGEST_PUT_OFF_MS;
  const putOffChannels = database.prepare(
    'SELECT DISTINCT channel FROM outbox WHERE attempts > 0 AND due_at > ?',
  );
  const queuedAhead = database.prepare(
    'SELECT id FROM outbox WHERE queued_at > ? AND due_at >= queued_at AND body <> ?',
  );
  // An UPDATE would wait for other writers even if there is nothing to do.
  if (
    putOffChannels.get(latestMs) === undefined &&
    queuedAhead.get(latestMs, DIGEST) === undefined
  ) {
    return;
  }
  const bringBack = database.prepare(
    `UPDATE outbox SET due_at = coalesce(
       (SELECT d.due_at FROM outbox d WHERE d.channel = outbox.channel AND d.body = ?), ?) WHERE id = ?`,
  );
  await writeWhenFree(store, () => {
    for (const { channel } of putOffChannels.all(latestMs)) makeDue(store, String(channel), now);
    for (const { id } of queuedAhead.all(latestMs, DIGEST)) {
      bringBack.run(DIGEST, now.getTime(), Number(id));
    }
  });
}

/** Gives back messages that were claimed but not attempted; in a transaction of its caller. */
export function release({ database }: Store, messages: readonly QueuedMessage[]): void {
  const statement = database.prepare('UPDATE outbox SET claimed_until = 0 WHERE id = ?');
  for (const { id } of messages) statement.run(id);
}

/** The channels in which anything is due. */
export function dueChannels({ database }: Store, now: Date): readonly Channel[] {
  return database
    .prepare('SELECT DISTINCT channel FROM outbox WHERE due_at <= ? ORDER BY channel')
    .all(now.getTime())
    .map(({ channel }) => String(channel));
}

/** When something in a channel becomes due next after a moment; undefined for never. */
export function nextDue({ database }: Store, channel: Channel, now: Date): Date | undefined {
  const at = database
    .prepare('SELECT min(due_at) AS at FROM outbox WHERE channel = ? AND due_at > ?')
    .get(channel, now.getTime())!['at'];
  return at === null ? undefined : new Date(Number(at));
}

/** When the digest of a channel is due; undefined if none waits. */
export function digestDue({ database }: Store, channel: Channel): Date | undefined {
  const row = database
    .prepare('SELECT due_at FROM outbox WHERE channel = ? AND body = ? LIMIT 1')
    .get(channel, DIGEST);
  return row === undefined ? undefined : new Date(Number(row['due_at']));
}

/** Makes what waits for a digest in a channel due with the next one, unless the channel is put off. */
export function moveDigest({ database }: Store, channel: Channel, from: Date, to: Date): void {
  database
    .prepare(
      `UPDATE outbox SET due_at = ?1 WHERE channel = ?2 AND due_at = ?3
         AND NOT EXISTS (SELECT 1 FROM outbox WHERE channel = ?2 AND attempts > 0)`,
    )
    .run(to.getTime(), channel, from.getTime());
}

/** Takes back the digest of a channel. */
export function dropDigest({ database }: Store, channel: Channel): void {
  database.prepare('DELETE FROM outbox WHERE channel = ? AND body = ?').run(channel, DIGEST);
}

/** The channels in which messages wait. A digest whose time has not come is none. */
export function backlogs({ database }: Store): readonly Backlog[] {
  return database
    .prepare(
      `SELECT channel, count(*) AS messages, min(queued_at) AS oldest, min(due_at) AS next,
         (SELECT problem FROM outbox p WHERE p.channel = o.channel AND problem IS NOT NULL ORDER BY id LIMIT 1) AS problem
       FROM outbox o WHERE body <> ? OR attempts > 0 GROUP BY channel ORDER BY channel`,
    )
    .all(DIGEST)
    .map((row) => ({
      channel: row['channel'] as Channel,
      messages: Number(row['messages']),
      oldest: new Date(Number(row['oldest'])),
      nextTry: new Date(Number(row['next'])),
      problem: row['problem'] as string | null,
    }));
}

/** The wait after a number of failures: ten seconds, doubling up to an hour. @param random 0 to 1 */
export function retryDelayMs(failures: number, random: number): number {
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
  return delayMs * (1 + JITTER * (2 * random - 1));
}

function messageOf(row: SqlRow): QueuedMessage {
  return {
    id: Number(row['id']),
    delivery: String(row['delivery']),
    body: String(row['body']),
    queuedAt: new Date(Number(row['queued_at'])),
    attempts: Number(row['attempts']),
  };
}
