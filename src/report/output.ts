/** The places a report's text can go to, and what a person is told where one of them fails. */

import { EchosweepError } from '../errors.ts';

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
  /** Leaves what stood there before. Never throws; does nothing after `commit`. */
  discard(): Promise<void>;
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied: choose a place that you may write to',
  EPERM: 'the system forbids it: choose a place that you may write to',
  ENOENT: 'its folder does not exist: create it first',
  ENOTDIR: 'a part of its path is a file, not a folder: correct the path',
  EBUSY: 'something is mounted on it, so it cannot be replaced: mount its folder instead',
  EISDIR: 'it is a folder: name a file inside it',
  EROFS: 'its file system is read-only: choose another place',
  ENOSPC: 'the disk is full: free some space and sweep again',
  EDQUOT: 'your disk quota is used up: free some space and sweep again',
  EFBIG: 'the file would be larger than the system allows: raise the limit or sweep less at once',
  EIO: 'the disk failed: choose another place',
  ENAMETOOLONG: 'its name is too long: choose a shorter one',
  ELOOP: 'its symbolic links lead in a circle: correct the path',
  ENXIO: 'nobody reads from it: start its reader first',
  EPIPE: 'its reader has closed it: let the reader read to the end',
};

/**
 * The one error of an output. Its `cause` keeps the system's error, whose `code` (`EPIPE`, `ENOSPC`) tells causes apart.
 * @param place the path as it was given, or `standard output`
 */
export function outputFailed(place: string, cause: unknown): EchosweepError {
  const code = errorCode(cause);
  const why =
    ADVICE[code] ?? `${cause instanceof Error ? cause.message : code}: choose another place`;
  return new EchosweepError('OUTPUT_FAILED', `cannot write the report to ${place}: ${why}`, {
    cause,
  });
}

/** The system's name of an error, such as `ENOENT`; '' where it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
