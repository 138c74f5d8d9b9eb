/** The opened file of an inventory, which its readers and writers share. */

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { EchosweepError } from '../errors.ts';
import {
  type Database,
  databaseFailed,
  type FileOwner,
  isBusy,
  openDatabase,
  rollBack,
} from './database.ts';
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
  /** Keeps the database open, also after `close`, until what it returns is called. */
  hold(): () => void;
  /** Closes the database as soon as no one holds it. */
  close(): void;
}

/**
 * Opens an inventory; one that does not exist is created, readable by its owner alone.
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function openStore(path: string, owner?: FileOwner): Promise<Store> {
  const database = await openDatabase(path, BUSY_MS, owner);
  try {
    // Pruning gives room back to the disk. Once there is a table, this would change nothing, but wait for other writers.
    const { schema_version: version } = database.prepare('PRAGMA schema_version').get()!;
    if (version === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    // Readers go on while a scan is written; FULL keeps what was committed through a power cut.
    database.prepare('PRAGMA journal_mode = WAL').get();
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    migrate(database, path);
  } catch (error) {
    database.close();
    throw databaseFailed(path, error);
  }
  return storeOf(path, database);
}

function storeOf(path: string, database: Database): Store {
  let holders = 0;
  let isWanted = true;
  let isOpen = true;
  const closeIfFree = (): void => {
    if (isWanted || holders > 0 || !isOpen) return;
    isOpen = false;
    database.close();
  };
  return {
    path,
    database,
    writing: undefined,
    hold: () => {
      holders++;
      return () => {
        holders--;
        closeIfFree();
      };
    },
    close: () => {
      isWanted = false;
      closeIfFree();
    },
  };
}

/** @returns undefined for a network that was never scanned */
export function networkIdOf({ database }: Store, name: string): number | undefined {
  const row = database.prepare('SELECT id FROM networks WHERE name = ?').get(name);
  return row === undefined ? undefined : Number(row['id']);
}

/**
 * Runs `work` as one transaction: all of it is kept or nothing.
 * @throws EchosweepError INVENTORY_FAILED if the system refuses, as on a full disk
 */
export function inTransaction<Result>(store: Store, work: () => Result): Result {
  begin(store);
  return committed(store, work);
}

function committed<Result>(store: Store, work: () => Result): Result {
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
      await beginWhenFree(own);
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

/** How long a write of a person waits for a scan that is being written, and how often it tries. */
const PATIENCE_MS = 20_000;
const RETRY_MS = 25;

/**
 * Runs `work` as one transaction as soon as nothing else is written. The process goes on meanwhile: while SQLite itself
 * waits for the lock of another process, it would stop.
 * @throws EchosweepError INVENTORY_BUSY if something is written for too long, INVENTORY_FAILED
 */
export async function writeWhenFree<Result>(store: Store, work: () => Result): Promise<Result> {
  const release = store.hold();
  try {
    for (let triedMs = 0; ; triedMs += RETRY_MS) {
      if (store.writing !== undefined) await store.writing;
      if (beginAtOnce(store)) return committed(store, work);
      if (triedMs >= PATIENCE_MS) {
        throw new EchosweepError(
          'INVENTORY_BUSY',
          `another process is writing to ${store.path}`,
          'try again in a while',
        );
      }
      await delay(RETRY_MS);
    }
  } finally {
    release();
  }
}

/**
 * As `writeWhenFree`, through a connection that nothing else in this process uses.
 * @throws EchosweepError INVENTORY_FAILED if another process writes for too long
 */
async function beginWhenFree(own: Store): Promise<void> {
  for (let triedMs = 0; !beginAtOnce(own); triedMs += RETRY_MS) {
    if (triedMs >= BUSY_MS) throw databaseFailed(own.path, new Error('database is locked'));
    await delay(RETRY_MS);
  }
}

/** @returns whether the lock was free */
function beginAtOnce({ database, path }: Store): boolean {
  database.exec('PRAGMA busy_timeout = 0');
  try {
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (error instanceof EchosweepError && isBusy(error.cause)) return false;
    throw databaseFailed(path, error);
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
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
  rollBack(database);
  return databaseFailed(path, cause);
}
