/** The inventory's file opened: what every reader and writer of it shares. */

import { type Database, databaseFailed, type FileOwner, openDatabase } from './database.ts';
import { migrate } from './migrations.ts';

/** A scan of a large network is written in a few seconds; readers never wait for it. */
const BUSY_MS = 30_000;

export interface Store {
  readonly path: string;
  readonly database: Database;
  close(): void;
}

/**
 * Opens an inventory; one that does not exist is created, readable by its owner alone.
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function openStore(path: string, owner?: FileOwner): Promise<Store> {
  const database = await openDatabase(path, BUSY_MS, owner);
  try {
    // Only before there is a table: pruning gives room back to the disk.
    database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    // Readers go on while a scan is written; FULL keeps what was committed through a power cut.
    database.prepare('PRAGMA journal_mode = WAL').get();
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    migrate(database, path);
  } catch (error) {
    database.close();
    throw databaseFailed(path, error);
  }
  return { path, database, close: () => database.close() };
}

/**
 * Runs `work` as one transaction: all of it is kept or nothing.
 * @throws EchosweepError INVENTORY_FAILED where the system refuses, such as a full disk
 */
export function inTransaction<Result>(store: Store, work: () => Result): Result {
  const { database, path } = store;
  try {
    database.exec('BEGIN IMMEDIATE');
  } catch (error) {
    throw databaseFailed(path, error);
  }
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does where the disk is full.
    }
    throw databaseFailed(path, error);
  }
}
