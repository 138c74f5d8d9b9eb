/** The audit log: a line for each change that a person made. */

import { type Store, writeWhenFree } from './store.ts';

/** What a person did. */
export interface AuditLine {
  readonly at: Date;
  readonly user: string;
  /** How they were signed in, such as `password`. */
  readonly way: string;
  /** The address that the request came from. */
  readonly client: string;
  /** Such as `PATCH /networks/office/hosts/192.0.2.1/note`. */
  readonly action: string;
  /** What was sent, as JSON; null for nothing. */
  readonly detail: string | null;
}

/** What is sent may be long; its beginning says what it was. */
const LONGEST_DETAIL = 2_000;

/** Adds a line in the transaction of the change that it is about. */
export function addLine({ database }: Store, line: AuditLine): void {
  const { at, user, way, client, action, detail } = line;
  database
    .prepare('INSERT INTO audit (at, user, way, client, action, detail) VALUES (?, ?, ?, ?, ?, ?)')
    .run(at.getTime(), user, way, client, action, detail?.slice(0, LONGEST_DETAIL) ?? null);
}

/** Adds a line about what changes nothing in the inventory. */
export async function noteAction(store: Store, line: AuditLine): Promise<void> {
  await writeWhenFree(store, () => addLine(store, line));
}

/** A line with its number. */
export type NumberedLine = AuditLine & { readonly id: number };

/** Newest first. @param before the number of the line that the answer goes on from; undefined for the newest */
export function listActions(
  { database }: Store,
  before: number | undefined,
  limit: number,
): NumberedLine[] {
  return database
    .prepare('SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?')
    .all(before ?? Number.MAX_SAFE_INTEGER, limit)
    .map((row) => ({
      id: Number(row['id']),
      at: new Date(Number(row['at'])),
      user: String(row['user']),
      way: String(row['way']),
      client: String(row['client']),
      action: String(row['action']),
      detail: row['detail'] === null ? null : String(row['detail']),
    }));
}

export function countActions({ database }: Store): number {
  return Number(database.prepare('SELECT count(*) AS lines FROM audit').get()!['lines']);
}
