/** The feed of changes of the API, and what marks them as read. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serveScannedOffice } from '../scanned-office.ts';

const { ask } = serveScannedOffice();

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
