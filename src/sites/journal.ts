/** The journal of sweeps on several sites, in SQLite: which chunks there are, and the one batch of each that is kept. */

import {
  type Database,
  databaseFailed,
  type FileOwner,
  openDatabase,
  type SqlRow,
  type SqlValue,
  type Statement,
} from '../inventory/database.ts';
import type { PlannedChunk } from './chunk-plan.ts';
import {
  CHUNK_COLUMNS,
  type ChunkId,
  chunkOf,
  type JournalChunk,
  type JournalProgress,
  type JournalScan,
  type KeptBatch,
  type ReportedChunk,
  rangesText,
  SCANS,
  type ScanPlan,
  type ScanState,
  STATE,
  scanOf,
  TABLES,
} from './journal-tables.ts';

/** In the file; a later one needs a migration. */
const SCHEMA = 1;
const BUSY_MS = 30_000;

/** After so many batches that are refused, a chunk is given up. */
const MOST_REFUSALS = 5;

export class Journal {
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
  static async open(path: string, owner?: FileOwner): Promise<Journal> {
    const database = await openDatabase(path, BUSY_MS, owner);
    try {
      database.prepare('PRAGMA journal_mode = WAL').get();
      // What was committed outlives a power cut: only then is a result acknowledged.
      database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
      const journal = new Journal(path, database);
      journal.together(() => journal.#createTables());
      return journal;
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
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Writes a sweep and its chunks down: once for each site, or once for all of them if it is spread. */
  begin(plan: ScanPlan, chunks: Iterable<PlannedChunk>): void {
    const { id, command, sites, isSpread, facts, createdAt, deadline } = plan;
    const owners = isSpread ? [''] : sites;
    this.together(() => {
      this.#run(
        `INSERT INTO scan (id, command, sites, is_spread, facts, created_at, deadline, state, seen_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?)`,
        id,
        command,
        JSON.stringify(sites),
        Number(isSpread),
        JSON.stringify(facts),
        createdAt.getTime(),
        deadline.getTime(),
        createdAt.getTime(),
      );
      let number = 0;
      for (const chunk of chunks) {
        const ranges = rangesText(chunk.ranges);
        for (const site of owners) {
          this.#run(
            'INSERT INTO chunk (scan, site, number, hosts, ranges) VALUES (?, ?, ?, ?, ?)',
            id,
            site,
            number,
            chunk.count,
            ranges,
          );
        }
        number++;
      }
    });
  }

  /** Takes up a sweep that was stopped, or whose process died: what was given up waits again. */
  resume(id: string, deadline: Date, now: Date): void {
    this.together(() => {
      this.#run(
        "UPDATE scan SET state = 'running', deadline = ?, seen_at = ? WHERE id = ?",
        deadline.getTime(),
        now.getTime(),
        id,
      );
      this.#run(
        `UPDATE chunk SET state = ${STATE.waiting}, refusals = 0 WHERE scan = ? AND state <> ${STATE.done}`,
        id,
      );
    });
  }

  /** Newest last. */
  scans(): JournalScan[] {
    return this.#all(`${SCANS} GROUP BY scan.id ORDER BY created_at, id`).map(scanOf);
  }

  scan(id: string): JournalScan | undefined {
    const [row] = this.#all(`${SCANS} WHERE scan.id = ? GROUP BY scan.id`, id);
    return row && scanOf(row);
  }

  /** Notes that a process waits for it. @returns its state; undefined if it was forgotten */
  touch(id: string, now: Date): ScanState | undefined {
    this.#run('UPDATE scan SET seen_at = ? WHERE id = ?', now.getTime(), id);
    const row = this.#get('SELECT state FROM scan WHERE id = ?', id);
    return row && (row['state'] as ScanState);
  }

  /** Gives the sweep another name in messages. @returns the new name */
  renameMessages(id: string): string {
    this.#run('UPDATE scan SET cancelled = cancelled + 1 WHERE id = ?', id);
    return this.scan(id)!.messageName;
  }

  setState(id: string, state: ScanState): void {
    this.#run('UPDATE scan SET state = ? WHERE id = ?', state, id);
  }

  /** Removes a sweep with all of its batches. @returns whether there was one */
  forget(id: string): boolean {
    return this.#run('DELETE FROM scan WHERE id = ?', id) > 0;
  }

  /** Removes sweeps that ended and that no process has waited for since `before`. */
  forgetEnded(before: Date): void {
    this.#run("DELETE FROM scan WHERE state = 'ended' AND seen_at < ?", before.getTime());
  }

  /** Chunks that wait, in address order. @param site '' for those of a sweep that is spread */
  waiting(scan: string, site: string, most: number): JournalChunk[] {
    return this.#all(
      `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE scan = ? AND state = ${STATE.waiting} AND site = ?
       ORDER BY number LIMIT ?`,
      scan,
      site,
      most,
    ).map(chunkOf);
  }

  /** How many chunks are neither done nor given up. */
  chunksLeft(scan: string): number {
    const row = this.#get(
      `SELECT count(*) AS chunks FROM chunk WHERE scan = ? AND state < ${STATE.done}`,
      scan,
    );
    return Number(row!['chunks']);
  }

  /** The numbers of the chunks that are out at a site. */
  offeredAt(scan: string, place: string): ReadonlySet<number> {
    const rows = this.#all(
      `SELECT number FROM chunk WHERE scan = ? AND place = ? AND state = ${STATE.offered}`,
      scan,
      place,
    );
    return new Set(rows.map((row) => Number(row['number'])));
  }

  /** Notes that a waiting chunk is out. */
  markOffered({ scan, site, number }: ChunkId, place: string, now: Date): void {
    this.#run(
      `UPDATE chunk SET state = ${STATE.offered}, place = ?, offered_at = ?
       WHERE scan = ? AND site = ? AND number = ? AND state = ${STATE.waiting}`,
      place,
      now.getTime(),
      scan,
      site,
      number,
    );
  }

  /** Chunks that are out since before `before`. */
  outSince(scan: string, before: Date): JournalChunk[] {
    return this.#all(
      `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE scan = ? AND state = ${STATE.offered} AND offered_at < ?`,
      scan,
      before.getTime(),
    ).map(chunkOf);
  }

  /** Notes that a chunk that is out was offered again. */
  markOfferedAgain({ scan, site, number }: ChunkId, now: Date): void {
    this.#run(
      `UPDATE chunk SET offered_at = ? WHERE scan = ? AND site = ? AND number = ? AND state = ${STATE.offered}`,
      now.getTime(),
      scan,
      site,
      number,
    );
  }

  /** A chunk that is out waits again. */
  takeBack({ scan, site, number }: ChunkId): void {
    this.#run(
      `UPDATE chunk SET state = ${STATE.waiting} WHERE scan = ? AND site = ? AND number = ? AND state = ${STATE.offered}`,
      scan,
      site,
      number,
    );
  }

  /** All that is out waits again, as after a broker that has forgotten it. @returns how many chunks */
  takeAllBack(scan: string): number {
    return this.#run(
      `UPDATE chunk SET state = ${STATE.waiting} WHERE scan = ? AND state = ${STATE.offered}`,
      scan,
    );
  }

  find({ scan, site, number }: ChunkId): JournalChunk | undefined {
    const row = this.#get(
      `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE scan = ? AND site = ? AND number = ?`,
      scan,
      site,
      number,
    );
    return row && chunkOf(row);
  }

  /**
   * Keeps a batch unless the chunk has one: the single place that makes rows occur exactly once. What was given up may
   * still come.
   * @returns whether it is kept
   */
  keep({ scan, site, number }: ChunkId, batch: KeptBatch): boolean {
    const { messageName, place, agent, octets, up, sent, received } = batch;
    const kept = this.#run(
      `UPDATE chunk SET state = ${STATE.done}, message_name = ?, place = ?, agent = ?, up = ?, sent = ?, received = ?, batch = ?
       WHERE scan = ? AND site = ? AND number = ? AND state <> ${STATE.done}`,
      messageName,
      place,
      agent,
      up,
      sent,
      received,
      octets,
      scan,
      site,
      number,
    );
    return kept > 0;
  }

  /** A chunk whose batch is refused waits again; after five of them it is given up. */
  refuse({ scan, site, number }: ChunkId): void {
    this.#run(
      `UPDATE chunk SET refusals = refusals + 1,
         state = CASE WHEN refusals + 1 >= ${MOST_REFUSALS} THEN ${STATE['given-up']} ELSE ${STATE.waiting} END
       WHERE scan = ? AND site = ? AND number = ? AND state = ${STATE.offered}`,
      scan,
      site,
      number,
    );
  }

  /** Gives up what is left of a sweep. @returns how many chunks */
  giveUp(scan: string): number {
    return this.#run(
      `UPDATE chunk SET state = ${STATE['given-up']} WHERE scan = ? AND state < ${STATE.done}`,
      scan,
    );
  }

  /** By site, in the order of their names. */
  progress(scan: string): JournalProgress[] {
    return this.#all(
      `SELECT site, sum(hosts) AS hosts,
         total(CASE WHEN state = ${STATE.done} THEN hosts END) AS done,
         total(CASE WHEN state = ${STATE['given-up']} THEN hosts END) AS given_up,
         total(up) AS up, total(sent) AS sent, total(received) AS received,
         count(CASE WHEN state < ${STATE.done} THEN 1 END) AS chunks_left
       FROM chunk WHERE scan = ? GROUP BY site ORDER BY site`,
      scan,
    ).map((row) => ({
      site: String(row['site']),
      hosts: Number(row['hosts']),
      done: Number(row['done']),
      givenUp: Number(row['given_up']),
      up: Number(row['up']),
      sent: Number(row['sent']),
      received: Number(row['received']),
      chunksLeft: Number(row['chunks_left']),
    }));
  }

  /** Chunks in the order of a report: by site, then by address. Those that are not done have no batch. */
  *batches(scan: string): Generator<ReportedChunk> {
    // Keys first: a statement that is being read keeps others from writing.
    const keys = this.#all(
      'SELECT site, number FROM chunk WHERE scan = ? ORDER BY site, number',
      scan,
    );
    for (const { site, number } of keys) {
      const row = this.#get(
        `SELECT ${CHUNK_COLUMNS}, agent, message_name, batch FROM chunk
         WHERE scan = ? AND site = ? AND number = ?`,
        scan,
        site!,
        number!,
      );
      if (row === undefined) return;
      const octets = row['batch'] as Uint8Array | null;
      const chunk = chunkOf(row);
      yield octets === null
        ? { chunk }
        : {
            chunk,
            batch: {
              octets,
              agent: String(row['agent']),
              messageName: String(row['message_name']),
            },
          };
    }
  }

  #createTables(): void {
    const version = Number(this.#get('PRAGMA user_version')!['user_version']);
    if (version === SCHEMA) return;
    if (version !== 0) {
      throw databaseFailed(
        this.path,
        new Error(`it is of a later version of echosweep, schema ${version}`),
      );
    }
    this.#database.exec(`${TABLES} PRAGMA user_version = ${SCHEMA};`);
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: readonly SqlValue[]): number {
    return this.#statement(sql).run(...values);
  }

  #get(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return this.#statement(sql).get(...values) ?? undefined;
  }

  #all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    return this.#statement(sql).all(...values);
  }
}
