/** Writes files that only their owner may read, whole or not at all. */

import { randomUUID } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EchosweepError } from '../../errors.ts';
import { errorCode, writeFault } from '../../file-errors.ts';

/** Replaces the file, or makes it. @throws EchosweepError OUTPUT_FAILED */
export function writePrivately(path: string, text: string): void {
  const whole = wholeBeside(path, text);
  try {
    renameSync(whole, path);
  } catch (error) {
    rmSync(whole, { force: true });
    throw cannotWrite(path, error);
  }
}

/** Makes the file. @returns whether it is new; one that exists stays as it is @throws EchosweepError OUTPUT_FAILED */
export function createPrivately(path: string, text: string): boolean {
  const whole = wholeBeside(path, text);
  try {
    // Unlike a rename, a link replaces nothing.
    linkSync(whole, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw cannotWrite(path, error);
  } finally {
    rmSync(whole, { force: true });
  }
}

/** Gives a file that root made to the owner of its folder, whose service has to read it. */
export function giveToFolderOwner(path: string): void {
  const { uid, gid } = statSync(dirname(path));
  if (statSync(path).uid === uid) return;
  try {
    chownSync(path, uid, gid);
  } catch (error) {
    // Another user may write there and can give nothing away.
    if (errorCode(error) !== 'EPERM') throw error;
  }
}

export function cannotWrite(path: string, error: unknown): EchosweepError {
  const { problem, advice } = writeFault(error);
  return new EchosweepError('OUTPUT_FAILED', `cannot write ${path}: ${problem}`, advice, {
    cause: error,
  });
}

/** The text in a file of its own in the same folder. */
function wholeBeside(path: string, text: string): string {
  const whole = `${path}.${randomUUID()}.new`;
  try {
    const file = openSync(whole, 'w', 0o600);
    try {
      // Unlike writeSync, it goes on after a part.
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    giveToFolderOwner(whole);
  } catch (error) {
    rmSync(whole, { force: true });
    throw cannotWrite(path, error);
  }
  return whole;
}
