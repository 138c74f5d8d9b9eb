/** Posts changes to a web server: signed, with a time limit, and to no server but the configured one. */

import { createHmac } from 'node:crypto';
import type { Courier, Verdict } from './delivery.ts';
import type { QueuedMessage } from './outbox.ts';
import type { WebhookConfig } from './receivers.ts';

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

/** @param secret undefined if messages are not signed */
export function webhookCourier(
  { url, timeoutMs }: WebhookConfig,
  secret: string | undefined,
  userAgent: string,
): Courier {
  return {
    channel: 'webhook',
    batch: 1,
    timeoutMs,
    deliver: ([message], signal) =>
      post(url, message!, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]), {
        'content-type': 'application/json',
        'user-agent': userAgent,
        'echosweep-delivery': message!.delivery,
        ...(secret === undefined
          ? {}
          : { 'echosweep-signature': signature(secret, message!.body, new Date()) }),
      }),
  };
}

async function post(
  url: string,
  { body }: QueuedMessage,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<Verdict> {
  // The path and the query of such an address are often secret.
  const { origin } = new URL(url);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers,
      // The changes are for the configured server only, wherever it redirects.
      redirect: 'manual',
      signal,
    });
    // The response body is not read: it may never end.
    await response.body?.cancel();
    if (response.ok) return { isDelivered: true };
    return {
      isDelivered: false,
      problem: `${origin} answered with status ${response.status}`,
      isFinal: REFUSED.has(response.status),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    };
  } catch (error) {
    return { isDelivered: false, problem: `${origin} ${failure(error)}`, isFinal: false };
  }
}

/** Seconds, or an HTTP date (RFC 9110 sections 5.6.7 and 10.2.3). */
export function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const isDate = value.endsWith(' GMT');
  const ms = isDate ? Date.parse(value) - nowMs : Number(/^\d{1,9}$/.exec(value)?.[0]) * 1000;
  return ms > 0 ? ms : undefined;
}

function failure(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'did not answer in time';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return `cannot be reached (${code ?? 'the connection failed'})`;
}
