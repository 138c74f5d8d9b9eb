/** One sweep as a person sees it: reports, progress, signals, summary, and finally the exit code. */

import { setTimeout as wait } from 'node:timers/promises';
import { EchosweepError } from '../errors.ts';
import { nothingUnread } from '../option-spec.ts';
import { formatSummary } from '../report/summary.ts';
import type { RunRecord } from '../results/run-record.ts';
import { runSweep } from '../sweep.ts';
import type { SweepJob, SweepProgress } from '../sweep-job.ts';
import { dropPrivileges } from '../transport/privileges.ts';
import { grouped, plural } from '../words.ts';
import type { ReportOptions, RunOptions } from './command-options.ts';
import { type ExitCode, exitCodeOfSignal, exitCodeOfSweep, type StopSignal } from './exit-codes.ts';
import type { LiveMap } from './live-map.ts';
import { snapshotLine } from './progress.ts';
import type { ProgressBar } from './progress-bar.ts';
import { openAllReports, Reports, type SweepReportOptions, standardOutputOf } from './reports.ts';
import { SweepSignals } from './signals.ts';
import { errorLine, printWords, type Surroundings, wantsColour, widthOf } from './terminal.ts';

/** A second signal waits no longer than this for temporary files to be removed. */
const STOP_AT_ONCE_MS = 1000;

/** What to sweep and how; the session adds the rest. */
export type PlannedSweep = Pick<SweepJob, 'settings' | 'targets' | 'command' | 'earlier'>;

/** The options that say how a sweep shows itself. */
type SessionOptions = Omit<RunOptions, 'dryRun' | 'resume'>;

/** Takes the signals over when it is made, and gives them back when `run` has ended. */
export class SweepSession {
  readonly #options: SessionOptions;
  readonly #reportOptions: ReportOptions & Pick<SweepReportOptions, 'hasSites'>;
  readonly #surroundings: Surroundings;
  readonly #sweep: typeof runSweep;
  readonly #signals: SweepSignals;
  #bar: ProgressBar | LiveMap | undefined;
  /** Aborted when no report is left to write. */
  readonly #unread = new AbortController();
  #reports = new Reports([], () => {});
  #latest: SweepProgress | undefined;
  #hasFailedReport = false;

  /** @param sweep takes the place of the sweep itself */
  constructor(
    options: SessionOptions & ReportOptions & Pick<SweepReportOptions, 'hasSites'>,
    surroundings: Surroundings,
    sweep: typeof runSweep = runSweep,
  ) {
    const { quiet, live, progress, expectUp, ...unread }: SessionOptions = options;
    nothingUnread(unread);
    this.#options = { quiet, live, progress, ...(expectUp === undefined ? {} : { expectUp }) };
    this.#reportOptions = options;
    this.#surroundings = surroundings;
    this.#sweep = sweep;
    this.#signals = new SweepSignals(surroundings.signals, {
      onStop: () => this.#remark('stopping; Ctrl-C again stops at once and leaves no report'),
      onStopAtOnce: (first) => void this.#stopAtOnce(first),
      onSnapshot: () => this.#say(this.#latest ? snapshotLine(this.#latest) : 'nothing sent yet'),
    });
  }

  /**
   * Sweeps, reports and sums up.
   * @param hasUnresolvedNames whether names had to be left out of the targets
   * @throws EchosweepError for what ends a whole sweep; earlier files in the reports' places are then left as they were
   */
  async run(planned: PlannedSweep, hasUnresolvedNames: boolean): Promise<ExitCode> {
    const map = await this.#liveMap(planned);
    this.#bar = map ?? (await this.#progressBar());
    try {
      const run = await this.#sweep({
        ...planned,
        ...(map === undefined ? {} : { liveCells: map.liveCells }),
        signal: AbortSignal.any([this.#signals.signal, this.#unread.signal]),
        afterSocketsOpen: async () => {
          await dropPrivileges();
        },
        onStart: (record) => this.#begin(record, planned.targets.hostnames),
        onRows: (rows) => this.#show((reports) => reports.write(rows)),
        ...(this.#reportOptions.stream
          ? { onFinalRows: (rows) => this.#show((reports) => reports.writeFinal(rows)) }
          : {}),
        onProgress: (progress) => this.#showProgress(progress),
        onRemark: (sentence) => this.#remark(sentence),
      });
      this.#bar?.end();
      // Whatever ended the sweep early, its results are kept: whole for what they cover, and marked as partial.
      await this.#reports.end(run);
      this.#sumUp(run);
      return exitCodeOfSweep({
        stoppedBy: this.#signals.stoppedBy,
        hasFailed: this.#hasFailedReport || run.failure !== null,
        isDoubtful: run.doubts.length > 0,
        hasUnresolvedNames,
        missesExpectation: this.#missesExpectation(run),
      });
    } catch (error) {
      this.#bar?.end();
      await this.#reports.abort();
      const { stoppedBy } = this.#signals;
      if (stoppedBy === undefined || !(error instanceof EchosweepError)) throw error;
      this.#say(error.message);
      return exitCodeOfSignal(stoppedBy);
    } finally {
      this.#signals.release();
    }
  }

  async #liveMap({ targets }: PlannedSweep): Promise<LiveMap | undefined> {
    const { live, quiet } = this.#options;
    const { stderr, env } = this.#surroundings;
    return live && !quiet && targets.count > 0
      ? new (await import('./live-map.ts')).LiveMap(targets.ranges, stderr, env)
      : undefined;
  }

  /** Loaded only if it is drawn: a script does not wait for it. */
  async #progressBar(): Promise<ProgressBar | undefined> {
    const { quiet, progress } = this.#options;
    const { stderr, env } = this.#surroundings;
    if (!stderr.isTTY || env['TERM'] === 'dumb' || quiet || !progress) return undefined;
    return new (await import('./progress-bar.ts')).ProgressBar(stderr);
  }

  async #begin(run: RunRecord, givenNames: ReadonlyMap<string, string>): Promise<void> {
    const standardOutput = standardOutputOf(this.#surroundings);
    this.#reports = await openAllReports(
      { ...this.#reportOptions, ...this.#options },
      standardOutput,
      (error) => {
        this.#hasFailedReport = true;
        this.#say(error.message);
      },
    );
    await this.#reports.begin(run, givenNames);
    this.#stopIfUnread();
  }

  async #show(write: (reports: Reports) => Promise<void>): Promise<void> {
    // A table and the bar may share one terminal.
    if (this.#reports.mayBeSeen) this.#bar?.hide();
    await write(this.#reports);
    this.#bar?.show();
    this.#stopIfUnread();
  }

  /** A map is still being read, whatever becomes of the reports. */
  #stopIfUnread(): void {
    if (!this.#reports.isAnyLeft && !this.#options.live) this.#unread.abort();
  }

  #showProgress(progress: SweepProgress): void {
    this.#latest = progress;
    this.#bar?.update(progress);
  }

  #sumUp(run: RunRecord): void {
    const { quiet, expectUp = 0 } = this.#options;
    const { stderr, env } = this.#surroundings;
    if (!quiet && !this.#unread.signal.aborted) {
      const colour = wantsColour(stderr, env);
      printWords(this.#surroundings, formatSummary(run, { colour, width: widthOf(stderr) }));
    } else {
      for (const doubt of run.doubts) this.#say(`the result is doubtful: ${doubt}`);
    }
    if (run.failure !== null) this.#say(run.failure);
    if (this.#missesExpectation(run)) {
      const { up } = run.statuses;
      this.#say(`${plural(up, 'host')} up; --expect-up requires ${grouped(expectUp)}`);
    }
  }

  /** If the reader left early, nothing can be said. */
  #missesExpectation(run: RunRecord): boolean {
    return !this.#unread.signal.aborted && run.statuses.up < (this.#options.expectUp ?? 0);
  }

  async #stopAtOnce(first: StopSignal): Promise<void> {
    this.#bar?.end();
    await Promise.race([this.#reports.abort(), wait(STOP_AT_ONCE_MS)]);
    this.#surroundings.exit(exitCodeOfSignal(first));
  }

  #remark(words: string): void {
    if (!this.#options.quiet) this.#say(words);
  }

  /** A line among whatever else the terminal shows. */
  #say(words: string): void {
    this.#bar?.hide();
    printWords(this.#surroundings, [errorLine(words)]);
    this.#bar?.show();
  }
}
