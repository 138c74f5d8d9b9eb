/** A host as the API answers it, and what people write about it. */

import { z } from 'zod';
import type { InventoryHost } from '../../inventory/host-list.ts';
import { HOST_STATES } from '../../inventory/host-memory.ts';
import { type HostNote, hostNote } from '../../inventory/host-notes.ts';
import type { KnownHosts } from '../../inventory/known-hosts.ts';
import { joinedHost, KNOWN_STATES } from '../../inventory/known-hosts-join.ts';
import type { Store } from '../../inventory/store.ts';
import { vendorOf } from '../../mac-vendor.ts';
import { isoField, isoTime } from './lists.ts';

export const noteAnswer = z.object({
  name: z.string().nullable(),
  owner: z.string().nullable(),
  note: z.string().nullable(),
  tags: z.array(z.string()),
  known: z
    .boolean()
    .nullable()
    .describe('Whether the host should be there; null if no person said.'),
  muted_until: isoField.nullable().describe('Its changes send no notifications before.'),
  gone_after: z.int().nullable().describe('Its own count of missed scans until it is gone.'),
});

/** The fields of a host, with the names that JSON Lines has. */
export const HOST_FIELDS = {
  network: z.string(),
  address: z.string(),
  hostname: z.string().nullable().describe('The latest known name.'),
  state: z.enum(HOST_STATES),
  reason: z.string().nullable().describe('Of the latest scan that said something about it.'),
  rtt_ms: z.number().nullable().describe('RTT of its latest reply.'),
  mac: z.string().nullable(),
  other_mac: z.string().nullable().describe('Of a second host that answers for the address.'),
  vendor: z.string().nullable(),
  first_seen: isoField.nullable(),
  last_seen: isoField.nullable(),
  last_change: isoField.nullable(),
  known: z.enum(KNOWN_STATES).nullable(),
  fields: z
    .record(z.string(), z.string())
    .describe('Of the known hosts; of the note for what these do not say.'),
  note: noteAnswer.nullable().describe('What people wrote about it.'),
};

export const hostAnswer = z.object(HOST_FIELDS);

/** @param known undefined without known hosts */
export function hostOf(
  store: Store,
  host: InventoryHost,
  known: KnownHosts | undefined,
): z.output<typeof hostAnswer> {
  const note = hostNote(store, host.network, host.key) ?? null;
  const { known: knownState, fields } = joinedHost(host, known, note);
  return {
    network: host.network,
    address: host.address,
    hostname: host.hostname,
    state: host.state,
    reason: host.reason,
    rtt_ms: host.rttMs,
    mac: host.mac,
    other_mac: host.otherMac,
    vendor: vendorOf(host.mac),
    first_seen: isoTime(host.firstSeen),
    last_seen: isoTime(host.lastSeen),
    last_change: isoTime(host.lastChange),
    known: knownState,
    fields: { ...fields },
    note: note === null ? null : noteOf(note),
  };
}

export function noteOf(note: HostNote): z.output<typeof noteAnswer> {
  return {
    name: note.name,
    owner: note.owner,
    note: note.note,
    tags: [...note.tags],
    known: note.known,
    muted_until: isoTime(note.mutedUntil),
    gone_after: note.goneAfter,
  };
}
