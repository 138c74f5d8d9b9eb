/** Sends changes to a syslog server, a message each: over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425). */

import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { changeSeverity, syslogLine } from '../../report/syslog-line.ts';
import { safeText } from '../../words.ts';
import type { ChangeMessage } from './change-message.ts';
import type { Courier, Verdict } from './delivery.ts';
import type { Message } from './notice.ts';
import type { SyslogConfig } from './receivers.ts';

/** Most scans in one connection. */
const MOST_SCANS = 50;

export function syslogCourier(config: SyslogConfig): Courier {
  const { name, host, transport, timeoutMs } = config;
  const send = transport === 'udp' ? sendDatagrams : sendStream;
  return {
    channel: name,
    batch: MOST_SCANS,
    timeoutMs,
    async deliver(messages, signal): Promise<Verdict> {
      const lines = messages.flatMap(({ body }) =>
        messageLines(JSON.parse(body) as Message, config.facility),
      );
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        await send(config, lines, limit);
        return { isDelivered: true };
      } catch (error) {
        // Larger than any datagram can be: it never will be sent.
        const isFinal = codeOf(error) === 'EMSGSIZE';
        return { isDelivered: false, problem: `${host} ${failure(error, limit)}`, isFinal };
      }
    },
  };
}

function messageLines(message: Message, facility: SyslogConfig['facility']): string[] {
  if (message.type === 'changes') return changeLines(message, facility);
  const text = message.type === 'test' ? message.text : 'digest';
  const values = { time: new Date().toISOString(), hostname: hostname(), values: [] };
  return [syslogLine({ facility, severity: 'info', kind: message.type, text, ...values })];
}

/** The messages about one scan, a line for each change. */
export function changeLines(
  message: ChangeMessage,
  facility: SyslogConfig['facility'],
  observer = hostname(),
): string[] {
  const { network, site, tags, changes } = message;
  return changes.map((changed) => {
    const { change, address, seen_at, severity: _, ...values } = changed;
    return syslogLine({
      facility,
      severity: changeSeverity(change),
      time: seen_at,
      hostname: observer,
      kind: 'change',
      values: [
        ['address', address],
        ['change', change],
        ...Object.entries(values),
        ['network', network],
        ['site', site],
        ['tags', tags.join() || null],
      ],
      text: safeText(`${change} ${address}`),
    });
  });
}

/** One message each (RFC 5426 section 3.1). */
async function sendDatagrams(
  { host, port }: SyslogConfig,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { address, family } = await lookup(host);
  const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', signal });
  try {
    // Connected, a socket reports from the second message on that no server listens at the port.
    socket.connect(port, address);
    await once(socket, 'connect', { signal });
    const failed = once(socket, 'error', { signal }).then(([error]) => Promise.reject(error));
    failed.catch(() => {});
    for (const line of lines) {
      const sent = new Promise<void>((resolve, reject) => {
        socket.send(line, (error) => (error === null ? resolve() : reject(error)));
      });
      await Promise.race([sent, failed]);
    }
  } finally {
    if (!signal.aborted) socket.close();
  }
}

/**
 * With the length in octets before each message (RFC 6587 section 3.4.1, RFC 5425 section 4.3). Syslog acknowledges
 * nothing: the messages count as delivered once the server, which has read to the end, closes the connection as well.
 * A server that closes it earlier has not read them.
 */
async function sendStream(
  { host, port, transport }: SyslogConfig,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const isTls = transport === 'tls';
  const socket: Socket = isTls
    ? connectTls({ host, port, servername: serverName(host) })
    : connect({ host, port });
  const stop = (): void => void socket.destroy(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    const closed = once(socket, 'close');
    // A connection that fails while it is being opened ends the next step first.
    closed.catch(() => {});
    await once(socket, isTls ? 'secureConnect' : 'connect');
    socket.resume().once('end', () => {
      if (!socket.writableFinished) socket.destroy(Object.assign(new Error(), { code: 'EPIPE' }));
    });
    socket.end(lines.map((line) => `${Buffer.byteLength(line)} ${line}`).join(''));
    await closed;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** TLS names no addresses (RFC 6066 section 3). */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}

function failure(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'did not answer in time';
  return `cannot be reached (${codeOf(error) ?? 'the connection failed'})`;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
