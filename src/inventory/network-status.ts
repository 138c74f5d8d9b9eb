/** The state of a network: its latest scan, and its hosts by state. */

import { MS_A_DAY } from '../durations.ts';
import { dateOrNull, type SqlRow } from './database.ts';
import { documentedIn, documentedSilent } from './documented.ts';
import type { HostState } from './host-memory.ts';
import type { KnownHosts } from './known-hosts.ts';
import { networkIdOf, type Store } from './store.ts';

export interface NetworkStatus {
  readonly network: string;
  /** Null if it was never scanned. */
  readonly lastScan: Date | null;
  readonly lastScanMs: number | null;
  /** Why its latest scan may be unreliable; null if it is reliable. */
  readonly doubt: string | null;
  /** Whether its latest scan is not complete: it was stopped early, or agents did not report some of the targets that they allow. */
  readonly partial: boolean;
  /** Addresses that its latest scan was to probe. */
  readonly targets: number | null;
  /** Hosts by state. */
  readonly hosts: Readonly<Record<HostState, number>>;
  /** Targets of its latest scan that no scan has a result of, as after a first one that was stopped; null if it was never scanned. */
  readonly unscanned: number | null;
  /** Of the other targets, those without a host that is up or missing, and not documented; null if it was never scanned. */
  readonly free: number | null;
  /** Addresses that two hosts answer for. */
  readonly conflicts: number;
  /** Hosts first seen in the last seven days, but not by the first scan. */
  readonly newHosts: number;
}

/** Counts of addresses; null if the network was never scanned. */
export type AddressCounts = Pick<NetworkStatus, 'targets' | 'unscanned' | 'free'>;

/**
 * Counts addresses without a host: what no scan has a result of may be anything, and is not free.
 * @param targets of the latest scan; null without any
 * @param goneElsewhere gone hosts that the latest whole scan did not probe: they have no misses
 * @param documentedSilent other addresses that are documented, but silent or gone
 */
export function addressCounts(
  targets: number | null,
  { silent, up, missing, gone }: NetworkStatus['hosts'],
  {
    goneElsewhere,
    documentedSilent,
  }: { readonly goneElsewhere: number; readonly documentedSilent: number },
): AddressCounts {
  if (targets === null) return { targets, unscanned: null, free: null };
  const unscanned = Math.max(0, targets - silent - up - missing - (gone - goneElsewhere));
  const free = Math.max(0, targets - unscanned - up - missing - documentedSilent);
  return { targets, unscanned, free };
}

/** Share of the scanned addresses that are not free; null if none was scanned. */
export function usedPct({ targets, unscanned, free }: AddressCounts): number | null {
  const scanned = (targets ?? 0) - (unscanned ?? 0);
  return scanned <= 0 ? null : (100 * (scanned - free!)) / scanned;
}

/** How long a host that was found is new. */
export const NEW_FOR_MS = 7 * MS_A_DAY;

/** @param now for what is new @param known undefined without known hosts */
export function networkStatus(
  store: Store,
  network: string,
  now: Date,
  known?: KnownHosts,
): NetworkStatus {
  const { database } = store;
  const id = networkIdOf(store, network);
  if (id === undefined) return statusOf(network, undefined, NO_HOSTS, NOTHING_COUNTED);
  const scan = database
    .prepare('SELECT * FROM scans WHERE network = ? ORDER BY id DESC LIMIT 1')
    .get(id);
  const states = database
    .prepare('SELECT state, count(*) AS hosts FROM hosts WHERE network = ? GROUP BY state')
    .all(id);
  const hosts: Record<HostState, number> = { ...NO_HOSTS };
  for (const row of states) hosts[row['state'] as HostState] = Number(row['hosts']);
  const { fresh } = database
    .prepare(
      `SELECT count(DISTINCT host) AS fresh FROM changes WHERE network = ? AND kind = 'new' AND at >= ?`,
    )
    .get(id, now.getTime() - NEW_FOR_MS)!;
  const { conflicts } = database
    .prepare(
      `SELECT count(*) AS conflicts FROM hosts
       WHERE network = ? AND other_mac IS NOT NULL AND state IN ('up', 'missing')`,
    )
    .get(id)!;
  const { gone_elsewhere: goneElsewhere } = database
    .prepare(
      `SELECT count(*) AS gone_elsewhere FROM hosts WHERE network = ? AND state = 'gone' AND misses = 0`,
    )
    .get(id)!;
  const documented = documentedIn(store, network, known);
  const silentOrGone = hosts.silent + hosts.gone - Number(goneElsewhere);
  return statusOf(network, scan, hosts, {
    newHosts: Number(fresh),
    conflicts: Number(conflicts),
    goneElsewhere: Number(goneElsewhere),
    documentedSilent: documentedSilent(store, id, documented, silentOrGone),
  });
}

const NO_HOSTS = { silent: 0, up: 0, missing: 0, gone: 0, unasked: 0 };
const NOTHING_COUNTED = { newHosts: 0, conflicts: 0, goneElsewhere: 0, documentedSilent: 0 };

function statusOf(
  network: string,
  scan: SqlRow | undefined,
  hosts: NetworkStatus['hosts'],
  { newHosts, conflicts, ...others }: typeof NOTHING_COUNTED,
): NetworkStatus {
  const targets = scan === undefined ? null : Number(scan['targets']);
  const startedAt = scan === undefined ? null : Number(scan['started_at']);
  return {
    network,
    lastScan: dateOrNull(startedAt),
    lastScanMs: startedAt === null ? null : Number(scan!['ended_at']) - startedAt,
    doubt: (scan?.['doubt'] as string | null | undefined) ?? null,
    partial: scan?.['partial'] === 1,
    hosts,
    ...addressCounts(targets, hosts, others),
    conflicts,
    newHosts,
  };
}
