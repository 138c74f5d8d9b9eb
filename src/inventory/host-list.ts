/** Questions about hosts: which there are, and the history of one. */

import { MS_A_DAY } from '../durations.ts';
import type { Status } from '../results/outcome.ts';
import { dateOrNull, placeholders, type SqlRow, type SqlValue } from './database.ts';
import type { ChangeKind, HostState } from './host-memory.ts';
import type { Store } from './store.ts';

export interface InventoryHost {
  readonly network: string;
  readonly address: string;
  /** As `readAddress` makes it. */
  readonly key: string;
  readonly hostname: string | null;
  readonly mac: string | null;
  /** Of a second host that answers for the address; null if none is known. */
  readonly otherMac: string | null;
  readonly state: HostState;
  /** Of the latest scan that probed it. */
  readonly status: Status;
  /** Of the latest scan that said something about it. */
  readonly reason: string | null;
  readonly misses: number;
  /** Of its latest answer. */
  readonly rttMs: number | null;
  readonly firstSeen: Date | null;
  readonly lastSeen: Date | null;
  readonly lastChange: Date | null;
}

export interface HostFilter {
  /** Names of networks; undefined for all. */
  readonly networks?: readonly string[] | undefined;
  /** Undefined for all that have ever answered. */
  readonly states?: readonly HostState[] | undefined;
  /** A part of the name, in any case. */
  readonly name?: string | undefined;
  /** Last seen before this moment. */
  readonly unseenSince?: Date | undefined;
}

/** Hosts that have ever answered and are still targets. */
export const EVER_UP: readonly HostState[] = ['up', 'missing', 'gone'];

const COLUMNS = `n.name AS network, h.id, h.address, h.key, h.hostname, h.mac, h.other_mac, h.state, h.status, h.reason, h.misses, h.rtt_us,
  h.first_seen, h.last_seen, h.last_change`;

/** Hosts by network and address. */
export function listHosts({ database }: Store, filter: HostFilter): InventoryHost[] {
  const { networks, states = EVER_UP, name, unseenSince } = filter;
  const conditions = [`h.state IN (${placeholders(states)})`];
  const values: SqlValue[] = [...states];
  if (networks !== undefined) {
    conditions.push(`n.name IN (${placeholders(networks)})`);
    values.push(...networks);
  }
  if (name !== undefined) {
    conditions.push("instr(lower(coalesce(h.hostname, '')), ?) > 0");
    values.push(name.toLowerCase());
  }
  if (unseenSince !== undefined) {
    conditions.push('h.last_seen < ?');
    values.push(unseenSince.getTime());
  }
  const rows = database
    .prepare(
      `SELECT ${COLUMNS} FROM hosts h JOIN networks n ON n.id = h.network
       WHERE ${conditions.join(' AND ')} ORDER BY n.name, h.key`,
    )
    .iterate(...values);
  return Array.from(rows, hostOf);
}

/** An address in each network that has it, by network. @param key as `readAddress` makes it */
export function hostsAt({ database }: Store, key: string): InventoryHost[] {
  return database
    .prepare(
      `SELECT ${COLUMNS} FROM hosts h JOIN networks n ON n.id = h.network WHERE h.key = ? ORDER BY n.name`,
    )
    .all(key)
    .map(hostOf);
}

/** One day of a host. */
export interface HostDay {
  /** Its first moment, UTC. */
  readonly day: Date;
  /** Scans that probed the host, and those that it answered. */
  readonly asked: number;
  readonly up: number;
  readonly rttMinMs: number | null;
  readonly rttAvgMs: number | null;
  readonly rttMaxMs: number | null;
}

export interface HostHistory {
  readonly host: InventoryHost;
  /** Oldest first; days without a scan are left out. */
  readonly days: readonly HostDay[];
  /** Newest first. */
  readonly changes: readonly HistoryChange[];
}

export interface HistoryChange {
  readonly at: Date;
  readonly kind: ChangeKind;
  readonly before: string;
  readonly after: string;
}

/** An address in each network that has it. @param since of days and changes */
export function hostHistories(store: Store, key: string, since: Date): HostHistory[] {
  const { database } = store;
  const rows = database
    .prepare(
      `SELECT ${COLUMNS}, n.id AS network_id FROM hosts h JOIN networks n ON n.id = h.network
       WHERE h.key = ? ORDER BY n.name`,
    )
    .all(key);
  return rows.map((row) => ({
    host: hostOf(row),
    days: daysOf(store, Number(row['id']), since),
    changes: database
      .prepare(
        // A move belongs to the new address, and to the history of the old one as well.
        `SELECT id, at, kind, before, after FROM changes WHERE host = ?1 AND at >= ?2
         UNION
         SELECT c.id, c.at, c.kind, c.before, c.after FROM changes c JOIN hosts h ON h.id = c.host
         WHERE c.at >= ?2 AND c.kind = 'moved' AND c.before = ?3 AND h.network = ?4
         ORDER BY at DESC, id DESC`,
      )
      .all(Number(row['id']), since.getTime(), String(row['address']), Number(row['network_id']))
      .map((change) => ({
        at: new Date(Number(change['at'])),
        kind: change['kind'] as ChangeKind,
        before: String(change['before']),
        after: String(change['after']),
      })),
  }));
}

/** Rows are ordered by day, so each day is looked up by itself. */
function daysOf({ database }: Store, host: number, since: Date): HostDay[] {
  return database
    .prepare(
      `WITH RECURSIVE span(day) AS (
         SELECT min(day) FROM days WHERE day >= ?
         UNION ALL
         SELECT (SELECT min(day) FROM days WHERE day > span.day) FROM span WHERE span.day IS NOT NULL
       )
       SELECT d.* FROM span CROSS JOIN days d ON d.day = span.day AND d.host = ? ORDER BY d.day`,
    )
    .all(Math.floor(since.getTime() / MS_A_DAY), host)
    .map((row) => {
      const up = Number(row['up']);
      return {
        day: new Date(Number(row['day']) * MS_A_DAY),
        asked: Number(row['asked']),
        up,
        rttMinMs: milliseconds(row['rtt_min_us']),
        rttAvgMs:
          row['rtt_min_us'] === null
            ? null
            : Number(row['rtt_sum_us']) / Number(row['rtts'] ?? up) / 1000,
        rttMaxMs: milliseconds(row['rtt_max_us']),
      };
    });
}

function hostOf(row: SqlRow): InventoryHost {
  return {
    network: String(row['network']),
    address: String(row['address']),
    key: String(row['key']),
    hostname: row['hostname'] as string | null,
    mac: row['mac'] as string | null,
    otherMac: row['other_mac'] as string | null,
    state: row['state'] as HostState,
    status: row['status'] as Status,
    reason: row['reason'] as string | null,
    misses: Number(row['misses']),
    rttMs: milliseconds(row['rtt_us']),
    firstSeen: dateOrNull(row['first_seen']),
    lastSeen: dateOrNull(row['last_seen']),
    lastChange: dateOrNull(row['last_change']),
  };
}

function milliseconds(us: SqlValue | undefined): number | null {
  return us === null || us === undefined ? null : Number(us) / 1000;
}
