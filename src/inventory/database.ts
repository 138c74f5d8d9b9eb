/** SQLite behind one thin interface: `node:sqlite` if Node has it, else the package libsql. No other file knows which. */

import { closeSync, existsSync, fchownSync, openSync } from 'node:fs';
import { EchosweepError, messageOf } from '../errors.ts';
import { errorCode } from '../file-errors.ts';

/** What a column may hold here; integers stay below 2^53. */
export type SqlValue = string | number | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface Statement {
  /** @returns how many rows were changed */
  run(...values: readonly SqlValue[]): number;
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): readonly SqlRow[];
  /** The same rows one at a time, for very many of them; nothing else may use the database until the last. */
  iterate(...values: readonly SqlValue[]): Iterable<SqlRow>;
}

export interface Database {
  /** Runs any number of statements. */
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** The owner to give a new file; only root can. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** What both libraries have in common. */
interface SqliteLibrary {
  exec(sql: string): unknown;
  prepare(sql: string): {
    run(...values: readonly SqlValue[]): { readonly changes: number | bigint };
    get(...values: readonly SqlValue[]): Record<string, unknown> | undefined;
    all(...values: readonly SqlValue[]): readonly unknown[];
    iterate(...values: readonly SqlValue[]): Iterable<unknown>;
  };
  close(): void;
}
type OpenSqlite = (path: string) => SqliteLibrary;

/** A path that is not a file: what is written there is gone when it is closed. */
export const IN_MEMORY = ':memory:';

/** How SQLite reports a lock that another connection holds, through either library. */
const BUSY = /database (table )?is locked|SQLITE_BUSY/i;
/** How it reports a full disk: what it maps next to the file fails with an I/O error then. */
const NO_ROOM = /database or disk is full|disk I\/O error|SQLITE_(FULL|IOERR)/i;
/** How it reports a file that SQLite did not write, or that is damaged. */
const DAMAGED = /malformed|not a database/;
/** SQLITE_IOERR_SHORT_READ: a file ends in the middle of a page. */
const SHORT_READ = 522;

let opener: Promise<OpenSqlite> | undefined;

/**
 * Opens a database file. A new one is readable by its owner alone; SQLite gives the files that it adds next to it the
 * same permissions.
 * @param busyMs how long to wait for another connection's lock
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function openDatabase(
  path: string,
  busyMs: number,
  owner?: FileOwner,
): Promise<Database> {
  opener ??= findLibrary();
  const open = await opener;
  try {
    if (path !== IN_MEMORY && !existsSync(path)) createPrivately(path, owner);
    const database = adapted(open(path), path);
    database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    return database;
  } catch (error) {
    throw databaseFailed(path, error);
  }
}

/** Whether an error says that another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && BUSY.test(`${error.message} ${'code' in error && error.code}`);
}

/** Whether an error says that the disk has no room for what was to be written. */
export function hasNoRoom(error: unknown): boolean {
  return error instanceof Error && NO_ROOM.test(error.message);
}

/** Whether its end is missing, which either library reports as an I/O error. */
function isCutShort(error: unknown): boolean {
  const { errcode, rawCode } = error as { errcode?: unknown; rawCode?: unknown };
  return errcode === SHORT_READ || rawCode === SHORT_READ;
}

/** The one error of a database that cannot be used. */
export function databaseFailed(path: string, cause: unknown): EchosweepError {
  if (cause instanceof EchosweepError) return cause;
  const why = isCutShort(cause) ? 'it is malformed: its end is missing' : messageOf(cause);
  const advice = isBusy(cause)
    ? 'try again when no other process is writing to it'
    : DAMAGED.test(why)
      ? 'put a copy in its place, or move it away and start a new one'
      : 'see that its folder exists, may be written to and has room';
  return new EchosweepError('INVENTORY_FAILED', `cannot use ${path} (${why})`, advice, {
    cause,
  });
}

/** Ends the transaction that has failed, if there still is one. */
export function rollBack(database: Pick<Database, 'exec'>): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}

/** As many parameters of a statement as there are values, for a list such as that of IN. */
export function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join();
}

/** The moment in a column that holds milliseconds since 1970, or NULL. */
export function dateOrNull(value: SqlValue | undefined): Date | null {
  return value === null || value === undefined ? null : new Date(Number(value));
}

function createPrivately(path: string, owner: FileOwner | undefined): void {
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o600);
  } catch (error) {
    // Another process has just created it.
    if (errorCode(error) === 'EEXIST') return;
    throw error;
  }
  try {
    if (owner !== undefined) fchownSync(fd, owner.uid, owner.gid);
  } finally {
    closeSync(fd);
  }
}

async function findLibrary(): Promise<OpenSqlite> {
  // Node 20 does not have it, and its types do not know it.
  const builtin: string = 'node:sqlite';
  try {
    const { DatabaseSync } = (await import(builtin)) as {
      DatabaseSync: new (path: string) => SqliteLibrary;
    };
    return (path) => new DatabaseSync(path);
  } catch {
    // Then libsql is used.
  }
  try {
    const { default: LibSql } = await import('libsql');
    return (path) => new LibSql(path) as unknown as SqliteLibrary;
  } catch (error) {
    throw new EchosweepError(
      'INVENTORY_FAILED',
      'there is no SQLite here',
      'use Node 22.13 or later, or reinstall echosweep with its optional dependencies',
      { cause: error },
    );
  }
}

/** Reports any failure of SQLite, at any call, as one line. */
function adapted(library: SqliteLibrary, path: string): Database {
  const reported = <Result>(call: () => Result): Result => {
    try {
      return call();
    } catch (error) {
      throw databaseFailed(path, error);
    }
  };
  return {
    exec: (sql) => void reported(() => library.exec(sql)),
    prepare(sql) {
      const statement = reported(() => library.prepare(sql));
      return {
        run: (...values) => reported(() => Number(statement.run(...values).changes)),
        get(...values) {
          const row = reported(() => statement.get(...values));
          if (row === undefined) return undefined;
          // libsql puts the query's duration among the columns.
          const { _metadata: _, ...columns } = row;
          return columns as SqlRow;
        },
        all: (...values) => reported(() => statement.all(...values) as readonly SqlRow[]),
        *iterate(...values) {
          try {
            yield* statement.iterate(...values) as Iterable<SqlRow>;
          } catch (error) {
            throw databaseFailed(path, error);
          }
        },
      };
    },
    close: () => library.close(),
  };
}
