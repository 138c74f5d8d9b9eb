/** What the API answers about networks: their hosts in numbers, their maps and their history. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentAt, upAt, writeOffice } from '../../inventory/samples.ts';
import { addresses, type HostList, SCANS, serveScannedOffice } from '../scanned-office.ts';
import { Served } from '../served.ts';

const { ask } = serveScannedOffice();

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
    assert.deepEqual(addresses({ items }), ['192.0.2.2']);
  } finally {
    await stopped.close();
  }
});
