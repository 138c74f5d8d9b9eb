/** All hosts of a network as its latest scan left them, in memory: what windows, maps and searches are cut from. */

import { setImmediate } from 'node:timers/promises';
import type { Reason, Status } from '../results/outcome.ts';
import { dateOrNull, type SqlRow } from './database.ts';
import type { InventoryHost } from './host-list.ts';
import type { HostState } from './host-memory.ts';
import type { Store } from './store.ts';

/** Read at a time: a few milliseconds. */
const HOSTS_A_PAGE = 500;
/** Of all networks together. Those that were not looked at for longest make room; the last one stays, however large. */
const MOST_HOSTS = 500_000;

/** By column and in address order. JSON is the fastest way for this many values out of SQLite. */
interface Columns {
  readonly id: number[];
  readonly key: string[];
  readonly address: string[];
  readonly hostname: (string | null)[];
  readonly mac: (string | null)[];
  readonly other_mac: (string | null)[];
  readonly state: HostState[];
  readonly status: Status[];
  readonly reason: (Reason | null)[];
  readonly misses: number[];
  readonly rtt_us: (number | null)[];
  readonly first_seen: (number | null)[];
  readonly last_seen: (number | null)[];
  readonly last_change: (number | null)[];
}

const NAMES: readonly (keyof Columns)[] = [
  'id',
  'key',
  'address',
  'hostname',
  'mac',
  'other_mac',
  'state',
  'status',
  'reason',
  'misses',
  'rtt_us',
  'first_seen',
  'last_seen',
  'last_change',
];

const PAGE = `SELECT max(key) AS last_key, ${NAMES.map((name) => `json_group_array(${name}) AS ${name}`).join()}
  FROM (SELECT * FROM hosts WHERE network = ? AND key > ? ORDER BY key LIMIT ${HOSTS_A_PAGE})`;

/** One network. Hosts have places: 0 is the lowest address. */
export class NetworkSnapshot {
  readonly network: string;
  /** The latest scan in it; 0 without any. */
  readonly scan: number;
  readonly columns: Columns;
  /** What is worked out from it once, such as orders. */
  readonly derived = new Map<string, Promise<unknown>>();

  constructor(network: string, scan: number, columns: Columns) {
    this.network = network;
    this.scan = scan;
    this.columns = columns;
  }

  get size(): number {
    return this.columns.key.length;
  }

  hostAt(place: number): InventoryHost {
    const { columns } = this;
    return {
      network: this.network,
      address: columns.address[place]!,
      key: columns.key[place]!,
      hostname: columns.hostname[place]!,
      mac: columns.mac[place]!,
      otherMac: columns.other_mac[place]!,
      state: columns.state[place]!,
      status: columns.status[place]!,
      reason: columns.reason[place]!,
      misses: columns.misses[place]!,
      rttMs: this.rttMsAt(place),
      firstSeen: dateOrNull(columns.first_seen[place]!),
      lastSeen: dateOrNull(columns.last_seen[place]!),
      lastChange: dateOrNull(columns.last_change[place]!),
    };
  }

  rttMsAt(place: number): number | null {
    const rttUs = this.columns.rtt_us[place]!;
    return rttUs === null ? null : rttUs / 1000;
  }

  /** Whether two hosts answer for the address. */
  isConflictAt(place: number): boolean {
    const { other_mac: others, state } = this.columns;
    return others[place] !== null && (state[place] === 'up' || state[place] === 'missing');
  }

  /** The number of hosts in each state. */
  states(): Record<HostState, number> {
    const counts: Record<HostState, number> = { silent: 0, up: 0, missing: 0, gone: 0, unasked: 0 };
    for (const state of this.columns.state) counts[state]++;
    return counts;
  }
}

/** The snapshots of a store, in the order of their latest use. */
type Snapshots = Map<
  string,
  { readonly version: string; readonly snapshot: Promise<NetworkSnapshot> }
>;
const snapshotsOf = new WeakMap<Store, Snapshots>();

/**
 * A network as it is now. It is read in steps that let the process do other work, once after each scan.
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function networkSnapshot(
  store: Store,
  network: string,
  mostHosts = MOST_HOSTS,
): Promise<NetworkSnapshot> {
  let snapshots = snapshotsOf.get(store);
  if (snapshots === undefined) {
    snapshots = new Map();
    snapshotsOf.set(store, snapshots);
  }
  const { id, scan } = latestOf(store, network);
  const version = `${id} ${scan}`;
  const kept = snapshots.get(network);
  const snapshot = kept?.version === version ? kept.snapshot : read(store, network, id, scan);
  snapshots.delete(network);
  snapshots.set(network, { version, snapshot });
  try {
    const ready = await snapshot;
    await makeRoom(snapshots, mostHosts);
    return ready;
  } catch (error) {
    if (snapshots.get(network)?.snapshot === snapshot) snapshots.delete(network);
    throw error;
  }
}

/** The number of a network and that of its latest scan; 0 for what there is not. */
function latestOf({ database }: Store, network: string): { id: number; scan: number } {
  const id = database.prepare('SELECT id FROM networks WHERE name = ?').get(network)?.['id'] ?? 0;
  const row = database
    .prepare('SELECT id FROM scans WHERE network = ? ORDER BY id DESC LIMIT 1')
    .get(id);
  return { id: Number(id), scan: Number(row?.['id'] ?? 0) };
}

async function read(
  { database }: Store,
  network: string,
  id: number,
  scan: number,
): Promise<NetworkSnapshot> {
  const columns = Object.fromEntries(NAMES.map((name) => [name, []])) as unknown as Columns;
  const page = database.prepare(PAGE);
  for (let last = ''; ; ) {
    const row = page.get(id, last);
    if (row === undefined || row['last_key'] === null) break;
    for (const name of NAMES) append(columns[name], row, name);
    last = String(row['last_key']);
    await setImmediate();
  }
  return new NetworkSnapshot(network, scan, columns);
}

function append(column: unknown[], row: SqlRow, name: string): void {
  for (const value of JSON.parse(String(row[name])) as unknown[]) column.push(value);
}

async function makeRoom(snapshots: Snapshots, mostHosts: number): Promise<void> {
  let hosts = 0;
  for (const [place, [network, { snapshot }]] of [...snapshots].reverse().entries()) {
    hosts += (await snapshot.catch(() => undefined))?.size ?? 0;
    if (hosts > mostHosts && place > 0) snapshots.delete(network);
  }
}
