/** The feed of changes, newest first, over any networks; and which of them a person has acknowledged. */

import { setImmediate } from 'node:timers/promises';
import { changeOfRow, type InventoryChange, RECOUNTED } from './change-list.ts';
import { dateOrNull, placeholders, type SqlRow, type SqlValue } from './database.ts';
import { CHANGE_KINDS, type ChangeKind } from './host-memory.ts';
import type { Store } from './store.ts';

/** A change as the feed has it. */
export interface FeedChange extends InventoryChange {
  /** Rises from change to change. */
  readonly id: number;
  /** As `readAddress` makes it. */
  readonly key: string;
  /** Who reported it, if not the host itself. */
  readonly responder: string | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
}

export interface FeedFilter {
  /** Names of networks. */
  readonly networks: readonly string[];
  /** Undefined for all. */
  readonly kinds?: readonly ChangeKind[] | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** As `readAddress` makes it. */
  readonly key?: string | undefined;
  /** Only those that are not acknowledged. */
  readonly isUnread?: boolean | undefined;
}

/** Looked through between two pauses: a few milliseconds. */
const CHANGES_A_STEP = 1000;
/** Acknowledged at once: a few milliseconds. */
const IDS_A_STEP = 500;
const COLUMNS = `n.name AS network, h.address, h.key, h.hostname, c.id, c.at, c.kind, c.before, c.after, c.responder,
  c.acknowledged_at, c.acknowledged_by`;

/**
 * Newest first, in the order in which scans found them.
 * @param before only changes with a lower number
 */
export async function changeFeed(
  store: Store,
  filter: FeedFilter,
  limit: number,
  before = Number.MAX_SAFE_INTEGER,
): Promise<FeedChange[]> {
  const found: FeedChange[] = [];
  for (const source of sourcesOf(store, filter)) {
    const after = found.length === limit ? found.at(-1)!.id : 0;
    for await (const { rows, lowest } of pages(store, source, filter, before, after)) {
      found.push(...rows);
      if (rows.length > 0 && found.length >= limit) {
        found.sort((a, b) => b.id - a.id);
        found.length = limit;
      }
      // What follows in this source is older than all that is wanted.
      if (found.length === limit && lowest <= found.at(-1)!.id) break;
    }
  }
  return found.sort((a, b) => b.id - a.id).slice(0, limit);
}

/** More changes are not counted. */
export const MOST_COUNTED = 10_000;

/** How many changes a filter selects, or MOST_COUNTED if there are more. */
export async function countChanges(store: Store, filter: FeedFilter): Promise<number> {
  let count = 0;
  for (const source of sourcesOf(store, filter)) {
    for await (const { ids } of idPages(store, source, filter, Number.MAX_SAFE_INTEGER)) {
      count += ids.length;
      if (count >= MOST_COUNTED) return MOST_COUNTED;
    }
  }
  return count;
}

/** The numbers of the changes that a filter selects. @param through the highest of them */
export async function changeIds(
  store: Store,
  filter: FeedFilter,
  through: number,
): Promise<number[]> {
  const found: number[] = [];
  for (const source of sourcesOf(store, filter)) {
    for await (const { ids } of idPages(store, source, filter, through + 1)) found.push(...ids);
  }
  return found;
}

/** The person who acknowledged changes, and when; undefined to take that back. */
export type Acknowledgement = { readonly at: Date; readonly by: string } | undefined;

/**
 * Acknowledges changes, or takes that back; those that are as wanted already stay so.
 * @param write runs a part of the work as one transaction
 * @param networks those whose changes may be touched
 * @returns the numbers of the changes that are now otherwise than before
 */
export async function acknowledge(
  store: Store,
  ids: readonly number[],
  networks: readonly string[],
  acknowledgement: Acknowledgement,
  write: <Result>(work: () => Result) => Promise<Result>,
): Promise<number[]> {
  const changed: number[] = [];
  const own = networkIds(store, networks);
  const wanted = acknowledgement === undefined ? 'IS NOT NULL' : 'IS NULL';
  const { at, by } = acknowledgement ?? { at: undefined, by: null };
  for (let start = 0; start < ids.length; start += IDS_A_STEP) {
    const some = ids.slice(start, start + IDS_A_STEP);
    const rows = await write(() =>
      store.database
        .prepare(
          `UPDATE changes SET acknowledged_at = ?, acknowledged_by = ?
           WHERE id IN (${placeholders(some)}) AND network IN (${placeholders(own)}) AND acknowledged_at ${wanted} RETURNING id`,
        )
        .all(at?.getTime() ?? null, by, ...some, ...own),
    );
    for (const row of rows) changed.push(Number(row['id']));
    await setImmediate();
  }
  return changed;
}

/** Changes that an index has next to each other, newest first. */
interface Source {
  /** What selects them, as conditions of SQL. */
  readonly where: string;
  readonly values: readonly SqlValue[];
  /** Whether those with lower numbers are older. */
  readonly isInOrder: boolean;
}

/** Together they have all changes that a filter selects, each once; conditions without an index are left. */
function sourcesOf(store: Store, { networks, kinds, key, isUnread }: FeedFilter): Source[] {
  const { database } = store;
  const ids = networkIds(store, networks);
  const unread = isUnread === true ? ' AND acknowledged_at IS NULL' : '';
  if (key !== undefined) {
    const host = database.prepare('SELECT id FROM hosts WHERE network = ? AND key = ?');
    return ids.flatMap((network): Source[] => {
      const id = host.get(network, key)?.['id'];
      if (id === undefined) return [];
      return [{ where: `host = ?${unread}`, values: [Number(id)], isInOrder: false }];
    });
  }
  const ofKind = (network: number, kind: ChangeKind): Source => ({
    where: `network = ? AND kind = ?${unread}`,
    values: [network, kind],
    isInOrder: kind !== RECOUNTED,
  });
  if (kinds === undefined && isUnread !== true) {
    return ids.flatMap((network) => [
      { where: 'network = ? AND kind <> ?', values: [network, RECOUNTED], isInOrder: true },
      ofKind(network, RECOUNTED),
    ]);
  }
  return ids.flatMap((network) => (kinds ?? CHANGE_KINDS).map((kind) => ofKind(network, kind)));
}

/** Rows of a source that a filter selects, newest first, in parts that each look at a bounded number of changes. */
async function* pages(
  store: Store,
  source: Source,
  filter: FeedFilter,
  before: number,
  after: number,
): AsyncGenerator<{ readonly rows: FeedChange[]; readonly lowest: number }> {
  const find = store.database.prepare(
    `SELECT ${COLUMNS} FROM changes c JOIN hosts h ON h.id = c.host JOIN networks n ON n.id = h.network WHERE c.id = ?`,
  );
  for await (const { ids, lowest } of idPages(store, source, filter, before, after)) {
    for (let start = 0; start < ids.length; start += ROWS_A_STEP) {
      const rows = ids.slice(start, start + ROWS_A_STEP).map((id) => find.get(id));
      const isLast = start + ROWS_A_STEP >= ids.length;
      yield {
        rows: rows.flatMap((row) => (row === undefined ? [] : [changeOf(row)])),
        lowest: isLast ? lowest : ids[start + ROWS_A_STEP - 1]!,
      };
      await setImmediate();
    }
    if (ids.length === 0) yield { rows: [], lowest };
  }
}

/** Read at once: a few milliseconds. */
const ROWS_A_STEP = 100;

/** @param after only changes with a higher number */
async function* idPages(
  { database }: Store,
  { where, values, isInOrder }: Source,
  { kinds, since, until }: FeedFilter,
  before: number,
  after = 0,
): AsyncGenerator<{ readonly ids: number[]; readonly lowest: number }> {
  const conditions: string[] = ['TRUE'];
  const wanted: SqlValue[] = [];
  const add = (condition: string, ...own: readonly SqlValue[]): void => {
    conditions.push(condition);
    wanted.push(...own);
  };
  if (kinds !== undefined) add(`kind IN (${placeholders(kinds)})`, ...kinds);
  if (since !== undefined) add('at >= ?', since.getTime());
  if (until !== undefined) add('at < ?', until.getTime());
  const page = database.prepare(
    `SELECT min(id) AS lowest, max(at) AS latest, json_group_array(id) FILTER (WHERE ${conditions.join(' AND ')}) AS ids
     FROM (SELECT id, kind, at FROM changes WHERE ${where} AND id < ? AND id > ?
       ORDER BY id DESC LIMIT ${CHANGES_A_STEP})`,
  );
  for (let next = before; ; ) {
    const row = page.get(...wanted, ...values, next, after)!;
    if (row['lowest'] === null) return;
    const lowest = Number(row['lowest']);
    yield { ids: JSON.parse(String(row['ids'])) as number[], lowest };
    if (isInOrder && since !== undefined && Number(row['latest']) < since.getTime()) return;
    next = lowest;
    await setImmediate();
  }
}

function networkIds({ database }: Store, names: readonly string[]): number[] {
  return database
    .prepare(`SELECT id FROM networks WHERE name IN (${placeholders(names)})`)
    .all(...names)
    .map((row) => Number(row['id']));
}

function changeOf(row: SqlRow): FeedChange {
  return {
    ...changeOfRow(row),
    id: Number(row['id']),
    key: String(row['key']),
    responder: row['responder'] as string | null,
    acknowledgedAt: dateOrNull(row['acknowledged_at']),
    acknowledgedBy: row['acknowledged_by'] as string | null,
  };
}
