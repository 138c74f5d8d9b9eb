/** What the exit code says: the one place that turns an outcome into a number. */

import type { ErrorCode } from '../errors.ts';

export const EXIT = {
  /** The sweep ran and its report is written; hosts being down is a result, not a failure. */
  ok: 0,
  /** An expectation given on the command line was not met. */
  expectationMissed: 1,
  /** A name could not be resolved; the rest was swept. */
  unresolvedName: 2,
  /** The command line, a target, or a file to be read is wrong; nothing was sent. */
  wrongInput: 3,
  /** The system refused: no engine allowed, disk full, socket error. Also a fault of our own. */
  systemRefused: 4,
  /** The sweep ran, but its result may be unreliable; the report says why. */
  doubtful: 5,
  /** 128 and the signal's number, as shells count; a partial report is written. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The signals that stop a sweep. */
export type StopSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** What there is to say about a sweep that has ended. */
export interface SweepEnding {
  readonly stoppedBy?: StopSignal | undefined;
  /** A report or the sweep itself failed. */
  readonly hasFailed: boolean;
  /** The run has doubts about itself. */
  readonly isDoubtful: boolean;
  readonly hasUnresolvedNames: boolean;
  readonly missesExpectation: boolean;
}

/** If several apply, the first of 129/130/143, 4, 5, 2, 1. */
export function exitCodeOfSweep(ending: SweepEnding): ExitCode {
  if (ending.stoppedBy !== undefined) return exitCodeOfSignal(ending.stoppedBy);
  if (ending.hasFailed) return EXIT.systemRefused;
  if (ending.isDoubtful) return EXIT.doubtful;
  if (ending.hasUnresolvedNames) return EXIT.unresolvedName;
  return ending.missesExpectation ? EXIT.expectationMissed : EXIT.ok;
}

const EXIT_OF_SIGNAL: Readonly<Record<StopSignal, ExitCode>> = {
  SIGHUP: EXIT.hungUp,
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
};

export function exitCodeOfSignal(signal: StopSignal): ExitCode {
  return EXIT_OF_SIGNAL[signal];
}

/** The signal that an exit code stands for; undefined if it is none. */
export function signalOf(code: unknown): StopSignal | undefined {
  return (Object.keys(EXIT_OF_SIGNAL) as StopSignal[]).find(
    (signal) => EXIT_OF_SIGNAL[signal] === code,
  );
}

export function exitCodeOfError(code: ErrorCode): ExitCode {
  switch (code) {
    case 'TARGET_INVALID':
    case 'OPTION_INVALID':
    case 'REPORT_INVALID':
    case 'CONFIG_INVALID':
      return EXIT.wrongInput;
    default:
      return EXIT.systemRefused;
  }
}
