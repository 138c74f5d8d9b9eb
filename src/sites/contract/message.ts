/** Reads messages that others sent: JSON whose every field is checked before it is used. */

import { safeText } from '../../words.ts';

/** A message that is not understood or not believed. It never ends a sweep or an agent. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused';
  /** Whether a newer program sent it. */
  readonly isTooNew: boolean;

  constructor(message: string, isTooNew = false) {
    super(message);
    this.isTooNew = isTooNew;
  }
}

/** A parsed object with these fields, of which nothing is known yet. */
export type Unchecked<Key extends string = string> = { readonly [Each in Key]?: unknown };

/** The year 2200: what a wrong clock may say, and every part of the program can still show. */
export const LATEST_MS = Date.UTC(2200, 0);
/** Of one text in a message, such as a doubt. */
const LONGEST_TEXT = 1000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws MessageRefused */
export function readJson<Key extends string>(octets: Uint8Array): Unchecked<Key> {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(octets));
  } catch {
    throw new MessageRefused('the message is not JSON');
  }
  return objectOf(value, 'the message');
}

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** @throws MessageRefused unless it is an object */
export function objectOf<Key extends string>(value: unknown, what: string): Unchecked<Key> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new MessageRefused(`${what} is not an object`);
}

/** @throws MessageRefused unless it is a list of at most `most` entries */
export function listOf(value: unknown, what: string, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= most) return value;
  throw new MessageRefused(`${what} is not a list of up to ${most}`);
}

/** @throws MessageRefused unless it is a whole number from `from` to `to` */
export function wholeOf(
  value: unknown,
  what: string,
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to) {
    return value as number;
  }
  throw new MessageRefused(`${what} is not a whole number from ${from} to ${to}`);
}

/** @throws MessageRefused unless it is a number from 0 to `to` */
export function figureOf(value: unknown, what: string, to = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && value >= 0 && value <= to) return value;
  throw new MessageRefused(`${what} is not a number from 0 to ${to}`);
}

/** @throws MessageRefused unless it is one of the words */
export function wordOf<Word extends string>(
  value: unknown,
  what: string,
  words: readonly Word[],
): Word {
  const word = words.find((each) => each === value);
  if (word === undefined) throw new MessageRefused(`${what} is none of ${words.join(', ')}`);
  return word;
}

/** A sentence for a person, made safe for a terminal. @throws MessageRefused */
export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string' && value.length <= LONGEST_TEXT) return safeText(value);
  throw new MessageRefused(`${what} is not a text of up to ${LONGEST_TEXT} characters`);
}

/** The reader's value, or null for null. */
export function orNull<Value>(value: unknown, read: (value: unknown) => Value): Value | null {
  return value === null ? null : read(value);
}

/** @throws MessageRefused if the version is older or newer than this program understands */
export function versionOf({ v }: Unchecked<'v'>, oldest: number, newest: number): number {
  const version = wholeOf(v, 'v', 1, 1_000_000);
  if (version > newest) {
    throw new MessageRefused(
      `the message has version ${version}, and this program understands ${newest}: update it`,
      true,
    );
  }
  if (version >= oldest) return version;
  throw new MessageRefused(
    `the message has version ${version}, and this program understands ${oldest} and later: update the sender`,
  );
}
