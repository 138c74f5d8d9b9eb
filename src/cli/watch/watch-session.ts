/** One watch as a person sees it: rounds on time, the screen or a line per change, signals, and the report at the end. */

import { constants } from 'node:os';
import process from 'node:process';
import { MS_A_MINUTE } from '../../durations.ts';
import { EchosweepError } from '../../errors.ts';
import { errorCode } from '../../file-errors.ts';
import { outputFailed } from '../../report/output.ts';
import { checkRecordPlaces, writeRecords } from '../../report/records.ts';
import type { StandardOutput } from '../../report/registry.ts';
import { isStandardOutput, type ReportRequest } from '../../report/registry.ts';
import type { RunRecord } from '../../results/run-record.ts';
import { RepeatedSweep } from '../../sweep.ts';
import type { SweepJob } from '../../sweep-job.ts';
import { dropPrivileges } from '../../transport/privileges.ts';
import { scrollRoom, type WatchView, watchScreen } from '../../watch/screen.ts';
import { FIRST_STATE, type ScreenState, stateAfter } from '../../watch/screen-state.ts';
import { WATCH_SHAPE } from '../../watch/watch-shape.ts';
import {
  type Sighting,
  sightingOf,
  type WatchChange,
  WatchedHosts,
} from '../../watch/watched-hosts.ts';
import { type ExitCode, exitCodeOfSignal, exitCodeOfSweep } from '../exit-codes.ts';
import { standardOutputOf } from '../reports.ts';
import { SweepSignals } from '../signals.ts';
import { errorLine, printWords, type Surroundings, type TerminalStream } from '../terminal.ts';
import { changeLine, firstLine, watchSummary } from './watch-log.ts';
import { WatchNames } from './watch-names.ts';
import { WatchTerminal } from './watch-terminal.ts';

/** The clock on the screen. */
const TICK_MS = 1000;
/** Timers have room for 24 days and say nothing of it if that is exceeded. */
const LONGEST_TIMER_MS = MS_A_MINUTE;

/** Share of the interval. */
const TIMER_SLACK = 0.1;

export interface WatchOptions {
  readonly intervalMs: number;
  /** Infinity for no end. */
  readonly durationMs: number;
  /** Infinity for no end. */
  readonly rounds: number;
  readonly downAfter: number;
  readonly sort: ScreenState['sort'];
  readonly quiet: boolean;
  readonly requests: readonly ReportRequest[];
  /** Whether standard input is not read for targets. */
  readonly mayReadKeys: boolean;
}

/** What is swept in every round. */
export type PlannedWatch = Pick<SweepJob, 'settings' | 'targets' | 'command'>;

/** Opens what sweeps; a stand-in takes its place in tests. */
type OpenSweeps = (planned: PlannedWatch) => Promise<Pick<RepeatedSweep, 'sweep' | 'close'>>;

/** Takes the signals over when it is made, and gives them back when `run` has ended. */
export class WatchSession {
  readonly #options: WatchOptions;
  readonly #surroundings: Surroundings;
  readonly #planned: PlannedWatch;
  readonly #open: OpenSweeps;
  readonly #signals: SweepSignals;
  /** Aborted by a key, by the end of the time, or when nothing reads what is said. */
  readonly #stopper = new AbortController();
  readonly #stop: AbortSignal;
  readonly #hosts: WatchedHosts;
  readonly #names: WatchNames | undefined;
  #terminal: WatchTerminal | undefined;
  #state: ScreenState;
  #rounds = 0;
  #roundMs = 0;
  #startedMs = 0;
  #change: WatchChange | undefined;
  #trouble = '';
  #isDoubtful = false;
  #hasFailed = false;
  /** Whether lines about changes could not be written. */
  #hasLostLines = false;
  #hasUnwritten = false;
  /** Ends the waiting for the next round. */
  #wake = (): void => {};

  constructor(
    options: WatchOptions,
    planned: PlannedWatch,
    surroundings: Surroundings,
    open: OpenSweeps = (basis) => RepeatedSweep.open(basis),
  ) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#open = open;
    const { rdnsTimeoutMs, ...settings } = planned.settings;
    this.#planned = { ...planned, settings };
    this.#hosts = new WatchedHosts(planned.targets.count, options.downAfter);
    // The sweep itself would look every name up again in each round, and wait for it.
    this.#names =
      rdnsTimeoutMs === undefined
        ? undefined
        : new WatchNames(this.#hosts, rdnsTimeoutMs, settings.dnsServer);
    this.#state = { ...FIRST_STATE, sort: options.sort };
    this.#signals = new SweepSignals(surroundings.signals, {
      onStop: () => {},
      onStopAtOnce: (first) => {
        this.#terminal?.close();
        surroundings.exit(exitCodeOfSignal(first));
      },
      onSnapshot: () => {
        if (this.#terminal === undefined) printWords(surroundings, this.#summary());
      },
    });
    this.#stop = AbortSignal.any([this.#signals.signal, this.#stopper.signal]);
    this.#stop.addEventListener('abort', () => this.#wake());
  }

  /**
   * Watches until a key, a signal or the options end it, and writes the report.
   * @throws EchosweepError for what keeps the first round from its beginning
   */
  async run(hasUnresolvedNames: boolean): Promise<ExitCode> {
    const ticker = setInterval(() => this.#draw(), TICK_MS);
    try {
      const sweeps = await this.#open(this.#planned);
      try {
        await this.#watch(sweeps);
      } finally {
        await sweeps.close();
      }
    } finally {
      clearInterval(ticker);
      this.#names?.close();
      this.#terminal?.close();
    }
    try {
      await this.#report();
      if (!this.#options.quiet) printWords(this.#surroundings, this.#summary());
      if (this.#trouble !== '' && this.#terminal !== undefined) this.#say(this.#trouble);
      return exitCodeOfSweep({
        stoppedBy: this.#signals.stoppedBy,
        hasFailed: this.#hasFailed || this.#hasLostLines,
        isDoubtful: this.#isDoubtful,
        hasUnresolvedNames,
        missesExpectation: false,
      });
    } finally {
      this.#signals.release();
    }
  }

  async #watch(sweeps: Pick<RepeatedSweep, 'sweep'>): Promise<void> {
    const { intervalMs, durationMs } = this.#options;
    const atEnd = setTimeout(() => this.#stopper.abort(), Math.min(durationMs, 2 ** 31 - 1));
    if (durationMs === Number.POSITIVE_INFINITY) clearTimeout(atEnd);
    this.#startedMs = performance.now();
    let dueMs = this.#startedMs;
    while (await this.#isTimeFor(dueMs)) {
      const lateMs = performance.now() - dueMs;
      // What a timer is late does not add up; a round that took longer moves all others.
      dueMs += intervalMs + (lateMs > TIMER_SLACK * intervalMs ? lateMs : 0);
      await this.#round(sweeps);
    }
    clearTimeout(atEnd);
  }

  /** Waits until the next round is due. @returns false if there is none */
  async #isTimeFor(dueMs: number): Promise<boolean> {
    for (;;) {
      if (this.#stop.aborted || this.#hasFailed || this.#rounds >= this.#options.rounds)
        return false;
      const waitMs = this.#state.isPaused ? LONGEST_TIMER_MS : dueMs - performance.now();
      if (waitMs <= 0) return true;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(waitMs, LONGEST_TIMER_MS));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #round(sweeps: Pick<RepeatedSweep, 'sweep'>): Promise<void> {
    const isFirst = this.#rounds === 0;
    const startedAt = new Date();
    const startedMs = performance.now();
    const sightings: Sighting[] = [];
    const run = await sweeps.sweep({
      ...this.#planned,
      signal: this.#stop,
      onRows: async (rows) => {
        for (const row of rows) {
          const sighting = sightingOf(row);
          if (sighting !== undefined) sightings.push(sighting);
        }
      },
      ...(isFirst ? { afterSocketsOpen: () => this.#begin() } : {}),
    });
    // Of a round that is cut short only the replies are known, which would make the losses too few.
    if (!run.partial || isFirst) this.#take(sightings, startedAt, performance.now() - startedMs);
    this.#noteTrouble(run);
    this.#draw();
  }

  /** The sockets are open, and nothing has been sent. */
  async #begin(): Promise<void> {
    const { requests, mayReadKeys } = this.#options;
    await dropPrivileges();
    await checkRecordPlaces(requests);
    const output = this.#output;
    const { env } = this.#surroundings;
    if (output.isTTY !== true || env['TERM'] === 'dumb' || this.#options.quiet) return;
    this.#terminal = new WatchTerminal(output, this.#surroundings, mayReadKeys, {
      onKey: (name) => this.#press(name),
      onInterrupt: () => process.kill(process.pid, 'SIGINT'),
      // Windows has no such signal.
      onSuspend:
        'SIGTSTP' in constants.signals ? () => process.kill(process.pid, 'SIGTSTP') : undefined,
      onResize: () => this.#draw(),
    });
    this.#draw();
  }

  #take(sightings: readonly Sighting[], startedAt: Date, roundMs: number): void {
    const changes = this.#hosts.addRound(sightings, startedAt);
    this.#rounds++;
    this.#roundMs = roundMs;
    this.#change = changes.at(-1) ?? this.#change;
    void this.#names?.lookUp(this.#stop).then(() => this.#draw());
    if (this.#terminal !== undefined || this.#options.quiet) return;
    const { intervalMs } = this.#options;
    if (this.#rounds === 1) {
      printWords(this.#surroundings, [firstLine(this.#hosts.all, intervalMs)]);
    }
    if (changes.length === 0) return;
    this.#output.write(changes.map((change) => `${changeLine(change)}\n`).join(''), (error) => {
      if (error) this.#noteUnwritten(error);
    });
  }

  /** A reader that closes the pipe has read enough; a report that is wanted goes on. */
  #noteUnwritten(error: Error): void {
    if (this.#options.requests.length === 0) this.#stopper.abort();
    // After the first error the stream fails for that reason alone.
    if (this.#hasUnwritten) return;
    this.#hasUnwritten = true;
    if (errorCode(error) === 'EPIPE' || this.#output === this.#surroundings.stderr) return;
    this.#hasLostLines = true;
    this.#say(outputFailed('standard output', error).message);
  }

  #noteTrouble(run: RunRecord): void {
    const trouble = run.failure ?? run.doubts[0] ?? '';
    this.#isDoubtful ||= run.doubts.length > 0;
    // Nothing stopped this round, so no further one would get to its end either.
    if (run.partial && !this.#stop.aborted) this.#hasFailed = true;
    if (trouble !== '' && trouble !== this.#trouble && this.#terminal === undefined)
      this.#say(trouble);
    this.#trouble = trouble;
  }

  #press(name: string): void {
    const terminal = this.#terminal!;
    if (name === 'q') {
      this.#stopper.abort();
      return;
    }
    const view = this.#view();
    this.#state = stateAfter(
      this.#state,
      name,
      scrollRoom(view, this.#state, terminal.size.height),
    );
    this.#wake();
    this.#draw();
  }

  #draw(): void {
    const terminal = this.#terminal;
    terminal?.draw(watchScreen(this.#view(), this.#state, terminal.size));
  }

  #view(): WatchView {
    return {
      hosts: this.#hosts.all,
      targets: this.#planned.targets.count,
      rounds: this.#rounds,
      intervalMs: this.#options.intervalMs,
      roundMs: this.#roundMs,
      elapsedMs: performance.now() - this.#startedMs,
      now: new Date(),
      change: this.#change,
      trouble: this.#trouble,
      hasKeys: this.#terminal?.hasKeys === true,
    };
  }

  /** A report that fails does not cost the others. */
  async #report(): Promise<void> {
    const stdout: StandardOutput = standardOutputOf(this.#surroundings);
    for (const request of this.#options.requests) {
      try {
        await writeRecords(WATCH_SHAPE, this.#hosts.all, [request], stdout);
      } catch (error) {
        if (!(error instanceof EchosweepError)) throw error;
        this.#hasFailed = true;
        this.#say(error.message);
      }
    }
  }

  #summary(): string[] {
    return watchSummary(this.#hosts.all, this.#rounds, performance.now() - this.#startedMs);
  }

  /** Standard output, unless a report goes there. */
  get #output(): TerminalStream {
    const { stdout, stderr } = this.#surroundings;
    return this.#options.requests.some(({ path }) => isStandardOutput(path)) ? stderr : stdout;
  }

  #say(words: string): void {
    printWords(this.#surroundings, [errorLine(words)]);
  }
}
