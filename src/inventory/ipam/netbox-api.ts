/** NetBox's REST API: one request at a time, pages put together, and each failure as one line. */

import { setTimeout as sleep } from 'node:timers/promises';
import { MS_A_MINUTE } from '../../durations.ts';
import { EchosweepError } from '../../errors.ts';
import { PACKAGE_VERSION } from '../../package-version.ts';
import { safeText } from '../../words.ts';
import {
  retryAfterMs,
  sendForText,
  type TextAnswer,
  type Way,
  wayTo,
  whyNoAnswer,
} from '../http/web-request.ts';
import type { SecretSources } from '../notify/secret.ts';
import type { NetBoxConfig } from './netbox-config.ts';

/** Parameters of a query; a list gives its parameter several times. */
export type Query = Readonly<Record<string, string | number | readonly (string | number)[]>>;

/** The answer to a change: done, or refused for a reason that another try would meet again. */
export type ChangeAnswer =
  | { readonly isDone: true; readonly body: unknown }
  | {
      readonly isDone: false;
      /** Whether the token lacks the permission; otherwise something is wrong with the objects. */
      readonly isForbidden: boolean;
      /** In a line. */
      readonly problem: string;
    };

/** Objects in a page; NetBox has 1,000 at most, and takes seconds for so many. */
const PAGE = 500;
/** NetBox itself has no limit of requests; a proxy in front of it may. */
const MOST_RETRIES = 5;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = MS_A_MINUTE;
const LONGEST_QUOTE = 200;

/** An object of any list. */
export interface Identified {
  readonly id: number;
}

export class NetBoxApi {
  private readonly base: URL;
  private readonly way: Way;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly timeoutMs: number;
  private readonly signal: AbortSignal;
  private readonly wait: (ms: number) => Promise<unknown>;

  /**
   * @param env names the proxy, if there is one
   * @param wait a test replaces it
   * @throws EchosweepError CONFIG_INVALID if the token cannot be one
   */
  constructor(
    { url, timeoutMs }: NetBoxConfig,
    token: string,
    env: SecretSources['env'],
    signal: AbortSignal,
    wait?: (ms: number) => Promise<unknown>,
  ) {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new EchosweepError(
        'CONFIG_INVALID',
        'the token of NetBox has characters that no token has',
        'copy it again, without blanks and line ends',
      );
    }
    // People copy the address of the API or of the start page.
    this.base = new URL(`${url.replace(/\/+(api\/*)?$/, '')}/api/`);
    this.way = wayTo(this.base, env);
    this.timeoutMs = timeoutMs;
    this.signal = signal;
    this.wait = wait ?? ((ms) => sleep(ms, undefined, { signal }));
    this.headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': `echosweep/${PACKAGE_VERSION}`,
      // Tokens since NetBox 4.5 begin with nbt_ and have another scheme.
      authorization: `${token.startsWith('nbt_') ? 'Bearer' : 'Token'} ${token}`,
    };
  }

  /**
   * All objects of a list, by id: unlike an offset, that misses none if others delete objects meanwhile.
   * @param read checks the shape of an object; undefined if it is not as it should be
   * @throws EchosweepError NETBOX_FAILED
   */
  async list<Item extends Identified>(
    path: string,
    query: Query,
    read: (value: unknown) => Item | undefined,
  ): Promise<Item[]> {
    const items: Item[] = [];
    for (let last = 0; ; ) {
      const page = await this.get(path, { ...query, ordering: 'id', limit: PAGE, id__gt: last });
      const { results, next } = (page ?? {}) as { results?: unknown; next?: unknown };
      if (!Array.isArray(results)) throw this.unlikeNetBox(path);
      for (const value of results) {
        const item = read(value);
        if (item === undefined || item.id <= last) throw this.unlikeNetBox(path);
        items.push(item);
        last = item.id;
      }
      if (next === null || next === undefined || results.length === 0) return items;
    }
  }

  /** @throws EchosweepError NETBOX_FAILED after a signal: nothing more is sent */
  refuseIfStopped(): void {
    if (this.signal.aborted) throw netboxFailed('stopped', 'run it again');
  }

  /** Creates or changes objects. @throws EchosweepError NETBOX_FAILED if it is not known whether it was done */
  async change(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<ChangeAnswer> {
    const { status, text } = await this.send(method, path, {}, JSON.stringify(body));
    if (status === 400 || status === 403 || status === 409) {
      return { isDone: false, isForbidden: status === 403, problem: problemIn(text) };
    }
    if (status !== 200 && status !== 201)
      throw this.refusal({ status, text, location: null }, path);
    return { isDone: true, body: this.parsed(text, path) };
  }

  private async get(path: string, query: Query): Promise<unknown> {
    const answer = await this.send('GET', path, query, undefined);
    if (answer.status !== 200) throw this.refusal(answer, path);
    return this.parsed(answer.text, path);
  }

  /** Waits and tries again if the server says that it has not taken the request. */
  private async send(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    query: Query,
    body: string | undefined,
  ): Promise<TextAnswer> {
    for (let tries = 0; ; tries++) {
      this.refuseIfStopped();
      const answer = await this.sendOnce(method, path, query, body);
      const askedMs = retryAfterMs(answer.retryAfter, Date.now());
      const isPutOff = answer.status === 429 || (answer.status === 503 && askedMs !== undefined);
      const waitMs = askedMs ?? FIRST_WAIT_MS * 2 ** tries;
      if (!isPutOff || tries === MOST_RETRIES || waitMs > LONGEST_WAIT_MS) return answer;
      try {
        await this.wait(waitMs);
      } catch (error) {
        throw this.noAnswer(error);
      }
    }
  }

  private async sendOnce(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    query: Query,
    body: string | undefined,
  ): Promise<TextAnswer> {
    const url = new URL(path, this.base);
    for (const [name, values] of Object.entries(query)) {
      for (const value of [values].flat()) url.searchParams.append(name, String(value));
    }
    const { proxy } = this.way;
    if (proxy === 'invalid') {
      throw netboxFailed(
        `${this.base.origin} cannot be reached (the proxy is not written as a web address)`,
        'correct the proxy in the environment',
      );
    }
    try {
      const timeout = AbortSignal.timeout(this.timeoutMs);
      // Of a change that is under way, the answer says whether it was made.
      const signal = method === 'GET' ? AbortSignal.any([this.signal, timeout]) : timeout;
      return await sendForText({ method, url, headers: this.headers, body, signal }, proxy);
    } catch (error) {
      throw this.noAnswer(error);
    }
  }

  private noAnswer(error: unknown): EchosweepError {
    const { origin } = this.base;
    const { words } = this.way;
    if (error instanceof EchosweepError) return error;
    if (this.signal.aborted) return netboxFailed('stopped', 'run it again', error);
    const problem = `${origin} ${whyNoAnswer(error, words)}`;
    return netboxFailed(problem, 'run it again when it answers', error);
  }

  private refusal(
    { status, text, location }: Pick<TextAnswer, 'status' | 'text' | 'location'>,
    path: string,
  ): EchosweepError {
    const { origin, href } = this.base;
    if (status === 401 || status === 403) {
      return netboxFailed(
        `${origin} refuses the token for ${path} (${problemIn(text)})`,
        'check that it is valid and has the permission',
      );
    }
    if (status >= 300 && status < 400) {
      const target =
        location !== null && URL.canParse(location, href) ? new URL(location, href).origin : '';
      return netboxFailed(
        `${origin} redirects to ${target || 'another address'}`,
        'write the address that it redirects to into netbox.url',
      );
    }
    if (status === 400) {
      return netboxFailed(`${origin} refuses the query (${problemIn(text)})`, 'correct the name');
    }
    if (status === 404) {
      return netboxFailed(`${href} is not the API of NetBox (status 404)`, 'correct netbox.url');
    }
    return netboxFailed(`${origin} answered with status ${status}`, 'run it again later');
  }

  private parsed(text: string, path: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.unlikeNetBox(path);
    }
  }

  /** The error of an answer that is not one of NetBox 4. */
  unlikeNetBox(path: string): EchosweepError {
    return netboxFailed(
      `${new URL(path, this.base).href} does not answer as NetBox 4 does`,
      'correct netbox.url, or update NetBox',
    );
  }
}

/** The one error of a NetBox that cannot be worked with. */
export function netboxFailed(problem: string, advice: string, cause?: unknown): EchosweepError {
  return new EchosweepError('NETBOX_FAILED', problem, advice, { cause });
}

/** What an answer says is wrong, in a line: `detail` of the whole, or messages by field, perhaps for each object of a list. */
function problemIn(text: string): string {
  let words: string;
  try {
    words = messagesIn(JSON.parse(text)).join('; ');
  } catch {
    words = '';
  }
  const short = words.length > LONGEST_QUOTE ? `${words.slice(0, LONGEST_QUOTE)}…` : words;
  return safeText(short) || 'it does not say why';
}

function messagesIn(value: unknown, field = ''): string[] {
  if (typeof value === 'string') return [field === '' ? value : `${field}: ${value}`];
  if (Array.isArray(value)) return value.flatMap((each) => messagesIn(each, field));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    messagesIn(each, ['detail', '__all__', 'non_field_errors'].includes(name) ? field : name),
  );
}
