/** What people wrote about addresses: a layer on top of the known hosts' file, which no scan touches. */

import type { ReadAddress } from '../address.ts';
import { dateOrNull, placeholders, type SqlRow, type SqlValue } from './database.ts';
import type { Store } from './store.ts';

/** What people wrote about an address of a network. */
export interface HostNote {
  readonly name: string | null;
  readonly owner: string | null;
  readonly note: string | null;
  readonly tags: readonly string[];
  /** Whether the host should be there; null if no person said. */
  readonly known: boolean | null;
  /** Its changes send no notifications before this moment. */
  readonly mutedUntil: Date | null;
  /** Its own count of missed scans until it is gone. */
  readonly goneAfter: number | null;
}

export interface KeptNote extends HostNote, ReadAddress {
  readonly network: string;
  readonly changedAt: Date;
  readonly changedBy: string;
}

/** Fields that are undefined stay as they are. */
export type NoteEdit = { readonly [Field in keyof HostNote]?: HostNote[Field] | undefined };

const NO_NOTE: HostNote = {
  name: null,
  owner: null,
  note: null,
  tags: [],
  known: null,
  mutedUntil: null,
  goneAfter: null,
};

const COLUMNS = `n.name AS network, w.key, w.address, w.name, w.owner, w.note, w.tags, w.known, w.muted_until, w.gone_after,
  w.changed_at, w.changed_by`;
const FROM = 'host_notes w JOIN networks n ON n.id = w.network';

/** Of some networks, or of all, by network and address. */
export function hostNotes({ database }: Store, networks?: readonly string[]): KeptNote[] {
  const ofNetworks = networks === undefined ? '' : `WHERE n.name IN (${placeholders(networks)})`;
  return database
    .prepare(`SELECT ${COLUMNS} FROM ${FROM} ${ofNetworks} ORDER BY n.name, w.key`)
    .all(...(networks ?? []))
    .map(noteOf);
}

/** Of one address in one network. @param key as `readAddress` makes it */
export function hostNote({ database }: Store, network: string, key: string): KeptNote | undefined {
  const row = database
    .prepare(`SELECT ${COLUMNS} FROM ${FROM} WHERE n.name = ? AND w.key = ?`)
    .get(network, key);
  return row === undefined ? undefined : noteOf(row);
}

/**
 * Writes fields of a note; one without any field left is forgotten. To be called in a transaction.
 * @param by the person
 * @returns the note as it is now
 */
export function editNote(
  store: Store,
  network: string,
  { key, text }: ReadAddress,
  edit: NoteEdit,
  by: string,
  now: Date,
): HostNote {
  const { database } = store;
  const { id } = database
    .prepare(
      'INSERT INTO networks (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = name RETURNING id',
    )
    .get(network)!;
  const before = hostNote(store, network, key) ?? NO_NOTE;
  const after = edited(before, edit);
  const values = valuesOf(after);
  if (values.every((value) => value === null)) {
    database.prepare('DELETE FROM host_notes WHERE network = ? AND key = ?').run(id!, key);
  } else {
    database
      .prepare(
        `INSERT INTO host_notes (network, key, address, name, owner, note, tags, known, muted_until, gone_after,
           changed_at, changed_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (network, key) DO UPDATE SET name = excluded.name, owner = excluded.owner, note = excluded.note,
           tags = excluded.tags, known = excluded.known, muted_until = excluded.muted_until,
           gone_after = excluded.gone_after, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
      )
      .run(id!, key, text, ...values, now.getTime(), by);
  }
  return after;
}

/** Counts of missed scans until a host is gone, by address, for hosts with a count of their own. */
export function goneAfterByKey({ database }: Store, networkId: number): Map<string, number> {
  const rows = database
    .prepare('SELECT key, gone_after FROM host_notes WHERE network = ? AND gone_after IS NOT NULL')
    .all(networkId);
  return new Map(rows.map((row) => [String(row['key']), Number(row['gone_after'])]));
}

/** The fields that a person gave, by the names of the known hosts' columns. */
export function noteFields({ name, owner, note, tags }: HostNote): Record<string, string> {
  const fields = { name, owner, note, tags: tags.join() || null };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, value]) => (value === null ? [] : [[field, value]])),
  );
}

function edited(before: HostNote, edit: NoteEdit): HostNote {
  const pick = <Field extends keyof HostNote>(field: Field): HostNote[Field] => {
    const value = edit[field] as HostNote[Field] | undefined;
    return value === undefined ? before[field] : value;
  };
  return {
    name: pick('name'),
    owner: pick('owner'),
    note: pick('note'),
    tags: [...new Set(pick('tags'))],
    known: pick('known'),
    mutedUntil: pick('mutedUntil'),
    goneAfter: pick('goneAfter'),
  };
}

function valuesOf(note: HostNote): SqlValue[] {
  const { name, owner, tags, known, mutedUntil, goneAfter } = note;
  return [
    name,
    owner,
    note.note,
    tags.join() || null,
    known === null ? null : Number(known),
    mutedUntil?.getTime() ?? null,
    goneAfter,
  ];
}

function noteOf(row: SqlRow): KeptNote {
  const text = (column: string): string | null => row[column] as string | null;
  return {
    network: String(row['network']),
    key: String(row['key']),
    text: String(row['address']),
    name: text('name'),
    owner: text('owner'),
    note: text('note'),
    tags: text('tags')?.split(',') ?? [],
    known: row['known'] === null ? null : row['known'] === 1,
    mutedUntil: dateOrNull(row['muted_until']),
    goneAfter: row['gone_after'] as number | null,
    changedAt: new Date(Number(row['changed_at'])),
    changedBy: String(row['changed_by']),
  };
}
