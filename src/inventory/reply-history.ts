/** What the scans measured of a host, hour by hour and day by day. */

import { MS_A_DAY, MS_AN_HOUR } from '../durations.ts';
import { databaseFailed, type Statement } from './database.ts';
import {
  HOSTS_A_ROW,
  type HostReplies,
  joined,
  packReplies,
  rttMsOfCode,
  summedUp,
  unpackReplies,
} from './reply-rows.ts';
import { placeOf, spanOf } from './reply-writer.ts';
import type { Store } from './store.ts';

/** Of an hour or a day. */
export interface ReplyFigures {
  /** Its first moment, UTC. */
  readonly from: Date;
  /** Scans that probed the host, and those that it answered. */
  readonly asked: number;
  readonly up: number;
  /** Probes and replies; null if the scans did not say. */
  readonly sent: number | null;
  readonly received: number | null;
  readonly rttMinMs: number | null;
  readonly rttMedianMs: number | null;
  readonly rttP95Ms: number | null;
  readonly rttMaxMs: number | null;
  /** Mean difference between successive replies of a scan; null if no scan got two. */
  readonly jitterMs: number | null;
}

const HOURS_A_DAY = 24;
/** Older hours are summed up as days. */
export const HOURS_KEPT_DAYS = 14;
/** Read at once: about a millisecond. */
const ROWS_A_STEP = 64;

/** A host, and the hour in which it first answered: a number may have been that of a host that is long forgotten. */
interface HostSince {
  readonly id: number;
  readonly firstSeenMs: number;
}

/** Oldest first; hours without a scan are left out. */
export async function hoursOf(
  store: Store,
  network: string,
  key: string,
  since: Date,
): Promise<ReplyFigures[]> {
  const host = hostSince(store, network, key);
  if (host === undefined) return [];
  const found: ReplyFigures[] = [];
  for (const [hour, replies] of await hourReplies(store, host, since)) {
    found.push(figuresOf(new Date(hour * MS_AN_HOUR), summedUp(replies)));
  }
  return found;
}

/** The same by day, oldest first, as far back as an inventory keeps its days. */
export async function replyDaysOf(
  store: Store,
  network: string,
  key: string,
  since: Date,
): Promise<ReplyFigures[]> {
  const host = hostSince(store, network, key);
  if (host === undefined) return [];
  const day = Math.floor(Math.max(since.getTime(), host.firstSeenMs) / MS_A_DAY);
  const days = new Map<number, HostReplies>();
  for (const [span, replies] of await repliesOf(store, 'day', host.id, day))
    days.set(span, replies);
  const hours = new Map<number, HostReplies>();
  for (const [hour, replies] of await hourReplies(store, host, new Date(day * MS_A_DAY))) {
    const own = Math.floor(hour / HOURS_A_DAY);
    const before = hours.get(own);
    hours.set(own, before === undefined ? replies : joined(before, replies));
  }
  for (const [own, replies] of hours) days.set(own, summedUp(replies));
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([own, replies]) => figuresOf(new Date(own * MS_A_DAY), replies));
}

/**
 * Sums old hours up as days, one row at a time.
 * @param now whose day, and the days before it that are kept by hour, stay as they are
 */
export function* sumUpOldHours({ database }: Store, now: Date): Generator<void> {
  const firstDay = Math.floor(now.getTime() / MS_A_DAY) - HOURS_KEPT_DAYS;
  const end = placeOf(firstDay * HOURS_A_DAY, 0);
  const oldest = database.prepare('SELECT min(place) AS place FROM replies_by_hour');
  const take = database.prepare('DELETE FROM replies_by_hour WHERE place = ? RETURNING replies');
  const find = database.prepare('SELECT replies FROM replies_by_day WHERE place = ?');
  const keep = database.prepare(
    'INSERT OR REPLACE INTO replies_by_day (place, replies) VALUES (?, ?)',
  );
  for (;;) {
    const place = oldest.get()?.['place'] ?? null;
    if (place === null || Number(place) >= end) return;
    const day = Math.floor(spanOf(Number(place)) / HOURS_A_DAY);
    const host = (Number(place) - placeOf(spanOf(Number(place)), 0)) * HOSTS_A_ROW;
    const at = placeOf(day, host);
    // Reports that are imported later on may be of the same day.
    const earlier = find.get(at)?.['replies'] as Uint8Array | undefined;
    keep.run(at, packReplies(dayOf(take, day, host, earlier)));
    yield;
  }
}

function dayOf(
  take: Statement,
  day: number,
  host: number,
  earlier: Uint8Array | undefined,
): Map<number, HostReplies> {
  const all = earlier === undefined ? new Map<number, HostReplies>() : unpackReplies(earlier);
  for (let hour = 0; hour < HOURS_A_DAY; hour++) {
    const row = take.get(placeOf(day * HOURS_A_DAY + hour, host));
    if (row === undefined) continue;
    for (const [each, replies] of unpackReplies(row['replies'] as Uint8Array)) {
      const before = all.get(each);
      all.set(each, before === undefined ? replies : joined(before, replies));
    }
  }
  for (const [each, replies] of all) all.set(each, summedUp(replies));
  return all;
}

function hourReplies(
  store: Store,
  { id, firstSeenMs }: HostSince,
  since: Date,
): Promise<[number, HostReplies][]> {
  return repliesOf(
    store,
    'hour',
    id,
    Math.floor(Math.max(since.getTime(), firstSeenMs) / MS_AN_HOUR),
  );
}

/** By hour or day, the earliest first. @param first the first hour or day */
async function repliesOf(
  { database, path }: Store,
  span: 'hour' | 'day',
  host: number,
  first: number,
): Promise<[number, HostReplies][]> {
  const table = `replies_by_${span}`;
  const next = database.prepare(`SELECT min(place) AS place FROM ${table} WHERE place >= ?`);
  const find = database.prepare(`SELECT replies FROM ${table} WHERE place = ?`);
  const found: [number, HostReplies][] = [];
  for (let from = first, read = 1; ; read++) {
    // From one that exists to the next: a clock that was ahead once has left some of years to come.
    const place = next.get(placeOf(from, 0))?.['place'] ?? null;
    if (place === null) return found;
    const each = spanOf(Number(place));
    const row = find.get(placeOf(each, host));
    const own = host % HOSTS_A_ROW;
    const replies = row && unpacked(path, row['replies'] as Uint8Array, own).get(own);
    if (replies !== undefined) found.push([each, replies]);
    if (read % ROWS_A_STEP === 0) await new Promise(setImmediate);
    from = each + 1;
  }
}

/** @throws EchosweepError INVENTORY_FAILED if the file is damaged */
function unpacked(path: string, octets: Uint8Array, only: number): Map<number, HostReplies> {
  try {
    return unpackReplies(octets, only);
  } catch (error) {
    throw databaseFailed(path, error);
  }
}

function hostSince({ database }: Store, network: string, key: string): HostSince | undefined {
  const row = database
    .prepare(
      `SELECT h.id, h.first_seen FROM hosts h JOIN networks n ON n.id = h.network
       WHERE n.name = ? AND h.key = ? AND h.first_seen IS NOT NULL`,
    )
    .get(network, key);
  return row && { id: Number(row['id']), firstSeenMs: Number(row['first_seen']) };
}

/** @param replies summed up */
function figuresOf(from: Date, replies: HostReplies): ReplyFigures {
  const { asked, up, sent, received, differences, differenceSumUs, rtts } = replies;
  const ms = (code: number | undefined): number | null =>
    code === undefined ? null : rttMsOfCode(code);
  return {
    from,
    asked,
    up,
    sent: sent === 0 ? null : sent,
    received: sent === 0 ? null : received,
    rttMinMs: ms(rtts[0]),
    rttMedianMs: ms(rtts[1]),
    rttP95Ms: ms(rtts[2]),
    rttMaxMs: ms(rtts[3]),
    jitterMs: differences === 0 ? null : Math.round(differenceSumUs / differences) / 1000,
  };
}
