/** Posts changes to a web server: signed, with a time limit, and to no server but the configured one. */

import { createHmac } from 'node:crypto';
import type { Courier, Verdict } from './delivery.ts';
import { ProxyRefusal, proxyFor, throughProxy } from './proxy.ts';
import type { WebhookConfig } from './receivers.ts';
import type { SecretSources } from './secret.ts';

/** These refuse the message itself (RFC 9110 section 15.5): a retry would be refused as well. */
const REFUSED = new Set([400, 405, 413, 414, 415, 422]);

/**
 * `t=<seconds since 1970>,v1=<HMAC-SHA256 in hex>` over `<seconds>.<body>`: it proves to a receiver that knows the
 * secret that we wrote the body, and when.
 */
export function signature(secret: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

/** @param secret undefined if messages are not signed @param env names the proxy, if there is one */
export function webhookCourier(
  { url, timeoutMs }: WebhookConfig,
  secret: string | undefined,
  userAgent: string,
  env: SecretSources['env'],
): Courier {
  return {
    channel: 'webhook',
    batch: 1,
    timeoutMs,
    deliver: ([message], signal) =>
      deliver(new URL(url), env, {
        body: message!.body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        headers: {
          'content-type': 'application/json',
          'user-agent': userAgent,
          'echosweep-delivery': message!.delivery,
          ...(secret === undefined
            ? {}
            : { 'echosweep-signature': signature(secret, message!.body, new Date()) }),
        },
      }),
  };
}

interface Post {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What a server answers; its body is not read, because it may never end. */
interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
}

async function deliver(url: URL, env: SecretSources['env'], post: Post): Promise<Verdict> {
  // The path and the query of such an address are often secret.
  const { origin } = url;
  const failed = (problem: string): Verdict => ({ isDelivered: false, problem, isFinal: false });
  const proxy = proxyFor(url, env);
  if (proxy === 'invalid') {
    return failed(`${origin} cannot be reached (the proxy is not written as a web address)`);
  }
  // A proxy's user and password are secrets too.
  const way = proxy === undefined ? '' : ` through the proxy ${proxy.host}`;
  try {
    const { status, retryAfter } = await (proxy === undefined
      ? postDirectly(url, post)
      : postThroughProxy(url, proxy, post));
    if (status >= 200 && status < 300) return { isDelivered: true };
    return {
      isDelivered: false,
      problem: `${origin} answered with status ${status}${way}`,
      isFinal: REFUSED.has(status),
      retryAfterMs: retryAfterMs(retryAfter, Date.now()),
    };
  } catch (error) {
    if (error instanceof ProxyRefusal) {
      return failed(`${origin} cannot be reached${way} (it answered with status ${error.status})`);
    }
    return failed(`${origin} ${whyNoAnswer(error, way)}`);
  }
}

async function postDirectly(url: URL, post: Post): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    ...post,
    // The changes are for the configured server only, wherever it redirects.
    redirect: 'manual',
  });
  await response.body?.cancel();
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
}

/** Unlike `fetch`, `request` of node:http takes a connection, and it follows no redirects. */
async function postThroughProxy(url: URL, proxy: URL, post: Post): Promise<Answer> {
  const { body, signal } = post;
  const { request, options, headers } = await throughProxy(url, proxy, signal);
  return new Promise((resolve, reject) => {
    const posting = request({
      ...options,
      method: 'POST',
      headers: {
        ...post.headers,
        ...headers,
        'content-length': String(Buffer.byteLength(body)),
        connection: 'close',
      },
      signal,
    });
    posting.on('response', (response) => {
      resolve({
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'] ?? null,
      });
      // Whatever happens to the connection now, the answer has been given.
      response.on('error', () => {});
      response.destroy();
    });
    posting.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    posting.end(body);
  });
}

/** Seconds, or an HTTP date (RFC 9110 sections 5.6.7 and 10.2.3). */
export function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const isDate = value.endsWith(' GMT');
  const ms = isDate ? Date.parse(value) - nowMs : Number(/^\d{1,9}$/.exec(value)?.[0]) * 1000;
  return ms > 0 ? ms : undefined;
}

/** Why a request has no answer, as the end of a sentence that begins with the server. @param way that leads there, '' for none */
export function whyNoAnswer(error: unknown, way: string): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `did not answer in time${way}`;
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return `cannot be reached${way} (${typeof code === 'string' ? code : 'the connection failed'})`;
}
