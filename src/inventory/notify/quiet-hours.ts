/** The hours in which a receiver is left alone, by the clock on its wall. */

import { MS_A_MINUTE } from '../../durations.ts';
import { nextRun } from '../schedule.ts';

/** From Monday on. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Hours that come again every day, or on some days of the week. */
export interface QuietHours {
  /** Minutes after midnight; `to` is on the next day unless it is later than `from`. */
  readonly from: number;
  readonly to: number;
  /** The days on which they begin. */
  readonly days: readonly Weekday[];
  /** Undefined for the system's own. */
  readonly timeZone: string | undefined;
  /** Whether alarms are delivered all the same. */
  readonly letAlarmsPass: boolean;
}

const MINUTES_A_DAY = 24 * 60;
/** One for each end in a week and more: with hours that cover all of it, there is no end. */
const MOST_STEPS = 40;

/** `22:00` as minutes after midnight, up to `24:00`; undefined if it is not a time. */
export function minutesOf(time: string): number | undefined {
  const [, hours, minutes] = /^(\d\d?):(\d\d)$/.exec(time) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && total <= MINUTES_A_DAY ? total : undefined;
}

/** What the hours of a receiver mean at a moment. */
export type Quiet =
  | { readonly isQuiet: false }
  | {
      readonly isQuiet: true;
      readonly letAlarmsPass: boolean;
      /** When they end. */
      readonly until: Date;
    };

/** Of overlapping hours, the stricter count. */
export function quietAt(hours: readonly QuietHours[], now: Date): Quiet {
  const present = hours.filter((each) => isIn(each, now));
  if (present.length === 0) return { isQuiet: false };
  let until = now;
  for (let step = 0; step < MOST_STEPS; step++) {
    const ends = hours.filter((each) => isIn(each, until)).map((each) => endOf(each, until));
    if (ends.length === 0) break;
    until = new Date(Math.max(...ends.map((end) => end.getTime())));
  }
  return {
    isQuiet: true,
    letAlarmsPass: present.every(({ letAlarmsPass }) => letAlarmsPass),
    until,
  };
}

function isIn({ from, to, days, timeZone }: QuietHours, now: Date): boolean {
  const { day, minutes } = wallClock(now, timeZone);
  const today = days.includes(WEEKDAYS[day]!);
  if (from < to) return today && minutes >= from && minutes < to;
  const yesterday = days.includes(WEEKDAYS[(day + 6) % 7]!);
  return (today && minutes >= from) || (yesterday && minutes < to);
}

/** When the clock shows the end; if it is set back until then, it may still be in them. */
function endOf(hours: QuietHours, now: Date): Date {
  const ends = nextTimes(hours.to, WEEKDAYS, now, hours.timeZone);
  return ends.find((end) => !isIn(hours, end)) ?? ends[0]!;
}

/** When they begin next; `now` is outside of them. */
export function beginningAfter(hours: QuietHours, now: Date): Date | undefined {
  const { from, days, timeZone } = hours;
  return nextTimes(from, days, now, timeZone).find((time) => isIn(hours, time));
}

/**
 * When the clock may show these minutes next, earliest first. Cron takes no notice of a time that comes again because the
 * clock was set back; without cron, we would not know of a change of the clock in between.
 */
function nextTimes(
  minutes: number,
  days: readonly Weekday[],
  now: Date,
  timeZone: string | undefined,
): Date[] {
  const cron = `${minutes % 60} ${Math.floor(minutes / 60) % 24} * * ${days.join()}`;
  const { minutes: shown } = wallClock(now, timeZone);
  const left = (minutes - shown + MINUTES_A_DAY) % MINUTES_A_DAY || MINUTES_A_DAY;
  const unchanged = new Date((Math.floor(now.getTime() / MS_A_MINUTE) + left) * MS_A_MINUTE);
  return [unchanged, nextRun({ cron, timeZone }, now) ?? unchanged].sort(
    (a, b) => a.getTime() - b.getTime(),
  );
}

/** By time zone: making one takes far longer than using it. */
const wallFormats = new Map<string | undefined, Intl.DateTimeFormat>();

function wallFormat(timeZone: string | undefined): Intl.DateTimeFormat {
  let format = wallFormats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    wallFormats.set(timeZone, format);
  }
  return format;
}

function wallClock(now: Date, timeZone: string | undefined): { day: number; minutes: number } {
  const parts = new Map(
    wallFormat(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const day = WEEKDAYS.indexOf(parts.get('weekday')!.toLowerCase() as Weekday);
  return { day, minutes: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}
