/** Prevents two scans of a network at the same time: a lock that the system frees when its holder dies. */

import { readFileSync, statSync } from 'node:fs';
import { EchosweepError } from '../errors.ts';
import { databaseFailed, type FileOwner, IN_MEMORY, isBusy, openDatabase } from './database.ts';

export interface NetworkLock {
  release(): void;
}

/**
 * Takes the lock of a network, or fails at once. It is SQLite's own lock on an empty file next to the inventory: it works
 * on every system, between threads as well, and nothing is left to clean up after a crash.
 * @throws EchosweepError INVENTORY_BUSY if another holds it, INVENTORY_FAILED
 */
export async function lockNetwork(
  inventory: string,
  network: string,
  owner?: FileOwner,
): Promise<NetworkLock> {
  const path = lockPathOf(inventory, network);
  const database = await openDatabase(path, 0, owner);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw databaseFailed(path, error);
    throw new EchosweepError(
      'INVENTORY_BUSY',
      `${network} is being scanned already${holderOf(path)}`,
      'wait until that scan is done',
      { cause: error },
    );
  }
  return {
    release() {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

/** The file that `lockNetwork` locks. What is in memory has none: no other process can open it. */
export function lockPathOf(inventory: string, network: string): string {
  return inventory === IN_MEMORY ? IN_MEMORY : `${inventory}-${network}.lock`;
}

/** ` by process 4711`, from the kernel's list of locks (proc_locks(5)); '' if the list does not show it. */
function holderOf(path: string): string {
  try {
    const { ino } = statSync(path);
    // A second field `->` would be a process that waits; process 0 is in another container.
    const holders = [
      ...readFileSync('/proc/locks', 'utf8').matchAll(
        /^\d+: POSIX +ADVISORY +WRITE +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm,
      ),
    ].flatMap(([, pid, inode]) => (Number(inode) === ino && Number(pid) > 0 ? [pid!] : []));
    return holders.length === 0 ? '' : ` by process ${holders[0]}`;
  } catch {
    return '';
  }
}
