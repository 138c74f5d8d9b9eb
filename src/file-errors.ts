/** The system's errors about files: their codes, and for each what is wrong and what to do about it. */

import { EchosweepError, type ErrorCode, messageOf } from './errors.ts';

/** What is wrong with a file, and what to do about it. */
export interface FileFault {
  readonly problem: string;
  readonly advice: string;
}

/** The advice differs between a file that should be read and a place that should be written. */
interface KnownFault {
  readonly reading?: FileFault;
  readonly writing?: FileFault;
}

const FAULTS: Readonly<Record<string, KnownFault>> = {
  ENOENT: {
    reading: { problem: 'there is no such file', advice: 'correct its name' },
    writing: { problem: 'its folder does not exist', advice: 'create it first' },
  },
  EACCES: {
    reading: { problem: 'permission denied', advice: 'make it readable, or give another file' },
    writing: { problem: 'permission denied', advice: 'choose a place that you may write to' },
  },
  EPERM: {
    writing: { problem: 'the system forbids it', advice: 'choose a place that you may write to' },
  },
  EISDIR: both('it is a folder', 'name a file inside it'),
  ENOTDIR: both('a part of its path is a file, not a folder', 'correct the path'),
  ELOOP: both('its symbolic links form a loop', 'correct the path'),
  ENAMETOOLONG: both('its name is too long', 'choose a shorter one'),
  EBUSY: {
    writing: {
      problem: 'something is mounted on it, so it cannot be replaced',
      advice: 'mount its folder instead',
    },
  },
  EROFS: { writing: { problem: 'its file system is read-only', advice: 'choose another place' } },
  ENOSPC: {
    writing: { problem: 'the disk is full', advice: 'free some space, then try again' },
  },
  EDQUOT: {
    writing: { problem: 'your disk quota is used up', advice: 'free some space, then try again' },
  },
  EFBIG: {
    writing: {
      problem: 'the file would be larger than the system allows',
      advice: 'raise the limit or sweep less at once',
    },
  },
  EIO: { writing: { problem: 'the disk failed', advice: 'choose another place' } },
  ENXIO: { writing: { problem: 'it has no reader', advice: 'start its reader first' } },
  EPIPE: {
    writing: { problem: 'its reader has closed it', advice: 'let the reader read to the end' },
  },
};

/** The system's code of an error, such as `ENOENT`; '' if it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Why a file cannot be read. */
export function readFault(error: unknown): FileFault {
  return FAULTS[errorCode(error)]?.reading ?? unknownFault(error, 'give another file');
}

/** The error of a file that cannot be read. @param what to read, for the message */
export function cannotRead(code: ErrorCode, what: string, cause: unknown): EchosweepError {
  const { problem, advice } = readFault(cause);
  return new EchosweepError(code, `cannot read ${what}: ${problem}`, advice, { cause });
}

/** Why a file cannot be written. */
export function writeFault(error: unknown): FileFault {
  return FAULTS[errorCode(error)]?.writing ?? unknownFault(error, 'choose another place');
}

function both(problem: string, advice: string): KnownFault {
  return { reading: { problem, advice }, writing: { problem, advice } };
}

function unknownFault(error: unknown, advice: string): FileFault {
  return { problem: messageOf(error), advice };
}
