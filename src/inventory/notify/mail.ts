/** Sends changes by mail, as plain text: all since the last mail in one. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import { lookupToConnect } from '../../names/name-lookup.ts';
import type { Courier, Verdict } from './delivery.ts';
import { type Message, noticeOf } from './notice.ts';
import type { QueuedMessage } from './outbox.ts';
import type { MailConfig } from './receivers.ts';

/** People do not read more, and mail servers limit the size of a mail. */
const MOST_LINES = 500;
const MOST_SCANS = 200;
/** RFC 5321 section 4.2.1: a reply of the 5yz class means that another try fails as well. */
const PERMANENT = 500;
/** RFC 5321 section 4.2.3: for a full disk, a busy mailbox or missing rights, which may yet be fixed. */
const FIXABLE = new Set([530, 534, 535, 538, 550, 552, 554]);

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** @param messages oldest first */
export function mailText(messages: readonly Message[]): MailText {
  const { title, parts } = noticeOf(messages);
  let left = MOST_LINES;
  const texts = parts.map(({ heading, lines }) => {
    const shown = lines.slice(0, left);
    left -= shown.length;
    const rest = lines.length - shown.length;
    return [
      heading,
      '',
      ...shown.map((line) => `  ${line}`),
      ...(rest === 0 ? [] : [`and ${rest} more: echosweep inventory changes has them all`]),
      '',
    ].join('\n');
  });
  return { subject: title, text: `${texts.join('\n')}\n-- \nechosweep\n` };
}

/** @param password undefined if the server needs none */
export function mailCourier(config: MailConfig, password: string | undefined): Courier {
  const { name, host, port, security, user, timeoutMs } = config;
  // For the connection, the greeting, and each pause after them.
  const overMs = 4 * timeoutMs;
  return {
    channel: name,
    batch: MOST_SCANS,
    timeoutMs: overMs,
    async deliver(messages, signal) {
      // Our own, because closing the transport does not end what it is sending.
      const socket = new Socket();
      const transport = createTransport({
        connection: socket,
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
      // A server that goes on answering a little at a time is never silent for long.
      const over = AbortSignal.any([signal, AbortSignal.timeout(overMs)]);
      const stop = (): void =>
        void socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' }));
      over.addEventListener('abort', stop);
      try {
        over.throwIfAborted();
        await connected(socket, config, stop);
        const { rejectedErrors = [] } = await transport.sendMail(envelopeOf(config, messages));
        if (rejectedErrors.length === 0) return { isDelivered: true };
        const refused = rejectedErrors.map(
          ({ recipient, responseCode }) => `${recipient} (reply ${responseCode})`,
        );
        const problem = `${host} did not take the mail for ${refused.join(', ')}`;
        return { isDelivered: true, problem };
      } catch (error) {
        socket.destroy();
        return failure(host, error);
      } finally {
        over.removeEventListener('abort', stop);
        transport.close();
      }
    },
  };
}

/**
 * By the system's own look-up, which knows the hosts file: that of nodemailer fails if no name server answers.
 */
async function connected(
  socket: Socket,
  { host, port, timeoutMs }: MailConfig,
  stop: () => void,
): Promise<void> {
  // Until the mail is ready to be sent, nothing else listens for failures.
  socket.on('error', () => {});
  const timer = setTimeout(stop, timeoutMs);
  try {
    socket.connect({ port, host, lookup: lookupToConnect });
    await once(socket, 'connect');
  } finally {
    clearTimeout(timer);
  }
}

function envelopeOf({ from, to }: MailConfig, messages: readonly QueuedMessage[]) {
  const scans = messages.map(({ body }) => JSON.parse(body) as Message);
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
  const { responseCode, code } = error as { responseCode?: number; code?: unknown };
  const isFinal =
    responseCode !== undefined && responseCode >= PERMANENT && !FIXABLE.has(responseCode);
  const noReply = typeof code === 'string' ? code : 'the connection failed';
  const why = responseCode === undefined ? noReply : `reply ${responseCode}`;
  return { isDelivered: false, problem: `${host} did not take the mail (${why})`, isFinal };
}
