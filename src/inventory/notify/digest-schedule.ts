/** When a digest is due, as people write it: `daily at 07:00`, `monday at 07:00`, or in cron syntax. */

import { isCron } from '../schedule.ts';
import { minutesOf, WEEKDAYS } from './quiet-hours.ts';

/** @returns the cron expression; undefined if it is none of these */
export function digestCron(text: string): string | undefined {
  const [, day, time] =
    /^(daily|(?:mon|tues|wednes|thurs|fri|satur|sun)day) at (\S+)$/.exec(text) ?? [];
  if (day === undefined) return isCron(text) ? text : undefined;
  const minutes = minutesOf(time!);
  if (minutes === undefined || minutes >= 24 * 60) return undefined;
  const weekday = WEEKDAYS.findIndex((short) => day.startsWith(short));
  return `${minutes % 60} ${Math.floor(minutes / 60)} * * ${weekday < 0 ? '*' : (weekday + 1) % 7}`;
}
