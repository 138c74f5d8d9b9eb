/** The rows of chunks whose batch is in the journal. */

import { databaseFailed } from '../inventory/database.ts';
import { MOST_CLOCK_OFFSET_MS } from '../inventory/site-agents.ts';
import type { BlockResults } from '../results/block-results.ts';
import { blockOfRanges } from '../results/block-targets.ts';
import { HostRows, ROWS_AT_ONCE } from '../results/host-cursor.ts';
import { unresolvedRow } from '../results/unresolved-row.ts';
import type { SweepJob } from '../sweep-job.ts';
import { type ChunkFindings, decodeAnswer } from './contract/chunk-result.ts';
import { MessageRefused } from './contract/message.ts';
import type { Journal } from './journal.ts';
import type { ChunkId, JournalChunk, JournalScan, ReportedChunk } from './journal-tables.ts';
import { type KeptFacts, keptFacts } from './kept-facts.ts';

/** What a chunk brought in, as far as it is believed. */
export interface BelievedFindings extends ChunkFindings {
  /** Whether hosts had times that our clock rules out, and have others now. */
  readonly hasOtherTimes: boolean;
}

/**
 * What a chunk brought in, checked when it arrived by the same function; undefined if it has no batch.
 * @param begunAt when its scan began
 * @throws EchosweepError INVENTORY_FAILED if the journal was damaged since
 */
export function findingsOf(
  { path }: Pick<Journal, 'path'>,
  { chunk, batch }: ReportedChunk,
  begunAt: Date,
): BelievedFindings | undefined {
  if (batch === undefined) return undefined;
  const name = { scan: batch.messageName, site: chunk.place, chunk: chunk.number };
  let findings: ChunkFindings;
  try {
    findings = decodeAnswer(batch.octets, name, blockOfRanges(chunk.ranges)).findings!;
  } catch (error) {
    if (!(error instanceof MessageRefused)) throw error;
    throw databaseFailed(path, new Error(`a result is malformed: ${error.message}`));
  }
  return { ...findings, hasOtherTimes: limitTimes(findings.results, begunAt, batch.receivedAt) };
}

/**
 * The clock of an agent may be wrong, or lie. No host was probed before its scan began, or after its result was received.
 * @returns whether any time had to be changed
 */
function limitTimes({ startedAtMs }: BlockResults, begunAt: Date, receivedAt: Date): boolean {
  const earliest = begunAt.getTime() - MOST_CLOCK_OFFSET_MS;
  const latest = receivedAt.getTime() + MOST_CLOCK_OFFSET_MS;
  // A host that was not probed has none: NaN is neither before nor after.
  const isBelieved = startedAtMs.every((at) => !(at < earliest || at > latest));
  if (isBelieved) return false;
  startedAtMs.set(startedAtMs.map((at) => Math.min(latest, Math.max(earliest, at))));
  return true;
}

export function* rowsOf(
  chunk: JournalChunk,
  { results, hostnames, run }: ChunkFindings,
  facts: KeptFacts,
): Generator<HostRows> {
  const names = hostnames.size === 0 ? facts.hostnames : [...hostnames, ...facts.hostnames];
  const byAddress = new Map(names);
  const site = chunk.site === '' ? null : chunk.site;
  const isDoubtful = run.doubts.length > 0 || run.failure !== null;
  for (let first = 0; first < chunk.count; first += ROWS_AT_ONCE) {
    const end = Math.min(chunk.count, first + ROWS_AT_ONCE);
    yield new HostRows(results, byAddress, first, end, site, isDoubtful);
  }
}

/** Rows as they arrive, for those who want them before their order is known. They are read when their turn comes. */
export class ChunkRowStream {
  readonly #journal: Journal;
  readonly #job: SweepJob;
  readonly #facts: KeptFacts;
  readonly #begunAt: Date;
  readonly #onFailure: () => void;
  #written: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(journal: Journal, job: SweepJob, scan: JournalScan, onFailure: () => void) {
    this.#journal = journal;
    this.#job = job;
    this.#facts = keptFacts(scan);
    this.#begunAt = scan.createdAt;
    this.#onFailure = onFailure;
  }

  add(chunk: ChunkId): void {
    const { onFinalRows } = this.#job;
    if (onFinalRows === undefined) return;
    this.#written = this.#written.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        const reported = this.#journal.batch(chunk)!;
        const findings = findingsOf(this.#journal, reported, this.#begunAt);
        if (findings === undefined) return;
        for (const rows of rowsOf(reported.chunk, findings, this.#facts)) await onFinalRows(rows);
      } catch (error) {
        this.#failure = { error };
        this.#onFailure();
      }
    });
  }

  /** @throws what taking the rows ended with */
  async end(): Promise<void> {
    await this.#written;
    if (this.#failure !== undefined) throw this.#failure.error;
    const names = this.#facts.unresolved.map(({ name }) => unresolvedRow(name));
    if (names.length > 0) await this.#job.onFinalRows?.(names);
  }
}
