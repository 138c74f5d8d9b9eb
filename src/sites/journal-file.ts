/** The file of a journal: opened, given its tables, and read and written statement by statement. */

import {
  type Database,
  databaseFailed,
  type FileOwner,
  openDatabase,
  rollBack,
  type SqlRow,
  type SqlValue,
  type Statement,
} from '../inventory/database.ts';
import { FROM_SCHEMA_1, TABLES } from './journal-tables.ts';

/** In the file; a later one needs a migration. */
const SCHEMA = 2;
const BUSY_MS = 30_000;

export class JournalFile {
  readonly path: string;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  private constructor(path: string, database: Database) {
    this.path = path;
    this.#database = database;
  }

  /**
   * Opens a journal; one that does not exist is created, readable by its owner alone.
   * @throws EchosweepError INVENTORY_FAILED
   */
  static async open(path: string, owner?: FileOwner): Promise<JournalFile> {
    const database = await openDatabase(path, BUSY_MS, owner);
    try {
      database.prepare('PRAGMA journal_mode = WAL').get();
      // What was committed outlives a power cut: only then is a result acknowledged.
      database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
      const file = new JournalFile(path, database);
      file.together(() => file.#createTables());
      return file;
    } catch (error) {
      database.close();
      throw databaseFailed(path, error);
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Runs `work` as one transaction, on disk when this returns. */
  together<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      rollBack(this.#database);
      throw error;
    }
  }

  /** @returns how many rows were changed */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.#statement(sql).run(...values);
  }

  get(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.#statement(sql).get(...values) ?? undefined;
  }

  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#statement(sql).all(...values);
  }

  /** What rows say. @throws EchosweepError INVENTORY_FAILED if one is damaged */
  read<Value>(rows: readonly SqlRow[], reader: (row: SqlRow) => Value): Value[] {
    try {
      return rows.map(reader);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw databaseFailed(this.path, new Error(`a row is malformed: ${error.message}`));
    }
  }

  #createTables(): void {
    const version = Number(this.get('PRAGMA user_version')!['user_version']);
    if (version === SCHEMA) return;
    if (version > SCHEMA) {
      throw databaseFailed(
        this.path,
        new Error(`it is of a later version of echosweep, schema ${version}`),
      );
    }
    const changes = version === 0 ? TABLES : FROM_SCHEMA_1;
    this.#database.exec(`${changes} PRAGMA user_version = ${SCHEMA};`);
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
