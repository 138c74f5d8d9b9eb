/** The routes over the store: what they answer about real scans, each held to its schema. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { z } from 'zod';
import type { ScannedHost } from '../../../src/inventory/host-writer.ts';
import { writeScan } from '../../../src/inventory/scan-writer.ts';
import { keepHearing } from '../../../src/inventory/site-agents.ts';
import { ROUTES } from '../../../src/web/api/routes.ts';
import { RULES, recordOf, silentAt, upAt, writeOffice } from '../inventory/samples.ts';
import { Served } from './served.ts';

const MS_AN_HOUR = 3_600_000;
/** Scans of the latest hours, so that whatever is new or unread is so whenever this runs. */
const SCANS = 6;
const START = Math.floor(Date.now() / MS_AN_HOUR) * MS_AN_HOUR - SCANS * MS_AN_HOUR;

let served: Served;
let headers: Record<string, string>;

before(async () => {
  served = await Served.start();
  headers = { cookie: await served.signIn() };
  for (let n = 0; n < SCANS; n++) {
    const startedAt = new Date(START + n * MS_AN_HOUR);
    const hosts: ScannedHost[] = [
      upAt('192.0.2.1', n, { hostname: 'router.example', mac: '00:00:5e:00:53:01' }),
      n < 2 ? upAt('192.0.2.2', n, { hostname: `n-${n}.example` }) : silentAt('192.0.2.2', n),
      n < 3
        ? silentAt('192.0.2.3', n)
        : upAt('192.0.2.3', n, {
            hostname: 'Printer.example',
            rttsMs: [2, 4, 3],
            rttAvgMs: 3,
            sent: 4,
            received: 3,
          }),
      upAt('192.0.2.4', n, {
        mac: '00:00:5e:00:53:04',
        otherMac: n > 3 ? '00:00:5e:00:53:05' : null,
      }),
      silentAt('192.0.2.6', n),
    ];
    writeScan(served.store, {
      network: 'office',
      record: recordOf(n, { startedAt, endedAt: startedAt, targets: 5 }),
      hosts: hosts.map((host) => ({ ...host, startedAt })),
      rules: RULES,
    });
  }
});
after(() => served.close());

/** Asks, and holds the answer to the schema of its route. */
async function ask<Answer>(
  method: string,
  path: string,
  route: string,
  body?: unknown,
): Promise<Answer> {
  const { status, json, text } = await served.ask(`/api/v1${path}`, { method, headers, body });
  assert.equal(status, 200, text);
  const { schemas } = ROUTES.find((each) => each.method === method && each.path === route)!;
  const strict = schemas.answer as z.ZodObject;
  return (strict.strict?.() ?? strict).parse(json) as Answer;
}

interface HostLine {
  readonly address: string;
  readonly state: string;
  readonly note: { readonly owner: string | null; readonly tags: string[] } | null;
}
type HostList = { items: HostLine[]; next: string | null; total: number };

const hosts = (query: string): Promise<HostList> =>
  ask('GET', `/networks/office/hosts?${query}`, '/networks/{name}/hosts');
const addresses = ({ items }: HostList): string[] => items.map(({ address }) => address);

test('a site is listed with its networks, and its agents with what is wrong with them', async () => {
  const sites = () => ask<{ items: unknown[] }>('GET', '/sites', '/sites');
  assert.deepEqual((await sites()).items, [
    { site: 'paris', state: 'unknown', heard_at: null, networks: ['lab'], agents: [] },
  ]);
  const heardAt = new Date(START);
  const agent = { site: 'paris', agent: 'a1', version: '0.1.0', heardAt, clockOffsetMs: 2500 };
  keepHearing(served.store, {
    agents: [{ ...agent, chunks: 0, unsent: 0, problem: null }],
    listened: { from: heardAt, until: new Date(START + 60_000) },
  });
  served.emit({ type: 'updated' });
  const at = heardAt.toISOString();
  assert.deepEqual((await sites()).items, [
    {
      ...{ site: 'paris', state: 'silent', heard_at: at, networks: ['lab'] },
      agents: [
        {
          ...{ agent: 'a1', state: 'silent', version: '0.1.0', heard_at: at, clock_s: 2.5 },
          ...{ chunks: 0, unsent: 0 },
          doubts: [`not heard of since ${at}`, 'its clock is 2.5 s ahead of ours'],
        },
      ],
    },
  ]);
});

describe('a network', () => {
  test('is summed up with its latest scan, a strip and its subnets', async () => {
    const answer = await ask<Record<string, unknown>>(
      'GET',
      '/networks/office',
      '/networks/{name}',
    );
    assert.deepEqual(answer['hosts'], {
      present: 3,
      missing: 0,
      gone: 1,
      unscanned: 0,
      free: 2,
      new_7d: 1,
      conflicts: 1,
      unknown: 0,
      total: 5,
    });
    assert.equal(answer['used_pct'], 60);
    assert.equal(Buffer.from(String(answer['strip']), 'base64').length, 5);
    assert.deepEqual(answer['subnets'], [
      { subnet: '192.0.2.0/24', total: 5, present: 3, missing: 0, gone: 1, free: 1 },
    ]);
  });

  test('is listed with those that were never scanned', async () => {
    const { items } = await ask<{ items: { name: string; last_scan: unknown }[] }>(
      'GET',
      '/networks',
      '/networks',
    );
    assert.deepEqual(
      items.map(({ name, last_scan: last }) => [name, last === null]),
      [
        ['office', false],
        ['lab', true],
      ],
    );
  });

  test('is drawn as runs and an octet for each address', async () => {
    const map = await ask<{ runs: unknown; cells: string; states: string; total: number }>(
      'GET',
      '/networks/office/map',
      '/networks/{name}/map',
    );
    assert.deepEqual(map.runs, [
      ['192.0.2.1', 4],
      ['192.0.2.6', 1],
    ]);
    assert.deepEqual([...Buffer.from(map.states, 'base64')], [3, 6, 4, 7, 1]);
    assert.equal(Buffer.from(map.cells, 'base64').length, map.total);
  });

  test('has days with scans and changes', async () => {
    const { days } = await ask<{
      days: { scans: number; used: number; changes: Record<string, number> }[];
    }>('GET', '/networks/office/history?since=2d', '/networks/{name}/history');
    assert.equal(
      days.reduce((sum, { scans }) => sum + scans, 0),
      SCANS,
    );
    const changes = days.flatMap((day) => Object.keys(day.changes));
    for (const kind of ['new', 'gone', 'conflict', 'name-changed'])
      assert.ok(changes.includes(kind));
  });
});

describe('the hosts of a network', () => {
  test('come in windows, by offset and by cursor', async () => {
    const all = await hosts('');
    assert.deepEqual(addresses(all), ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']);
    const first = await hosts('limit=3');
    assert.deepEqual([first.total, first.next], [4, '3']);
    assert.deepEqual(addresses(await hosts(`limit=3&cursor=${first.next}`)), ['192.0.2.4']);
    assert.deepEqual(addresses(await hosts('limit=2&offset=1')), ['192.0.2.2', '192.0.2.3']);
  });

  test('can be filtered and sorted', async () => {
    assert.deepEqual(addresses(await hosts('state=gone,silent')), ['192.0.2.2', '192.0.2.6']);
    assert.deepEqual(addresses(await hosts('q=PRINT')), ['192.0.2.3']);
    assert.deepEqual(addresses(await hosts('q=5e-00-53-04')), ['192.0.2.4']);
    assert.deepEqual(addresses(await hosts('conflict=true')), ['192.0.2.4']);
    assert.deepEqual(addresses(await hosts('unseen=3h')), ['192.0.2.2']);
    const byName = ['192.0.2.2', '192.0.2.3', '192.0.2.1', '192.0.2.4'];
    assert.deepEqual(addresses(await hosts('sort=hostname')), byName);
    assert.equal(addresses(await hosts('sort=rtt_ms&order=desc'))[0], '192.0.2.3');
  });

  for (const wrong of ['limit=0', 'limit=1001', 'state=high', 'sort=x', 'unseen=x', 'cursor=x']) {
    test(`refuse ${wrong}`, async () => {
      const { status, text } = await served.ask(`/api/v1/networks/office/hosts?${wrong}`, {
        headers,
      });
      assert.equal(status, 400, text);
    });
  }
});

describe('a host', () => {
  test('has its names, its conflicts and its figures by hour and day', async () => {
    const facts = await ask<{ items: { names: { value: string }[]; conflicts: unknown[] }[] }>(
      'GET',
      '/hosts/192.0.2.2',
      '/hosts/{address}',
    );
    assert.deepEqual(
      facts.items.map(({ names }) => names.map(({ value }) => value)),
      [['n-1.example', 'n-0.example']],
    );
    for (const span of ['hours', 'days']) {
      const route = `/networks/{name}/hosts/{address}/${span}`;
      const { items } = await ask<{ items: Record<string, number>[] }>(
        'GET',
        `/networks/office/hosts/192.0.2.3/${span}?since=2d&limit=1000`,
        route,
      );
      const latest = items.at(-1)!;
      assert.equal(latest['rtt_median_ms'], 3);
      assert.equal(latest['rtt_max_ms'], 4);
      assert.equal(latest['loss_pct'], 25);
      assert.equal(latest['jitter_ms'], 1.5);
    }
  });

  test('has its changes', async () => {
    const { items } = await ask<{ items: { change: string }[] }>(
      'GET',
      '/networks/office/hosts/192.0.2.4/changes',
      '/networks/{name}/hosts/{address}/changes',
    );
    assert.deepEqual(
      items.map(({ change }) => change),
      ['conflict'],
    );
  });

  test('that no scan has seen is no host, but can be written about', async () => {
    const unknown = await ask<{ total: number }>('GET', '/hosts/192.0.2.9', '/hosts/{address}');
    assert.equal(unknown.total, 0);
    const days = await served.ask('/api/v1/networks/office/hosts/192.0.2.9/days', { headers });
    assert.equal(days.status, 404);
    const note = await ask<HostLine['note']>(
      'PATCH',
      '/networks/office/hosts/192.0.2.9/note',
      '/networks/{name}/hosts/{address}/note',
      { owner: 'Ada', tags: ['spare'] },
    );
    assert.equal(note!.owner, 'Ada');
  });

  test('that nobody documented is listed once others are documented', async () => {
    assert.deepEqual(addresses(await hosts('undocumented=true')), []);
    const route = '/networks/{name}/hosts/{address}/note';
    const note = '/networks/office/hosts/192.0.2.1/note';
    await ask('PATCH', note, route, { known: true });
    assert.deepEqual(addresses(await hosts('undocumented=true')), ['192.0.2.3', '192.0.2.4']);
    const network = await ask<{ hosts: { unknown: number } }>(
      'GET',
      '/networks/office',
      '/networks/{name}',
    );
    assert.equal(network.hosts.unknown, 2);
    await ask('PATCH', note, route, { known: null });
  });

  test('keeps what is written about it, field by field', async () => {
    const path = '/networks/office/hosts/192.0.2.1/note';
    const route = '/networks/{name}/hosts/{address}/note';
    await ask('PATCH', path, route, { owner: ' Ada ', tags: ['core'], gone_after: 5 });
    await ask('PATCH', path, route, { note: 'rack 2', gone_after: null });
    const [host] = (await hosts('tag=core')).items;
    assert.equal(host!.address, '192.0.2.1');
    assert.deepEqual(host!.note, {
      name: null,
      owner: 'Ada',
      note: 'rack 2',
      tags: ['core'],
      known: null,
      muted_until: null,
      gone_after: null,
    });
    assert.deepEqual(addresses(await hosts('q=rack')), ['192.0.2.1']);
  });

  for (const body of [
    { tags: ['a,b'] },
    { gone_after: 0 },
    { muted_until: 'soon' },
    { colour: 1 },
  ]) {
    test(`refuses ${JSON.stringify(body)}`, async () => {
      const path = '/api/v1/networks/office/hosts/192.0.2.1/note';
      const { status } = await served.ask(path, { method: 'PATCH', headers, body });
      assert.equal(status, 400);
    });
  }
});

describe('the feed of changes', () => {
  interface Feed {
    readonly items: { id: number; change: string; acknowledged_by: string | null }[];
    readonly next: string | null;
    readonly total: number;
  }
  const feed = (query: string): Promise<Feed> => ask('GET', `/changes?${query}`, '/changes');
  const acknowledge = (body: unknown): Promise<{ ids: number[] }> =>
    ask('POST', '/changes/acknowledge', '/changes/acknowledge', body);

  test('is newest first, in parts, and can be filtered', async () => {
    const all = await feed('');
    const ids = all.items.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => b - a),
    );
    const first = await feed('limit=2');
    const second = await feed(`limit=100&cursor=${first.next}`);
    assert.deepEqual([...first.items, ...second.items], all.items);
    assert.equal((await feed('kind=conflict')).total, 1);
    assert.deepEqual(
      new Set((await feed('severity=alarm')).items.map(({ change }) => change)),
      new Set(['conflict', 'gone']),
    );
    assert.equal((await feed('network=lab')).total, 0);
  });

  test('is acknowledged one by one, as a list, and back again', async () => {
    const { items, total } = await feed('unread=true');
    const one = items[0]!.id;
    assert.deepEqual(await acknowledge({ ids: [one] }), { ids: [one] });
    assert.deepEqual(await acknowledge({ ids: [one] }), { ids: [] });
    assert.equal((await feed('unread=true')).total, total - 1);
    const rest = await acknowledge({ filter: { kind: 'new,gone,conflict' }, through: one });
    assert.ok(rest.ids.length > 0 && !rest.ids.includes(one));
    await acknowledge({ ids: [one, ...rest.ids], undo: true });
    assert.equal((await feed('unread=true')).total, total);
  });

  test('leaves changes unread that came after the person looked', async () => {
    const { items } = await feed('');
    const [newest, before] = items;
    await acknowledge({ filter: {}, through: before!.id });
    const unread = await feed('unread=true');
    assert.deepEqual(
      unread.items.map(({ id }) => id),
      [newest!.id],
    );
  });
});

describe('the search', () => {
  for (const [text, kind, found] of [
    ['192.0.2.2', 'address', ['192.0.2.2']],
    ['print', 'name', ['192.0.2.3']],
    ['0000.5e00.5304', 'mac', ['192.0.2.4']],
    ['00-00-5E-00-53-04', 'mac', ['192.0.2.4']],
    ['unseen 1d', 'unseen', []],
    ['free in office', 'free', ['192.0.2.2', '192.0.2.6']],
    ['nothing', 'name', []],
  ] as const) {
    test(`takes ${text}`, async () => {
      const answer = await ask<{ kind: string; items: HostLine[] }>(
        'GET',
        `/search?q=${encodeURIComponent(text)}`,
        '/search',
      );
      assert.equal(answer.kind, kind);
      assert.deepEqual(
        answer.items.map(({ address }) => address),
        found,
      );
    });
  }
});

test('after a stopped first scan, what was not scanned is neither free nor in use', async () => {
  const stopped = await Served.start();
  try {
    writeOffice(stopped.store, 0, [upAt('192.0.2.1', 0), silentAt('192.0.2.2', 0)], {
      partial: true,
      targets: 14,
    });
    const cookie = await stopped.signIn();
    const answer = async <Answer>(path: string): Promise<Answer> =>
      (await stopped.ask(`/api/v1${path}`, { headers: { cookie } })).json as Answer;
    interface Summary {
      readonly hosts: { readonly free: number; readonly unscanned: number };
      readonly used_pct: number;
      readonly strip: string;
    }
    const { hosts: counts, used_pct: used, strip } = await answer<Summary>('/networks/office');
    assert.deepEqual([counts.unscanned, counts.free, used], [12, 1, 50]);
    const map = await answer<{ runs: unknown; states: string; total: number }>(
      '/networks/office/map',
    );
    assert.deepEqual([map.runs, map.total], [[['192.0.2.1', 14]], 14]);
    assert.deepEqual(
      [...Buffer.from(map.states, 'base64')],
      [3, 1, ...new Array<number>(12).fill(0)],
    );
    assert.equal(Buffer.from(strip, 'base64').length, 14);
    const { items } = await answer<HostList>(`/search?q=${encodeURIComponent('free in office')}`);
    assert.deepEqual(
      items.map(({ address }) => address),
      ['192.0.2.2'],
    );
  } finally {
    await stopped.close();
  }
});

test('an address with a note is free unless it is known, for the search as for the count', async () => {
  const path = '/networks/office/hosts/192.0.2.6/note';
  const write = (body: object) => ask('PATCH', path, '/networks/{name}/hosts/{address}/note', body);
  const found = async (): Promise<[number | null, string[]]> => {
    const { hosts: counts } = await ask<{ hosts: { free: number | null } }>(
      'GET',
      '/networks/office',
      '/networks/{name}',
    );
    return [counts.free, addresses(await ask('GET', '/search?q=free+in+office', '/search'))];
  };
  const [before] = await found();
  await write({ note: 'for a printer, perhaps' });
  const [withNote, free] = await found();
  assert.deepEqual([withNote, free.includes('192.0.2.6')], [before, true]);
  await write({ known: true });
  const [whenKnown, freeThen] = await found();
  assert.deepEqual([whenKnown, freeThen.includes('192.0.2.6')], [before! - 1, false]);
});
