/** Sends changes to a syslog server, a message each: over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425). */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { errorCode } from '../../file-errors.ts';
import { lookupToConnect, sharedSystemLookup } from '../../names/name-lookup.ts';
import { pause, unlessAborted } from '../../pause.ts';
import { changeSeverity, syslogLine } from '../../report/syslog-line.ts';
import { safeText } from '../../words.ts';
import type { ChangeMessage } from './change-message.ts';
import type { Courier, Verdict } from './delivery.ts';
import type { Message } from './notice.ts';
import type { SyslogConfig } from './receivers.ts';

/** Most scans in one connection. */
const MOST_SCANS = 50;
/** How long a server may close the connection as one that takes nothing: a round trip, however short or long that seems. */
const SHORTEST_DOUBT_MS = 100;
const LONGEST_DOUBT_MS = 1000;

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
        const isFinal = errorCode(error) === 'EMSGSIZE';
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
  const [address] = await unlessAborted(sharedSystemLookup(host), signal);
  const socket = createSocket({ type: isIP(address!) === 6 ? 'udp6' : 'udp4', signal });
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
 * One that closes it with octets unread resets it. One that closes it before any arrive looks as if it had read them,
 * unless the end is sent later than they are: by a round trip, which is as long as the connection took at most.
 */
async function sendStream(
  { host, port, transport }: SyslogConfig,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const isTls = transport === 'tls';
  const openedAtMs = performance.now();
  const socket: Socket = isTls
    ? connectTls({ host, port, servername: serverName(host), lookup: lookupToConnect })
    : connect({ host, port, lookup: lookupToConnect });
  const stop = (): void => void socket.destroy(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    const closed = once(socket, 'close');
    // A connection that fails while it is being opened ends the next step first.
    closed.catch(() => {});
    await once(socket, isTls ? 'secureConnect' : 'connect');
    const openedInMs = performance.now() - openedAtMs;
    socket.resume().once('end', () => {
      if (!socket.writableEnded) socket.destroy(Object.assign(new Error(), { code: 'EPIPE' }));
    });
    const written = new Promise<void>((resolve) => {
      const text = lines.map((line) => `${Buffer.byteLength(line)} ${line}`).join('');
      socket.write(text, () => resolve());
    });
    await Promise.race([written, closed]);
    const doubtMs = Math.min(Math.max(openedInMs, SHORTEST_DOUBT_MS), LONGEST_DOUBT_MS);
    await Promise.race([pause(doubtMs, signal), closed]);
    // After a delay of our own, what has arrived meanwhile is read first.
    await setImmediate();
    socket.end();
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
  if (errorCode(error) === 'EPIPE') return 'closed the connection before the messages ended';
  return `cannot be reached (${errorCode(error) || 'the connection failed'})`;
}
