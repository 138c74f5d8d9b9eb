/** The state of a network: its latest scan, and its hosts by state. */

import type { SqlRow } from './database.ts';
import type { HostState } from './host-memory.ts';
import type { Store } from './store.ts';

export interface NetworkStatus {
  readonly network: string;
  /** Null if it was never scanned. */
  readonly lastScan: Date | null;
  readonly lastScanMs: number | null;
  /** Why its latest scan may be unreliable; null if it is reliable. */
  readonly doubt: string | null;
  /** Whether its latest scan was stopped early. */
  readonly partial: boolean;
  /** Addresses that its latest scan was to probe. */
  readonly targets: number | null;
  /** Hosts by state. */
  readonly hosts: Readonly<Record<HostState, number>>;
  /** Hosts first seen in the last seven days, but not by the first scan. */
  readonly newHosts: number;
}

const NEW_FOR_MS = 7 * 86_400_000;

/** @param now for what is new */
export function networkStatus({ database }: Store, network: string, now: Date): NetworkStatus {
  const id = database.prepare('SELECT id FROM networks WHERE name = ?').get(network)?.['id'];
  if (id === undefined) return statusOf(network, undefined, [], 0);
  const scan = database
    .prepare('SELECT * FROM scans WHERE network = ? ORDER BY id DESC LIMIT 1')
    .get(id);
  const states = database
    .prepare('SELECT state, count(*) AS hosts FROM hosts WHERE network = ? GROUP BY state')
    .all(id);
  const { fresh } = database
    .prepare(
      `SELECT count(DISTINCT c.host) AS fresh FROM changes c JOIN hosts h ON h.id = c.host
       WHERE c.at >= ? AND c.kind = 'new' AND h.network = ?`,
    )
    .get(now.getTime() - NEW_FOR_MS, id)!;
  return statusOf(network, scan, states, Number(fresh));
}

function statusOf(
  network: string,
  scan: SqlRow | undefined,
  states: readonly SqlRow[],
  newHosts: number,
): NetworkStatus {
  const hosts: Record<HostState, number> = { silent: 0, up: 0, missing: 0, gone: 0, unasked: 0 };
  for (const row of states) hosts[row['state'] as HostState] = Number(row['hosts']);
  const startedAt = scan === undefined ? null : Number(scan['started_at']);
  return {
    network,
    lastScan: startedAt === null ? null : new Date(startedAt),
    lastScanMs: startedAt === null ? null : Number(scan!['ended_at']) - startedAt,
    doubt: (scan?.['doubt'] as string | null | undefined) ?? null,
    partial: scan?.['partial'] === 1,
    targets: scan === undefined ? null : Number(scan['targets']),
    hosts,
    newHosts,
  };
}
