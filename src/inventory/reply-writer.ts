/** Adds what a scan measured of its hosts to their hours. */

import { MS_AN_HOUR } from '../durations.ts';
import type { Statement } from './database.ts';
import {
  HOSTS_A_ROW,
  type HostReplies,
  joined,
  packReplies,
  rttCode,
  unpackReplies,
} from './reply-rows.ts';
import type { Store } from './store.ts';

/** What a scan measured of one host. */
export interface MeasuredHost {
  /** Of echo replies; null if there is none. */
  readonly rttAvgMs: number | null;
  /** Probes and replies; undefined or null if they are not known. */
  readonly sent?: number | null | undefined;
  readonly received?: number | null | undefined;
  /** Of each probe, null for one without a reply; left out if there was only one. */
  readonly rttsMs?: readonly (number | null)[] | null | undefined;
}

/** Rows of an hour have places of their own, next to each other. */
const ROWS_A_SPAN = 2 ** 24;
/** Rows between two pauses. */
const ROWS_A_STEP = 16;

/** Where the row of a host is. @param span an hour or a day since 1970 */
export function placeOf(span: number, host: number): number {
  return span * ROWS_A_SPAN + Math.floor(host / HOSTS_A_ROW);
}

/** The hour or day of a place. */
export function spanOf(place: number): number {
  return Math.floor(place / ROWS_A_SPAN);
}

const NO_RTTS: readonly number[] = [];

/** Collects the hosts of a scan, and writes them row by row. */
export class ReplyWriter {
  private readonly rows = new Map<number, Map<number, HostReplies>>();
  private readonly find: Statement;
  private readonly keep: Statement;

  constructor({ database }: Store) {
    this.find = database.prepare('SELECT replies FROM replies_by_hour WHERE place = ?');
    this.keep = database.prepare(
      `INSERT INTO replies_by_hour (place, replies) VALUES (?, ?)
       ON CONFLICT (place) DO UPDATE SET replies = excluded.replies`,
    );
  }

  add(id: number, isUp: boolean, host: MeasuredHost, seenAt: Date): void {
    const place = placeOf(Math.floor(seenAt.getTime() / MS_AN_HOUR), id);
    let row = this.rows.get(place);
    if (row === undefined) {
      row = new Map();
      this.rows.set(place, row);
    }
    row.set(id % HOSTS_A_ROW, measured(isUp, host));
  }

  /** Writes what was added. It pauses after a few rows. */
  *write(): Generator<void> {
    let written = 0;
    for (const [place, row] of this.rows) {
      const before = this.find.get(place)?.['replies'] as Uint8Array | undefined;
      this.keep.run(place, packReplies(before === undefined ? row : withEarlier(row, before)));
      if (++written % ROWS_A_STEP === 0) yield;
    }
  }
}

function withEarlier(
  row: ReadonlyMap<number, HostReplies>,
  before: Uint8Array,
): Map<number, HostReplies> {
  const all = unpackReplies(before);
  for (const [host, replies] of row) {
    const earlier = all.get(host);
    all.set(host, earlier === undefined ? replies : joined(earlier, replies));
  }
  return all;
}

function measured(isUp: boolean, { rttAvgMs, sent, received, rttsMs }: MeasuredHost): HostReplies {
  const replies = rttsMs?.filter((rttMs) => rttMs !== null);
  if (replies === undefined || replies.length < 2) {
    return {
      asked: 1,
      up: isUp ? 1 : 0,
      sent: sent ?? 0,
      received: received ?? 0,
      differences: 0,
      differenceSumUs: 0,
      rtts: rttAvgMs === null ? NO_RTTS : [rttCode(rttAvgMs)],
    };
  }
  let sumMs = 0;
  for (let i = 1; i < replies.length; i++) sumMs += Math.abs(replies[i]! - replies[i - 1]!);
  return {
    asked: 1,
    up: isUp ? 1 : 0,
    sent: sent ?? 0,
    received: received ?? 0,
    differences: replies.length - 1,
    differenceSumUs: 1000 * sumMs,
    rtts: replies.map(rttCode).sort((a, b) => a - b),
  };
}
