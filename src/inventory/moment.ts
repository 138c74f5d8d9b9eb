/** Moments as a person writes them: `7d` ago, or a date. */

import { MS_A_DAY, MS_A_MINUTE, MS_AN_HOUR } from '../durations.ts';
import { optionInvalid } from '../option-value.ts';

const UNITS: Readonly<Record<string, number>> = {
  m: MS_A_MINUTE,
  h: MS_AN_HOUR,
  d: MS_A_DAY,
  w: 7 * MS_A_DAY,
};

/**
 * @param text such as `90m`, `12h`, `7d`, `2w`, `2026-01-31` or a whole ISO 8601 time; without a zone it is UTC
 * @param flag for the message
 * @throws EchosweepError OPTION_INVALID
 */
export function readMoment(text: string, now: Date, flag: string): Date {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text);
  if (ago !== null) return new Date(now.getTime() - Number(ago[1]) * UNITS[ago[2]!]!);
  const day = /^(\d{4}-\d\d-\d\d)(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.exec(text)?.[1];
  if (day !== undefined && isOnCalendar(day)) {
    const hasZone = !text.includes('T') || /(Z|[+-]\d\d:\d\d)$/.test(text);
    const moment = new Date(hasZone ? text : `${text}Z`);
    if (!Number.isNaN(moment.getTime())) return moment;
  }
  throw optionInvalid(
    `${flag}: ${JSON.stringify(text)} is not a valid time`,
    'use 90m, 12h, 7d, 2w or a date such as 2026-01-31',
  );
}

/** JavaScript takes the 31st of February for the 3rd of March. */
function isOnCalendar(day: string): boolean {
  const date = new Date(day);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
