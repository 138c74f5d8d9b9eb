/** A finished scan written into the inventory, as one transaction: what was seen, what changed by it, and statistics. */

import type { ReadAddress } from '../address.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { SqlRow, Statement } from './database.ts';
import type { HostChange } from './diff.ts';
import {
  type ChangeRules,
  type HostMemory,
  type HostState,
  remember,
  type Sighting,
} from './host-memory.ts';
import { inTransaction, type Store } from './store.ts';
import { type Outgoing, queue } from './telling/outbox.ts';

/** One host's row of a scan. */
export interface ScannedHost extends Sighting, ReadAddress {
  readonly startedAt: Date | null;
}

/** What is kept of a run's record. */
export type ScanRecord = Pick<
  RunRecord,
  'startedAt' | 'engine' | 'targets' | 'statuses' | 'rtt' | 'partial' | 'failure' | 'doubts'
> & {
  readonly endedAt: Date;
  /** Null where an imported report does not tell. */
  readonly packets: Pick<RunRecord['packets'], 'sent' | 'received' | 'dropped'> | null;
  readonly source: 'scan' | 'import';
};

export interface WrittenScan {
  /** In address order; none until a network has been scanned wholly, which is what all else is compared with. */
  readonly changes: readonly HostChange[];
  readonly isFirst: boolean;
  /** Why nobody was called gone; undefined where the scan trusts itself. */
  readonly doubt: string | undefined;
  /** Old messages that nobody took in all the time and that made room for new ones. */
  readonly lostMessages: number;
}

const MS_A_DAY = 86_400_000;

/**
 * Remembers a scan. Where it does not trust itself only what answered is believed: nobody is missed, nothing is counted.
 * @param messagesAbout what others are to be told of the changes: queued with them, so that a crash loses neither alone
 * @throws EchosweepError INVENTORY_FAILED; then nothing of it is kept
 */
export function writeScan(
  store: Store,
  network: string,
  record: ScanRecord,
  hosts: Iterable<ScannedHost>,
  rules: ChangeRules,
  messagesAbout: (changes: readonly HostChange[]) => readonly Outgoing[] = () => [],
): WrittenScan {
  const doubt = record.failure ?? record.doubts[0];
  return inTransaction(store, () => {
    const networkId = idOfNetwork(store, network);
    const isFirst = !hasWholeScan(store, networkId);
    const scanId = insertScan(store, networkId, record, doubt);
    const writer = new HostWriter(store, networkId, scanId);
    const changes: HostChange[] = [];
    for (const host of hosts) {
      if (doubt !== undefined && host.status !== 'up') continue;
      const seenAt = host.startedAt ?? record.startedAt;
      const before = writer.known(host.key);
      const remembered = remember(before?.memory, host, rules);
      if (remembered === undefined) continue;
      const told = isFirst ? [] : remembered.changes;
      const id = writer.keep(host, before, remembered.memory, seenAt, told);
      if (doubt === undefined) writer.count(id, remembered.memory, host, seenAt);
      const { hostname } = remembered.memory;
      for (const change of told) changes.push({ ...change, address: host.text, hostname, seenAt });
    }
    const lostMessages = queue(store, messagesAbout(changes), new Date());
    return { changes, isFirst, doubt, lostMessages };
  });
}

/** When the latest scan of a network began; undefined where there is none. */
export function latestScan(store: Store, network: string): Date | undefined {
  const row = store.database.prepare('SELECT id FROM networks WHERE name = ?').get(network);
  const ms = row === undefined ? undefined : latestScanMs(store, Number(row['id']));
  return ms === undefined ? undefined : new Date(ms);
}

/** Whether there is a scan that others can be compared with. */
function hasWholeScan({ database }: Store, networkId: number): boolean {
  const sql = 'SELECT 1 FROM scans WHERE network = ? AND partial = 0 AND doubt IS NULL LIMIT 1';
  return database.prepare(sql).get(networkId) !== undefined;
}

function latestScanMs({ database }: Store, networkId: number): number | undefined {
  // By the order of writing: a clock that was ahead once is not ahead for ever.
  const row = database
    .prepare('SELECT started_at AS at FROM scans WHERE network = ? ORDER BY id DESC LIMIT 1')
    .get(networkId);
  return row === undefined ? undefined : Number(row['at']);
}

function idOfNetwork({ database }: Store, name: string): number {
  database.prepare('INSERT INTO networks (name) VALUES (?) ON CONFLICT DO NOTHING').run(name);
  return Number(database.prepare('SELECT id FROM networks WHERE name = ?').get(name)!['id']);
}

function insertScan(
  { database }: Store,
  networkId: number,
  record: ScanRecord,
  doubt: string | undefined,
): number {
  const { statuses, packets, rtt } = record;
  const row = database
    .prepare(
      `INSERT INTO scans (network, started_at, ended_at, source, engine, targets, up, unreachable, down, error,
         sent, received, dropped, rtt_median_us, rtt_p95_us, partial, doubt)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    .get(
      networkId,
      record.startedAt.getTime(),
      record.endedAt.getTime(),
      record.source,
      record.engine,
      record.targets,
      statuses.up,
      statuses.unreachable,
      statuses.down,
      statuses.error,
      packets?.sent ?? null,
      packets?.received ?? null,
      packets?.dropped ?? null,
      microseconds(rtt?.medianMs),
      microseconds(rtt?.p95Ms),
      record.partial ? 1 : 0,
      doubt ?? null,
    );
  return Number(row!['id']);
}

interface KnownHost {
  readonly id: number;
  readonly memory: HostMemory;
}

/** Writes the rows of one scan's hosts, and only those that are not as they were. */
class HostWriter {
  private readonly scanId: number;
  private readonly networkId: number;
  private readonly hosts: ReadonlyMap<string, KnownHost>;
  private readonly insert: Statement;
  private readonly update: Statement;
  private readonly change: Statement;
  private readonly day: Statement;

  constructor({ database }: Store, networkId: number, scanId: number) {
    this.networkId = networkId;
    this.scanId = scanId;
    const rows = database.prepare('SELECT * FROM hosts WHERE network = ?').all(networkId);
    this.hosts = new Map(rows.map((row) => [String(row['key']), knownHost(row)]));
    this.insert = database.prepare(
      `INSERT INTO hosts (hostname, mac, state, misses, status, reason, usual_rtt_us, is_slow,
         rtt_us, first_seen, last_seen, last_change, network, key, address)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    );
    this.update = database.prepare(
      `UPDATE hosts SET hostname = ?, mac = ?, state = ?, misses = ?, status = ?, reason = ?,
         usual_rtt_us = ?, is_slow = ?, rtt_us = coalesce(?, rtt_us),
         first_seen = coalesce(first_seen, ?), last_seen = coalesce(?, last_seen),
         last_change = coalesce(?, last_change)
       WHERE id = ?`,
    );
    this.change = database.prepare(
      'INSERT INTO changes (host, scan, at, kind, before, after) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.day = database.prepare(
      `INSERT INTO days (day, host, asked, up, rtt_sum_us, rtt_min_us, rtt_max_us)
       VALUES (?, ?, 1, ?, ?, ?, ?)
       ON CONFLICT (day, host) DO UPDATE SET
         asked = asked + 1, up = up + excluded.up, rtt_sum_us = rtt_sum_us + excluded.rtt_sum_us,
         rtt_min_us = min(coalesce(rtt_min_us, excluded.rtt_min_us),
                          coalesce(excluded.rtt_min_us, rtt_min_us)),
         rtt_max_us = max(coalesce(rtt_max_us, excluded.rtt_max_us),
                          coalesce(excluded.rtt_max_us, rtt_max_us))`,
    );
  }

  known(key: string): KnownHost | undefined {
    return this.hosts.get(key);
  }

  /** @returns the host's id */
  keep(
    host: ScannedHost,
    before: KnownHost | undefined,
    memory: HostMemory,
    seenAt: Date,
    told: readonly { readonly kind: string; readonly before: string; readonly after: string }[],
  ): number {
    const isUp = memory.state === 'up';
    if (before !== undefined && !isUp && told.length === 0 && isSame(before.memory, memory)) {
      return before.id;
    }
    const at = seenAt.getTime();
    const values = [
      memory.hostname,
      memory.mac,
      memory.state,
      memory.misses,
      memory.status,
      memory.reason,
      memory.usualRttMs === null ? null : memory.usualRttMs * 1000,
      memory.isSlow ? 1 : 0,
      isUp ? microseconds(host.rttAvgMs) : null,
      isUp ? at : null,
      isUp ? at : null,
      told.length > 0 ? at : null,
    ] as const;
    if (before !== undefined) this.update.run(...values, before.id);
    const id =
      before?.id ?? Number(this.insert.get(...values, this.networkId, host.key, host.text)!['id']);
    for (const change of told) {
      this.change.run(id, this.scanId, at, change.kind, change.before, change.after);
    }
    return id;
  }

  /** Adds to the day's statistics of a host that has ever answered. */
  count(id: number, memory: HostMemory, host: ScannedHost, seenAt: Date): void {
    if (memory.state === 'silent') return;
    const rttUs = microseconds(host.rttAvgMs);
    const isUp = memory.state === 'up' ? 1 : 0;
    this.day.run(Math.floor(seenAt.getTime() / MS_A_DAY), id, isUp, rttUs ?? 0, rttUs, rttUs);
  }
}

function knownHost(row: SqlRow): KnownHost {
  const usualUs = row['usual_rtt_us'] ?? null;
  return {
    id: Number(row['id']),
    memory: {
      state: row['state'] as HostState,
      misses: Number(row['misses']),
      status: row['status'] as HostMemory['status'],
      reason: row['reason'] as HostMemory['reason'],
      hostname: row['hostname'] as string | null,
      mac: row['mac'] as string | null,
      usualRttMs: usualUs === null ? null : Number(usualUs) / 1000,
      isSlow: row['is_slow'] === 1,
    },
  };
}

function isSame(a: HostMemory, b: HostMemory): boolean {
  return (Object.keys(a) as (keyof HostMemory)[]).every((key) => a[key] === b[key]);
}

function microseconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms * 1000);
}
