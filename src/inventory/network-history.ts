/** The history of a whole network: its days, and each of its hosts' days. */

import { MS_A_DAY } from '../durations.ts';
import { networkIdOf, type Store } from './store.ts';

/** What the scans of a span of days showed. */
export interface NetworkHistory {
  readonly scans: number;
  /** UTC, the first moment of the first day. */
  readonly firstDay: Date;
  /** Hosts that answered at least once on each day. */
  readonly usedByDay: readonly number[];
  /** Median over those hosts of their mean RTT on the day, microseconds; null if no host replied to a ping. */
  readonly rttUsByDay: readonly (number | null)[];
  /** The days of each address by its key; their numbers count from `firstDay`. */
  readonly hosts: ReadonlyMap<string, readonly DayShare[]>;
}

/** Of one host and one day. */
export interface DayShare {
  readonly day: number;
  readonly asked: number;
  readonly up: number;
}

/** Days from that of `since` to that of `now`. */
export function networkHistory(
  store: Store,
  network: string,
  since: Date,
  now: Date,
): NetworkHistory {
  const { database } = store;
  const id = networkIdOf(store, network) ?? null;
  const { scans, earliest } = database
    .prepare(
      'SELECT count(*) AS scans, min(started_at) AS earliest FROM scans WHERE network = ? AND started_at >= ?',
    )
    .get(id, since.getTime())!;
  const last = Math.floor(now.getTime() / MS_A_DAY);
  // All scans may be of a time when the clock was ahead.
  const first = Math.min(last, Math.floor(Number(earliest ?? now.getTime()) / MS_A_DAY));
  const usedByDay = new Array<number>(last - first + 1).fill(0);
  const rttsUs = usedByDay.map((): number[] => []);
  const hosts = new Map<string, DayShare[]>();
  const rows = database
    .prepare(
      `SELECT h.key, d.day, d.asked, d.up, coalesce(d.rtts, d.up) AS rtts, d.rtt_sum_us FROM days d JOIN hosts h ON h.id = d.host
       WHERE d.day BETWEEN ? AND ? AND h.network = ? ORDER BY d.day`,
    )
    .all(first, last, id);
  for (const row of rows) {
    const key = String(row['key']);
    const share = {
      day: Number(row['day']) - first,
      asked: Number(row['asked']),
      up: Number(row['up']),
    };
    if (share.up > 0) {
      usedByDay[share.day]!++;
      const rtts = Number(row['rtts']);
      if (rtts > 0) rttsUs[share.day]!.push(Number(row['rtt_sum_us']) / rtts);
    }
    const days = hosts.get(key);
    if (days === undefined) hosts.set(key, [share]);
    else days.push(share);
  }
  return {
    scans: Number(scans),
    firstDay: new Date(first * MS_A_DAY),
    usedByDay,
    rttUsByDay: rttsUs.map(medianOf),
    hosts,
  };
}

/** The lower one of two in the middle; null of nothing. */
function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(sorted.length / 2) - 1]!;
}
