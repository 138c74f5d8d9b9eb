/** Writes a finished scan into the inventory in one transaction: what was seen, what changed, and statistics. */

import type { RunRecord } from '../results/run-record.ts';
import type { HostChange } from './diff.ts';
import { withFlapping } from './flapping.ts';
import { type ChangeRules, isPresent, remember, rulesFor } from './host-memory.ts';
import { goneAfterByKey } from './host-notes.ts';
import { HostWriter, microseconds, type ScannedHost } from './host-writer.ts';
import { type HostNews, MovedHosts } from './moved-hosts.ts';
import { inTransaction, inTransactionOfSteps, networkIdOf, type Store } from './store.ts';

/** What is kept of a run's record. */
export type ScanRecord = Pick<
  RunRecord,
  'startedAt' | 'engine' | 'targets' | 'statuses' | 'rtt' | 'partial' | 'failure' | 'doubts'
> & {
  readonly endedAt: Date;
  /** Null for an imported report, which does not say. */
  readonly packets: Pick<RunRecord['packets'], 'sent' | 'received' | 'dropped'> | null;
  readonly source: 'scan' | 'import';
  /** Whether a host without a row was not a target; false if a name could not be resolved, and for reports of other targets. */
  readonly hasAllTargets: boolean;
  /** Whether the scan's doubts are about those hosts alone that say so: machines of which one may be overloaded did it. */
  readonly hasDoubtsByHost?: boolean;
};

export interface WrittenScan {
  /** In address order; none until a scan has covered the whole network, for the next ones to be compared with. */
  readonly changes: readonly HostChange[];
  readonly isFirst: boolean;
  /** Why no host was marked as gone; undefined if the scan is reliable. */
  readonly doubt: string | undefined;
}

/** Hosts between two pauses: a few milliseconds. */
const HOSTS_A_STEP = 100;

interface ScanToWrite {
  readonly network: string;
  readonly record: ScanRecord;
  readonly hosts: Iterable<ScannedHost>;
  readonly rules: ChangeRules;
  /** Writes in the same transaction whatever belongs to the changes, so that a crash loses neither alone. */
  readonly alongside?: (own: Store, changes: readonly HostChange[]) => void;
}

/**
 * Remembers a scan. Of an unreliable one only the replies are believed: no host is missed, and nothing is counted.
 * @throws EchosweepError INVENTORY_FAILED; then nothing of it is kept
 */
export function writeScan(store: Store, scan: ScanToWrite): WrittenScan {
  return inTransaction(store, () => {
    const steps = written(store, scan);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    return step.value;
  });
}

/** Like `writeScan`, but lets the process do other work in between. */
export function writeScanInSteps(store: Store, scan: ScanToWrite): Promise<WrittenScan> {
  return inTransactionOfSteps(store, (own) => written(own, scan));
}

function* written(store: Store, scan: ScanToWrite): Generator<void, WrittenScan> {
  const { record } = scan;
  const doubt = record.failure ?? record.doubts[0];
  const isDoubted = doubt !== undefined && record.hasDoubtsByHost !== true;
  const networkId = idOfNetwork(store, scan.network);
  const isFirst = !hasWholeScan(store, networkId);
  const scanId = insertScan(store, networkId, record, doubt);
  const writer = new HostWriter(store, networkId, scanId);
  const news: HostNews[] = [];
  const moved = new MovedHosts(store, networkId);
  const goneAfter = goneAfterByKey(store, networkId);
  for (const host of readInSteps(scan.hosts, writer)) {
    if (host === undefined) {
      yield;
      continue;
    }
    const before = writer.known(host);
    const isDoubtful = isDoubted || host.isDoubtful === true;
    if (isDoubtful && !isPresent(host)) continue;
    const seenAt = host.startedAt ?? record.startedAt;
    const rules = rulesFor(scan.rules, goneAfter.get(host.key));
    const sighting = isDoubtful ? { ...host, otherMac: host.otherMac ?? undefined } : host;
    const remembered = remember(before?.memory, sighting, rules);
    if (remembered === undefined) continue;
    const { memory, changes: found } = withFlapping(remembered, before?.memory, rules);
    const changes = isFirst ? [] : found;
    const id = writer.keep(host, before, memory, seenAt, changes.length > 0);
    if (!isDoubtful) writer.count(id, memory, host, seenAt);
    const { hostname, mac } = memory;
    const responder = host.responder ?? null;
    const kept = {
      id,
      key: host.key,
      address: host.text,
      hostname,
      mac,
      responder,
      seenAt,
      before,
    };
    if (memory.state === 'up') moved.note(kept);
    if (changes.length > 0) news.push({ ...kept, changes });
  }
  const joined = isDoubted ? news : moved.joined(news, writer);
  const changes: HostChange[] = [];
  for (const { id, address, hostname, seenAt, responder, changes: own } of joined) {
    for (const change of own) {
      if (writer.tell(id, change, seenAt, responder))
        changes.push({ ...change, address, hostname, seenAt });
    }
  }
  yield* writer.keepReplies();
  if (!isDoubted && !record.partial && record.hasAllTargets) yield* writer.setAside();
  scan.alongside?.(store, changes);
  return { changes, isFirst, doubt };
}

/** The hosts of a scan; undefined where to pause. What is known of the hosts of a step is read at once. */
function* readInSteps(
  hosts: Iterable<ScannedHost>,
  writer: HostWriter,
): Generator<ScannedHost | undefined> {
  let step: ScannedHost[] = [];
  for (const host of hosts) {
    if (step.push(host) < HOSTS_A_STEP) continue;
    writer.read(step);
    yield* step;
    yield undefined;
    step = [];
  }
  writer.read(step);
  yield* step;
}

/** When the latest scan of a network began; undefined if there is none. */
export function latestScan(store: Store, network: string): Date | undefined {
  const id = networkIdOf(store, network);
  const ms = id === undefined ? undefined : latestScanMs(store, id);
  return ms === undefined ? undefined : new Date(ms);
}

/** Whether there is a scan to compare others with. */
function hasWholeScan({ database }: Store, networkId: number): boolean {
  const sql = 'SELECT 1 FROM scans WHERE network = ? AND partial = 0 AND doubt IS NULL LIMIT 1';
  return database.prepare(sql).get(networkId) !== undefined;
}

function latestScanMs({ database }: Store, networkId: number): number | undefined {
  // In the order of writing: a clock that was ahead once does not stay ahead forever.
  const row = database
    .prepare('SELECT started_at AS at FROM scans WHERE network = ? ORDER BY id DESC LIMIT 1')
    .get(networkId);
  return row === undefined ? undefined : Number(row['at']);
}

function idOfNetwork(store: Store, name: string): number {
  store.database.prepare('INSERT INTO networks (name) VALUES (?) ON CONFLICT DO NOTHING').run(name);
  return networkIdOf(store, name)!;
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
