/** Forgets what is older than the retention time. */

import { MS_A_DAY } from '../durations.ts';
import { placeholders } from './database.ts';
import { sumUpOldHours } from './reply-history.ts';
import { placeOf } from './reply-writer.ts';
import { type Store, writeWhenFree } from './store.ts';

export interface Retention {
  /** Days to keep scans, changes, messages that cannot be delivered, and daily statistics; hosts that were not seen for longer go as well, if they are gone or no longer targets. */
  readonly days: number;
  /** Names of the networks that are still scanned; hosts of others go by age alone. Undefined for all. */
  readonly networks?: readonly string[];
}

export interface Pruned {
  readonly scans: number;
  readonly changes: number;
  readonly hosts: number;
}

const HOURS_A_DAY = 24;
/** For so long scans have to go on after a long break until the clock is trusted again. */
const TRIAL_MS = 7 * MS_A_DAY;
/** Shorter breaks are those of a schedule. */
const SHORTEST_BREAK_DAYS = 31;

/**
 * Whether the clock can be trusted with the history. To a clock that is years ahead all of it is old, and there was no scan
 * for those years. So after a long break, which may be a real one, scans have to go on for a while first.
 */
export function isPruningSafe({ database }: Store, days: number, now: Date): boolean {
  const { last, first } = database
    .prepare(
      `SELECT max(ended_at) FILTER (WHERE ended_at < ?1) AS last,
         min(ended_at) FILTER (WHERE ended_at >= ?1) AS first FROM scans`,
    )
    .get(now.getTime() - TRIAL_MS)!;
  const breakMs = Number(first ?? now.getTime()) - Number(last ?? 0);
  return last === null || breakMs <= Math.max(days / 2, SHORTEST_BREAK_DAYS) * MS_A_DAY;
}

/** @throws EchosweepError INVENTORY_BUSY, INVENTORY_FAILED; then nothing is forgotten */
export async function prune(
  store: Store,
  { days, networks }: Retention,
  now: Date,
): Promise<Pruned> {
  const before = now.getTime() - days * MS_A_DAY;
  const { database } = store;
  const pruned = await writeWhenFree(store, () => {
    const firstDay = Math.floor(before / MS_A_DAY);
    database.prepare('DELETE FROM days WHERE day < ?').run(firstDay);
    database
      .prepare('DELETE FROM replies_by_hour WHERE place < ?')
      .run(placeOf(firstDay * HOURS_A_DAY, 0));
    for (const _ of sumUpOldHours(store, now));
    database.prepare('DELETE FROM replies_by_day WHERE place < ?').run(placeOf(firstDay, 0));
    const changes = database.prepare('DELETE FROM changes WHERE at < ?').run(before);
    database.prepare('DELETE FROM audit WHERE at < ?').run(before);
    database.prepare('DELETE FROM outbox WHERE queued_at < ?').run(before);
    database.prepare('DELETE FROM site_agents WHERE heard_at < ?').run(before);
    database.prepare('DELETE FROM tokens WHERE ends_at < ?').run(now.getTime());
    // The latest reliable one of each network stays, since the next is compared with it.
    const scans = database
      .prepare(
        `DELETE FROM scans WHERE ended_at < ?
         AND id NOT IN (SELECT max(id) FROM scans WHERE partial = 0 AND doubt IS NULL GROUP BY network)`,
      )
      .run(before);
    const scanned = networks ?? namesOf(store);
    const old = `coalesce(last_seen, 0) < ? AND (state IN ('gone', 'unasked')
      OR network NOT IN (SELECT id FROM networks WHERE name IN (${placeholders(scanned)})))`;
    // What people wrote stays as long as its network is scanned, whether a host answers there or not.
    database
      .prepare(
        `DELETE FROM host_notes WHERE changed_at < ?
         AND network NOT IN (SELECT id FROM networks WHERE name IN (${placeholders(scanned)}))`,
      )
      .run(before, ...scanned);
    for (const table of ['days', 'changes']) {
      database
        .prepare(`DELETE FROM ${table} WHERE host IN (SELECT id FROM hosts WHERE ${old})`)
        .run(before, ...scanned);
    }
    const hosts = database.prepare(`DELETE FROM hosts WHERE ${old}`).run(before, ...scanned);
    return { scans, changes, hosts };
  });
  database.exec('PRAGMA optimize; PRAGMA incremental_vacuum;');
  return pruned;
}

function namesOf({ database }: Store): readonly string[] {
  return database
    .prepare('SELECT name FROM networks')
    .all()
    .map((row) => String(row['name']));
}
