/** The sweep behind a call of fping: its memory, timers and signals, from the targets to the exit code. */

import { EchosweepError } from '../../errors.ts';
import { errorCode } from '../../file-errors.ts';
import { outputFailed } from '../../report/output.ts';
import { type LiveProbes, makeLiveProbes } from '../../results/live-probes.ts';
import type { RunRecord } from '../../results/run-record.ts';
import { runSweep } from '../../sweep.ts';
import { monotonicNs } from '../../transport/monotonic-clock.ts';
import { dropPrivileges } from '../../transport/privileges.ts';
import { type ExitCode, exitCodeOfSignal } from '../exit-codes.ts';
import { SweepSignals } from '../signals.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import type { CountOutput } from './count-output.ts';
import { FPING_EXIT } from './ended.ts';
import { FpingRun } from './fping-run.ts';
import { JsonOutput } from './json-output.ts';
import { LiveReader } from './live-reader.ts';
import { type FpingOptions, isVerbose } from './options.ts';
import { ProbedHosts } from './probed-hosts.ts';
import { payloadOf, planOf, settingsOf } from './settings.ts';
import { startFailure } from './start-failure.ts';
import type { FpingTarget } from './targets.ts';
import { TextOutput } from './text-output.ts';

/** How often the shared memory is looked at; less often if there is much of it. */
const LOOK_EVERY_MS = 10;
const PROBES_PER_MS = 10_000;
/** If there are more, lines about a target come once it is done. */
const MOST_LIVE_PROBES = 1 << 22;
const ICMP_HEADER_OCTETS = 8;
/** Longest that a timer of Node waits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class FpingSession {
  readonly #options: FpingOptions;
  readonly #surroundings: Surroundings;
  readonly #probed: ProbedHosts;
  readonly #live: LiveProbes | undefined;
  readonly #run: FpingRun;
  /** Aborted when there is nothing left to do: enough hosts are reachable, or the output has no reader. */
  readonly #done = new AbortController();
  #looking: NodeJS.Timeout | undefined;
  #reporting: NodeJS.Timeout | undefined;
  #writeError: Error | undefined;

  constructor(options: FpingOptions, targets: readonly FpingTarget[], surroundings: Surroundings) {
    const plan = planOf(options);
    this.#options = options;
    this.#surroundings = surroundings;
    this.#probed = new ProbedHosts(targets, plan.probes);
    const { count } = this.#probed.targetSet;
    const probes = count * plan.probes;
    this.#live =
      probes === 0 || probes > MOST_LIVE_PROBES ? undefined : makeLiveProbes(count, plan.probes);
    this.#run = new FpingRun(
      options,
      plan,
      this.#probed,
      outputOf(options, targets),
      {
        stdout: (text) => this.#write('stdout', text),
        stderr: (text) => this.#write('stderr', text),
      },
      this.#live && new LiveReader(this.#live),
      wallClockMs,
    );
  }

  /**
   * @param unknown names without an address @param startedMs when the call began, by `performance.now`
   * @throws FpingEnded if the sweep does not start, EchosweepError if it or its output fails later
   */
  async run(unknown: number, startedMs: number): Promise<ExitCode> {
    const signals = new SweepSignals(this.#surroundings.signals, {
      onStop: () => {
        this.#run.isStopped = true;
      },
      onStopAtOnce: (first) => this.#surroundings.exit(exitCodeOfSignal(first)),
      onSnapshot: () => this.#run.printInterim(),
    });
    try {
      this.#run.begin();
      const record = await this.#sweep(AbortSignal.any([signals.signal, this.#done.signal]));
      this.#run.look();
      const { stoppedBy } = signals;
      // fping prints what it has only after an interrupt.
      if (stoppedBy !== undefined && stoppedBy !== 'SIGINT') return exitCodeOfSignal(stoppedBy);
      this.#printDoubt(record);
      const elapsedMs = performance.now() - startedMs;
      const code = this.#run.finish(record.packets, unknown, elapsedMs);
      if (this.#writeError !== undefined) throw outputFailed('standard output', this.#writeError);
      return record.failure === null ? code : FPING_EXIT.systemFailure;
    } finally {
      clearInterval(this.#looking);
      clearInterval(this.#reporting);
      signals.release();
    }
  }

  async #sweep(signal: AbortSignal): Promise<RunRecord> {
    let hasStarted = false;
    try {
      return await runSweep({
        settings: settingsOf(this.#options),
        targets: this.#probed.targetSet,
        ranks: this.#probed.ranks,
        command: 'echosweep fping',
        signal,
        ...(this.#live === undefined ? {} : { liveProbes: this.#live }),
        afterSocketsOpen: async () => {
          hasStarted = true;
          await dropPrivileges();
        },
        onStart: async () => this.#startLooking(),
        onProgress: ({ sent }) => {
          if (sent > 0) this.#startReporting();
        },
        onRows: async () => {},
        onFinalRows: async (rows) => {
          this.#run.takeRows(rows);
          if (this.#run.isEnough) this.#stop();
        },
      });
    } catch (error) {
      if (hasStarted || !(error instanceof EchosweepError)) throw error;
      throw startFailure(error);
    }
  }

  #startLooking(): void {
    if (this.#live === undefined) return;
    const look = (): void => {
      this.#run.look();
      if (this.#run.isEnough) this.#stop();
    };
    const everyMs = Math.max(LOOK_EVERY_MS, this.#live.states.length / PROBES_PER_MS);
    this.#looking = setInterval(look, everyMs);
  }

  /** Begins with the first probe: a thread may have taken its time to start. */
  #startReporting(): void {
    const { reportEveryMs = 0, count } = this.#options;
    if (this.#reporting !== undefined || reportEveryMs === 0 || count === undefined) return;
    const everyMs = Math.min(LONGEST_TIMER_MS, reportEveryMs);
    this.#reporting = setInterval(() => this.#run.printInterim(), everyMs);
  }

  #stop(): void {
    this.#run.isStopped = true;
    this.#done.abort();
  }

  #write(stream: 'stdout' | 'stderr', text: string): void {
    if (text === '') return;
    this.#surroundings[stream].write(text, (error) => {
      if (!error || stream === 'stderr') return;
      if (errorCode(error) !== 'EPIPE') this.#writeError ??= error;
      this.#stop();
    });
  }

  /**
   * The exit code has no room for doubts: they get a line, but only if something was lost that they may explain. It comes
   * before the summary, because programs read the last line.
   */
  #printDoubt({ failure, doubts }: RunRecord): void {
    const [doubt] = doubts;
    if (failure !== null) printWords(this.#surroundings, [errorLine(failure)]);
    else if (doubt !== undefined && this.#run.hasLosses && !this.#done.signal.aborted)
      printWords(this.#surroundings, [errorLine(`the result is doubtful: ${doubt}`)]);
  }
}

function outputOf(options: FpingOptions, targets: readonly FpingTarget[]): CountOutput {
  const style = {
    width: targets.reduce((width, { shown }) => Math.max(width, shown.length), 0),
    replyOctets: payloadOf(options) + ICMP_HEADER_OCTETS,
    timestamps: options.timestamps,
    isQuiet: !isVerbose(options),
    listsRtts: options.listsRtts,
    outagePeriodMs: options.outage ? options.periodMs : undefined,
    isCumulative: options.isCumulative,
  };
  return options.json ? new JsonOutput(style) : new TextOutput(style);
}

function wallClockMs(atNs: number): number {
  return performance.timeOrigin + performance.now() - (monotonicNs() - atNs) / 1e6;
}
