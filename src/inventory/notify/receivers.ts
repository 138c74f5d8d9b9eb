/** The receivers of notifications, from every place of a configuration that may name one. */

import type { Facility } from '../../report/syslog-line.ts';
import { CHANGE_KINDS } from '../host-memory.ts';
import type { Schedule } from '../schedule.ts';
import type { ChangeFilter } from './change-filter.ts';
import { digestCron } from './digest-schedule.ts';
import { minutesOf, type QuietHours, WEEKDAYS } from './quiet-hours.ts';
import type {
  FilterFields,
  ListedReceiver,
  ReceiverFields,
  TimingFields,
} from './receiver-fields.ts';
import type { SecretPlace } from './secret.ts';

/** All that a configuration names. */
export interface Receivers {
  /** Undefined if the configuration does not name one. */
  readonly onChange: ChangeCommand | undefined;
  /** Messages to these are queued. */
  readonly receivers: readonly Receiver[];
}

/** The program to run when a scan finds changes. */
export interface ChangeCommand {
  /** Program and arguments, run without a shell. */
  readonly command: readonly string[];
  readonly filter: ChangeFilter;
  readonly timeoutMs: number;
}

/** What every receiver has. */
interface ReceiverBase {
  /** Unique; also the name of its queue. */
  readonly name: string;
  readonly filter: ChangeFilter;
  readonly quiet: readonly QuietHours[];
  /** When the collected changes are sent; undefined for after each scan. */
  readonly digest: Schedule | undefined;
  readonly timeoutMs: number;
}

/** Where an address is, part of which is often secret. */
export interface AddressPlace extends SecretPlace {
  /** The address itself. */
  readonly url?: string | undefined;
}

/** The web server that changes are posted to as they are. */
interface WebhookReceiver extends ReceiverBase {
  readonly type: 'webhook';
  readonly address: AddressPlace;
  readonly secret: SecretPlace;
}

/** A service that shows messages to people. */
export interface ChatReceiver extends ReceiverBase {
  readonly type: ChatService;
  readonly address: AddressPlace;
  /** Of ntfy and Telegram. */
  readonly token: SecretPlace;
  /** Of Telegram. */
  readonly chat: string | undefined;
}

export const CHAT_SERVICES = ['slack', 'teams', 'discord', 'ntfy', 'telegram'] as const;
export type ChatService = (typeof CHAT_SERVICES)[number];

/** The mail server, and the addresses that changes are mailed to. */
export interface MailConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly user: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  readonly timeoutMs: number;
}

interface MailReceiver extends ReceiverBase, MailConfig {
  readonly type: 'mail';
  readonly password: SecretPlace;
}

/** The server that changes are sent to as messages of syslog. */
export interface SyslogConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly facility: Facility;
  readonly timeoutMs: number;
}

interface SyslogReceiver extends ReceiverBase, SyslogConfig {
  readonly type: 'syslog';
}

export type Receiver = WebhookReceiver | ChatReceiver | MailReceiver | SyslogReceiver;

/**
 * The receivers in the list, after those that have a field of their own and are called like it.
 * @param timeZone of digests and quiet hours that name none
 */
export function receiversOf(fields: ReceiverFields, timeZone: string | undefined): Receivers {
  const { 'on-change': program, webhook, mail, syslog, receivers = [] } = fields;
  const single: ListedReceiver[] = [
    ...(webhook === undefined ? [] : [{ ...webhook, type: 'webhook' as const, name: 'webhook' }]),
    ...(mail === undefined ? [] : [{ ...mail, type: 'mail' as const, name: 'mail' }]),
    ...(syslog === undefined ? [] : [{ ...syslog, type: 'syslog' as const, name: 'syslog' }]),
  ];
  return {
    onChange:
      program === undefined
        ? undefined
        : {
            command: program.command,
            filter: filterOf(program),
            timeoutMs: program.timeout * 1000,
          },
    receivers: [...single, ...receivers].map((each) => receiverOf(each, timeZone)),
  };
}

function receiverOf(given: ListedReceiver, timeZone: string | undefined): Receiver {
  const base = {
    name: given.name,
    filter: filterOf(given),
    ...(given.type === 'syslog' ? { quiet: [], digest: undefined } : timingOf(given, timeZone)),
    timeoutMs: given.timeout * 1000,
  };
  switch (given.type) {
    case 'mail':
      return {
        ...base,
        type: given.type,
        host: given.host,
        port: given.port ?? (given.security === 'tls' ? 465 : 587),
        security: given.security,
        user: given.user,
        password: { env: given['password-env'], file: given['password-file'] },
        from: given.from,
        to: given.to,
      };
    case 'syslog':
      return {
        ...base,
        type: given.type,
        host: given.host,
        port: given.port ?? (given.transport === 'tls' ? 6514 : 514),
        transport: given.transport,
        facility: given.facility,
      };
    case 'webhook': {
      const secret = { env: given['secret-env'], file: given['secret-file'] };
      return { ...base, type: given.type, address: addressOf(given), secret };
    }
    case 'telegram':
      return {
        ...base,
        type: given.type,
        address: addressOf(given),
        token: { env: given['token-env'], file: given['token-file'] },
        chat: given.chat,
      };
    default: {
      const token =
        given.type === 'ntfy' ? { env: given['token-env'], file: given['token-file'] } : {};
      return { ...base, type: given.type, address: addressOf(given), token, chat: undefined };
    }
  }
}

function addressOf(given: {
  readonly url?: string | undefined;
  readonly 'url-env'?: string | undefined;
  readonly 'url-file'?: string | undefined;
}): AddressPlace {
  return { url: given.url, env: given['url-env'], file: given['url-file'] };
}

function filterOf({ only, severity, networks, tags, hosts }: FilterFields): ChangeFilter {
  return { kinds: only ?? CHANGE_KINDS, severity, networks, tags, hosts };
}

function timingOf(
  { quiet = [], digest, 'time-zone': own }: TimingFields,
  general: string | undefined,
): Pick<ReceiverBase, 'quiet' | 'digest'> {
  const timeZone = own ?? general;
  return {
    quiet: quiet.map(({ from, to, days, alarms }) => ({
      from: minutesOf(from)!,
      to: minutesOf(to)!,
      days: days ?? WEEKDAYS,
      timeZone,
      letAlarmsPass: alarms === 'pass',
    })),
    digest: digest === undefined ? undefined : { cron: digestCron(digest)!, timeZone },
  };
}
