/** What is shown of a network at a glance: its hosts by state, its latest scan, its subnets, a strip of its map. */

import { MS_AN_HOUR } from '../durations.ts';
import { type AddressStates, addressStates, stripOf } from './address-cells.ts';
import { documentedIn } from './documented.ts';
import type { KnownHosts } from './known-hosts.ts';
import { type NetworkSnapshot, networkSnapshot } from './network-snapshot.ts';
import { addressCounts, NEW_FOR_MS, type NetworkStatus } from './network-status.ts';
import type { Store } from './store.ts';
import {
  type TargetRanges,
  targetCells,
  type UnscannedRun,
  unscannedRuns,
} from './unscanned-runs.ts';

/** The latest scan of a network. */
export interface LatestScan {
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly targets: number;
  readonly up: number;
  /** Whether it is not complete. */
  readonly partial: boolean;
  /** Why it may be unreliable; null if it is reliable. */
  readonly doubt: string | null;
  readonly rttMedianMs: number | null;
  readonly rttP95Ms: number | null;
}

export interface NetworkSummary {
  readonly status: Pick<
    NetworkStatus,
    'hosts' | 'unscanned' | 'free' | 'conflicts' | 'newHosts' | 'targets'
  >;
  /** Hosts that are up or missing and not documented; 0 if nothing is documented. */
  readonly unknown: number;
  readonly lastScan: LatestScan | null;
  /** Where its unscanned targets are, as far as that is known. */
  readonly unscanned: readonly UnscannedRun[];
  /** An octet each for equal shares of its addresses, 256 at most: numbers of ADDRESS_STATES. */
  readonly strip: Uint8Array;
}

/** A part of a network: a /24, or an IPv6 /64. */
export interface SubnetSummary {
  readonly subnet: string;
  readonly total: number;
  readonly present: number;
  readonly missing: number;
  readonly gone: number;
  readonly free: number;
}

const MOST_CELLS = 256;

/** @param known undefined without known hosts @param targets of its next scan, as far as they are known */
export async function networkSummary(
  store: Store,
  network: string,
  now: Date,
  known: KnownHosts | undefined,
  targets: TargetRanges,
): Promise<NetworkSummary> {
  const snapshot = await networkSnapshot(store, network);
  const { cells, conflicts, unknown, ...others } = statesOf(store, snapshot, now, known);
  const newHosts = newHostsOf(store, snapshot, now);
  const hosts = snapshot.states();
  const lastScan = latestScanOf(store, network);
  const counts = addressCounts(lastScan?.targets ?? null, hosts, others);
  const unscanned = await unscannedRuns(snapshot, counts, targets);
  return {
    status: {
      hosts,
      ...counts,
      conflicts,
      newHosts,
    },
    unknown,
    lastScan,
    unscanned,
    strip: stripOf(targetCells(snapshot, cells, unscanned), MOST_CELLS),
  };
}

/** The states of the addresses of a snapshot, worked out once for the same documented hosts. */
export function statesOf(
  store: Store,
  snapshot: NetworkSnapshot,
  now: Date,
  known: KnownHosts | undefined,
): AddressStates {
  const documented = documentedIn(store, snapshot.network, known);
  const hour = Math.floor(now.getTime() / MS_AN_HOUR);
  const basis = `${hour} ${[...documented.noted].join()}`;
  const kept = keptStates.get(snapshot);
  if (kept !== undefined && kept.known === known && kept.basis === basis) return kept.states;
  const newSinceMs = Math.max(
    now.getTime() - NEW_FOR_MS,
    firstScanEndedMs(store, snapshot.network) + 1,
  );
  const states = addressStates(snapshot, documented, newSinceMs);
  keptStates.set(snapshot, { known, basis, states });
  return states;
}

interface KeptStates {
  readonly known: KnownHosts | undefined;
  readonly basis: string;
  readonly states: AddressStates;
}
const keptStates = new WeakMap<NetworkSnapshot, KeptStates>();

/** The parts of a network in address order. */
export function subnetsOf(snapshot: NetworkSnapshot, { cells }: AddressStates): SubnetSummary[] {
  const subnets = new Map<string, { -readonly [Key in keyof SubnetSummary]: SubnetSummary[Key] }>();
  const { key, address, state } = snapshot.columns;
  for (let place = 0; place < snapshot.size; place++) {
    if (state[place] === 'unasked') continue;
    const isIPv4 = key[place]!.startsWith('4');
    // Keys are the family and hexadecimal digits.
    const prefix = key[place]!.slice(0, 1 + (isIPv4 ? 6 : 16));
    let subnet = subnets.get(prefix);
    if (subnet === undefined) {
      const text = isIPv4 ? ipv4Subnet(address[place]!) : ipv6Subnet(prefix);
      subnet = { subnet: text, total: 0, present: 0, missing: 0, gone: 0, free: 0 };
      subnets.set(prefix, subnet);
    }
    subnet.total++;
    if (state[place] === 'up') subnet.present++;
    else if (state[place] === 'missing') subnet.missing++;
    else if (state[place] === 'gone') subnet.gone++;
    else if (cells[place] === FREE_CELL) subnet.free++;
  }
  return [...subnets.values()];
}

const FREE_CELL = 1;

function ipv4Subnet(address: string): string {
  return `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
}

function ipv6Subnet(prefix: string): string {
  const words = prefix.slice(1).match(/.{4}/g)!;
  return `${words.map((word) => Number.parseInt(word, 16).toString(16)).join(':')}::/64`;
}

function latestScanOf({ database }: Store, network: string): LatestScan | null {
  const row = database
    .prepare(
      `SELECT s.* FROM scans s JOIN networks n ON n.id = s.network WHERE n.name = ?
       ORDER BY s.id DESC LIMIT 1`,
    )
    .get(network);
  if (row === undefined) return null;
  const ms = (column: string): number | null =>
    row[column] === null ? null : Number(row[column]) / 1000;
  return {
    startedAt: new Date(Number(row['started_at'])),
    endedAt: new Date(Number(row['ended_at'])),
    targets: Number(row['targets']),
    up: Number(row['up']),
    partial: row['partial'] === 1,
    doubt: row['doubt'] as string | null,
    rttMedianMs: ms('rtt_median_us'),
    rttP95Ms: ms('rtt_p95_us'),
  };
}

/** What it found is not new; nor is anything before it. */
function firstScanEndedMs({ database }: Store, network: string): number {
  const row = database
    .prepare(
      `SELECT min(s.ended_at) AS at FROM scans s JOIN networks n ON n.id = s.network
       WHERE n.name = ? AND s.partial = 0 AND s.doubt IS NULL`,
    )
    .get(network);
  return Number(row?.['at'] ?? Number.POSITIVE_INFINITY);
}

/** Counted once an hour and after each scan: there may be many changes. */
function newHostsOf({ database }: Store, snapshot: NetworkSnapshot, now: Date): number {
  const hour = Math.floor(now.getTime() / MS_AN_HOUR);
  const kept = keptNewHosts.get(snapshot);
  if (kept?.hour === hour) return kept.newHosts;
  const row = database
    .prepare(
      `SELECT count(DISTINCT host) AS fresh FROM changes
       WHERE at >= ? AND kind = 'new' AND network = (SELECT id FROM networks WHERE name = ?)`,
    )
    .get(hour * MS_AN_HOUR - NEW_FOR_MS, snapshot.network);
  const newHosts = Number(row!['fresh']);
  keptNewHosts.set(snapshot, { hour, newHosts });
  return newHosts;
}

const keptNewHosts = new WeakMap<
  NetworkSnapshot,
  { readonly hour: number; readonly newHosts: number }
>();
