/** What people have noted about hosts, as far as it decides whether a receiver is notified about them. */

import { type HostNote, hostNotes } from '../host-notes.ts';
import type { Store } from '../store.ts';

export type HostLabels = Pick<HostNote, 'name' | 'tags' | 'mutedUntil'>;

/** By address; an address about which nothing is noted has none. */
export type LabelsByAddress = ReadonlyMap<string, HostLabels>;

/** The labels of the hosts of a network. */
export function labelsOf(store: Store, network: string): LabelsByAddress {
  return new Map(hostNotes(store, [network]).map((note) => [note.text, note]));
}
