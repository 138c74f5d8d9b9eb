/** The journal of sweeps on several sites, in SQLite: which chunks there are, and the one batch of each that is kept. */

import type { FileOwner, SqlValue } from '../inventory/database.ts';
import type { PlannedChunk } from './chunk-plan.ts';
import { JournalFile } from './journal-file.ts';
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
} from './journal-tables.ts';

/** Each time is a write to the disk. */
const SEEN_EVERY_MS = 5_000;
/** After so many batches that are refused, a chunk is given up, unless an agent is there that has sent none of them. */
export const MOST_REFUSALS = 5;

export class Journal {
  readonly #file: JournalFile;

  private constructor(file: JournalFile) {
    this.#file = file;
  }

  /**
   * Opens a journal; one that does not exist is created, readable by its owner alone.
   * @throws EchosweepError INVENTORY_FAILED
   */
  static async open(path: string, owner?: FileOwner): Promise<Journal> {
    return new Journal(await JournalFile.open(path, owner));
  }

  get path(): string {
    return this.#file.path;
  }

  close(): void {
    this.#file.close();
  }

  /** Runs `work` as one transaction, on disk when this returns. */
  together<Result>(work: () => Result): Result {
    return this.#file.together(work);
  }

  /** Writes a sweep and its chunks down: once for each site, or once for all of them if it is spread. */
  begin(plan: ScanPlan, chunks: Iterable<PlannedChunk>): void {
    const { id, command, sites, isSpread, facts, createdAt, deadline } = plan;
    const owners = isSpread ? [''] : sites;
    this.together(() => {
      this.#file.run(
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
          this.#file.run(
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

  /**
   * Takes up a sweep that was stopped, or whose process died: what was given up waits again.
   * @returns whether there is one
   */
  resume(id: string, deadline: Date, now: Date): boolean {
    return this.together(() => {
      const scans = this.#file.run(
        "UPDATE scan SET state = 'running', deadline = ?, seen_at = ? WHERE id = ?",
        deadline.getTime(),
        now.getTime(),
        id,
      );
      this.#file.run(
        `UPDATE chunk SET state = ${STATE.waiting}, refusals = 0 WHERE scan = ? AND state <> ${STATE.done}`,
        id,
      );
      return scans > 0;
    });
  }

  /** Newest last. */
  scans(): JournalScan[] {
    return this.#scans(`${SCANS} GROUP BY scan.id ORDER BY created_at, id`);
  }

  scan(id: string): JournalScan | undefined {
    return this.#scans(`${SCANS} WHERE scan.id = ? GROUP BY scan.id`, id)[0];
  }

  /** Notes every few seconds that a process waits for it. @returns its state; undefined if it was forgotten */
  touch(id: string, now: Date): ScanState | undefined {
    const at = now.getTime();
    this.#file.run(
      'UPDATE scan SET seen_at = ? WHERE id = ? AND abs(? - seen_at) >= ?',
      at,
      id,
      at,
      SEEN_EVERY_MS,
    );
    const row = this.#file.get('SELECT state FROM scan WHERE id = ?', id);
    return row && (row['state'] as ScanState);
  }

  /** Gives the sweep another name in messages. @returns the new name */
  renameMessages(id: string): string {
    this.#file.run('UPDATE scan SET cancelled = cancelled + 1 WHERE id = ?', id);
    return this.scan(id)!.messageName;
  }

  setState(id: string, state: ScanState): void {
    this.#file.run('UPDATE scan SET state = ? WHERE id = ?', state, id);
  }

  /** Removes a sweep with all of its batches. @returns whether there was one */
  forget(id: string): boolean {
    return this.#file.run('DELETE FROM scan WHERE id = ?', id) > 0;
  }

  /** Removes sweeps that no process has waited for: since `endedBefore` what ended, and since `before` any. */
  forgetUnseen(endedBefore: Date, before: Date): void {
    this.#file.run(
      "DELETE FROM scan WHERE seen_at < ? AND (state = 'ended' OR seen_at < ?)",
      endedBefore.getTime(),
      before.getTime(),
    );
  }

  /** Removes sweeps of a command that no process has waited for since `before`. */
  forgetUnseenOf(command: string, before: Date): void {
    this.#file.run('DELETE FROM scan WHERE command = ? AND seen_at < ?', command, before.getTime());
  }

  /**
   * Chunks that wait, in address order.
   * @param site '' for those of a sweep that is spread
   * @param notRefusedAt without those whose result from there was refused
   */
  waiting(scan: string, site: string, most: number, notRefusedAt = ''): JournalChunk[] {
    return this.#chunks(
      `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE scan = ? AND state = ${STATE.waiting} AND site = ?
         AND (refusals = 0 OR place <> ?)
       ORDER BY number LIMIT ?`,
      scan,
      site,
      notRefusedAt,
      most,
    );
  }

  /** How many chunks are neither done nor given up. */
  chunksLeft(scan: string): number {
    const row = this.#file.get(
      `SELECT count(*) AS chunks FROM chunk WHERE scan = ? AND state < ${STATE.done}`,
      scan,
    );
    return Number(row!['chunks']);
  }

  /** How many hosts the chunks have that are out at a site, by their numbers. */
  offeredAt(scan: string, place: string): ReadonlyMap<number, number> {
    const rows = this.#file.all(
      `SELECT number, hosts FROM chunk WHERE scan = ? AND place = ? AND state = ${STATE.offered}`,
      scan,
      place,
    );
    return new Map(rows.map((row) => [Number(row['number']), Number(row['hosts'])]));
  }

  /** Notes that a waiting chunk is out. */
  markOffered({ scan, site, number }: ChunkId, place: string, now: Date): void {
    this.#file.run(
      `UPDATE chunk SET state = ${STATE.offered}, place = ?, offered_at = ?
       WHERE scan = ? AND site = ? AND number = ? AND state = ${STATE.waiting}`,
      place,
      now.getTime(),
      scan,
      site,
      number,
    );
  }

  /** Chunks that are out for longer, or for an unknown time, because the clock was set back. */
  outFor(scan: string, ms: number, now: Date): JournalChunk[] {
    return this.#chunks(
      `SELECT ${CHUNK_COLUMNS} FROM chunk
       WHERE scan = ? AND state = ${STATE.offered} AND abs(? - offered_at) > ?`,
      scan,
      now.getTime(),
      ms,
    );
  }

  /** Notes that a chunk that is out was offered again. */
  markOfferedAgain({ scan, site, number }: ChunkId, now: Date): void {
    this.#file.run(
      `UPDATE chunk SET offered_at = ? WHERE scan = ? AND site = ? AND number = ? AND state = ${STATE.offered}`,
      now.getTime(),
      scan,
      site,
      number,
    );
  }

  /** A chunk that is out waits again. */
  takeBack({ scan, site, number }: ChunkId): void {
    this.#file.run(
      `UPDATE chunk SET state = ${STATE.waiting} WHERE scan = ? AND site = ? AND number = ? AND state = ${STATE.offered}`,
      scan,
      site,
      number,
    );
  }

  /** All that is out waits again, as after a broker that has forgotten it. @returns how many chunks */
  takeAllBack(scan: string): number {
    return this.#file.run(
      `UPDATE chunk SET state = ${STATE.waiting} WHERE scan = ? AND state = ${STATE.offered}`,
      scan,
    );
  }

  /** What is out at one site waits again. */
  takeBackFrom(scan: string, place: string): void {
    this.#file.run(
      `UPDATE chunk SET state = ${STATE.waiting} WHERE scan = ? AND place = ? AND state = ${STATE.offered}`,
      scan,
      place,
    );
  }

  find({ scan, site, number }: ChunkId): JournalChunk | undefined {
    return this.#chunks(
      `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE scan = ? AND site = ? AND number = ?`,
      scan,
      site,
      number,
    )[0];
  }

  /**
   * Keeps a batch unless the chunk has one: the single place that makes rows occur exactly once. What was given up may
   * still come.
   * @returns whether it is kept
   */
  keep({ scan, site, number }: ChunkId, batch: KeptBatch): boolean {
    const { messageName, place, agent, octets, receivedAt, up, sent, received } = batch;
    const kept = this.#file.run(
      `UPDATE chunk SET state = ${STATE.done}, message_name = ?, place = ?, agent = ?, up = ?, sent = ?, received = ?,
         received_at = ?, batch = ?
       WHERE scan = ? AND site = ? AND number = ? AND state <> ${STATE.done}`,
      messageName,
      place,
      agent,
      up,
      sent,
      received,
      receivedAt.getTime(),
      octets,
      scan,
      site,
      number,
    );
    return kept > 0;
  }

  /** A chunk whose batch is refused waits again. @param isHopeless whether it is given up instead after five of them */
  refuse({ scan, site, number }: ChunkId, isHopeless: boolean): void {
    this.#file.run(
      `UPDATE chunk SET refusals = refusals + 1,
         state = CASE WHEN ? AND refusals + 1 >= ${MOST_REFUSALS} THEN ${STATE['given-up']} ELSE ${STATE.waiting} END
       WHERE scan = ? AND site = ? AND number = ? AND state = ${STATE.offered}`,
      Number(isHopeless),
      scan,
      site,
      number,
    );
  }

  /** By site, in the order of their names. */
  progress(scan: string): JournalProgress[] {
    return this.#file
      .all(
        `SELECT site, sum(hosts) AS hosts,
         total(CASE WHEN state = ${STATE.done} THEN hosts END) AS done,
         total(CASE WHEN state = ${STATE['given-up']} THEN hosts END) AS given_up,
         total(up) AS up, total(sent) AS sent, total(received) AS received,
         count(CASE WHEN state < ${STATE.done} THEN 1 END) AS chunks_left
       FROM chunk WHERE scan = ? GROUP BY site ORDER BY site`,
        scan,
      )
      .map((row) => ({
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
    const keys = this.#file.all(
      'SELECT site, number FROM chunk WHERE scan = ? ORDER BY site, number',
      scan,
    );
    for (const { site, number } of keys) {
      const reported = this.batch({ scan, site: String(site), number: Number(number) });
      if (reported === undefined) return;
      yield reported;
    }
  }

  /** Chunks that have a batch. */
  doneChunks(scan: string): ChunkId[] {
    return this.#file
      .all(`SELECT site, number FROM chunk WHERE scan = ? AND state = ${STATE.done}`, scan)
      .map(({ site, number }) => ({ scan, site: String(site), number: Number(number) }));
  }

  /** A chunk with its batch, if it has one. */
  batch({ scan, site, number }: ChunkId): ReportedChunk | undefined {
    const row = this.#file.get(
      `SELECT ${CHUNK_COLUMNS}, agent, message_name, received_at, batch FROM chunk
       WHERE scan = ? AND site = ? AND number = ?`,
      scan,
      site,
      number,
    );
    if (row === undefined) return undefined;
    const octets = row['batch'] as Uint8Array | null;
    const chunk = this.#file.read([row], chunkOf)[0]!;
    if (octets === null) return { chunk };
    const [agent, messageName] = [String(row['agent']), String(row['message_name'])];
    const receivedAt = new Date(Number(row['received_at']));
    return { chunk, batch: { octets, agent, messageName, receivedAt } };
  }

  #scans(sql: string, ...values: readonly SqlValue[]): JournalScan[] {
    return this.#file.read(this.#file.all(sql, ...values), scanOf);
  }

  #chunks(sql: string, ...values: readonly SqlValue[]): JournalChunk[] {
    return this.#file.read(this.#file.all(sql, ...values), chunkOf);
  }
}
