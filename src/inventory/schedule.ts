/** When a network is due: cron expressions in a time zone. */

import { Cron } from 'croner';
import { z } from 'zod';
import { fieldProblem } from './field-problem.ts';

/** When to scan. */
export interface Schedule {
  /** Five or six fields, as cron has them. */
  readonly cron: string;
  /** Such as `Europe/Berlin`; undefined for the system's own. */
  readonly timeZone: string | undefined;
}

const CRON_ADVICE = 'write one such as "0 * * * *", which is every hour';

/** What is wrong with a cron expression; undefined if nothing is. */
function scheduleProblem(cron: string): string | undefined {
  try {
    if (new Cron(cron, { paused: true }).nextRun() === null) {
      return fieldProblem('never comes', CRON_ADVICE);
    }
    return undefined;
  } catch {
    return fieldProblem('is not a cron expression', CRON_ADVICE);
  }
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

/** A cron expression, in a configuration. */
export const CRON_FIELD = z.string().superRefine((text, context) => {
  const problem = scheduleProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});
