/** Lets one process at a time install or build in this folder; the others wait for it and find the work done. */

import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
/** A lock that is still empty after this long belongs to a process that died while it wrote its number. */
const EMPTY_LOCK_MS = 5_000;

/**
 * @template T
 * @param {string} root folder that the work changes
 * @param {(hold: (pid: number) => void) => Promise<T>} work `hold` names a process that does the work: it may outlive this one
 */
export async function withSetupLock(root, work) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const lock = join(root, '.cache', 'setup.lock');
  for (let waits = 0; !take(lock); waits++) {
    if (isAbandoned(lock)) removeAbandoned(lock);
    else {
      if (waits === 0)
        process.stderr.write('echosweep: waiting for another install or build here\n');
      await sleep(POLL_MS);
    }
  }
  try {
    return await work((pid) => appendFileSync(lock, inLock(pid)));
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, inLock(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** One process at a time: another would remove the lock that the first has taken since. */
function removeAbandoned(lock) {
  const removal = `${lock}.removal`;
  if (!take(removal)) {
    if (isAbandoned(removal)) rmSync(removal, { force: true });
    return;
  }
  try {
    if (isAbandoned(lock)) rmSync(lock, { force: true });
  } finally {
    rmSync(removal, { force: true });
  }
}

/** Whether all that hold the lock have ended; false too if the lock itself was removed meanwhile. */
function isAbandoned(lock) {
  try {
    const holders = readFileSync(lock, 'utf8').trim();
    if (holders === '') return Date.now() - statSync(lock).mtimeMs > EMPTY_LOCK_MS;
    return holders.split('\n').every((line) => hasEnded(...line.split(' ')));
  } catch {
    return false;
  }
}

function inLock(pid) {
  return `${pid} ${startOf(pid)}\n`;
}

/** Numbers are used again, in a new container from the first one on: such a process started at another time. */
function hasEnded(pid, start) {
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code === 'ESRCH') return true;
  }
  const present = startOf(pid);
  return present !== '' && present !== start;
}

/** When a process started, in ticks since the system did (proc(5)); '' if the system does not show it. */
function startOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ')[19];
  } catch {
    return '';
  }
}
