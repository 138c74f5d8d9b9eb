/** Every field that a configuration may give the receivers of notifications, once. */

import { z } from 'zod';
import { FACILITIES, type Facility } from '../../report/syslog-line.ts';
import { anyOf } from '../../words.ts';
import { fieldProblem } from '../field-problem.ts';
import { CHANGE_KINDS, type ChangeKind, SEVERITIES } from '../host-memory.ts';
import { HOSTS_FIELD } from '../host-pattern.ts';
import { oneOrMore, TEXTS_FIELD } from '../one-or-more.ts';
import { TIME_ZONE_FIELD } from '../schedule.ts';
import { digestCron } from './digest-schedule.ts';
import { minutesOf, WEEKDAYS } from './quiet-hours.ts';

/** Which changes a receiver gets. */
const FILTER = {
  only: z
    .array(z.enum(CHANGE_KINDS as readonly [ChangeKind, ...ChangeKind[]]))
    .min(1)
    .optional()
    .describe('The kinds of change to notify about; all by default.'),
  severity: z
    .enum(SEVERITIES, {
      error: fieldProblem('is not valid', `use ${anyOf(SEVERITIES)}`),
    })
    .default('info')
    .describe('The lowest severity to notify about: info, notice or alarm.'),
  networks: TEXTS_FIELD.optional().describe('Names of networks to notify about; all by default.'),
  tags: TEXTS_FIELD.optional().describe(
    'Notify only if the network or the host has one of these tags.',
  ),
  hosts: HOSTS_FIELD.optional().describe(
    'Addresses, subnets, and names with * for any text; all by default.',
  ),
};

const TIME_ADVICE = 'write one such as "22:00"';
const timeOfDay = z.string().refine((text) => minutesOf(text) !== undefined, {
  error: fieldProblem('is not a time of day', TIME_ADVICE),
});

/** When quiet hours are. */
export const QUIET_TIMES = {
  from: timeOfDay
    .refine((text) => minutesOf(text) !== 24 * 60, {
      error: fieldProblem('is not a time of day', TIME_ADVICE),
    })
    .describe('When they begin, such as "22:00".'),
  to: timeOfDay.describe('When they end; on the next day if that is not later than from.'),
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .optional()
    .describe('The days on which they begin: mon to sun; every day by default.'),
};

const quietHours = z.strictObject({
  ...QUIET_TIMES,
  alarms: z
    .enum(['pass', 'wait'], { error: fieldProblem('is not valid', 'use pass or wait') })
    .default('pass')
    .describe('What becomes of alarms: pass delivers them all the same, wait holds them back too.'),
});

/** When a receiver gets them. */
const TIMING = {
  quiet: oneOrMore(quietHours)
    .optional()
    .describe('Hours in which nothing is delivered; it is delivered when they end.'),
  digest: z
    .string()
    .refine((text) => digestCron(text) !== undefined, {
      error: fieldProblem(
        'is not a time that comes again',
        'write "daily at 07:00", "monday at 07:00" or a cron expression',
      ),
    })
    .optional()
    .describe('When to send the collected changes with totals; after each scan by default.'),
  'time-zone': TIME_ZONE_FIELD.optional().describe(
    'Time zone of quiet hours and digests; that of the schedules by default.',
  ),
};

/** Of a receiver on the network: a message is retried, so there is no need to be patient. */
const TIMEOUT = {
  timeout: z.number().min(1).max(120).default(10).describe('Seconds to wait for an answer.'),
};

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, {
    error: fieldProblem('is not a valid name', 'use letters, digits, - and _'),
  })
  .describe('Its name, for messages and logs.');

const envOf = (what: string) =>
  z.string().min(1).optional().describe(`Environment variable with ${what}.`);
const fileOf = (what: string) => z.string().min(1).optional().describe(`File with ${what}.`);
const webAddress = z.string().refine(isWebAddress, {
  error: fieldProblem(
    'is not a web address',
    'write one such as https://hooks.example/changes, without a password',
  ),
});

const ADDRESS = {
  url: webAddress.optional().describe('The URL that changes are posted to.'),
  'url-env': envOf('the URL, if it is secret'),
  'url-file': fileOf('the URL'),
};

const WEBHOOK = {
  ...ADDRESS,
  'secret-env': envOf('the secret that signs messages'),
  'secret-file': fileOf('that secret'),
  ...FILTER,
  ...TIMING,
  ...TIMEOUT,
};
const CHAT = { ...ADDRESS, ...FILTER, ...TIMING, ...TIMEOUT };
const TOKEN = { 'token-env': envOf('the access token'), 'token-file': fileOf('that token') };
const NTFY = { ...ADDRESS, ...TOKEN, ...FILTER, ...TIMING, ...TIMEOUT };
const NO_CHAT = fieldProblem('is not a chat', 'write its number, or "@name" of a channel');
const TELEGRAM = {
  ...TOKEN,
  chat: z
    .union([z.int(), z.string().regex(/^(-?\d{1,20}|@\w{3,64})$/, { error: NO_CHAT })], {
      error: NO_CHAT,
    })
    .transform(String)
    .describe('The chat that the bot writes to: its number, or @name of a channel.'),
  url: webAddress
    .default('https://api.telegram.org')
    .describe('The server of the Bot API, if you run your own.'),
  ...FILTER,
  ...TIMING,
  ...TIMEOUT,
};

const mailAddress = z.string().refine(isMailAddress, {
  error: fieldProblem('is not a mail address', 'write one such as network@example.net'),
});
const port = z.int().min(1).max(65_535).optional();

const MAIL = {
  host: z.string().min(1).describe('The mail server that takes the mail (SMTP).'),
  port: port.describe("The server's port; by default 587, or 465 with tls."),
  security: z
    .enum(['starttls', 'tls', 'none'], {
      error: fieldProblem('is not valid', 'use starttls, tls or none'),
    })
    .default('starttls')
    .describe('How the connection is encrypted; none sends everything in the clear.'),
  user: z.string().min(1).optional().describe('User name, if the server requires one.'),
  'password-env': envOf('its password'),
  'password-file': fileOf('its password'),
  from: mailAddress.describe('The sender.'),
  to: oneOrMore(mailAddress).describe('The recipients.'),
  ...FILTER,
  ...TIMING,
  ...TIMEOUT,
};

const SYSLOG = {
  host: z.string().min(1).describe('The server that takes messages of syslog (RFC 5424).'),
  port: port.describe("The server's port; by default 514, or 6514 with tls."),
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
    .describe('The facility, by which the server sorts messages.'),
  ...FILTER,
  ...TIMEOUT,
};

const onChange = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .describe('Program and arguments. It gets the changes as JSON on its standard input.'),
    ...FILTER,
    timeout: z.number().min(1).max(3600).default(60).describe('Seconds that it may take.'),
  })
  .describe('A program to run after a scan that found changes.');

/** Fields of which at most one may be given, and whether one has to be. */
const PLACES: readonly { readonly fields: readonly string[]; readonly isRequired: boolean }[] = [
  { fields: ['url', 'url-env', 'url-file'], isRequired: true },
  { fields: ['secret-env', 'secret-file'], isRequired: false },
  { fields: ['password-env', 'password-file'], isRequired: false },
  { fields: ['token-env', 'token-file'], isRequired: false },
];

/** Checks a receiver whose fields are valid by themselves. */
function checkPlaces(given: object, context: z.RefinementCtx): void {
  const values = new Map(Object.entries(given));
  const type = values.get('type');
  for (const { fields, isRequired } of PLACES) {
    const named = fields.filter((field) => values.get(field) !== undefined);
    const [, second] = named;
    if (second !== undefined) {
      const advice =
        fields[0] === 'url'
          ? 'name the URL, the environment variable or the file'
          : 'name the environment variable or the file';
      const message = fieldProblem('is in two places', advice);
      context.addIssue({ code: 'custom', path: [second], message });
    }
    const isNeeded = isRequired
      ? !values.has('host')
      : fields[0] === 'token-env' && type === 'telegram';
    if (named.length === 0 && isNeeded) {
      const message = fieldProblem('is missing', `add it, or ${anyOf(fields.slice(1))}`);
      context.addIssue({ code: 'custom', path: [fields[0]!], message });
    }
  }
  const password = (['password-env', 'password-file'] as const).find(
    (field) => values.get(field) !== undefined,
  );
  if (password !== undefined && values.get('user') === undefined) {
    const message = fieldProblem('is the password of no user', 'add user, or leave it out');
    context.addIssue({ code: 'custom', path: [password], message });
  }
  if (type === 'ntfy' && typeof values.get('url') === 'string' && !hasTopic(values.get('url'))) {
    const message = fieldProblem('names no topic', 'write one such as https://ntfy.sh/my-topic');
    context.addIssue({ code: 'custom', path: ['url'], message });
  }
}

const listed = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('webhook'), name, ...WEBHOOK }).superRefine(checkPlaces),
    z.strictObject({ type: z.literal('slack'), name, ...CHAT }).superRefine(checkPlaces),
    z.strictObject({ type: z.literal('teams'), name, ...CHAT }).superRefine(checkPlaces),
    z.strictObject({ type: z.literal('discord'), name, ...CHAT }).superRefine(checkPlaces),
    z.strictObject({ type: z.literal('ntfy'), name, ...NTFY }).superRefine(checkPlaces),
    z.strictObject({ type: z.literal('telegram'), name, ...TELEGRAM }).superRefine(checkPlaces),
    z.strictObject({ type: z.literal('mail'), name, ...MAIL }).superRefine(checkPlaces),
    z.strictObject({ type: z.literal('syslog'), name, ...SYSLOG }),
  ],
  {
    error: fieldProblem(
      'is not a type of receiver',
      'use webhook, slack, teams, discord, ntfy, telegram, mail or syslog',
    ),
  },
);

/** The fields of the configuration. */
export const RECEIVER_FIELDS = {
  'on-change': onChange.optional(),
  webhook: z
    .strictObject(WEBHOOK)
    .superRefine(checkPlaces)
    .describe('A web server to notify of changes. Messages wait on disk while it is down.')
    .optional(),
  mail: z
    .strictObject(MAIL)
    .superRefine(checkPlaces)
    .describe('A mail server to notify people of changes. Mail waits on disk while it is down.')
    .optional(),
  syslog: z
    .strictObject(SYSLOG)
    .describe('A syslog server to notify of changes. Messages wait on disk while it is down.')
    .optional(),
  receivers: z
    .array(listed)
    .min(1)
    .describe('Further receivers of changes. Messages wait on disk while one is down.')
    .optional(),
} as const;

export type ReceiverFields = {
  readonly [Name in keyof typeof RECEIVER_FIELDS]?: z.output<(typeof RECEIVER_FIELDS)[Name]>;
};
export type ListedReceiver = z.output<typeof listed>;
export type FilterFields = z.output<z.ZodObject<typeof FILTER>>;
export type TimingFields = z.output<z.ZodObject<typeof TIMING>>;

/** What is wrong with the receivers as a whole: two of one name, and networks that are not there. */
export function receiverIssues(
  fields: ReceiverFields,
  networks: readonly string[],
): z.core.$ZodIssue[] {
  const issues: z.core.$ZodIssue[] = [];
  const add = (path: PropertyKey[], problem: string, advice: string): void => {
    issues.push({
      code: 'custom',
      path,
      message: fieldProblem(problem, advice),
      input: undefined,
    });
  };
  const single = ['on-change', 'webhook', 'mail', 'syslog'] as const;
  const names = new Set<string>(single.filter((field) => fields[field] !== undefined));
  const all: [PropertyKey[], FilterFields][] = single.flatMap((field) => {
    const given = fields[field];
    return given === undefined ? [] : [[[field], given]];
  });
  for (const [i, given] of (fields.receivers ?? []).entries()) {
    const path = ['receivers', i];
    if (names.has(given.name)) add([...path, 'name'], 'is taken', 'choose another');
    names.add(given.name);
    all.push([path, given]);
  }
  for (const [path, { networks: wanted = [] }] of all) {
    const unknown = wanted.find((each) => !networks.includes(each));
    if (unknown === undefined) continue;
    const problem = `names ${JSON.stringify(unknown)}, which is not a network here`;
    add([...path, 'networks'], problem, `use ${anyOf(networks)}`);
  }
  return issues;
}

/** Whether it is an address of a web server, without a user and a password. */
export function isWebAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return /^https?:$/.test(url?.protocol ?? '') && url?.username === '' && url.password === '';
}

/** Whether the address ends in the name of a topic of ntfy. */
function hasTopic(url: string): boolean {
  return /\/[-\w]{1,64}$/.test(new URL(url).pathname);
}

/** One address and nothing else: no second address, no display name, no line break that smuggles in a header. */
function isMailAddress(text: string): boolean {
  return /^[^\s@,;:<>"()[\]\\]+@[^\s@,;:<>"()[\]\\]+$/.test(text);
}
