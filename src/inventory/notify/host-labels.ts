/** What people have noted about hosts, as far as it decides whether a receiver is notified about them. */

import { readAddress } from '../../address.ts';
import type { Store } from '../store.ts';

export interface HostLabels {
  /** Null without one. */
  readonly name: string | null;
  readonly tags: readonly string[];
  /** No receiver is notified about the host before this moment. */
  readonly mutedUntil: Date | null;
}

/** By address; an address about which nothing is noted has none. */
export type LabelsByAddress = ReadonlyMap<string, HostLabels>;

/** The labels of some addresses of a network. */
export function labelsOf(
  { database }: Store,
  network: string,
  addresses: readonly string[],
): LabelsByAddress {
  const note = database.prepare(
    `SELECT w.name, w.tags, w.muted_until FROM host_notes w JOIN networks n ON n.id = w.network
     WHERE n.name = ? AND w.key = ?`,
  );
  const labels = new Map<string, HostLabels>();
  for (const address of new Set(addresses)) {
    const row = note.get(network, readAddress(address)!.key);
    if (row === undefined) continue;
    const { name, tags, muted_until: mutedUntil } = row;
    labels.set(address, {
      name: name as string | null,
      tags: (tags as string | null)?.split(',') ?? [],
      mutedUntil: mutedUntil === null ? null : new Date(Number(mutedUntil)),
    });
  }
  return labels;
}
