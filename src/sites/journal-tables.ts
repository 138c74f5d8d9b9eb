/** The tables of the journal, and what a row of each says. */

import type { SqlRow } from '../inventory/database.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { PlannedChunk } from './chunk-plan.ts';

/** What becomes of a chunk; its index in this list is its number in the file. */
const CHUNK_STATES = ['waiting', 'offered', 'done', 'given-up'] as const;
type ChunkState = (typeof CHUNK_STATES)[number];
/** The number of each state. */
export const STATE = Object.fromEntries(
  CHUNK_STATES.map((state, number) => [state, number]),
) as Readonly<Record<ChunkState, number>>;

/**
 * `running` while a process waits for it, or did until it died; `stopped` if it was interrupted or cancelled;
 * `ended` if each of its chunks is done or given up.
 */
export type ScanState = 'running' | 'stopped' | 'ended';

/** A sweep as it is written down before its first chunk is offered. */
export interface ScanPlan {
  /** New for each sweep. */
  readonly id: string;
  readonly command: string;
  readonly sites: readonly string[];
  /** Whether each chunk is for any one of the sites, not for each of them. */
  readonly isSpread: boolean;
  /** What else is needed to go on with it and to report it: plain data. */
  readonly facts: unknown;
  readonly createdAt: Date;
  /** When chunks that are not done are given up. */
  readonly deadline: Date;
}

/** A sweep as the journal lists it. */
export interface JournalScan extends ScanPlan {
  readonly state: ScanState;
  /** Its name in messages: another one after each time that it was cancelled, because agents remember what was. */
  readonly messageName: string;
  /** When a process last waited for it. */
  readonly seenAt: Date;
  readonly hosts: number;
  readonly done: number;
}

/** The key of a chunk. */
export interface ChunkId {
  readonly scan: string;
  /** '' if the chunk is for any one of the scan's sites. */
  readonly site: string;
  readonly number: number;
}

export interface JournalChunk extends ChunkId, PlannedChunk {
  readonly state: ChunkState;
  /** The site to which it was offered last; '' for none. */
  readonly place: string;
  readonly refusals: number;
}

/** A batch that may be kept. */
export interface KeptBatch {
  /** Of the scan, in the message that brought it. */
  readonly messageName: string;
  readonly place: string;
  readonly agent: string;
  readonly octets: Uint8Array;
  /** By our clock. */
  readonly receivedAt: Date;
  readonly up: number;
  readonly sent: number;
  readonly received: number;
}

/** A chunk with its batch, if it has one. */
export interface ReportedChunk {
  readonly chunk: JournalChunk;
  readonly batch?: Pick<KeptBatch, 'octets' | 'agent' | 'messageName' | 'receivedAt'>;
}

/** How far a site is, or all of them together where a sweep is spread. */
export interface JournalProgress {
  readonly site: string;
  readonly hosts: number;
  readonly done: number;
  /** Hosts of chunks that were given up. */
  readonly givenUp: number;
  readonly up: number;
  readonly sent: number;
  readonly received: number;
  /** Chunks that are neither done nor given up. */
  readonly chunksLeft: number;
}

/** Times are milliseconds since 1970. The batch is the last column, so SQLite reads the others without it. */
export const TABLES = `
  CREATE TABLE scan (
    id TEXT PRIMARY KEY,
    command TEXT NOT NULL,
    sites TEXT NOT NULL,
    is_spread INTEGER NOT NULL,
    facts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    state TEXT NOT NULL,
    cancelled INTEGER NOT NULL DEFAULT 0,
    seen_at INTEGER NOT NULL
  );
  CREATE TABLE chunk (
    scan TEXT NOT NULL REFERENCES scan ON DELETE CASCADE,
    site TEXT NOT NULL,
    number INTEGER NOT NULL,
    hosts INTEGER NOT NULL,
    ranges TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    place TEXT NOT NULL DEFAULT '',
    offered_at INTEGER,
    refusals INTEGER NOT NULL DEFAULT 0,
    message_name TEXT,
    agent TEXT,
    up INTEGER,
    sent INTEGER,
    received INTEGER,
    received_at INTEGER,
    batch BLOB,
    PRIMARY KEY (scan, site, number)
  );
  CREATE INDEX chunk_by_state ON chunk (scan, state, site, number);
`;

/** What makes tables of schema 1 those of schema 2. A batch was there when its sweep was seen last. */
export const FROM_SCHEMA_1 = `
  ALTER TABLE chunk ADD COLUMN received_at INTEGER;
  UPDATE chunk SET received_at = (SELECT seen_at FROM scan WHERE id = chunk.scan) WHERE batch IS NOT NULL;
`;

/** Sweeps, to be grouped by `scan.id`. */
export const SCANS = `SELECT scan.*, total(chunk.hosts) AS hosts,
    total(CASE WHEN chunk.state = ${STATE.done} THEN chunk.hosts END) AS done
  FROM scan LEFT JOIN chunk ON chunk.scan = scan.id`;

/** What `chunkOf` reads. */
export const CHUNK_COLUMNS = 'scan, site, number, hosts, ranges, chunk.state, place, refusals';

/** A sweep from a row of `SCANS`. */
export function scanOf(row: SqlRow): JournalScan {
  return {
    id: String(row['id']),
    command: String(row['command']),
    sites: JSON.parse(String(row['sites'])) as string[],
    isSpread: row['is_spread'] === 1,
    facts: JSON.parse(String(row['facts'])) as unknown,
    createdAt: new Date(Number(row['created_at'])),
    deadline: new Date(Number(row['deadline'])),
    state: row['state'] as ScanState,
    messageName: messageNameOf(String(row['id']), Number(row['cancelled'])),
    seenAt: new Date(Number(row['seen_at'])),
    hosts: Number(row['hosts']),
    done: Number(row['done']),
  };
}

/** @param cancelled how often */
function messageNameOf(id: string, cancelled: number): string {
  return cancelled === 0 ? id : `${id}-${cancelled}`;
}

/** A chunk from a row of `CHUNK_COLUMNS`. */
export function chunkOf(row: SqlRow): JournalChunk {
  return {
    scan: String(row['scan']),
    site: String(row['site']),
    number: Number(row['number']),
    ranges: rangesOf(String(row['ranges'])),
    count: Number(row['hosts']),
    state: CHUNK_STATES[Number(row['state'])]!,
    place: String(row['place']),
    refusals: Number(row['refusals']),
  };
}

/** A chunk's ranges are all of one family and zone: `[4,"",["c0000200",256]]`. */
type WrittenRanges = [AddressRange['family'], string, ...[first: string, count: number][]];

/** The ranges of a chunk as the journal writes them. */
export function rangesText(ranges: readonly AddressRange[]): string {
  const { family, zone } = ranges[0]!;
  const written: WrittenRanges = [
    family,
    zone,
    ...ranges.map(({ first, last }): [string, number] => [
      first.toString(16),
      Number(last - first) + 1,
    ]),
  ];
  return JSON.stringify(written);
}

function rangesOf(text: string): AddressRange[] {
  const [family, zone, ...runs] = JSON.parse(text) as WrittenRanges;
  return runs.map(([hexadecimal, count]) => {
    const first = BigInt(`0x${hexadecimal}`);
    return { family, zone, first, last: first + BigInt(count) - 1n };
  });
}
