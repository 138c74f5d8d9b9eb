/** Questions about changes: what has changed since when. */

import { placeholders, type SqlRow, type SqlValue } from './database.ts';
import type { HostChange } from './diff.ts';
import type { ChangeKind } from './host-memory.ts';
import type { Store } from './store.ts';

/** A change as the inventory remembers it. */
export interface InventoryChange extends HostChange {
  readonly network: string;
}

export interface ChangeFilter {
  readonly since: Date;
  /** Names of networks; undefined for all. */
  readonly networks?: readonly string[] | undefined;
  readonly kinds: readonly ChangeKind[];
}

/** Changes of this kind have the time of their latest count. All others are in the order of time, as scans are written. */
export const RECOUNTED: ChangeKind = 'flapping';

/** Oldest first; those of one moment by address. */
export function listChanges({ database }: Store, filter: ChangeFilter): InventoryChange[] {
  const { since, networks, kinds } = filter;
  const values: SqlValue[] = [since.getTime(), ...kinds, ...(networks ?? [])];
  const ofNetworks = networks === undefined ? '' : `AND n.name IN (${placeholders(networks)})`;
  return database
    .prepare(
      `SELECT n.name AS network, h.address, h.hostname, c.at, c.kind, c.before, c.after
       FROM changes c JOIN hosts h ON h.id = c.host JOIN networks n ON n.id = h.network
       WHERE c.at >= ? AND c.kind IN (${placeholders(kinds)}) ${ofNetworks}
       ORDER BY c.scan, h.key, c.id`,
    )
    .all(...values)
    .map(changeOfRow);
}

/** @param row with the columns of the statement above */
export function changeOfRow(row: SqlRow): InventoryChange {
  return {
    network: String(row['network']),
    address: String(row['address']),
    hostname: row['hostname'] as string | null,
    kind: row['kind'] as ChangeKind,
    before: String(row['before']),
    after: String(row['after']),
    seenAt: new Date(Number(row['at'])),
  };
}
