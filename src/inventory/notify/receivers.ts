/** The receivers of notifications: every field that a configuration may give them, once. */

import { z } from 'zod';
import { FACILITIES, type Facility } from '../../report/syslog-line.ts';
import { anyOf } from '../../words.ts';
import { fieldProblem } from '../field-problem.ts';
import { CHANGE_KINDS, type ChangeKind } from '../host-memory.ts';
import { CRON_FIELD, type Schedule } from '../schedule.ts';
import type { SecretPlace } from './secret.ts';

/** Each is undefined if the configuration does not name it. */
export interface Receivers {
  readonly onChange: ChangeCommand | undefined;
  readonly webhook: WebhookConfig | undefined;
  readonly mail: MailConfig | undefined;
  readonly syslog: SyslogConfig | undefined;
}

/** The program to run when a scan finds changes. */
export interface ChangeCommand {
  /** Program and arguments, run without a shell. */
  readonly command: readonly string[];
  /** Changes of other kinds are left out. */
  readonly kinds: readonly ChangeKind[];
  readonly timeoutMs: number;
}

/** The web server that changes are posted to. */
export interface WebhookConfig {
  readonly url: string;
  readonly secret: SecretPlace;
  readonly kinds: readonly ChangeKind[];
  readonly timeoutMs: number;
}

/** The addresses that changes are mailed to, and the mail server. */
export interface MailConfig {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly user: string | undefined;
  readonly password: SecretPlace;
  readonly from: string;
  readonly to: readonly string[];
  readonly kinds: readonly ChangeKind[];
  /** When the collected changes are sent; undefined for after each scan. */
  readonly digest: Schedule | undefined;
  readonly timeoutMs: number;
}

/** The server that changes are sent to as messages of syslog. */
export interface SyslogConfig {
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly facility: Facility;
  readonly kinds: readonly ChangeKind[];
  readonly timeoutMs: number;
}

const only = z
  .array(z.enum(CHANGE_KINDS as readonly [ChangeKind, ...ChangeKind[]]))
  .min(1)
  .optional()
  .describe('The kinds of change to notify about; all by default.');

const onChange = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .describe('Program and arguments. It gets the changes as JSON on its standard input.'),
    only,
    timeout: z.number().min(1).max(3600).default(60).describe('Seconds that it may take.'),
  })
  .describe('A program to run after a scan that found changes.');

/** Of a receiver on the network: a message is retried, so there is no need to be patient. */
const answerTimeout = z
  .number()
  .min(1)
  .max(120)
  .default(10)
  .describe('Seconds to wait for an answer.');

const secretEnv = z.string().min(1).optional();
const secretFile = z.string().min(1).optional();
const ONE_PLACE = fieldProblem('is in two places', 'name the environment variable or the file');

const webhook = z
  .strictObject({
    url: z
      .string()
      .refine(isWebAddress, {
        error: fieldProblem(
          'is not a web address',
          'write one such as https://hooks.example/changes, without a password',
        ),
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
  .describe('A web server to notify of changes. Messages wait on disk while it is down.');

const mailAddress = z.string().refine(isMailAddress, {
  error: fieldProblem('is not a mail address', 'write one such as network@example.net'),
});

const mail = z
  .strictObject({
    host: z.string().min(1).describe('The mail server that takes the mail (SMTP).'),
    port: z.int().min(1).max(65_535).optional().describe('587, or 465 with tls.'),
    security: z
      .enum(['starttls', 'tls', 'none'], {
        error: fieldProblem('is not valid', 'use starttls, tls or none'),
      })
      .default('starttls')
      .describe('How the connection is encrypted; none sends everything in the clear.'),
    user: z.string().min(1).optional().describe('If the server requires one.'),
    'password-env': secretEnv.describe('Environment variable with its password.'),
    'password-file': secretFile.describe('File with its password.'),
    from: mailAddress.describe('The sender.'),
    to: z
      .union([mailAddress, z.array(mailAddress).min(1)])
      .transform((value) => [value].flat())
      .describe('The recipients.'),
    only,
    digest: CRON_FIELD.optional().describe(
      'When to send the collected changes, in cron syntax; after each scan by default.',
    ),
    timeout: answerTimeout,
  })
  .refine((it) => it['password-env'] === undefined || it['password-file'] === undefined, {
    path: ['password-file'],
    error: ONE_PLACE,
  })
  .describe('A mail server to notify people of changes. Mail waits on disk while it is down.');

const syslog = z
  .strictObject({
    host: z.string().min(1).describe('The server that takes messages of syslog (RFC 5424).'),
    port: z.int().min(1).max(65_535).optional().describe('514, or 6514 with tls.'),
    transport: z
      .enum(['udp', 'tcp', 'tls'], {
        error: fieldProblem('is not valid', 'use udp, tcp or tls'),
      })
      .default('udp')
      .describe('How messages are sent; udp does not notice a message that is lost.'),
    facility: z
      .enum(Object.keys(FACILITIES) as [Facility, ...Facility[]], {
        error: fieldProblem('is not valid', `use ${anyOf(Object.keys(FACILITIES))}`),
      })
      .default('daemon')
      .describe('By which the server sorts messages.'),
    only,
    timeout: answerTimeout,
  })
  .describe('A syslog server to notify of changes. Messages wait on disk while it is down.');

/** The fields of the configuration. */
export const RECEIVER_FIELDS = {
  'on-change': onChange.optional(),
  webhook: webhook.optional(),
  mail: mail.optional(),
  syslog: syslog.optional(),
} as const;

type ReceiverFields = {
  readonly [Name in keyof typeof RECEIVER_FIELDS]?: z.output<(typeof RECEIVER_FIELDS)[Name]>;
};

/** @param timeZone of digests */
export function receiversOf(
  { 'on-change': program, webhook: hook, mail: post, syslog: log }: ReceiverFields,
  timeZone: string | undefined,
): Receivers {
  return {
    onChange:
      program === undefined
        ? undefined
        : {
            command: program.command,
            kinds: program.only ?? CHANGE_KINDS,
            timeoutMs: program.timeout * 1000,
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
            digest: post.digest === undefined ? undefined : { cron: post.digest, timeZone },
            timeoutMs: post.timeout * 1000,
          },
    syslog:
      log === undefined
        ? undefined
        : {
            host: log.host,
            port: log.port ?? (log.transport === 'tls' ? 6514 : 514),
            transport: log.transport,
            facility: log.facility,
            kinds: log.only ?? CHANGE_KINDS,
            timeoutMs: log.timeout * 1000,
          },
  };
}

/** Whether it is an address of a web server, without a user and a password. */
export function isWebAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return /^https?:$/.test(url?.protocol ?? '') && url?.username === '' && url.password === '';
}

/** One address and nothing else: no second address, no display name, no line break that smuggles in a header. */
function isMailAddress(text: string): boolean {
  return /^[^\s@,;:<>"()[\]\\]+@[^\s@,;:<>"()[\]\\]+$/.test(text);
}
