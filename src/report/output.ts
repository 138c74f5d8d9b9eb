/** The places a report's text can go to, and the message if one of them fails. */

import { EchosweepError } from '../errors.ts';
import { writeFault } from '../file-errors.ts';

/** A piece of a report: text, or the octets of text in UTF-8. */
export type Piece = string | Uint8Array;

/**
 * Where one report's text goes. `write` any number of times, each after the promise before it, then `commit` once;
 * `discard` at any point instead, also while another call is under way. Errors are EchosweepError `OUTPUT_FAILED`.
 */
export interface ReportOutput {
  /** Resolves when the piece has been taken, so that no more than one is ever kept in memory. */
  write(piece: Piece): Promise<void>;
  /** Makes the report appear. */
  commit(): Promise<void>;
  /** Leaves what was there before. Never throws; does nothing after `commit`. */
  discard(): Promise<void>;
}

/**
 * The one error of an output. Its `cause` keeps the system's error, with its `code` such as `EPIPE` or `ENOSPC`.
 * @param place the path as it was given, or `standard output`
 */
export function outputFailed(place: string, cause: unknown): EchosweepError {
  const { problem, advice } = writeFault(cause);
  return new EchosweepError(
    'OUTPUT_FAILED',
    `cannot write the report to ${place}: ${problem}`,
    advice,
    { cause },
  );
}
