/** Sends one request to a web server, directly or through the proxy that the environment names. */

import type { IncomingMessage } from 'node:http';
import { ProxyRefusal, prepareRequest, proxyFor } from './proxy.ts';

/** What to send. */
export interface WebRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined for a request without a body. */
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** The beginning of an answer. */
export interface WebAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly location: string | null;
  /** undefined if the server wants to go on in another protocol (RFC 9110 section 7.8): nothing else follows then. */
  readonly body: IncomingMessage | undefined;
}

/** A whole answer. */
export interface TextAnswer extends Omit<WebAnswer, 'body'> {
  readonly text: string;
}

/**
 * A connection for each request: the server may close one that is kept just when the next request is on its way, and a
 * change must not be sent twice.
 */
const ONE_REQUEST = { connection: 'close' } as const;
/** More is not an answer to one of our questions. */
const LONGEST_ANSWER = 64 << 20;

/** The proxy for a server, and how messages mention it: '' if there is none. */
export interface Way {
  readonly proxy: URL | 'invalid' | undefined;
  readonly words: string;
}

/** A proxy's user and password are secrets, so messages have its host only. */
export function wayTo(url: URL, env: Readonly<Record<string, string | undefined>>): Way {
  const proxy = proxyFor(url, env);
  const isUsed = proxy !== undefined && proxy !== 'invalid';
  return { proxy, words: isUsed ? ` through the proxy ${proxy.host}` : '' };
}

/**
 * Follows no redirect: changes and tokens are for the configured server only.
 * @throws ProxyRefusal, or what the connection fails with before there is an answer
 */
export async function sendRequest(
  { method, url, headers, body, signal }: WebRequest,
  proxy: URL | undefined,
): Promise<WebAnswer> {
  const way = await prepareRequest(url, proxy, signal);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const answer = (response: IncomingMessage, content: IncomingMessage | undefined): void =>
      resolve({
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'] ?? null,
        location: response.headers.location ?? null,
        body: content,
      });
    const sending = way.request({
      ...way.options,
      method,
      headers: { ...headers, ...length, ...way.headers, ...ONE_REQUEST },
      signal,
    });
    sending.on('response', (response) => {
      // A reader of the body gets its error as well; without a reader it no longer matters.
      response.on('error', () => {});
      answer(response, response);
    });
    sending.on('upgrade', (response, socket) => {
      socket.destroy();
      answer(response, undefined);
    });
    sending.on('error', (error) => reject(reasonOf(error, signal)));
    sending.end(body);
  });
}

/**
 * The same with the whole answer; one that breaks off is an error.
 * @throws ProxyRefusal, or what the connection fails with
 */
export async function sendForText(
  request: WebRequest,
  proxy: URL | undefined,
): Promise<TextAnswer> {
  const { body, ...answer } = await sendRequest(request, proxy);
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > LONGEST_ANSWER) throw new Error('the answer is too long');
    }
  } catch (error) {
    throw reasonOf(error, request.signal);
  }
  return { ...answer, text: text + decoder.decode() };
}

/** Why a request has no answer, as the end of a sentence that begins with the server. @param way that leads there, '' for none */
export function whyNoAnswer(error: unknown, way: string): string {
  if (error instanceof ProxyRefusal)
    return `cannot be reached${way} (it answered with status ${error.status})`;
  if (error instanceof Error && error.name === 'TimeoutError')
    return `did not answer in time${way}`;
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return `cannot be reached${way} (${typeof code === 'string' ? code : 'the connection failed'})`;
}

/** Seconds, or an HTTP date (RFC 9110 sections 5.6.7 and 10.2.3); some services send fractions of a second. */
export function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const isDate = value.endsWith(' GMT');
  const seconds = /^\d{1,9}(\.\d{1,9})?$/.exec(value)?.[0];
  const ms = isDate ? Date.parse(value) - nowMs : Math.ceil(Number(seconds) * 1000);
  return ms > 0 ? ms : undefined;
}

/** What a signal was aborted for says more than the connection that it ended. */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error;
}
