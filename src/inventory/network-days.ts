/** The days of a network: what its scans found on each, and how much changed. */

import { setImmediate } from 'node:timers/promises';
import { MS_A_DAY } from '../durations.ts';
import { RECOUNTED } from './change-list.ts';
import { CHANGE_KINDS, type ChangeKind } from './host-memory.ts';
import { networkIdOf, type Store } from './store.ts';

/** One day, UTC. */
export interface NetworkDay {
  /** Its first moment. */
  readonly day: Date;
  readonly scans: number;
  /** The most hosts that were up in one scan. */
  readonly used: number;
  /** Of the latest scan. */
  readonly targets: number;
  /** Medians over the scans; null if no scan measured an RTT. */
  readonly rttMedianMs: number | null;
  readonly rttP95Ms: number | null;
  readonly changes: Readonly<Partial<Record<ChangeKind, number>>>;
}

/** Looked through between two pauses. */
const CHANGES_A_STEP = 5000;

/** Days with a scan, oldest first. */
export async function networkDays(
  store: Store,
  network: string,
  since: Date,
): Promise<NetworkDay[]> {
  const first = Math.floor(since.getTime() / MS_A_DAY);
  const id = networkIdOf(store, network) ?? 0;
  const changes = await changesByDay(store, id, first * MS_A_DAY);
  return store.database
    .prepare(
      `SELECT started_at / ${MS_A_DAY} AS day, count(*) AS scans, max(up) AS used, max(targets) AS targets,
         json_group_array(rtt_median_us) AS medians, json_group_array(rtt_p95_us) AS p95s
       FROM scans WHERE network = ? AND started_at >= ? GROUP BY day ORDER BY day`,
    )
    .all(id, first * MS_A_DAY)
    .map((row) => ({
      day: new Date(Number(row['day']) * MS_A_DAY),
      scans: Number(row['scans']),
      used: Number(row['used']),
      targets: Number(row['targets']),
      rttMedianMs: medianMs(row['medians']),
      rttP95Ms: medianMs(row['p95s']),
      changes: changes.get(Number(row['day'])) ?? {},
    }));
}

async function changesByDay(
  { database }: Store,
  network: number,
  sinceMs: number,
): Promise<Map<number, Partial<Record<ChangeKind, number>>>> {
  const days = new Map<number, Partial<Record<ChangeKind, number>>>();
  for (const isInOrder of [true, false]) {
    const page = database.prepare(
      `SELECT at / ${MS_A_DAY} AS day, kind, count(*) AS changes, min(id) AS lowest, max(at) AS latest
       FROM (SELECT id, at, kind FROM changes WHERE network = ? AND kind ${isInOrder ? '<>' : '='} ? AND id < ?
         ORDER BY id DESC LIMIT ${CHANGES_A_STEP})
       GROUP BY day, kind`,
    );
    for (let before = Number.MAX_SAFE_INTEGER; ; ) {
      const rows = page.all(network, RECOUNTED, before);
      for (const row of rows) {
        const day = days.get(Number(row['day'])) ?? {};
        const kind = CHANGE_KINDS.find((each) => each === row['kind']);
        if (kind !== undefined) day[kind] = (day[kind] ?? 0) + Number(row['changes']);
        days.set(Number(row['day']), day);
        before = Math.min(before, Number(row['lowest']));
      }
      const isOld = isInOrder && rows.every((row) => Number(row['latest']) < sinceMs);
      if (rows.length === 0 || isOld) break;
      await setImmediate();
    }
  }
  return days;
}

/** The lower one of two in the middle. @param json an array of microseconds, null for a scan without any */
function medianMs(json: unknown): number | null {
  const values = (JSON.parse(String(json)) as (number | null)[]).filter((value) => value !== null);
  values.sort((a, b) => a - b);
  const middle = values[Math.ceil(values.length / 2) - 1];
  return middle === undefined ? null : middle / 1000;
}
