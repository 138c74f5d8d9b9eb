/** The end of a call before its sweep: what to print, and fping's exit code for it. */

import { usageText } from './options.ts';

/** The exit codes of fping 5, as it uses them; its manual has 3 for what it ends with 1. */
export const FPING_EXIT = {
  allReachable: 0,
  /** Some targets are unreachable, there are none, or the command line is wrong. */
  unreachable: 1,
  /** A name has no address. */
  noAddress: 2,
  /** The system refused. */
  systemFailure: 4,
} as const;

/** One of them. */
export type FpingExit = (typeof FPING_EXIT)[keyof typeof FPING_EXIT];

/** Ends a call; not an error of echosweep, because texts and codes are those of fping. */
export class FpingEnded extends Error {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly code: FpingExit;

  /** @param text whole lines */
  constructor(text: string, code: FpingExit, stream: 'stdout' | 'stderr' = 'stderr') {
    super(text);
    this.text = text;
    this.code = code;
    this.stream = stream;
  }
}

/** A command line that is wrong, in a sentence. */
export function refused(problem: string): FpingEnded {
  return new FpingEnded(`fping: ${problem}\n`, FPING_EXIT.unreachable);
}

/** A command line that is wrong, answered with the usage. */
export function misused(): FpingEnded {
  return new FpingEnded(usageText(), FPING_EXIT.unreachable);
}
