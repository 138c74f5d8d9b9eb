/** Posts a text to a web server: with a time limit, through a proxy if there is one, and to no server but this one. */

import {
  retryAfterMs,
  sendRequest,
  type WebRequest,
  wayTo,
  whyNoAnswer,
} from '../http/web-request.ts';
import type { Verdict } from './delivery.ts';
import type { SecretSources } from './secret.ts';

/** These refuse the message itself (RFC 9110 section 15.5): a retry would be refused as well. */
const REFUSED = new Set([400, 405, 413, 414, 415, 422]);
/** Answers in which services explain a refusal. */
const EXPLAINED = new Set([400, 429]);
/** An answer may never end. */
const OCTETS_READ = 4096;

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
  message: Pick<WebRequest, 'body' | 'headers' | 'signal'>,
  { isFinal = () => true }: Manners = {},
): Promise<Verdict> {
  const { origin } = url;
  const failed = (problem: string): Verdict => ({ isDelivered: false, problem, isFinal: false });
  const { proxy, words: way } = wayTo(url, env);
  if (proxy === 'invalid') {
    return failed(`${origin} cannot be reached (the proxy is not written as a web address)`);
  }
  try {
    const answer = await postOnce({ ...message, method: 'POST', url }, proxy);
    const { status, retryAfter, said } = answer;
    if (status >= 200 && status < 300) return { isDelivered: true };
    return {
      isDelivered: false,
      problem: `${origin} answered with status ${status}${way}`,
      isFinal: REFUSED.has(status) && isFinal(answer),
      retryAfterMs: retryAfterMs(retryAfter, Date.now()) ?? retryMsIn(said),
    };
  } catch (error) {
    return failed(`${origin} ${whyNoAnswer(error, way)}`);
  }
}

async function postOnce(request: WebRequest, proxy: URL | undefined): Promise<Answer> {
  const { status, retryAfter, body } = await sendRequest(request, proxy);
  const said = body !== undefined && EXPLAINED.has(status) ? await beginningOf(body) : '';
  body?.destroy();
  return { status, retryAfter, said };
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
