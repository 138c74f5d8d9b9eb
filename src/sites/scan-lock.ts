/** Keeps two processes from waiting for the same scan: a lock whose file is gone when it is free. */

import { rmSync, statSync } from 'node:fs';
import { lockNetwork, lockPathOf, type NetworkLock } from '../inventory/network-lock.ts';

/**
 * Takes the lock of a scan, or fails at once.
 * @param journal path
 * @throws EchosweepError INVENTORY_BUSY if another process holds it, INVENTORY_FAILED
 */
export async function lockScan(journal: string, scan: string): Promise<NetworkLock> {
  const path = lockPathOf(journal, scan);
  for (;;) {
    const before = identityOf(path);
    const lock = await lockNetwork(journal, scan);
    // The holder before may have removed the file that was locked here; the next process would lock a new one.
    if (before !== undefined && before === identityOf(path)) return removedFirst(lock, path);
    lock.release();
  }
}

/** The file goes while the lock is held: after that it could already be another's. */
function removedFirst(lock: NetworkLock, path: string): NetworkLock {
  return {
    release() {
      removeIfPossible(path);
      lock.release();
    },
  };
}

/** Of the file that the path leads to; a number alone may be used again after a file was removed. */
function identityOf(path: string): string | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  return file && `${file.dev} ${file.ino} ${file.birthtimeNs}`;
}

/** Windows does not remove a file that is open: an empty one stays behind there. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It stays behind.
  }
}
