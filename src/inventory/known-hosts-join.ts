/** Joins the hosts that were seen with those that should be there. */

import type { InventoryHost } from './host-list.ts';
import type { HostState } from './host-memory.ts';
import { type HostNote, type KeptNote, noteFields } from './host-notes.ts';
import type { KnownHosts } from './known-hosts.ts';

/** `documented` and answering, documented but silent, documented but probed by no scan, answering but undocumented. */
export const KNOWN_STATES = [
  'documented',
  'documented-silent',
  'documented-unasked',
  'undocumented',
] as const;
export type KnownState = (typeof KNOWN_STATES)[number];

export interface ListedHost {
  readonly address: string;
  readonly key: string;
  /** Null for a documented host that no scan has probed. */
  readonly host: InventoryHost | null;
  /** Null without known hosts, and for a host that is neither documented nor answering. */
  readonly known: KnownState | null;
  /** Of the known hosts' file, and of the note for what the file leaves open. */
  readonly fields: Readonly<Record<string, string>>;
  /** What people wrote about it; null for nothing. */
  readonly note: HostNote | null;
}

/**
 * The hosts with what is known of them, and documented hosts that no scan has probed. The file has the last word: a note
 * adds what the file does not say, and can document a host that the file does not list.
 * @param hosts in any state, or a silent one would pass for one that no scan has probed
 * @param known undefined without known hosts
 * @param notes of the networks of these hosts
 */
export function joinKnownHosts(
  hosts: readonly InventoryHost[],
  known: KnownHosts | undefined,
  notes: readonly KeptNote[],
): ListedHost[] {
  if (known === undefined && notes.length === 0) {
    return hosts.map((host) => joinedHost(host, undefined, null));
  }
  const noted = new Map(notes.map((note) => [`${note.network} ${note.key}`, note]));
  const joined = hosts.map((host) =>
    joinedHost(host, known, noted.get(`${host.network} ${host.key}`) ?? null),
  );
  const seen = new Set(joined.map(({ key }) => key));
  const count = joined.length;
  const unasked = (
    address: string,
    key: string,
    fields: ListedHost['fields'],
    note: HostNote | null,
  ) => {
    if (!seen.has(key)) {
      joined.push({ address, key, host: null, known: 'documented-unasked', fields, note });
    }
    seen.add(key);
  };
  const byKey = new Map(notes.map((note) => [note.key, note]));
  for (const { address, key, fields } of known?.byKey.values() ?? []) {
    const note = byKey.get(key) ?? null;
    unasked(address, key, note === null ? fields : { ...noteFields(note), ...fields }, note);
  }
  for (const note of notes) {
    if (note.known === true) unasked(note.text, note.key, noteFields(note), note);
  }
  if (known === undefined && joined.length === count) return joined;
  return joined.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** One host with what is known of it. @param known undefined without known hosts */
export function joinedHost(
  host: InventoryHost,
  known: KnownHosts | undefined,
  note: HostNote | null,
): ListedHost {
  const { address, key } = host;
  const row = known?.byKey.get(key);
  const isDocumented = row !== undefined || note?.known === true;
  const isKnown = known !== undefined || (note !== null && note.known !== null);
  const fields = row?.fields ?? {};
  return {
    address,
    key,
    host,
    known: isKnown ? knownState(isDocumented, host.state) : null,
    fields: note === null ? fields : { ...noteFields(note), ...fields },
    note,
  };
}

/** Names of the fields that hosts may have: the file's columns, then those that only notes have. */
export function fieldColumns(
  known: KnownHosts | undefined,
  hosts: readonly Pick<ListedHost, 'note'>[],
): string[] {
  const columns = new Set(known?.columns);
  for (const { note } of hosts) {
    if (note !== null) for (const field of Object.keys(noteFields(note))) columns.add(field);
  }
  return [...columns];
}

function knownState(isDocumented: boolean, state: HostState): KnownState | null {
  const isUp = state === 'up' || state === 'missing';
  if (isDocumented && state === 'unasked') return 'documented-unasked';
  if (isDocumented) return isUp ? 'documented' : 'documented-silent';
  return isUp ? 'undocumented' : null;
}
