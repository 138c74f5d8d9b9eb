/** The opened file of an inventory, which its readers and writers share. */

import { setImmediate } from 'node:timers/promises';
import type { EchosweepError } from '../errors.ts';
import { type Database, databaseFailed, type FileOwner, openDatabase } from './database.ts';
import { migrate } from './migrations.ts';

/** A scan of a large network is written in a few seconds; readers never wait for it. */
const BUSY_MS = 30_000;

export interface Store {
  readonly path: string;
  readonly database: Database;
  /**
   * The write in steps that is under way in this process, through a connection of its own. Any other write has to wait
   * for it: SQLite would block the whole process, and so wait forever.
   */
  writing: Promise<unknown> | undefined;
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
  return { path, database, writing: undefined, close: () => database.close() };
}

/**
 * Runs `work` as one transaction: all of it is kept or nothing.
 * @throws EchosweepError INVENTORY_FAILED if the system refuses, as on a full disk
 */
export function inTransaction<Result>(store: Store, work: () => Result): Result {
  begin(store);
  try {
    const result = work();
    store.database.exec('COMMIT');
    return result;
  } catch (error) {
    throw rolledBack(store, error);
  }
}

/**
 * Like `inTransaction` for long work: it pauses after each step and lets the process do other work. Until it is done,
 * readers of `store` see the state before.
 */
export async function inTransactionOfSteps<Result>(
  store: Store,
  work: (own: Store) => Generator<void, Result>,
): Promise<Result> {
  while (store.writing !== undefined) await store.writing;
  let settle = (): void => {};
  store.writing = new Promise<void>((resolve) => {
    settle = resolve;
  });
  try {
    const own = await openStore(store.path);
    try {
      begin(own);
      try {
        const steps = work(own);
        let step = steps.next();
        for (; step.done !== true; step = steps.next()) await setImmediate();
        own.database.exec('COMMIT');
        return step.value;
      } catch (error) {
        throw rolledBack(own, error);
      }
    } finally {
      own.close();
    }
  } finally {
    store.writing = undefined;
    settle();
  }
}

function begin({ database, path }: Store): void {
  try {
    database.exec('BEGIN IMMEDIATE');
  } catch (error) {
    throw databaseFailed(path, error);
  }
}

function rolledBack({ database, path }: Store, cause: unknown): EchosweepError {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
  return databaseFailed(path, cause);
}
