/** When a network or a digest is due: cron expressions in a time zone. */

import { Cron } from 'croner';
import { z } from 'zod';
import { fieldProblem } from './field-problem.ts';

/** Times that come again and again. */
export interface Schedule {
  /** Five or six fields, as cron has them. */
  readonly cron: string;
  /** Such as `Europe/Berlin`; undefined for the system's own. */
  readonly timeZone: string | undefined;
}

/** A network and when it is to be scanned; undefined for on demand only. */
export interface ScheduledNetwork {
  readonly name: string;
  readonly schedule: Schedule | undefined;
}

const CRON_ADVICE = 'write one such as "0 * * * *", which is every hour';

/** What is wrong with a cron expression; undefined if nothing is. */
function scheduleProblem(cron: string): string | undefined {
  const isNone = fieldProblem('is not a cron expression', CRON_ADVICE);
  // A date, which comes once: after it, the configuration would not be valid any more.
  if (cron.includes(':')) return isNone;
  try {
    if (new Cron(cron, { paused: true, mode: '5-or-6-parts' }).nextRun() === null) {
      return fieldProblem('never comes', CRON_ADVICE);
    }
    return undefined;
  } catch {
    return isNone;
  }
}

/** Whether a text is a cron expression that comes. */
export function isCron(text: string): boolean {
  return scheduleProblem(text) === undefined;
}

/** Whether the system knows the time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The next `count` moments after `from`. */
export function nextRuns({ cron, timeZone }: Schedule, from: Date, count: number): Date[] {
  const options = timeZone === undefined ? {} : { timezone: timeZone };
  return new Cron(cron, { ...options, paused: true }).nextRuns(count, from);
}

/** The first moment after `from`; undefined without a schedule, or if it has no further one. */
export function nextRun(schedule: Schedule | undefined, from: Date): Date | undefined {
  return schedule === undefined ? undefined : nextRuns(schedule, from, 1)[0];
}

/** A time zone in a configuration. */
export const TIME_ZONE_FIELD = z.string().refine(isTimeZone, {
  error: fieldProblem('is not a time zone', 'write one such as Europe/Berlin or UTC'),
});

/** A cron expression in a configuration. */
export const CRON_FIELD = z.string().superRefine((text, context) => {
  const problem = scheduleProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});
