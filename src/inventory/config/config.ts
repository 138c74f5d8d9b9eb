/** What an inventory's configuration may say: every field once, for checking, for editors and for the documentation. */

import { z } from 'zod';
import { fieldProblem } from '../field-problem.ts';
import type { ChangeRules } from '../host-memory.ts';
import { RECEIVER_FIELDS, type Receivers, receiversOf } from '../notify/receivers.ts';
import { CRON_FIELD, isTimeZone, type Schedule } from '../schedule.ts';

/** One network, with what holds for all filled in. */
export interface NetworkConfig {
  readonly name: string;
  readonly targets: readonly string[];
  readonly exclude: readonly string[];
  readonly site: string | null;
  readonly tags: readonly string[];
  readonly schedule: Schedule | undefined;
  readonly rules: ChangeRules;
  /** Options of the sweep by their names on the command line, without dashes. */
  readonly sweep: SweepConfig;
}

export type SweepConfig = Readonly<Record<string, unknown>>;

export interface InventoryConfig extends Receivers {
  /** As written: relative to the configuration's folder. */
  readonly database: string;
  readonly knownHosts: string | undefined;
  readonly keepDays: number;
  /** As `database`. */
  readonly metricsFile: string | undefined;
  readonly networks: readonly NetworkConfig[];
}

/** Names stand in file names and on command lines. */
const NETWORK_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

const timeZone = z
  .string()
  .refine(isTimeZone, {
    error: fieldProblem('is not a time zone', 'write one such as Europe/Berlin or UTC'),
  })
  .describe("Time zone of schedules, such as Europe/Berlin. The system's own by default.");

const goneAfter = z
  .int()
  .min(1)
  .max(1000)
  .describe('Scans in a row that a host has to miss until it is gone.');
const slowerFactor = z
  .number()
  .min(1)
  .max(1e6)
  .describe('A host is slower where its replies take this many times longer than usual …');
const slowerBy = z.number().min(0).max(600_000).describe('… and this many milliseconds longer.');

const targets = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value) => [value].flat());

/**
 * The whole configuration.
 * @param sweep the options of a sweep, which another room knows
 */
function configSchema(sweep: z.ZodType<SweepConfig>) {
  const network = z.strictObject({
    targets: targets.describe('Subnets, ranges, addresses and names to ask.'),
    exclude: targets.optional().describe('Targets to leave out.'),
    site: z.string().optional().describe('Where it is, for reports.'),
    tags: z.array(z.string()).optional().describe('Words to find it by.'),
    schedule: CRON_FIELD.describe(
      'When to scan, as cron has it: minute, hour, day of month, month, day of week.',
    ).optional(),
    'time-zone': timeZone.optional(),
    'gone-after': goneAfter.optional(),
    'slower-factor': slowerFactor.optional(),
    'slower-by': slowerBy.optional(),
    sweep: sweep.optional().describe('Options of the sweep, over those for all networks.'),
  });
  return z.strictObject({
    database: z
      .string()
      .min(1)
      .default('echosweep.db')
      .describe('The SQLite file that remembers everything, from the folder of this file.'),
    'known-hosts': z
      .string()
      .min(1)
      .optional()
      .describe('CSV of the hosts that should be there: address, name, owner, site, and more.'),
    'keep-days': z.int().min(1).max(36_500).default(730).describe('What prune keeps, in days.'),
    'metrics-file': z
      .string()
      .min(1)
      .optional()
      .describe('Where metrics for Prometheus are written after each scan.'),
    ...RECEIVER_FIELDS,
    'time-zone': timeZone.optional(),
    'gone-after': goneAfter.default(3),
    'slower-factor': slowerFactor.default(3),
    'slower-by': slowerBy.default(5),
    sweep: sweep.optional().describe('Options of the sweep for all networks.'),
    networks: z
      .record(
        z.string().regex(NETWORK_NAME, {
          error: fieldProblem('is not a valid network name', 'use letters, digits, - and _'),
        }),
        network,
      )
      .refine((networks) => Object.keys(networks).length > 0, {
        error: fieldProblem('names no network', 'add one'),
      })
      .describe('The networks by name.'),
  });
}

/** @returns the configuration, or what is wrong with it */
export function checkConfig(
  value: unknown,
  sweep: z.ZodType<SweepConfig>,
): { readonly config: InventoryConfig } | { readonly issues: readonly z.core.$ZodIssue[] } {
  const parsed = configSchema(sweep).safeParse(value);
  if (!parsed.success) return { issues: parsed.error.issues };
  const { data } = parsed;
  const networks = Object.entries(data.networks).map(([name, network]) => ({
    name,
    targets: network.targets,
    exclude: network.exclude ?? [],
    site: network.site ?? null,
    tags: network.tags ?? [],
    schedule:
      network.schedule === undefined
        ? undefined
        : { cron: network.schedule, timeZone: network['time-zone'] ?? data['time-zone'] },
    rules: {
      missesUntilGone: network['gone-after'] ?? data['gone-after'],
      slowerFactor: network['slower-factor'] ?? data['slower-factor'],
      slowerByMs: network['slower-by'] ?? data['slower-by'],
    },
    sweep: { ...data.sweep, ...network.sweep },
  }));
  return {
    config: {
      database: data.database,
      knownHosts: data['known-hosts'],
      keepDays: data['keep-days'],
      metricsFile: data['metrics-file'],
      ...receiversOf(data, data['time-zone']),
      networks,
    },
  };
}

/** The JSON Schema that editors complete a configuration from. */
export function configJsonSchema(sweep: z.ZodType<SweepConfig>): object {
  const schema = z.toJSONSchema(configSchema(sweep), { io: 'input', target: 'draft-7' });
  return { title: 'echosweep inventory', ...schema };
}
