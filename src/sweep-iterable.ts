/** The library's sweep: an async iterable of hosts and a promise of the run's record. It never prints and never exits. */

import { EchosweepError } from './errors.ts';
import { type HostResult, keptHosts } from './results/host-result.ts';
import type { RunRecord } from './results/run-record.ts';
import { resolveSettings, type SweepOptions, type SweepSettings } from './settings.ts';
import { runSweep } from './sweep.ts';
import { targetsOf } from './sweep-targets.ts';
import type { TargetSet } from './targets/target-set.ts';

/** A sweep under way. Iterate it for the hosts, in address order unless `stream` is true; await `summary` for the record of the run. */
export interface Sweep extends AsyncIterable<HostResult> {
  /**
   * Resolves when the sweep has ended. Awaiting it without iterating runs the sweep and keeps no hosts.
   * Rejects with an EchosweepError for what stops a whole sweep; so does the iteration.
   */
  readonly summary: Promise<RunRecord>;
  /** Names that could not be resolved; complete once the first host or the summary has come. */
  readonly unresolved: TargetSet['unresolved'];
}

/**
 * Sweeps targets. It begins with the first turn of the event loop after the call, whether or not it is being read by
 * then; a reader that iterates sets the pace, and leaving the loop stops the sweep.
 * @throws EchosweepError `OPTION_INVALID` at once if an option is wrong
 */
export function sweep(options: SweepOptions): Sweep {
  return new RunningSweep(options);
}

class RunningSweep implements Sweep {
  readonly summary: Promise<RunRecord>;
  readonly unresolved: TargetSet['unresolved'][number][] = [];
  private readonly options: SweepOptions;
  private readonly stopper = new AbortController();
  private readonly handover = new Handover();
  private hasReader = false;

  constructor(options: SweepOptions) {
    this.options = options;
    const settings = resolveSettings(options);
    this.summary = new Promise((resolve) => setImmediate(resolve)).then(() => this.run(settings));
    // A reader that iterates gets a failure there; `summary` need not be awaited too.
    this.summary.then(
      () => this.handover.end(),
      (error: unknown) => this.handover.fail(error),
    );
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HostResult> {
    if (this.hasReader || this.handover.hasDiscarded) {
      throw new EchosweepError(
        'RESULTS_NOT_KEPT',
        'the hosts of this sweep are gone',
        'iterate once, right after calling sweep()',
      );
    }
    this.hasReader = true;
    try {
      for (;;) {
        const rows = await this.handover.take();
        if (rows === undefined) return;
        yield* rows;
      }
    } finally {
      this.stopper.abort();
      this.handover.abandon();
    }
  }

  private async run(settings: SweepSettings): Promise<RunRecord> {
    const { options, stopper } = this;
    const include = specsOf(options.targets);
    const exclude = specsOf(options.exclude ?? []);
    const texts = { include, exclude, isOfProgram: true };
    const signal =
      options.signal === undefined
        ? stopper.signal
        : AbortSignal.any([options.signal, stopper.signal]);
    const targets = await targetsOf(texts, options, settings, undefined, signal);
    this.unresolved.push(...targets.unresolved);
    const give = (rows: Iterable<HostResult>): Promise<void> =>
      this.hasReader ? this.handover.give(keptHosts(rows)) : this.handover.discard();
    return runSweep({
      settings,
      targets,
      command: 'library',
      signal,
      ...(options.stream === true
        ? { onRows: async () => {}, onFinalRows: give }
        : { onRows: give }),
    });
  }
}

function specsOf(texts: string | readonly string[]): { text: string; where: string }[] {
  return [texts].flat().map((text) => ({ text, where: 'targets' }));
}

/** Passes one batch of rows at a time from the sweep to its reader; each waits for the other. */
class Handover {
  hasDiscarded = false;
  private rows: readonly HostResult[] | undefined;
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  private readonly waiting: (() => void)[] = [];

  async give(rows: readonly HostResult[]): Promise<void> {
    this.rows = rows;
    this.wake();
    while (this.rows !== undefined && !this.ended) await this.change();
  }

  async discard(): Promise<void> {
    this.hasDiscarded = true;
  }

  /** The next batch; undefined at the end. */
  async take(): Promise<readonly HostResult[] | undefined> {
    while (this.rows === undefined && !this.ended) await this.change();
    const { rows } = this;
    this.rows = undefined;
    this.wake();
    if (rows === undefined && this.failure !== undefined) throw this.failure.error;
    return rows;
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  fail(error: unknown): void {
    this.failure = { error };
    this.end();
  }

  /** The reader is gone: nothing waits for it any more. */
  abandon(): void {
    this.rows = undefined;
    this.end();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
