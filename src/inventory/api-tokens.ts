/** Tokens of programs that use the API: kept as digests, so the database gives none away. */

import { MS_AN_HOUR } from '../durations.ts';
import { dateOrNull, type SqlRow } from './database.ts';
import { type Store, writeWhenFree } from './store.ts';

/** A token without its secret. */
export interface ApiToken {
  readonly id: number;
  /** What it is for, in its owner's words. */
  readonly name: string;
  readonly role: 'view' | 'edit';
  readonly madeBy: string;
  readonly madeAt: Date;
  /** Null if it has no end. */
  readonly endsAt: Date | null;
  /** To within an hour; null if it was never used. */
  readonly usedAt: Date | null;
}

/** A use is noted at most so often. */
const USE_NOTED_MS = MS_AN_HOUR;

/** In a transaction of its caller. @returns the number of the new token */
export function addToken(
  { database }: Store,
  digest: string,
  { name, role, madeBy, madeAt, endsAt }: Omit<ApiToken, 'id' | 'usedAt'>,
): number {
  const added = database
    .prepare(
      `INSERT INTO tokens (name, digest, role, made_by, made_at, ends_at)
       VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    .get(name, digest, role, madeBy, madeAt.getTime(), endsAt?.getTime() ?? null);
  return Number(added!['id']);
}

/** In the order in which they were made. */
export function listTokens({ database }: Store): ApiToken[] {
  return database.prepare('SELECT * FROM tokens ORDER BY id').all().map(tokenOf);
}

/** @returns undefined for a token that is unknown or over */
export function tokenByDigest(
  { database }: Store,
  digest: string,
  now: Date,
): ApiToken | undefined {
  const row = database
    .prepare('SELECT * FROM tokens WHERE digest = ? AND (ends_at IS NULL OR ends_at > ?)')
    .get(digest, now.getTime());
  return row && tokenOf(row);
}

/** Notes that a token was used, unless that was noted lately. */
export async function noteTokenUse(
  store: Store,
  { id, usedAt }: ApiToken,
  now: Date,
): Promise<void> {
  if (usedAt !== null && now.getTime() - usedAt.getTime() < USE_NOTED_MS) return;
  await writeWhenFree(store, () =>
    store.database.prepare('UPDATE tokens SET used_at = ? WHERE id = ?').run(now.getTime(), id),
  );
}

/** In a transaction of its caller. */
export function revokeToken({ database }: Store, id: number): void {
  database.prepare('DELETE FROM tokens WHERE id = ?').run(id);
}

function tokenOf(row: SqlRow): ApiToken {
  return {
    id: Number(row['id']),
    name: String(row['name']),
    role: row['role'] === 'edit' ? 'edit' : 'view',
    madeBy: String(row['made_by']),
    madeAt: new Date(Number(row['made_at'])),
    endsAt: dateOrNull(row['ends_at']),
    usedAt: dateOrNull(row['used_at']),
  };
}
