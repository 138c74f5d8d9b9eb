/** What an inventory's configuration may say: every field once, for checking, for editors and for the documentation. */

import { z } from 'zod';
import { CHANGE_KINDS, type ChangeKind, type ChangeRules } from './host-memory.ts';
import { isTimeZone, type Schedule, scheduleProblem } from './schedule.ts';
import type { SecretPlace } from './telling/secret.ts';

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

export interface InventoryConfig {
  /** As written: relative to the configuration's folder. */
  readonly database: string;
  readonly knownHosts: string | undefined;
  readonly keepDays: number;
  /** As `database`. */
  readonly metricsFile: string | undefined;
  readonly onChange: ChangeCommand | undefined;
  readonly webhook: WebhookConfig | undefined;
  readonly mail: MailConfig | undefined;
  readonly networks: readonly NetworkConfig[];
}

/** What is run where a scan finds changes. */
export interface ChangeCommand {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  /** Changes of other kinds are not told. */
  readonly kinds: readonly ChangeKind[];
  readonly timeoutMs: number;
}

/** To whom changes are posted. */
export interface WebhookConfig {
  readonly url: string;
  readonly secret: SecretPlace;
  readonly kinds: readonly ChangeKind[];
  readonly timeoutMs: number;
}

/** To whom changes are mailed, and through which server. */
export interface MailConfig {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly user: string | undefined;
  readonly password: SecretPlace;
  readonly from: string;
  readonly to: readonly string[];
  readonly kinds: readonly ChangeKind[];
  /** When what has come together is sent; undefined for after each scan. */
  readonly digest: Schedule | undefined;
  readonly timeoutMs: number;
}

/** Names stand in file names and on command lines. */
const NETWORK_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

const cron = z
  .string()
  .superRefine((text, context) => {
    const problem = scheduleProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .describe('When to scan, as cron has it: minute, hour, day of month, month, day of week.');

const timeZone = z
  .string()
  .refine(isTimeZone, { error: 'is no time zone: write one such as Europe/Berlin or UTC' })
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

const only = z
  .array(z.enum(CHANGE_KINDS as readonly [ChangeKind, ...ChangeKind[]]))
  .min(1)
  .optional()
  .describe('The kinds of change that are told; all by default.');

const onChange = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .describe('Program and arguments. It gets the changes as JSON on its standard input.'),
    only,
    timeout: z.number().min(1).max(3600).default(60).describe('Seconds that it may take.'),
  })
  .describe('What is run after a scan that found changes.');

/** Of a receiver in the network: it is tried again, so that there is no need to be patient. */
const answerTimeout = z.number().min(1).max(120).default(10).describe('Seconds to wait for it.');

const secretEnv = z.string().min(1).optional();
const secretFile = z.string().min(1).optional();
const ONE_PLACE = 'has to stand in one place: name the environment variable or the file';

const webhook = z
  .strictObject({
    url: z
      .string()
      .refine(isWebAddress, {
        error:
          'is no web address: write one such as https://hooks.example/changes, without a password',
      })
      .describe('Where changes are posted to, as JSON.'),
    'secret-env': secretEnv.describe('Environment variable with the secret that signs messages.'),
    'secret-file': secretFile.describe('File with that secret.'),
    only,
    timeout: answerTimeout,
  })
  .refine((hook) => hook['secret-env'] === undefined || hook['secret-file'] === undefined, {
    path: ['secret-file'],
    error: ONE_PLACE,
  })
  .describe('Who is told of changes over the web. Messages wait on disk while it is down.');

const mailAddress = z.string().refine(isMailAddress, {
  error: 'is no mail address: write one such as network@example.net',
});

const mail = z
  .strictObject({
    host: z.string().min(1).describe('The mail server that takes the mail (SMTP).'),
    port: z.int().min(1).max(65_535).optional().describe('587, or 465 with tls.'),
    security: z
      .enum(['starttls', 'tls', 'none'], { error: 'has to be starttls, tls or none' })
      .default('starttls')
      .describe('How the connection is encrypted; none sends everything in the clear.'),
    user: z.string().min(1).optional().describe('Where the server wants one.'),
    'password-env': secretEnv.describe('Environment variable with its password.'),
    'password-file': secretFile.describe('File with its password.'),
    from: mailAddress.describe('Who it is from.'),
    to: z
      .union([mailAddress, z.array(mailAddress).min(1)])
      .transform((value) => [value].flat())
      .describe('Who gets it.'),
    only,
    digest: cron
      .optional()
      .describe('When what has come together is sent, as cron has it; after each scan by default.'),
    timeout: answerTimeout,
  })
  .refine((it) => it['password-env'] === undefined || it['password-file'] === undefined, {
    path: ['password-file'],
    error: ONE_PLACE,
  })
  .describe('Who is told of changes by mail. Mail waits on disk while the server is down.');

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
    schedule: cron.optional(),
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
    'on-change': onChange.optional(),
    webhook: webhook.optional(),
    mail: mail.optional(),
    'time-zone': timeZone.optional(),
    'gone-after': goneAfter.default(3),
    'slower-factor': slowerFactor.default(3),
    'slower-by': slowerBy.default(5),
    sweep: sweep.optional().describe('Options of the sweep for all networks.'),
    networks: z
      .record(
        z.string().regex(NETWORK_NAME, {
          error: 'is no name of a network: use letters, digits, - and _',
        }),
        network,
      )
      .refine((networks) => Object.keys(networks).length > 0, {
        error: 'names no network: add one',
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
  const { 'on-change': told, webhook: hook, mail: post } = data;
  return {
    config: {
      database: data.database,
      knownHosts: data['known-hosts'],
      keepDays: data['keep-days'],
      metricsFile: data['metrics-file'],
      onChange:
        told === undefined
          ? undefined
          : {
              command: told.command,
              kinds: told.only ?? CHANGE_KINDS,
              timeoutMs: told.timeout * 1000,
            },
      webhook:
        hook === undefined
          ? undefined
          : {
              url: hook.url,
              secret: { env: hook['secret-env'], file: hook['secret-file'] },
              kinds: hook.only ?? CHANGE_KINDS,
              timeoutMs: hook.timeout * 1000,
            },
      mail:
        post === undefined
          ? undefined
          : {
              host: post.host,
              port: post.port ?? (post.security === 'tls' ? 465 : 587),
              security: post.security,
              user: post.user,
              password: { env: post['password-env'], file: post['password-file'] },
              from: post.from,
              to: post.to,
              kinds: post.only ?? CHANGE_KINDS,
              digest:
                post.digest === undefined
                  ? undefined
                  : { cron: post.digest, timeZone: data['time-zone'] },
              timeoutMs: post.timeout * 1000,
            },
      networks,
    },
  };
}

function isWebAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return /^https?:$/.test(url?.protocol ?? '') && url?.username === '' && url.password === '';
}

/** One address and nothing else: no second one, no name, no line break to smuggle a header in. */
function isMailAddress(text: string): boolean {
  return /^[^\s@,;:<>"()[\]\\]+@[^\s@,;:<>"()[\]\\]+$/.test(text);
}

/** The JSON Schema that editors complete a configuration from. */
export function configJsonSchema(sweep: z.ZodType<SweepConfig>): object {
  const schema = z.toJSONSchema(configSchema(sweep), { io: 'input', target: 'draft-7' });
  return { title: 'echosweep inventory', ...schema };
}
