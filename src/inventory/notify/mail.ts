/** Sends changes by mail, as plain text: all since the last mail in one. */

import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { fill } from '../../report/terminal-text.ts';
import { safeText } from '../../words.ts';
import { changeTotals } from '../change-totals.ts';
import type { ChangeMessage } from './change-message.ts';
import type { Courier, Verdict } from './delivery.ts';
import type { QueuedMessage } from './outbox.ts';
import type { MailConfig } from './receivers.ts';

/** People do not read more, and mail servers limit the size of a mail. */
const MOST_CHANGES = 500;
const MOST_SCANS = 200;
const COLUMN_WIDTH = 15;
/** RFC 5321 section 4.2.1: a reply of the 5yz class means that another try fails as well. */
const PERMANENT = 500;
/** RFC 5321 section 4.2.3: for a full disk, a busy mailbox or missing rights, which may yet be fixed. */
const FIXABLE = new Set([530, 534, 535, 538, 550, 552, 554]);

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** @param messages oldest first */
export function mailText(messages: readonly ChangeMessage[]): MailText {
  const all = messages.flatMap(({ changes }) => changes);
  const names = [...new Set(messages.map(({ network }) => network))];
  const whose = names.length > 3 ? `${names.length} networks` : names.join(', ');
  let left = MOST_CHANGES;
  const parts = messages.map((message) => {
    const shown = message.changes.slice(0, left);
    left -= shown.length;
    return scanText(message, shown);
  });
  return {
    subject: `echosweep: ${whose}: ${changeTotals(all.map(({ change }) => ({ kind: change })))}`,
    text: `${parts.join('\n')}\n-- \nechosweep\n`,
  };
}

function scanText(
  { network, site, scanned_at, changes }: ChangeMessage,
  shown: ChangeMessage['changes'],
): string {
  const place = site === null ? '' : ` (${safeText(site)})`;
  const totals = changeTotals(changes.map(({ change }) => ({ kind: change })));
  const rest = changes.length - shown.length;
  return [
    `${network}${place}, scanned at ${scanned_at}: ${totals}`,
    '',
    ...shown.map(changeLine),
    ...(rest === 0 ? [] : [`and ${rest} more: echosweep inventory changes has them all`]),
    '',
  ].join('\n');
}

function changeLine(changed: ChangeMessage['changes'][0]): string {
  const { change, address, hostname, before, after } = changed;
  const values = [
    valueWords(before, changed.vendor_before),
    valueWords(after, changed.vendor_after),
  ];
  const name = hostname === null ? '' : `  ${safeText(hostname)}`;
  return `  ${padded(change)}${padded(address)}${values.join(change === 'conflict' ? ' and ' : ' -> ')}${name}`;
}

/** @param vendor undefined in messages that an earlier version queued */
function valueWords(value: string | null, vendor: string | null | undefined): string {
  return safeText(`${value ?? '-'}${typeof vendor === 'string' ? ` ${vendor}` : ''}`);
}

const padded = (words: string): string => `${words}${fill(words, COLUMN_WIDTH)}  `;

/** @param password undefined if the server needs none */
export function mailCourier(config: MailConfig, password: string | undefined): Courier {
  const { host, port, security, user, timeoutMs } = config;
  return {
    channel: 'mail',
    batch: MOST_SCANS,
    // For the connection, the greeting, and each pause after them.
    timeoutMs: 4 * timeoutMs,
    async deliver(messages, signal) {
      const transport = createTransport({
        host,
        port,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const stop = (): void => transport.close();
      signal.addEventListener('abort', stop);
      try {
        await transport.sendMail(envelopeOf(config, messages));
        return { isDelivered: true };
      } catch (error) {
        return failure(host, error);
      } finally {
        signal.removeEventListener('abort', stop);
        transport.close();
      }
    },
  };
}

function envelopeOf({ from, to }: MailConfig, messages: readonly QueuedMessage[]) {
  const scans = messages.map(({ body }) => JSON.parse(body) as ChangeMessage);
  const id = createHash('sha256')
    .update(messages.map(({ delivery }) => delivery).join())
    .digest('hex');
  return {
    from,
    to: [...to],
    ...mailText(scans),
    messageId: `<${id.slice(0, 32)}@echosweep>`,
    // RFC 3834 section 5: no machine is to reply to it.
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

function failure(host: string, error: unknown): Verdict {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  const isFinal =
    responseCode !== undefined && responseCode >= PERMANENT && !FIXABLE.has(responseCode);
  const why =
    responseCode === undefined ? (code ?? 'the connection failed') : `reply ${responseCode}`;
  return { isDelivered: false, problem: `${host} did not take the mail (${why})`, isFinal };
}
