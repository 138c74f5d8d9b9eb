/** Sees to it that a network is never scanned twice at once: a lock that the system frees when its holder dies. */

import { EchosweepError } from '../errors.ts';
import { databaseFailed, type FileOwner, isBusy, openDatabase } from './database.ts';

export interface NetworkLock {
  release(): void;
}

/**
 * Takes the lock of a network, or fails at once. It is SQLite's own lock on an empty file beside the inventory: it works
 * on every system, between threads as well, and nothing is left to clean up after a crash.
 * @throws EchosweepError INVENTORY_BUSY where somebody else holds it, INVENTORY_FAILED
 */
export async function lockNetwork(
  inventory: string,
  network: string,
  owner?: FileOwner,
): Promise<NetworkLock> {
  const path = `${inventory}-${network}.lock`;
  const database = await openDatabase(path, 0, owner);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw databaseFailed(path, error);
    throw new EchosweepError(
      'INVENTORY_BUSY',
      `${network} is being scanned already: wait until that scan is done`,
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
