/** Routes of hosts: windows of a network's hosts, everything about one, and what people write about it. */

import { z } from 'zod';
import { type ReadAddress, readAddress } from '../../address.ts';
import { MS_A_DAY, MS_A_MINUTE } from '../../durations.ts';
import { documentedIn, isAnyDocumented, isDocumented } from '../../inventory/documented.ts';
import { hostFacts } from '../../inventory/host-facts.ts';
import { EVER_UP, hostsAt } from '../../inventory/host-list.ts';
import { HOST_STATES } from '../../inventory/host-memory.ts';
import { editNote, hostNotes } from '../../inventory/host-notes.ts';
import { hostOrder, SORTS } from '../../inventory/host-window.ts';
import type { KnownHosts } from '../../inventory/known-hosts.ts';
import { type NetworkSnapshot, networkSnapshot } from '../../inventory/network-snapshot.ts';
import { hoursOf, type ReplyFigures, replyDaysOf } from '../../inventory/reply-history.ts';
import type { Store } from '../../inventory/store.ts';
import { notFound, requestInvalid } from './api-error.ts';
import { HOST_FIELDS, hostAnswer, hostOf, noteAnswer, noteOf } from './host-answer.ts';
import {
  isoField,
  isoTime,
  listOf,
  momentField,
  momentOf,
  PART,
  whole,
  wordsField,
} from './lists.ts';
import { type Route, route } from './route.ts';

const ofNetwork = z.object({ name: z.string() });
const ofHost = z.object({ name: z.string(), address: z.string() });

const had = z.object({
  value: z.string(),
  first_seen: isoField.nullable(),
  last_seen: isoField.nullable(),
});

const hostFactsAnswer = z.object({
  ...HOST_FIELDS,
  misses: z.int().describe('Scans in a row without an answer.'),
  names: z.array(had).describe('Names that it has or had, newest first.'),
  macs: z.array(had).describe('MAC addresses that it has or had, newest first.'),
  addresses: z.array(had).describe('Other addresses of its MAC address in the network.'),
  conflicts: z
    .array(z.object({ macs: z.tuple([z.string(), z.string()]), at: isoField }))
    .describe('Pairs of MAC addresses that answered at the same time, newest first.'),
});

const span = z.object({
  from: isoField.describe('Its first moment.'),
  asked: z.int().describe('Scans that probed the host.'),
  up: z.int().describe('Scans that it answered.'),
  sent: z.int().nullable().describe('Probes; null if the scans did not say.'),
  received: z.int().nullable().describe('Replies.'),
  loss_pct: z.number().nullable().describe('Share of the probes without a reply.'),
  rtt_min_ms: z.number().nullable(),
  rtt_median_ms: z.number().nullable(),
  rtt_p95_ms: z.number().nullable(),
  rtt_max_ms: z.number().nullable(),
  jitter_ms: z
    .number()
    .nullable()
    .describe('Mean difference between successive replies of a scan; null if no scan got two.'),
});

const TAG = /^[^,\s]{1,50}$/;
/** SQLite lets a library end a text at it: https://www.sqlite.org/nulinstr.html */
const hasNoNul = (value: string): boolean => !value.includes('\0');
const NUL = 'no character NUL';

const noteBody = z
  .strictObject({
    name: text(200),
    owner: text(200),
    note: text(4000),
    tags: z
      .array(z.string().regex(TAG, 'no commas and blanks').refine(hasNoNul, NUL))
      .max(50)
      .nullable(),
    known: z.boolean().nullable(),
    muted_until: z.iso.datetime({ offset: true }).nullable(),
    gone_after: z.int().min(1).max(1000).nullable(),
  })
  .partial()
  .describe('A field that is left out stays as it is; null clears it.');

function text(most: number) {
  return z
    .string()
    .max(most)
    .refine(hasNoNul, NUL)
    .nullable()
    .transform((value) => value?.trim() || null);
}

export const HOST_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/networks/{name}/hosts',
    role: 'view',
    summary: 'Lists hosts of a network in any order, part by part.',
    params: ofNetwork,
    query: z.object({
      ...PART,
      offset: z.coerce
        .number()
        .int()
        .min(0)
        .optional()
        .describe('Items before the part, instead of a cursor.'),
      containing: z
        .string()
        .max(100)
        .optional()
        .describe(
          'An address: of parts of `limit` items each, the one that has it. If none has, `offset` counts.',
        ),
      state: wordsField(HOST_STATES).describe(
        'States, commas between; by default those of hosts that have ever answered.',
      ),
      q: z
        .string()
        .max(200)
        .optional()
        .describe(
          'A part of the address, name, MAC address, vendor, or of what people wrote about the host.',
        ),
      unseen: momentField.describe('Last seen before: `90d` for 90 days ago.'),
      tag: z.string().max(50).optional().describe('A tag that people gave.'),
      conflict: z.enum(['true']).optional().describe('Only addresses that two hosts answer for.'),
      undocumented: z
        .enum(['true'])
        .optional()
        .describe('Only hosts that are up or missing and not documented.'),
      sort: z.enum(SORTS).default('address'),
      order: z.enum(['asc', 'desc']).default('asc'),
    }),
    answer: listOf(hostAnswer),
    handle: async ({ inventory: { store, questions }, params: { name }, query }) => {
      const snapshot = await networkSnapshot(store, name);
      const known = await questions.knownHosts();
      const ordered = await hostOrder(snapshot, {
        states: query.state ?? EVER_UP,
        text: query.q,
        textKeys: query.q ? keysOfText(store, name, query.q) : undefined,
        keys: query.tag === undefined ? undefined : keysOfTag(store, name, query.tag),
        unseenSince: momentOf(query.unseen, 'unseen', thisMinute()),
        isConflict: query.conflict === 'true',
        sort: query.sort,
        isDescending: query.order === 'desc',
      });
      const places =
        query.undocumented === 'true' ? undocumented(store, snapshot, ordered, known) : ordered;
      const start = startOfPart(snapshot, places, query) ?? query.offset ?? offsetOf(query.cursor);
      const end = Math.min(places.length, start + query.limit);
      return {
        items: [...places.subarray(start, end)].map((place) =>
          hostOf(store, snapshot.hostAt(place), known),
        ),
        next: end < places.length ? String(end) : null,
        total: places.length,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/hosts/{address}',
    role: 'view',
    summary: 'Shows everything about a host, in each network that has it.',
    params: z.object({ address: z.string() }),
    query: z.object({ network: z.string().optional() }),
    answer: listOf(hostFactsAnswer),
    handle: async ({ inventory: { store, questions, networks }, params, query }) => {
      const { key } = readKey(params.address);
      const known = await questions.knownHosts();
      const configured = new Set(networks.map(({ name }) => name));
      const hosts = hostsAt(store, key).filter(
        ({ network }) =>
          configured.has(network) && (query.network === undefined || network === query.network),
      );
      return whole(
        hosts.map((host) => {
          const facts = hostFacts(store, host);
          return {
            ...hostOf(store, host, known),
            misses: host.misses,
            names: facts.names.map(hadOf),
            macs: facts.macs.map(hadOf),
            addresses: facts.addresses.map(hadOf),
            conflicts: facts.conflicts.map(({ macs, at }) => ({
              macs: [...macs] as [string, string],
              at: at.toISOString(),
            })),
          };
        }),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/networks/{name}/hosts/{address}/days',
    role: 'view',
    summary: 'Sums up the days (UTC) of a host.',
    params: ofHost,
    query: z.object({ since: momentField }).loose(),
    answer: listOf(span),
    handle: async ({ inventory: { store }, params: { name, address }, query }) => {
      const { key } = readHost(store, name, address);
      return whole((await replyDaysOf(store, name, key, sinceOf(query.since, 90))).map(spanOf));
    },
  }),
  route({
    method: 'GET',
    path: '/networks/{name}/hosts/{address}/hours',
    role: 'view',
    summary: 'Sums up the hours of a host, which are kept for 14 days.',
    params: ofHost,
    query: z.object({ since: momentField }).loose(),
    answer: listOf(span),
    handle: async ({ inventory: { store }, params: { name, address }, query }) => {
      const { key } = readHost(store, name, address);
      return whole((await hoursOf(store, name, key, sinceOf(query.since, 2))).map(spanOf));
    },
  }),
  route({
    method: 'PATCH',
    path: '/networks/{name}/hosts/{address}/note',
    role: 'edit',
    summary: 'Writes about an address, also one where no host has answered yet.',
    params: ofHost,
    body: noteBody,
    answer: noteAnswer,
    handle: async ({ inventory: { store }, params: { name, address }, body, person, write }) => {
      const host = readKey(address);
      const { tags, muted_until: muted } = body;
      const edit = {
        name: body.name,
        owner: body.owner,
        note: body.note,
        tags: tags === null ? [] : tags,
        known: body.known,
        mutedUntil: typeof muted === 'string' ? new Date(muted) : muted,
        goneAfter: body.gone_after,
      };
      const note = await write(() => editNote(store, name, host, edit, person.user, new Date()));
      return noteOf(note);
    },
  }),
];

function readKey(address: string): ReadAddress {
  const host = readAddress(address);
  if (host !== undefined) return host;
  throw requestInvalid(`${JSON.stringify(address)} is not an address`, 'write it as 192.0.2.1');
}

function readHost(store: Store, network: string, address: string): ReadAddress {
  const host = readKey(address);
  if (hostsAt(store, host.key).some((each) => each.network === network)) return host;
  throw notFound(`host ${host.text} in ${network}`, `see /api/v1/networks/${network}/hosts`);
}

/** So that windows of one list are in the same order. */
function thisMinute(): Date {
  return new Date(Math.floor(Date.now() / MS_A_MINUTE) * MS_A_MINUTE);
}

function sinceOf(since: string | undefined, days: number): Date {
  const now = new Date();
  return momentOf(since, 'since', now) ?? new Date(now.getTime() - days * MS_A_DAY);
}

function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const offset = Number(cursor);
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw requestInvalid('the cursor is none of this list', 'begin without one');
}

function startOfPart(
  { columns }: NetworkSnapshot,
  places: Uint32Array,
  { containing, limit }: { readonly containing?: string | undefined; readonly limit: number },
): number | undefined {
  if (containing === undefined) return undefined;
  const item = places.indexOf(columns.key.indexOf(readKey(containing).key));
  return item < 0 ? undefined : item - (item % limit);
}

function keysOfText(store: Store, network: string, part: string): ReadonlySet<string> {
  const wanted = part.toLowerCase();
  const notes = hostNotes(store, [network]).filter(({ name, owner, note, tags }) =>
    [name, owner, note, ...tags].some((value) => value?.toLowerCase().includes(wanted)),
  );
  return new Set(notes.map(({ key }) => key));
}

/** Those that the summary of the network counts as unknown. */
function undocumented(
  store: Store,
  snapshot: NetworkSnapshot,
  places: Uint32Array,
  known: KnownHosts | undefined,
): Uint32Array {
  const documented = documentedIn(store, snapshot.network, known);
  if (!isAnyDocumented(documented)) return new Uint32Array();
  const { key, state } = snapshot.columns;
  return places.filter(
    (place) =>
      (state[place] === 'up' || state[place] === 'missing') &&
      !isDocumented(documented, key[place]!),
  );
}

function keysOfTag(store: Store, network: string, tag: string): ReadonlySet<string> {
  const notes = hostNotes(store, [network]).filter(({ tags }) => tags.includes(tag));
  return new Set(notes.map(({ key }) => key));
}

function hadOf({ value, firstSeen, lastSeen }: ReturnType<typeof hostFacts>['names'][number]) {
  return { value, first_seen: isoTime(firstSeen), last_seen: isoTime(lastSeen) };
}

function spanOf(figures: ReplyFigures): z.output<typeof span> {
  const { from, asked, up, sent, received } = figures;
  return {
    from: from.toISOString(),
    asked,
    up,
    sent,
    received,
    loss_pct: sent === null ? null : (100 * (sent - Math.min(sent, received!))) / sent,
    rtt_min_ms: figures.rttMinMs,
    rtt_median_ms: figures.rttMedianMs,
    rtt_p95_ms: figures.rttP95Ms,
    rtt_max_ms: figures.rttMaxMs,
    jitter_ms: figures.jitterMs,
  };
}
