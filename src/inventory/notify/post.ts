/** Posts a text to a web server: with a time limit, through a proxy if there is one, and to no server but this one. */

import type { Verdict } from './delivery.ts';
import { ProxyRefusal, prepareRequest, proxyFor } from './proxy.ts';
import type { SecretSources } from './secret.ts';

/** These refuse the message itself (RFC 9110 section 15.5): a retry would be refused as well. */
const REFUSED = new Set([400, 405, 413, 414, 415, 422]);
/** Answers in which services explain a refusal. */
const EXPLAINED = new Set([400, 429]);
/** An answer may never end. */
const OCTETS_READ = 4096;

export interface Post {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What a server answers. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The beginning of what it says to a refusal; '' to anything else. */
  readonly said: string;
}

/** How a service answers, if not as most do. */
export interface Manners {
  /** Whether status 400 is about the message itself. */
  readonly isFinal?: (answer: Answer) => boolean;
}

/** Posts once. It never throws, and no problem names more of the address than its origin: the rest is often secret. */
export async function post(
  url: URL,
  env: SecretSources['env'],
  { body, headers, signal }: Post,
  { isFinal = () => true }: Manners = {},
): Promise<Verdict> {
  const { origin } = url;
  const failed = (problem: string): Verdict => ({ isDelivered: false, problem, isFinal: false });
  const proxy = proxyFor(url, env);
  if (proxy === 'invalid') {
    return failed(`${origin} cannot be reached (the proxy is not written as a web address)`);
  }
  // A proxy's user and password are secrets too.
  const way = proxy === undefined ? '' : ` through the proxy ${proxy.host}`;
  try {
    const answer = await postOnce(url, proxy, { body, headers, signal });
    const { status, retryAfter, said } = answer;
    if (status >= 200 && status < 300) return { isDelivered: true };
    return {
      isDelivered: false,
      problem: `${origin} answered with status ${status}${way}`,
      isFinal: REFUSED.has(status) && isFinal(answer),
      retryAfterMs: retryAfterMs(retryAfter, Date.now()) ?? retryMsIn(said),
    };
  } catch (error) {
    if (error instanceof ProxyRefusal) {
      return failed(`${origin} cannot be reached${way} (it answered with status ${error.status})`);
    }
    return failed(`${origin} ${whyNoAnswer(error, way)}`);
  }
}

/** It follows no redirects: the changes are for the configured server only. */
async function postOnce(url: URL, proxy: URL | undefined, sent: Post): Promise<Answer> {
  const { body, signal } = sent;
  const { request, options, headers } = await prepareRequest(url, proxy, signal);
  return new Promise((resolve, reject) => {
    const posting = request({
      ...options,
      method: 'POST',
      headers: {
        ...sent.headers,
        ...headers,
        'content-length': String(Buffer.byteLength(body)),
        connection: 'close',
      },
      signal,
    });
    posting.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const retryAfter = response.headers['retry-after'] ?? null;
      // Whatever happens to the connection now, the answer has been given.
      response.on('error', () => {});
      posting.off('error', fail);
      posting.on('error', () => {});
      const reading = EXPLAINED.has(status) ? beginningOf(response) : Promise.resolve('');
      void reading.then((said) => {
        resolve({ status, retryAfter, said });
        response.destroy();
      });
    });
    // Nothing else follows an answer with which the server wants to go on in another protocol (RFC 9110 section 7.8).
    posting.on('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, retryAfter: null, said: '' });
    });
    const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : error);
    posting.on('error', fail);
    posting.end(body);
  });
}

/** What arrives of it before it fails or ends: an explanation that breaks off explains nothing. */
async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let octets = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      octets += piece.length;
      if (octets >= OCTETS_READ) break;
    }
  } catch {
    return '';
  }
  return Buffer.concat(pieces).subarray(0, OCTETS_READ).toString();
}

/** Seconds, or an HTTP date (RFC 9110 sections 5.6.7 and 10.2.3); some services send fractions of a second. */
export function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const isDate = value.endsWith(' GMT');
  const seconds = /^\d{1,9}(\.\d{1,9})?$/.exec(value)?.[0];
  const ms = isDate ? Date.parse(value) - nowMs : Math.ceil(Number(seconds) * 1000);
  return ms > 0 ? ms : undefined;
}

/** `retry_after` in seconds, as Discord says it, or in `parameters`, as Telegram does. */
function retryMsIn(said: string): number | undefined {
  const answer = objectIn(said);
  const parameters = answer?.['parameters'] as Record<string, unknown> | null | undefined;
  const seconds = answer?.['retry_after'] ?? parameters?.['retry_after'];
  return typeof seconds === 'number' ? retryAfterMs(String(seconds), 0) : undefined;
}

/** The object that a text is in JSON; undefined if it is none. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Why a request has no answer, as the end of a sentence that begins with the server. @param way that leads there, '' for none */
export function whyNoAnswer(error: unknown, way: string): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `did not answer in time${way}`;
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return `cannot be reached${way} (${typeof code === 'string' ? code : 'the connection failed'})`;
}
