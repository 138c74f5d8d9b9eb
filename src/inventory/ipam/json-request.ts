/** One request with JSON to a web server, directly or through the proxy that the environment names. */

import { prepareRequest, proxyFor } from '../notify/proxy.ts';

/** What to send. */
export interface JsonRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Text of JSON; undefined for a request without a body. */
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** A whole answer; one that breaks off is an error. */
export interface TextAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly location: string | null;
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

export function wayTo(url: URL, env: Readonly<Record<string, string | undefined>>): Way {
  const proxy = proxyFor(url, env);
  const isUsed = proxy !== undefined && proxy !== 'invalid';
  return { proxy, words: isUsed ? ` through the proxy ${proxy.host}` : '' };
}

/**
 * Follows no redirect: the token is for the configured server only.
 * @throws ProxyRefusal, or what the connection fails with
 */
export async function sendJson(
  { method, url, headers, body, signal }: JsonRequest,
  proxy: URL | undefined,
): Promise<TextAnswer> {
  const way = await prepareRequest(url, proxy, signal);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : error);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sending = way.request({
      ...way.options,
      method,
      headers: { ...headers, ...length, ...way.headers, ...ONE_REQUEST },
      signal,
    });
    sending.on('response', (response) => {
      const text = new BoundedText();
      response.on('data', (chunk: Uint8Array) => {
        try {
          text.add(chunk);
        } catch (error) {
          response.destroy();
          fail(error);
        }
      });
      // An answer that breaks off has this event and `error`, and no `end`.
      response.on('error', fail);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'] ?? null,
          location: response.headers.location ?? null,
          text: text.end(),
        }),
      );
    });
    // Nothing else follows an answer with which the server wants to go on in another protocol (RFC 9110 section 7.8).
    sending.on('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, retryAfter: null, location: null, text: '' });
    });
    sending.on('error', fail);
    sending.end(body);
  });
}

class BoundedText {
  private readonly decoder = new TextDecoder();
  private text = '';

  add(chunk: Uint8Array): void {
    this.text += this.decoder.decode(chunk, { stream: true });
    if (this.text.length > LONGEST_ANSWER) throw new Error('the answer is too long');
  }

  end(): string {
    return this.text + this.decoder.decode();
  }
}
