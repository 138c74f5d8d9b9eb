/** Finds hosts that answer at another address of their network than before, by their MAC addresses. */

import { CHANGE_KINDS, type Change, type ChangeKind } from './host-memory.ts';
import type { HostWriter, KnownHost } from './host-writer.ts';
import type { Store } from './store.ts';
import { isOfOneDevice } from './vendor.ts';

/** A host of the scan that is being written. */
export interface WrittenHost {
  readonly id: number;
  readonly key: string;
  readonly address: string;
  readonly hostname: string | null;
  readonly mac: string | null;
  /** Of the scan's row; null if it is the host itself, or not known. */
  readonly responder: string | null;
  readonly seenAt: Date;
  /** What was known of the address before the scan. */
  readonly before: KnownHost | undefined;
}

/** A host and what has changed about it. */
export interface HostNews extends WrittenHost {
  readonly changes: readonly Change[];
}

/** After one of these, a host may have come from another address. */
const ARRIVALS: readonly ChangeKind[] = ['new', 'back', 'mac-changed'];

/**
 * A MAC address identifies a device only if it answers at one address: routers and hosts with several addresses answer
 * at many. A random one identifies its device too, as long as the device keeps it: telephones keep one for each network,
 * and virtual machines theirs. Hosts are never joined by anything weaker, such as a name, nor across networks.
 */
export class MovedHosts {
  private readonly store: Store;
  private readonly networkId: number;
  /** By MAC address; undefined if it answers at several addresses. */
  private readonly present = new Map<string, WrittenHost | undefined>();
  /** By the MAC address that answered there before another one did. */
  private readonly reused = new Map<string, WrittenHost>();

  constructor(store: Store, networkId: number) {
    this.store = store;
    this.networkId = networkId;
  }

  /** Notes a host that is present. */
  note(host: WrittenHost): void {
    const { mac, before } = host;
    const macBefore = before?.memory.mac ?? null;
    if (mac !== null && isOfOneDevice(mac)) {
      this.present.set(mac, this.present.has(mac) ? undefined : host);
    }
    if (macBefore !== null && macBefore !== mac) this.reused.set(macBefore, host);
  }

  /** Makes one change of a host that is new at one address and gone from another. @returns the news in address order */
  joined(news: readonly HostNews[], writer: HostWriter): HostNews[] {
    const byId = new Map(news.map((each) => [each.id, each]));
    for (const each of news) {
      if (!each.changes.some(({ kind }) => ARRIVALS.includes(kind))) continue;
      const left = this.addressLeftBy(each);
      if (left === undefined) continue;
      byId.set(each.id, withMove(byId.get(each.id)!, left.address));
      if (left.isReused) continue;
      writer.markGone(left.id, each.seenAt);
      const gone = byId.get(left.id);
      if (gone !== undefined) byId.set(left.id, without(gone, ['gone']));
    }
    // An unreliable scan may have reported it as new before it was missed at its old address.
    for (const each of [...byId.values()]) {
      if (!each.changes.some(({ kind }) => kind === 'gone')) continue;
      const host = this.foundElsewhere(each);
      if (host === undefined) continue;
      byId.set(each.id, without(each, ['gone']));
      if (this.isReported(host, each)) continue;
      byId.set(host.id, withMove(byId.get(host.id) ?? { ...host, changes: [] }, each.address));
    }
    return [...byId.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  private addressLeftBy(
    host: WrittenHost,
  ): { readonly id: number; readonly address: string; readonly isReused: boolean } | undefined {
    const { id, mac, before } = host;
    if (mac === null || this.present.get(mac)?.id !== id) return undefined;
    const others = this.store.database
      .prepare(
        `SELECT id, address, state, last_seen FROM hosts
         WHERE network = ? AND mac = ? AND id <> ? AND first_seen IS NOT NULL AND state <> 'unasked'
         ORDER BY last_seen DESC`,
      )
      .all(this.networkId, mac, id);
    // The scan did not probe that address: the host may have both.
    if (others.some((row) => row['state'] === 'up')) return undefined;
    const seenHereMs = before?.memory.mac === mac ? (before.lastSeenMs ?? 0) : 0;
    const [latest] = others;
    const reused = this.reused.get(mac);
    const leftMs = Number(latest?.['last_seen'] ?? 0);
    const reusedMs = reused?.before?.lastSeenMs ?? 0;
    if (Math.max(leftMs, reusedMs) <= seenHereMs) return undefined;
    return reused !== undefined && reusedMs > leftMs
      ? { id: reused.id, address: reused.address, isReused: true }
      : { id: Number(latest!['id']), address: String(latest!['address']), isReused: false };
  }

  private foundElsewhere({ id, mac, before }: WrittenHost): WrittenHost | undefined {
    const host = mac === null ? undefined : this.present.get(mac);
    if (host === undefined || host.id === id) return undefined;
    const { first_seen: firstSeenMs } = this.store.database
      .prepare('SELECT first_seen FROM hosts WHERE id = ?')
      .get(host.id)!;
    const lastSeenMs = before?.lastSeenMs ?? null;
    return lastSeenMs !== null && Number(firstSeenMs) > lastSeenMs ? host : undefined;
  }

  /** Whether an earlier scan has reported the move: a host that was flapping is gone only once it has settled. */
  private isReported({ id }: WrittenHost, { address, before }: WrittenHost): boolean {
    return (
      this.store.database
        .prepare(
          "SELECT 1 FROM changes WHERE host = ? AND kind = 'moved' AND before = ? AND at > ?",
        )
        .get(id, address, before!.lastSeenMs) !== undefined
    );
  }
}

function withMove(news: HostNews, from: string): HostNews {
  const move: Change = { kind: 'moved', before: from, after: news.address };
  const { changes } = without(news, ['new', 'back']);
  const inOrder = (a: Change, b: Change): number =>
    CHANGE_KINDS.indexOf(a.kind) - CHANGE_KINDS.indexOf(b.kind);
  return { ...news, changes: [...changes, move].sort(inOrder) };
}

function without(news: HostNews, kinds: readonly ChangeKind[]): HostNews {
  return { ...news, changes: news.changes.filter(({ kind }) => !kinds.includes(kind)) };
}
