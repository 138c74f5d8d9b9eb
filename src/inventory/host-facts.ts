/** What a host was before: its names, its MAC addresses, and the other addresses of its MAC address. */

import { dateOrNull } from './database.ts';
import type { InventoryHost } from './host-list.ts';
import type { ChangeKind } from './host-memory.ts';
import type { Store } from './store.ts';

/** A value that a host has or had. */
export interface Had {
  readonly value: string;
  /** When a scan first found it; null if that is not remembered. */
  readonly firstSeen: Date | null;
  /** When a scan last found it, or that it had been replaced. */
  readonly lastSeen: Date | null;
}

export interface HostFacts {
  /** Newest first, the present one among them. */
  readonly names: readonly Had[];
  readonly macs: readonly Had[];
  /** Of the same network; without the host's own. */
  readonly addresses: readonly Had[];
  /** Pairs of MAC addresses that answered at the same time, newest first. */
  readonly conflicts: readonly { readonly macs: readonly [string, string]; readonly at: Date }[];
}

/** More of them is a router or a proxy. */
const MOST_ADDRESSES = 50;
/** As many changes of one kind as are looked at. */
const MOST_CHANGES = 100;

export function hostFacts(store: Store, host: InventoryHost): HostFacts {
  const changes = (kind: ChangeKind): Change[] => changesOf(store, host, kind);
  return {
    names: valuesHad(host, host.hostname, changes('name-changed')),
    macs: valuesHad(host, host.mac, changes('mac-changed')),
    addresses: addressesOf(store, host),
    conflicts: changes('conflict').map(({ at, before, after }) => ({ macs: [before, after], at })),
  };
}

interface Change {
  readonly at: Date;
  readonly before: string;
  readonly after: string;
}

/** Newest first. */
function changesOf(
  { database }: Store,
  { network, key }: InventoryHost,
  kind: ChangeKind,
): Change[] {
  return database
    .prepare(
      `SELECT c.at, c.before, c.after FROM changes c JOIN hosts h ON h.id = c.host JOIN networks n ON n.id = h.network
       WHERE n.name = ? AND h.key = ? AND c.kind = ? ORDER BY c.at DESC, c.id DESC LIMIT ${MOST_CHANGES}`,
    )
    .all(network, key, kind)
    .map((row) => ({
      at: new Date(Number(row['at'])),
      before: String(row['before']),
      after: String(row['after']),
    }));
}

/** Each value once, with the first and the last time that it was found. @param changes newest first */
function valuesHad(
  { firstSeen, lastSeen }: InventoryHost,
  present: string | null,
  changes: readonly Change[],
): Had[] {
  const had = new Map<string, Had>();
  const add = (value: string, from: Date | null, to: Date | null): void => {
    const later = had.get(value);
    had.set(value, { value, firstSeen: from, lastSeen: later?.lastSeen ?? to });
  };
  if (present !== null) add(present, changes[0]?.at ?? firstSeen, lastSeen);
  for (const [i, { before, at }] of changes.entries()) {
    add(before, changes[i + 1]?.at ?? firstSeen, at);
  }
  return [...had.values()];
}

function addressesOf({ database }: Store, { network, key, mac }: InventoryHost): Had[] {
  if (mac === null) return [];
  return database
    .prepare(
      `SELECT address, first_seen, last_seen FROM hosts
       WHERE network = (SELECT id FROM networks WHERE name = ?) AND mac = ? AND key <> ?
       ORDER BY last_seen DESC LIMIT ${MOST_ADDRESSES}`,
    )
    .all(network, mac, key)
    .map((row) => ({
      value: String(row['address']),
      firstSeen: dateOrNull(row['first_seen']),
      lastSeen: dateOrNull(row['last_seen']),
    }));
}
