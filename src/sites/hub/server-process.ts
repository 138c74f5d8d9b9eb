/** Runs nats-server as a child: starts it, starts it again when it dies, and ends it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { EchosweepError } from '../../errors.ts';
import { pause } from '../../pause.ts';

/** What happens to the server. */
export type ServerEvent =
  | { readonly kind: 'ready' }
  /** A line of its log that says that something is wrong. */
  | { readonly kind: 'problem'; readonly line: string }
  | { readonly kind: 'died'; readonly how: string; readonly againInMs: number };

const READY_WITHIN_MS = 20_000;
const RELOADED_WITHIN_MS = 5_000;
const GONE_WITHIN_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** `[123] 2026/01/31 12:00:00.000000 [ERR] words` */
const LOG_LINE = /^(?:\[\d+\] \S+ \S+ )?\[([A-Z]{3})\] (.*)$/;
const READY = /^Server is ready/;
const PROBLEMS: ReadonlySet<string> = new Set(['ERR', 'FTL', 'WRN']);

export class ServerProcess {
  readonly #command: readonly string[];
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #ending = new AbortController();
  readonly #hearers = new Set<(words: string) => void>();
  #child: ChildProcess | undefined;
  /** Resolves when the child has ended and all that it said is read. */
  #closed: Promise<unknown> = Promise.resolve();
  #lastWords: string | undefined;
  #isReady = false;
  /** The latest start; it rejects if that failed. */
  #starting: Promise<void> = Promise.resolve();
  #supervision: Promise<void> = Promise.resolve();

  /** @param command program and arguments */
  constructor(command: readonly string[], onEvent: (event: ServerEvent) => void) {
    this.#command = command;
    this.#onEvent = onEvent;
  }

  /** Starts it, and from now on again whenever it dies. @throws EchosweepError HUB_FAILED if it does not start */
  async start(): Promise<void> {
    this.#starting = this.#startOnce();
    await this.#starting;
    this.#supervision = this.#supervise();
  }

  /** Lets it read its files again. @throws EchosweepError HUB_FAILED if it refuses them */
  async reload(): Promise<void> {
    // Before it is ready, the signal would end it.
    await this.#starting.catch(() => {});
    const child = this.#child;
    // The next one reads them when it starts.
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const answer = this.#hear(
      /^(?:Reloaded server configuration|Failed to reload)/,
      RELOADED_WITHIN_MS,
    );
    child.kill('SIGHUP');
    const words = await answer;
    if (words?.startsWith('Reloaded') === true || child !== this.#child) return;
    throw new EchosweepError(
      'HUB_FAILED',
      `nats-server did not take over its new configuration${words === undefined ? '' : ` (${words})`}`,
      'start the hub again',
    );
  }

  /** Ends it. Never rejects. */
  async stop(): Promise<void> {
    this.#ending.abort();
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), GONE_WITHIN_MS);
      await gone;
      clearTimeout(timer);
    }
    await this.#supervision;
  }

  async #supervise(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#ending.signal.aborted) {
      const startedAt = performance.now();
      await this.#closed;
      if (this.#ending.signal.aborted) return;
      if (performance.now() - startedAt > LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
      this.#onEvent({ kind: 'died', how: this.#howItDied(), againInMs: pauseMs });
      await pause(pauseMs, this.#ending.signal);
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
      if (this.#ending.signal.aborted) return;
      // The event of its death says why.
      this.#starting = this.#startOnce();
      await this.#starting.catch(() => {});
    }
  }

  async #startOnce(): Promise<void> {
    const [file, ...args] = this.#command;
    this.#lastWords = undefined;
    this.#isReady = false;
    const child = spawn(file!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    this.#closed = new Promise((resolve) => child.once('close', resolve));
    const failed = once(child, 'error').then(([error]: unknown[]) => String(error));
    failed.catch(() => {});
    createInterface({ input: child.stderr }).on('line', (line) => this.#read(line));
    const ready = this.#hear(READY, READY_WITHIN_MS);
    const outcome = await Promise.race([
      ready.then((words) => (words === undefined ? 'it was not ready in time' : undefined)),
      this.#closed.then(() => this.#howItDied()),
      failed,
    ]);
    if (outcome === undefined) return;
    child.kill('SIGKILL');
    throw new EchosweepError(
      'HUB_FAILED',
      `nats-server does not start (${outcome})`,
      adviceFor(outcome),
    );
  }

  #howItDied(): string {
    const last = this.#lastWords;
    const { signalCode, exitCode } = this.#child ?? {};
    const how = signalCode ? `ended by ${signalCode}` : `exit code ${exitCode ?? 'unknown'}`;
    return last === undefined ? how : `${how}: ${last}`;
  }

  #read(line: string): void {
    // What is wrong with a configuration is followed by an empty line.
    if (line === '') return;
    const [, level, words = line] = LOG_LINE.exec(line) ?? [];
    if (level === undefined || PROBLEMS.has(level)) {
      const line = words.replace(/^nats-server: /, '');
      this.#lastWords = line;
      // What is said before it is ready is part of the error then.
      if (this.#isReady) this.#onEvent({ kind: 'problem', line });
    }
    // At once, because the next line may have arrived together with this one.
    if (!this.#isReady && READY.test(words)) {
      this.#isReady = true;
      this.#onEvent({ kind: 'ready' });
    }
    for (const hearer of this.#hearers) hearer(words);
  }

  /** The next words of the log that match. @returns undefined if there are none in time */
  async #hear(pattern: RegExp, withinMs: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const end = (words?: string): void => {
        clearTimeout(timer);
        this.#hearers.delete(hearer);
        resolve(words);
      };
      const hearer = (words: string): void => {
        if (pattern.test(words)) end(words);
      };
      const timer = setTimeout(end, withinMs);
      timer.unref();
      this.#hearers.add(hearer);
    });
  }
}

function adviceFor(outcome: string): string {
  return /address already in use/.test(outcome)
    ? 'stop the other server at this port (the package starts one: sudo systemctl disable --now nats-server), or change "listen" in hub.json'
    : 'correct what it says and start the hub again';
}
