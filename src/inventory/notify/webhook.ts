/** Posts changes to a web server as they are: as JSON, signed. */

import { createHmac } from 'node:crypto';
import type { Courier } from './delivery.ts';
import { post } from './post.ts';
import type { SecretSources } from './secret.ts';

/** What is posted to a web server, and how long it may take. */
export interface WebAddress {
  /** The name of the receiver. */
  readonly name: string;
  readonly url: string;
  readonly timeoutMs: number;
}

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
  { name, url, timeoutMs }: WebAddress,
  secret: string | undefined,
  userAgent: string,
  env: SecretSources['env'],
): Courier {
  return {
    channel: name,
    batch: 1,
    timeoutMs,
    deliver: ([message], signal) =>
      post(new URL(url), env, {
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
