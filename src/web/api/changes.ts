/** Routes of changes: one feed over all networks, and which of them a person has acknowledged. */

import { z } from 'zod';
import { readAddress } from '../../address.ts';
import {
  acknowledge,
  changeFeed,
  changeIds,
  countChanges,
  type FeedChange,
  type FeedFilter,
  MOST_COUNTED,
} from '../../inventory/change-feed.ts';
import { CHANGE_KINDS, CHANGE_SEVERITIES, SEVERITIES } from '../../inventory/host-memory.ts';
import type { Inventory } from '../../service/inventory.ts';
import { requestInvalid } from './api-error.ts';
import { isoField, isoTime, listOf, momentField, momentOf, PART, wordsField } from './lists.ts';
import { type Route, route } from './route.ts';

const change = z.object({
  id: z.int().describe('Rises from change to change.'),
  network: z.string(),
  address: z.string(),
  hostname: z.string().nullable().describe('The latest known name.'),
  change: z.enum(CHANGE_KINDS),
  severity: z.enum(SEVERITIES),
  before: z
    .string()
    .nullable()
    .describe('Reason, name, address, MAC address or RTT in ms before, as text.'),
  after: z.string().nullable().describe('The same after.'),
  reason: z.string().nullable().describe('Why the host answers, or does not, if that is known.'),
  responder: z.string().nullable().describe('Address that sent the ICMP error, if not the host.'),
  seen_at: isoField,
  acknowledged_at: isoField.nullable(),
  acknowledged_by: z.string().nullable(),
});

const changeList = listOf(change).extend({
  total: z.int().describe(`Changes of the whole list; ${MOST_COUNTED} if there are more.`),
});

const FILTER = {
  network: z.string().max(2000).optional().describe('Names, commas between.'),
  kind: wordsField(CHANGE_KINDS),
  severity: wordsField(SEVERITIES),
  since: momentField,
  until: momentField,
  unread: z.enum(['true', 'false']).optional().describe('`true`: only what is not acknowledged.'),
  address: z.string().max(100).optional(),
};
const filter = z.object(FILTER);

export const CHANGE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/changes',
    role: 'view',
    summary: 'Lists the changes of all networks, newest first, part by part.',
    query: z.object({ ...PART, ...FILTER }),
    answer: changeList,
    handle: async ({ inventory, query }) => {
      const { limit, cursor } = query;
      return feedOf(inventory, feedFilter(inventory, query), limit, cursor);
    },
  }),
  route({
    method: 'GET',
    path: '/networks/{name}/hosts/{address}/changes',
    role: 'view',
    summary: 'Lists the changes of a host, newest first, part by part.',
    params: z.object({ name: z.string(), address: z.string() }),
    query: z.object({ ...PART, ...FILTER }),
    answer: changeList,
    handle: async ({ inventory, params: { name, address }, query }) => {
      const { limit, cursor } = query;
      const own = { ...query, network: name, address };
      return feedOf(inventory, feedFilter(inventory, own), limit, cursor);
    },
  }),
  route({
    method: 'POST',
    path: '/changes/acknowledge',
    role: 'edit',
    summary: 'Acknowledges changes, for all people, or takes that back.',
    body: z.union([
      z.strictObject({
        ids: z.array(z.int().min(1)).min(1).max(10_000),
        undo: z.boolean().optional(),
      }),
      z.strictObject({
        filter: filter.strict().describe('As in the query of the feed.'),
        through: z.int().min(1).describe('The newest change that the person has seen.'),
        undo: z.boolean().optional(),
      }),
    ]),
    answer: z.object({
      ids: z.array(z.int()).describe('Changes that are now otherwise than before, for an undo.'),
    }),
    handle: async ({ inventory, body, person, write }) => {
      const { store, networks } = inventory;
      const ids =
        'ids' in body
          ? body.ids
          : await changeIds(store, feedFilter(inventory, body.filter), body.through);
      const acknowledgement = body.undo === true ? undefined : { at: new Date(), by: person.user };
      const names = networks.map(({ name }) => name);
      return {
        ids: await acknowledge(store, ids, names, acknowledgement, write),
      };
    },
  }),
];

async function feedOf(
  { store }: Inventory,
  wanted: FeedFilter,
  limit: number,
  cursor: string | undefined,
) {
  const before = cursor === undefined ? undefined : Number(cursor);
  if (before !== undefined && !Number.isSafeInteger(before)) {
    throw requestInvalid('the cursor is none of this list', 'begin without one');
  }
  const items = await changeFeed(store, wanted, limit + 1, before);
  const hasMore = items.length > limit;
  if (hasMore) items.length = limit;
  return {
    items: items.map(changeOf),
    next: hasMore ? String(items.at(-1)!.id) : null,
    total: await countChanges(store, wanted),
  };
}

function feedFilter(inventory: Inventory, query: z.output<typeof filter>): FeedFilter {
  const now = new Date();
  const names = inventory.networks.map(({ name }) => name);
  const wanted = query.network ? query.network.split(',') : names;
  const { severity, kind = CHANGE_KINDS } = query;
  const kinds = kind.filter((each) => severity?.includes(CHANGE_SEVERITIES[each]) ?? true);
  return {
    networks: names.filter((name) => wanted.includes(name)),
    kinds: kinds.length === CHANGE_KINDS.length ? undefined : kinds,
    since: momentOf(query.since, 'since', now),
    until: momentOf(query.until, 'until', now),
    key: query.address === undefined ? undefined : keyOf(query.address),
    isUnread: query.unread === 'true',
  };
}

function keyOf(address: string): string {
  const key = readAddress(address)?.key;
  if (key !== undefined) return key;
  throw requestInvalid(`${JSON.stringify(address)} is not an address`, 'write it as 192.0.2.1');
}

/** Changes whose values are reasons. */
const OF_REASONS: readonly FeedChange['kind'][] = ['new', 'gone', 'back', 'reason-changed'];

function changeOf(entry: FeedChange): z.output<typeof change> {
  const { kind, after } = entry;
  return {
    id: entry.id,
    network: entry.network,
    address: entry.address,
    hostname: entry.hostname,
    change: kind,
    severity: CHANGE_SEVERITIES[kind],
    before: entry.before || null,
    after: after || null,
    reason: OF_REASONS.includes(kind) ? after || null : null,
    responder: entry.responder,
    seen_at: entry.seenAt!.toISOString(),
    acknowledged_at: isoTime(entry.acknowledgedAt),
    acknowledged_by: entry.acknowledgedBy,
  };
}
