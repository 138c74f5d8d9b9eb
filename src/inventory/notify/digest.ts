/** What a digest says besides the changes: the totals of each network, and its fullest subnets. */

import { safeJson } from '../../words.ts';
import type { LabelledNetwork } from '../host-report.ts';
import type { KnownHosts } from '../known-hosts.ts';
import { networkStatus } from '../network-status.ts';
import { nextRun } from '../schedule.ts';
import { type Store, writeWhenFree } from '../store.ts';
import type { Courier, DeliveryClock } from './delivery.ts';
import { DIGEST, digestDue, dropDigest, moveDigest, type QueuedMessage, queue } from './outbox.ts';
import type { Receiver } from './receivers.ts';

/** The message as a receiver reads it. */
export interface DigestMessage {
  readonly type: 'digest';
  readonly schema: 1;
  /** UTC. */
  readonly made_at: string;
  readonly networks: readonly DigestNetwork[];
  /** The fullest first. */
  readonly fullest_subnets: readonly FullSubnet[];
}

export interface DigestNetwork {
  readonly network: string;
  readonly site: string | null;
  /** UTC; null if it was never scanned. */
  readonly last_scan: string | null;
  /** Why its latest scan may be unreliable. */
  readonly doubt: string | null;
  readonly targets: number | null;
  readonly up: number;
  readonly missing: number;
  readonly gone: number;
  /** Null if it was never scanned, or if the known hosts cannot be read. */
  readonly free: number | null;
  readonly conflicts: number;
  readonly new_7d: number;
}

export interface FullSubnet {
  readonly network: string;
  /** A /24, of which only targets count. */
  readonly subnet: string;
  readonly used: number;
  readonly targets: number;
  readonly used_pct: number;
}

const MOST_SUBNETS = 5;
/** Of smaller ones, the share that is in use says little. */
const LEAST_TARGETS = 8;

/**
 * Sees that the next digest of each receiver that wants one is queued, whether anything changes until then or not. If
 * the configuration now has another time, or no digest, what waits is moved.
 */
export async function queueDigests(
  store: Store,
  receivers: readonly Receiver[],
  now: Date,
): Promise<void> {
  for (const { name, digest } of receivers) {
    const dueAt = nextRun(digest, now);
    const queuedFor = digestDue(store, name);
    const isAsWanted =
      queuedFor === undefined
        ? dueAt === undefined
        : dueAt !== undefined && (queuedFor <= now || queuedFor.getTime() === dueAt.getTime());
    if (!isAsWanted) await writeWhenFree(store, () => queueDigest(store, name, dueAt, now));
  }
}

/** Looks again, since another process may have done the same. */
function queueDigest(store: Store, name: string, dueAt: Date | undefined, now: Date): void {
  const queuedFor = digestDue(store, name);
  if (queuedFor !== undefined) moveDigest(store, name, queuedFor, dueAt ?? now);
  if (dueAt === undefined) dropDigest(store, name);
  else if (queuedFor === undefined) {
    queue(store, [{ channel: name, body: DIGEST, dueAt }], now);
  }
}

/** What digests are made of. */
export interface DigestSource {
  readonly store: Store;
  readonly networks: readonly LabelledNetwork[];
  /** Reads the hosts that should be there; undefined without any. */
  readonly knownHosts: () => Promise<KnownHosts | undefined>;
  readonly clock: DeliveryClock;
}

/** The courier of a receiver, for which a digest is written at the moment when it is delivered. */
export function withDigests(
  courier: Courier,
  { filter }: Pick<Receiver, 'filter'>,
  source: DigestSource,
): Courier {
  const networks = source.networks.filter(
    ({ name, tags }) =>
      (filter.networks?.includes(name) ?? true) &&
      (filter.tags === undefined || tags.some((tag) => filter.tags?.includes(tag))),
  );
  return {
    ...courier,
    async deliver(messages, signal) {
      const written: QueuedMessage[] = [];
      for (const message of messages) {
        const body =
          message.body === DIGEST
            ? safeJson(await digestOf({ ...source, networks }))
            : message.body;
        written.push({ ...message, body });
      }
      return courier.deliver(written, signal);
    },
  };
}

/** @throws EchosweepError INVENTORY_FAILED */
async function digestOf({
  store,
  networks,
  knownHosts,
  clock,
}: DigestSource): Promise<DigestMessage> {
  // A file that cannot be read costs the digest one figure, and delays nothing.
  const known = await knownHosts().then(
    (hosts) => ({ hosts }),
    () => undefined,
  );
  const now = clock.now();
  return {
    type: 'digest',
    schema: 1,
    made_at: now.toISOString(),
    networks: networks.map(({ name, site }) => {
      const { hosts, lastScan, ...status } = networkStatus(store, name, now, known?.hosts);
      return {
        network: name,
        site,
        last_scan: lastScan?.toISOString() ?? null,
        doubt: status.doubt,
        targets: status.targets,
        up: hosts.up,
        missing: hosts.missing,
        gone: hosts.gone,
        free: known === undefined ? null : status.free,
        conflicts: status.conflicts,
        new_7d: status.newHosts,
      };
    }),
    fullest_subnets: networks
      .flatMap(({ name }) => subnetsOf(store, name))
      .sort((a, b) => b.used_pct - a.used_pct || b.used - a.used)
      .slice(0, MOST_SUBNETS),
  };
}

/** By the key of an IPv4 address: a 4, and eight digits of which the first six are its /24. */
function subnetsOf({ database }: Store, network: string): FullSubnet[] {
  return database
    .prepare(
      `SELECT substr(h.key, 2, 6) AS subnet, count(*) AS targets, sum(h.state IN ('up', 'missing')) AS used
       FROM hosts h JOIN networks n ON n.id = h.network
       WHERE n.name = ? AND h.state <> 'unasked' AND h.key GLOB '4*'
       GROUP BY 1 HAVING used > 0 AND targets >= ?`,
    )
    .all(network, LEAST_TARGETS)
    .map((row) => {
      const [used, targets] = [Number(row['used']), Number(row['targets'])];
      const octets = [...Buffer.from(String(row['subnet']), 'hex')];
      const share = Math.round((1000 * used) / targets) / 10;
      return { network, subnet: `${octets.join('.')}.0/24`, used, targets, used_pct: share };
    });
}
