/** What the API answers about hosts, in lists and one by one, and what is written about them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addresses, serveScannedOffice } from '../scanned-office.ts';

const { ask, annotate, request, hosts } = serveScannedOffice();

describe('the hosts of a network', () => {
  test('come in windows, by offset and by cursor', async () => {
    const all = await hosts('');
    assert.deepEqual(addresses(all), ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']);
    const first = await hosts('limit=3');
    assert.deepEqual([first.total, first.next], [4, '3']);
    assert.deepEqual(addresses(await hosts(`limit=3&cursor=${first.next}`)), ['192.0.2.4']);
    assert.deepEqual(addresses(await hosts('limit=2&offset=1')), ['192.0.2.2', '192.0.2.3']);
  });

  test('come in the window that has an address, and by offset if it is not in the list', async () => {
    const order = 'limit=2&offset=1&sort=rtt_ms&order=desc';
    const sorted = addresses(await hosts('sort=rtt_ms&order=desc'));
    const parts = [sorted.slice(0, 2), sorted.slice(2)];
    for (const [i, address] of sorted.entries()) {
      const part = addresses(await hosts(`${order}&containing=${address}`));
      assert.deepEqual(part, parts[Math.floor(i / 2)]);
    }
    const silent = addresses(await hosts(`${order}&containing=192.0.2.6`));
    assert.deepEqual(silent, sorted.slice(1, 3));
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

  for (const wrong of [
    'limit=0',
    'limit=1001',
    'state=high',
    'sort=x',
    'unseen=x',
    'cursor=x',
    'containing=x',
  ]) {
    test(`refuse ${wrong}`, async () => {
      const { status, text } = await request(`/networks/office/hosts?${wrong}`);
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
    const days = await request('/networks/office/hosts/192.0.2.9/days');
    assert.equal(days.status, 404);
    const note = await annotate('192.0.2.9', { owner: 'Ada', tags: ['spare'] });
    assert.equal(note!.owner, 'Ada');
  });

  test('that nobody documented is listed once others are documented', async () => {
    assert.deepEqual(addresses(await hosts('undocumented=true')), []);
    await annotate('192.0.2.1', { known: true });
    assert.deepEqual(addresses(await hosts('undocumented=true')), ['192.0.2.3', '192.0.2.4']);
    const network = await ask<{ hosts: { unknown: number } }>(
      'GET',
      '/networks/office',
      '/networks/{name}',
    );
    assert.equal(network.hosts.unknown, 2);
    await annotate('192.0.2.1', { known: null });
  });

  test('keeps what is written about it, field by field', async () => {
    await annotate('192.0.2.1', { owner: ' Ada ', tags: ['core'], gone_after: 5 });
    await annotate('192.0.2.1', { note: 'rack 2', gone_after: null });
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
    { tags: ['a\0b'] },
    { name: 'a\0b' },
    { gone_after: 0 },
    { muted_until: 'soon' },
    { colour: 1 },
  ]) {
    test(`refuses ${JSON.stringify(body)}`, async () => {
      const { status } = await request('/networks/office/hosts/192.0.2.1/note', {
        method: 'PATCH',
        body,
      });
      assert.equal(status, 400);
    });
  }
});
