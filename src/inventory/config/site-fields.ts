/** The sites whose agents scan networks: every field that a configuration may give them, once, and their quiet hours. */

import { z } from 'zod';
import { RATE_PPS } from '../../options.ts';
import { SITE_NAME, SLOTS } from '../../results/site-facts.ts';
import { fieldProblem } from '../field-problem.ts';
import {
  beginningAfter,
  minutesOf,
  type QuietHours,
  quietAt,
  WEEKDAYS,
} from '../notify/quiet-hours.ts';
import { QUIET_TIMES } from '../notify/receiver-fields.ts';
import { oneOrMore } from '../one-or-more.ts';
import { TIME_ZONE_FIELD } from '../schedule.ts';

/** A site whose agents scan its networks. */
export interface SiteConfig {
  readonly name: string;
  /** Parts of a scan that its agents sweep at once, all together. */
  readonly slots: number;
  /** Probes a second, over its slots together; undefined for the rate of each network. */
  readonly ratePps: number | undefined;
  /** When nothing is probed there. */
  readonly quiet: readonly QuietHours[];
  /** How long a scan may take; undefined for the usual time. */
  readonly deadlineMs: number | undefined;
}

const site = z.strictObject({
  slots: z
    .int()
    .min(1)
    .max(SLOTS.most)
    .default(SLOTS.usual)
    .describe('Parts of a scan, of up to 4096 hosts, that its agents sweep at once.'),
  rate: z
    .number()
    .min(1)
    .max(RATE_PPS.to)
    .optional()
    .describe(
      'Probes a second at the site, shared by its slots; the rate of the sweep by default.',
    ),
  quiet: oneOrMore(z.strictObject(QUIET_TIMES))
    .optional()
    .describe('Hours in which nothing is probed there. A scan that is due waits until they end.'),
  'time-zone': TIME_ZONE_FIELD.optional().describe(
    'Time zone of quiet hours; that of the schedules by default.',
  ),
  deadline: z
    .int()
    .min(1)
    .max(7 * 86_400)
    .optional()
    .describe('Seconds that a scan may take; an hour and twice what its rate takes by default.'),
});

export const SITES_FIELD = z
  .record(
    z.string().regex(SITE_NAME, {
      error: fieldProblem('is not a valid site name', 'use a to z, digits and -'),
    }),
    site,
  )
  .optional()
  .describe(
    'Sites whose agents scan the networks that name them as their site. A site that is not listed here is a label.',
  );

/** @param timeZone of quiet hours for which there is no other */
export function sitesOf(
  fields: z.output<typeof SITES_FIELD>,
  timeZone: string | undefined,
): SiteConfig[] {
  return Object.entries(fields ?? {}).map(([name, own]) => ({
    name,
    slots: own.slots,
    ratePps: own.rate,
    quiet: (own.quiet ?? []).map(({ from, to, days }) => ({
      from: minutesOf(from)!,
      to: minutesOf(to)!,
      days: days ?? WEEKDAYS,
      timeZone: own['time-zone'] ?? timeZone,
      letAlarmsPass: false,
    })),
    deadlineMs: own.deadline === undefined ? undefined : own.deadline * 1000,
  }));
}

/** Whether a site may be probed at a moment. */
export function isOpenAt({ quiet }: Pick<SiteConfig, 'quiet'>, now: Date): boolean {
  return !quietAt(quiet, now).isQuiet;
}

/** Until when a site may be probed from a moment on: that moment in its quiet hours; undefined for always. */
export function openUntil({ quiet }: Pick<SiteConfig, 'quiet'>, now: Date): Date | undefined {
  if (!isOpenAt({ quiet }, now)) return now;
  const begins = quiet.flatMap((hours) => beginningAfter(hours, now) ?? []);
  return begins.sort((a, b) => a.getTime() - b.getTime())[0];
}
