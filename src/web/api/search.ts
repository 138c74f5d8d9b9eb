/** The route of the search over all networks. */

import { z } from 'zod';
import { MS_A_DAY, MS_A_MINUTE } from '../../durations.ts';
import { documentedIn, isDocumented } from '../../inventory/documented.ts';
import { EVER_UP, hostsAt } from '../../inventory/host-list.ts';
import { HOST_STATES } from '../../inventory/host-memory.ts';
import { hostNotes } from '../../inventory/host-notes.ts';
import { type HostSearch, readSearch } from '../../inventory/host-search.ts';
import { type HostOrder, hostOrder } from '../../inventory/host-window.ts';
import { type NetworkSnapshot, networkSnapshot } from '../../inventory/network-snapshot.ts';
import { vendorOf } from '../../mac-vendor.ts';
import type { Inventory } from '../../service/inventory.ts';
import { hostAnswer, hostOf } from './host-answer.ts';
import { PART } from './lists.ts';
import { type Route, route } from './route.ts';

const KINDS = ['address', 'name', 'mac', 'vendor', 'free', 'unseen'] as const;
type Kind = (typeof KINDS)[number];
type Host = z.output<typeof hostAnswer>;

export const SEARCH_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/search',
    role: 'view',
    summary:
      'Finds an address, a part of a name, a MAC address in any writing, a vendor, `free in office`, or `unseen 90d`.',
    query: z.object({ q: z.string().min(1).max(200), limit: PART.limit }),
    answer: z.object({
      kind: z.enum(KINDS).describe('What the text was taken for.'),
      items: z.array(hostAnswer).describe('By network and address.'),
      total: z.int().describe('Hosts that match, also those beyond the limit.'),
    }),
    handle: async ({ inventory, query: { q, limit } }) => {
      const names = inventory.networks.map(({ name }) => name);
      return find(inventory, readSearch(q, names), limit);
    },
  }),
];

async function find(
  inventory: Inventory,
  search: HostSearch,
  limit: number,
): Promise<{ kind: Kind; items: Host[]; total: number }> {
  const { store, questions, networks } = inventory;
  const known = await questions.knownHosts();
  const names = networks.map(({ name }) => name);
  if (search.kind === 'address') {
    const hosts = hostsAt(store, search.key).filter(({ network }) => names.includes(network));
    const items = hosts.map((host) => hostOf(store, host, known));
    return { kind: 'address', items, total: items.length };
  }
  const items: Host[] = [];
  let total = 0;
  const only = 'network' in search ? search.network : undefined;
  for (const name of names.filter((each) => only === undefined || each === only)) {
    const snapshot = await networkSnapshot(store, name);
    const places = await placesOf(inventory, snapshot, search, known);
    total += places.length;
    for (const place of places.slice(0, limit - items.length)) {
      items.push(hostOf(store, snapshot.hostAt(place), known));
    }
  }
  return { kind: kindOf(search, items), items, total };
}

async function placesOf(
  { store }: Inventory,
  snapshot: NetworkSnapshot,
  search: Exclude<HostSearch, { kind: 'address' }>,
  known: Awaited<ReturnType<Inventory['questions']['knownHosts']>>,
): Promise<readonly number[]> {
  const order = { sort: 'address', isDescending: false } as const satisfies Partial<HostOrder>;
  switch (search.kind) {
    case 'unseen': {
      const since = new Date(Math.floor(Date.now() / MS_A_MINUTE) * MS_A_MINUTE);
      const unseenSince = new Date(since.getTime() - search.days * MS_A_DAY);
      return [...(await hostOrder(snapshot, { ...order, states: EVER_UP, unseenSince }))];
    }
    case 'free': {
      const documented = documentedIn(store, snapshot.network, known);
      const silent = await hostOrder(snapshot, { ...order, states: ['silent', 'gone'] });
      return [...silent].filter((place) => !isDocumented(documented, snapshot.columns.key[place]!));
    }
    default: {
      const text = search.text.toLowerCase();
      const noted = hostNotes(store, [snapshot.network]).filter(({ name, owner, note, tags }) =>
        [name, owner, note, ...tags].some((value) => value?.toLowerCase().includes(text)),
      );
      const textKeys = new Set(noted.map(({ key }) => key));
      const states = HOST_STATES.filter((state) => state !== 'unasked');
      return [...(await hostOrder(snapshot, { ...order, states, text, textKeys }))].filter(
        (place) =>
          snapshot.columns.state[place] !== 'silent' || textKeys.has(snapshot.columns.key[place]!),
      );
    }
  }
}

/** A text may be of a name or of a vendor: the first host says which. */
function kindOf(search: HostSearch, [first]: readonly Host[]): Kind {
  if (search.kind !== 'text') return search.kind;
  const text = search.text.toLowerCase();
  const isVendor =
    first !== undefined &&
    first.hostname?.toLowerCase().includes(text) !== true &&
    vendorOf(first.mac)?.toLowerCase().includes(text) === true;
  return isVendor ? 'vendor' : 'name';
}
