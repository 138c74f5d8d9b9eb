/** Pings 127.0.0.1 before a sweep: a `ping` that cannot be read must never make a host `down`. */

import { type PingDialect, type PingRequest, says } from './dialect.ts';
import { isUnread, shownOutput } from './ping-report.ts';

/** The options of a sweep that a ping of 127.0.0.1 can have too. */
export type TrialOptions = Pick<PingRequest, 'payloadBytes' | 'ttl' | 'tos' | 'dontFragment'>;

/** What iputils and BusyBox print if they may not open their socket; iputils of 2018 without `ping: `. */
const POWERLESS = /^(?:socket: |ping6?: .*(\bsocket: |privilege|are you root))/im;

/**
 * Why this ping cannot be used; undefined if it can. In containers and hardened services it is often there and may not
 * open a socket. One of another system may refuse the options or print what the dialect cannot read.
 */
export async function whatPreventsPing(
  dialect: PingDialect,
  options: TrialOptions,
): Promise<string | undefined> {
  const { payloadBytes, ttl, tos, dontFragment } = options;
  const request: PingRequest = {
    family: 4,
    address: '127.0.0.1',
    count: 1,
    timeoutMs: 1000,
    periodMs: 1000,
    payloadBytes,
    dontFragment,
    ...(ttl !== undefined && { ttl }),
    ...(tos !== undefined && { tos }),
  };
  const text = await says(dialect.command(request.family), dialect.arguments(request));
  if (text === undefined || POWERLESS.test(text)) return 'the `ping` here may not open a socket';
  const report = dialect.parse(text);
  // One that numbers its probes in another way, as GNU inetutils does from 0, would be read as silent.
  if (report.events.some(({ kind, probe }) => kind === 'reply' && probe === 0)) return undefined;
  // A system that does not answer pings of 127.0.0.1 can still sweep, if its ping says so in a way that we can read.
  if (!isUnread({ ...report, events: [] }, text)) return undefined;
  return `the \`ping\` here cannot be read: for ${request.address} it printed ${shownOutput(text)}`;
}
