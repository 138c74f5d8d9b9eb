/** Times as the reader's own clock shows them. */

import { signal } from '@preact/signals';
import { MS_A_DAY, MS_A_MINUTE, MS_AN_HOUR } from '../../durations.ts';

/** Moves every half a minute, for words such as `3 min ago`. */
const now = signal(Date.now());

/** @returns stops it */
export function startClock(): () => void {
  const timer = setInterval(() => {
    now.value = Date.now();
  }, MS_A_MINUTE / 2);
  return () => clearInterval(timer);
}

const FORMATS = {
  moment: { dateStyle: 'medium', timeStyle: 'short' },
  time: { timeStyle: 'short' },
  date: { dateStyle: 'medium' },
  weekday: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  shortDay: { day: 'numeric', month: 'short' },
  utcDay: { dateStyle: 'medium', timeZone: 'UTC' },
  utcShortDay: { day: 'numeric', month: 'short', timeZone: 'UTC' },
} as const satisfies Readonly<Record<string, Intl.DateTimeFormatOptions>>;

/** Made when first used: each takes milliseconds, which the first view would wait for. */
const made = new Map<keyof typeof FORMATS, Intl.DateTimeFormat>();

function format(name: keyof typeof FORMATS): Intl.DateTimeFormat {
  const known = made.get(name);
  if (known !== undefined) return known;
  const fresh = new Intl.DateTimeFormat('en-GB', FORMATS[name]);
  made.set(name, fresh);
  return fresh;
}

/** `Europe/Berlin` */
export function zone(): string {
  return format('moment').resolvedOptions().timeZone;
}

/** `24 Nov 2026, 03:05` */
export function momentText(iso: string): string {
  return format('moment').format(new Date(iso));
}

/** `03:05` */
export function timeOfDay(iso: string): string {
  return format('time').format(new Date(iso));
}

/** `24 Nov 2026` */
function dateText(iso: string): string {
  return format('date').format(new Date(iso));
}

/** `24 Nov` */
export function shortDayText(at: number): string {
  return format('shortDay').format(at);
}

/** `24 Nov 2026`: a day as the inventory sums it up, from midnight to midnight UTC. */
export function utcDayText(at: number): string {
  return format('utcDay').format(at);
}

/** `24 Nov` */
export function utcShortDayText(at: number): string {
  return format('utcShortDay').format(at);
}

/** A day of the reader's zone as a heading: `Today`, `Yesterday`, `Tuesday 24 November 2026`. */
export function dayTitle(iso: string): string {
  const date = dateText(iso);
  if (date === format('date').format(now.value)) return 'Today';
  // A day may have 23 or 25 hours.
  const yesterday = new Date(now.value);
  yesterday.setDate(yesterday.getDate() - 1);
  if (date === format('date').format(yesterday)) return 'Yesterday';
  return format('weekday').format(new Date(iso));
}

/** `3 min ago`, `in 2 h`, `5 d ago`; a date if it is more than 60 days away. */
export function relativeText(iso: string): string {
  // The clock of the page ticks now and then: what has just happened is not in the future.
  const ms = Date.parse(iso) - Math.max(now.value, Date.now());
  const size = Math.abs(ms);
  if (size > 60 * MS_A_DAY) return dateText(iso);
  const words =
    size < MS_A_MINUTE
      ? undefined
      : size < MS_AN_HOUR
        ? `${Math.floor(size / MS_A_MINUTE)} min`
        : size < 2 * MS_A_DAY
          ? `${Math.floor(size / MS_AN_HOUR)} h`
          : `${Math.floor(size / MS_A_DAY)} d`;
  if (words === undefined) return ms < 0 ? 'just now' : 'in less than a minute';
  return ms < 0 ? `${words} ago` : `in ${words}`;
}

/** The moment so many days ago, for the API. */
export function daysAgo(days: number): string {
  return new Date(Date.now() - days * MS_A_DAY).toISOString();
}
