/** Lets one process at a time install or build in this folder; the others wait for it and find the work done. */

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
/** A lock that is still empty after this long belongs to a process that died while it wrote its number. */
const EMPTY_LOCK_MS = 5_000;

/**
 * @template T
 * @param {string} root folder that the work changes
 * @param {() => Promise<T>} work
 */
export async function withSetupLock(root, work) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const lock = join(root, '.cache', 'setup.lock');
  for (let waits = 0; !take(lock); waits++) {
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    else {
      if (waits === 0)
        process.stderr.write('echosweep: waiting for another install or build here\n');
      await sleep(POLL_MS);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether the lock's owner has ended; false too if the lock itself was removed meanwhile. */
function isAbandoned(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    if (owner === 0) return Date.now() - statSync(lock).mtimeMs > EMPTY_LOCK_MS;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
