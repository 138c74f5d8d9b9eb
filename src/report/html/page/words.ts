/** Numbers, times and outcomes as a reader wants them. */

import type { Status } from '../../../results/outcome.ts';
import { ABSENT } from '../page-data.ts';

export { grouped as count } from '../../../words.ts';
export { shareText, timeText } from '../totals-sentence.ts';

/** A status as a heading. */
const STATUS_WORDS: Readonly<Record<Status, string>> = {
  up: 'Up',
  unreachable: 'Unreachable',
  down: 'Silent',
  error: 'Not sent',
};

/** A state of an inventory as a heading, by the status whose place it takes (`STATUS_OF_STATE`). */
const STATE_WORDS: Readonly<Record<Status, string>> = {
  up: 'Up',
  unreachable: 'Missing',
  down: 'Never seen',
  error: 'Gone',
};

/** What a page calls its kinds of hosts. */
export type StatusWords = Readonly<Record<Status, string>>;

export function statusWordsOf({ history }: { readonly history?: unknown }): StatusWords {
  return history === undefined ? STATUS_WORDS : STATE_WORDS;
}

/** As in the CSV; '' if there is none. */
export function msText(us: number): string {
  return us === ABSENT ? '' : (us / 1000).toFixed(3);
}

export function wholeText(value: number): string {
  return value === ABSENT ? '' : String(value);
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** `24 November 2026, 03:05 UTC` */
export function momentText(iso: string): string {
  return `${day.format(new Date(iso))}, ${iso.slice(11, 16)} UTC`;
}

/** `480 ms`, `4.8 s`, `3 min 20 s` */
export function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
