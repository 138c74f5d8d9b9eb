/** Writes the hosts of one scan into the inventory: what was known of each before, and what is new. */

import type { ReadAddress } from '../address.ts';
import { MS_A_DAY } from '../durations.ts';
import type { SqlRow, Statement } from './database.ts';
import type { Change, HostMemory, HostState, Sighting } from './host-memory.ts';
import { type MeasuredHost, ReplyWriter } from './reply-writer.ts';
import type { Store } from './store.ts';

/** One host's row of a scan. */
export interface ScannedHost extends Sighting, MeasuredHost, ReadAddress {
  readonly rttAvgMs: number | null;
  readonly startedAt: Date | null;
  /** Whether the machine that probed it doubts its results: only signs of life are believed. */
  readonly isDoubtful?: boolean;
}

export interface KnownHost {
  readonly id: number;
  readonly memory: HostMemory;
  /** Whether it was not a target lately: its state is of an earlier time. */
  readonly wasUnasked: boolean;
  /** Milliseconds since 1970; null if it never answered. */
  readonly lastSeenMs: number | null;
}

/** Rows looked through at a time. */
const PAGE_ROWS = 1000;

/** Writes the rows of one scan's hosts, and only those that have changed. */
export class HostWriter {
  private readonly scanId: number;
  private readonly networkId: number;
  private readonly database: Store['database'];
  private readonly asked = new Set<number>();
  /** What was known of the hosts that were read at once and not looked at yet. */
  private page = new Map<string, KnownHost | undefined>();
  private readonly find: Statement;
  private readonly insert: Statement;
  private readonly update: Statement;
  private readonly leave: Statement;
  private readonly change: Statement;
  private readonly recount: Statement;
  private readonly day: Statement;
  private readonly replies: ReplyWriter;

  constructor(store: Store, networkId: number, scanId: number) {
    const { database } = store;
    this.networkId = networkId;
    this.scanId = scanId;
    this.database = database;
    this.find = database.prepare(
      `SELECT id, key, state, misses, status, reason, known_error, hostname, mac, other_mac, usual_rtt_us, is_slow,
         turns, scans_since_turn, first_seen, last_seen
       FROM hosts WHERE network = ? AND key IN (SELECT value FROM json_each(?))`,
    );
    this.insert = database.prepare(
      `INSERT INTO hosts (hostname, mac, other_mac, state, misses, status, reason, known_error, usual_rtt_us, is_slow,
         turns, scans_since_turn, rtt_us, first_seen, last_seen, last_change, network, key, address)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    );
    this.update = database.prepare(
      `UPDATE hosts SET hostname = ?, mac = ?, other_mac = ?, state = ?, misses = ?, status = ?, reason = ?,
         known_error = ?, usual_rtt_us = ?, is_slow = ?, turns = ?, scans_since_turn = ?, rtt_us = coalesce(?, rtt_us),
         first_seen = coalesce(first_seen, ?), last_seen = coalesce(?, last_seen),
         last_change = coalesce(?, last_change)
       WHERE id = ?`,
    );
    this.leave = database.prepare(
      `UPDATE hosts SET state = 'gone', other_mac = NULL, turns = turns + 1, scans_since_turn = 0, last_change = ?
       WHERE id = ? AND state = 'missing'`,
    );
    this.change = database.prepare(
      `INSERT INTO changes (host, network, scan, at, kind, before, after, responder)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.recount = database.prepare(
      `UPDATE changes SET scan = ?1, at = ?2, after = ?3
       WHERE host = ?4 AND kind = 'flapping' AND id > coalesce(
         (SELECT max(id) FROM changes WHERE host = ?4 AND kind IN ('gone', 'back')), 0)`,
    );
    this.day = database.prepare(
      `INSERT INTO days (day, host, asked, up, rtts, rtt_sum_us, rtt_min_us, rtt_max_us)
       VALUES (?, ?, 1, ?, ?, ?, ?, ?)
       ON CONFLICT (day, host) DO UPDATE SET
         asked = asked + 1, up = up + excluded.up, rtts = coalesce(rtts, up) + excluded.rtts,
         rtt_sum_us = rtt_sum_us + excluded.rtt_sum_us,
         rtt_min_us = min(coalesce(rtt_min_us, excluded.rtt_min_us),
                          coalesce(excluded.rtt_min_us, rtt_min_us)),
         rtt_max_us = max(coalesce(rtt_max_us, excluded.rtt_max_us),
                          coalesce(excluded.rtt_max_us, rtt_max_us))`,
    );
    this.replies = new ReplyWriter(store);
  }

  /** Reads what is known of hosts with one query, for `known` to answer. */
  read(hosts: readonly Pick<ScannedHost, 'key'>[]): void {
    const keys = hosts.map(({ key }) => key);
    this.page = new Map(keys.map((key) => [key, undefined]));
    for (const row of this.find.all(this.networkId, JSON.stringify(keys))) {
      this.page.set(row['key'] as string, knownHost(row));
    }
  }

  /** What was known of a host before its row: the next row of the same host is compared with what this one left. */
  known({ key }: Pick<ScannedHost, 'key'>): KnownHost | undefined {
    if (!this.page.has(key)) this.read([{ key }]);
    const known = this.page.get(key);
    this.page.delete(key);
    if (known !== undefined) this.asked.add(known.id);
    return known;
  }

  /** @param hasNews whether it has changes, which `tell` writes @returns the host's id */
  keep(
    host: ScannedHost,
    before: KnownHost | undefined,
    memory: HostMemory,
    seenAt: Date,
    hasNews: boolean,
  ): number {
    const isUp = memory.state === 'up';
    const isAsBefore = before !== undefined && !before.wasUnasked && isSame(before.memory, memory);
    if (isAsBefore && !isUp && !hasNews) return before.id;
    const at = seenAt.getTime();
    const values = [
      memory.hostname,
      memory.mac,
      memory.otherMac,
      memory.state,
      memory.misses,
      memory.status,
      memory.reason,
      memory.knownError,
      memory.usualRttMs === null ? null : memory.usualRttMs * 1000,
      memory.isSlow ? 1 : 0,
      memory.turns,
      memory.scansSinceTurn,
      isUp ? microseconds(host.rttAvgMs) : null,
      isUp ? at : null,
      isUp ? at : null,
      hasNews ? at : null,
    ] as const;
    if (before !== undefined) this.update.run(...values, before.id);
    const id =
      before?.id ?? Number(this.insert.get(...values, this.networkId, host.key, host.text)!['id']);
    this.asked.add(id);
    return id;
  }

  /** Calls a host gone whose device has been found at another address. */
  markGone(id: number, seenAt: Date): void {
    this.leave.run(seenAt.getTime(), id);
  }

  /**
   * Adds a change to the history of a host.
   * @param responder of the scan's row; null if it is the host, or not known
   * @returns whether it is news, and not only a new count of an earlier one
   */
  tell(
    id: number,
    { kind, before, after }: Change,
    seenAt: Date,
    responder: string | null,
  ): boolean {
    const at = seenAt.getTime();
    const isRecount = kind === 'flapping' && this.recount.run(this.scanId, at, after, id) > 0;
    if (!isRecount) {
      this.change.run(id, this.networkId, this.scanId, at, kind, before, after, responder);
    }
    return !isRecount;
  }

  /** Adds to the statistics of a host that has ever answered; those by hour are kept by `keepReplies`. */
  count(id: number, memory: HostMemory, host: ScannedHost, seenAt: Date): void {
    if (memory.state === 'silent') return;
    const rttUs = microseconds(host.rttAvgMs);
    const isUp = memory.state === 'up' ? 1 : 0;
    const rtts = rttUs === null ? 0 : 1;
    const day = Math.floor(seenAt.getTime() / MS_A_DAY);
    this.day.run(day, id, isUp, rtts, rttUs ?? 0, rttUs, rttUs);
    this.replies.add(id, isUp === 1, host, seenAt);
  }

  /** Writes the statistics by hour. It pauses now and then. */
  keepReplies(): Generator<void> {
    return this.replies.write();
  }

  /**
   * Marks hosts that the scan had no row for as unasked; gone ones stay gone, without misses. It pauses after each page.
   */
  *setAside(): Generator<void> {
    const { hosts } = this.database
      .prepare('SELECT count(*) AS hosts FROM hosts WHERE network = ?')
      .get(this.networkId)!;
    if (Number(hosts) === this.asked.size) return;
    // One state after the other and by number, as an index has them: any other order sorts all hosts for each page.
    const page = this.database.prepare(
      `SELECT id FROM hosts WHERE network = ? AND state = ? AND (state <> 'gone' OR misses > 0) AND id > ?
       ORDER BY id LIMIT ${PAGE_ROWS}`,
    );
    const setAside = this.database.prepare(
      "UPDATE hosts SET state = iif(state = 'gone', state, 'unasked'), misses = 0 WHERE id = ?",
    );
    for (const state of ['up', 'missing', 'silent', 'gone']) {
      for (let last = 0, rows = PAGE_ROWS; rows === PAGE_ROWS; ) {
        const ids = page.all(this.networkId, state, last).map((row) => Number(row['id']));
        for (const id of ids) if (!this.asked.has(id)) setAside.run(id);
        last = ids.at(-1) ?? last;
        rows = ids.length;
        yield;
      }
    }
  }
}

function knownHost(row: SqlRow): KnownHost {
  const usualUs = row['usual_rtt_us'] ?? null;
  const state = row['state'] as HostState;
  const wasUnasked = state === 'unasked';
  const everUp = row['first_seen'] !== null;
  return {
    id: Number(row['id']),
    wasUnasked,
    lastSeenMs: row['last_seen'] as number | null,
    memory: {
      state: wasUnasked ? (everUp ? 'up' : 'silent') : state,
      misses: Number(row['misses']),
      status: row['status'] as HostMemory['status'],
      reason: row['reason'] as HostMemory['reason'],
      knownError: row['known_error'] as HostMemory['knownError'],
      hostname: row['hostname'] as string | null,
      mac: row['mac'] as string | null,
      otherMac: row['other_mac'] as string | null,
      usualRttMs: usualUs === null ? null : Number(usualUs) / 1000,
      isSlow: row['is_slow'] === 1,
      turns: Number(row['turns']),
      scansSinceTurn: Number(row['scans_since_turn']),
    },
  };
}

function isSame(a: HostMemory, b: HostMemory): boolean {
  return (Object.keys(a) as (keyof HostMemory)[]).every((key) => a[key] === b[key]);
}

/** The unit in which the inventory keeps times. */
export function microseconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms * 1000);
}
