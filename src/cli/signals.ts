/** The signals that a sweep reacts to: stop, stop at once, and report the progress. */

import type { StopSignal } from './exit-codes.ts';

/** What signals come from: the process, or a stand-in. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown;
  off(name: NodeJS.Signals, listener: () => void): unknown;
}

export interface SignalReactions {
  /** The first SIGINT, SIGTERM, or SIGHUP, which a terminal sends when it closes. */
  readonly onStop: (signal: StopSignal) => void;
  /** SIGINT while the sweep is stopping already. */
  readonly onStopAtOnce: (first: StopSignal) => void;
  /** SIGQUIT or SIGUSR1; on Windows Ctrl-Break (SIGBREAK). Without it they do nothing. */
  readonly onSnapshot?: () => void;
  /** SIGHUP in a service, which has no terminal. Without it SIGHUP stops; so it does on Windows, where it means that the console is closing. */
  readonly onReload?: () => void;
}

/**
 * npm hands a Ctrl-C on to a command that got it from the terminal already: what follows this closely is one keystroke.
 */
const SAME_KEYSTROKE_MS = 100;

export class SweepSignals {
  /** Aborted by the first signal that stops. */
  readonly signal: AbortSignal;
  readonly #source: SignalSource;
  readonly #reactions: SignalReactions;
  readonly #nowMs: () => number;
  readonly #controller = new AbortController();
  readonly #listeners: readonly (readonly [NodeJS.Signals, () => void])[];
  #stoppedBy: StopSignal | undefined;
  #stoppedAtMs = 0;

  /** @param nowMs a monotonic clock */
  constructor(
    source: SignalSource,
    reactions: SignalReactions,
    nowMs: () => number = () => performance.now(),
    platform: NodeJS.Platform = process.platform,
  ) {
    this.#source = source;
    this.#reactions = reactions;
    this.#nowMs = nowMs;
    const { onSnapshot = () => {} } = reactions;
    const onReload = platform === 'win32' ? undefined : reactions.onReload;
    this.signal = this.#controller.signal;
    this.#listeners = [
      ['SIGHUP', onReload ?? (() => this.#stop('SIGHUP'))],
      ['SIGINT', () => this.#stop('SIGINT')],
      ['SIGTERM', () => this.#stop('SIGTERM')],
      ['SIGQUIT', onSnapshot],
      ['SIGUSR1', onSnapshot],
      ['SIGBREAK', onSnapshot],
    ];
    for (const [name, listener] of this.#listeners) source.on(name, listener);
  }

  /** The signal that stopped the sweep; undefined if none did. */
  get stoppedBy(): StopSignal | undefined {
    return this.#stoppedBy;
  }

  /** Gives the signals back to the system. */
  release(): void {
    for (const [name, listener] of this.#listeners) this.#source.off(name, listener);
  }

  #stop(name: StopSignal): void {
    if (this.#stoppedBy === undefined) {
      this.#stoppedBy = name;
      this.#stoppedAtMs = this.#nowMs();
      this.#reactions.onStop(name);
      this.#controller.abort();
    } else if (name === 'SIGINT' && this.#nowMs() - this.#stoppedAtMs > SAME_KEYSTROKE_MS) {
      this.#reactions.onStopAtOnce(this.#stoppedBy);
    }
  }
}
