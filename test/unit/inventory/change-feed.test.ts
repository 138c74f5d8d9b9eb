/** The feed of changes: parts of it, over several networks, are those of one list of all, however the changes are spread. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acknowledge,
  changeFeed,
  changeIds,
  countChanges,
} from '../../../src/inventory/change-feed.ts';
import { writeScan } from '../../../src/inventory/scan-writer.ts';
import { inTransaction, type Store } from '../../../src/inventory/store.ts';
import { hourOf, RULES, recordOf, upAt, withStore } from './samples.ts';

const NETWORKS = ['office', 'lab'];

/** Three thousand changes: the newest are one network's and all `back`, the rare conflicts are old or of the other one. */
function fill(store: Store): void {
  for (const network of NETWORKS) {
    writeScan(store, { network, record: recordOf(0), hosts: [upAt('192.0.2.1', 0)], rules: RULES });
  }
  const insert = store.database.prepare(
    "INSERT INTO changes (host, network, scan, at, kind, before, after) VALUES (?, ?, 1, ?, ?, '', '')",
  );
  inTransaction(store, () => {
    for (let i = 0; i < 3000; i++) {
      const network = i > 1500 || i % 3 === 0 ? 2 : 1;
      const kind = i % 97 === 0 && i < 2000 ? 'conflict' : 'back';
      insert.run(network, network, hourOf(1).getTime() + i, kind);
    }
  });
}

test('parts are those of all changes, with any filter', () =>
  withStore(async (store) => {
    fill(store);
    const at = (ms: number): Date => new Date(hourOf(1).getTime() + ms);
    for (const [filter, count] of [
      [{}, 3000],
      [{ kinds: ['conflict' as const] }, 21],
      [{ isUnread: true }, 3000],
      [{ since: at(700), until: at(2900) }, 2200],
      [{ key: upAt('192.0.2.1', 0).key, kinds: ['conflict' as const] }, 21],
      [{ key: upAt('192.0.2.9', 0).key }, 0],
    ] as const) {
      const wanted = { networks: NETWORKS, ...filter };
      const all = (await changeIds(store, wanted, 1e9)).sort((a, b) => b - a);
      assert.equal(all.length, count);
      assert.equal(await countChanges(store, wanted), all.length);
      const found: number[] = [];
      for (let before: number | undefined; ; before = found.at(-1)!) {
        const part = await changeFeed(store, wanted, 7 + (found.length % 150), before);
        if (part.length === 0) break;
        found.push(...part.map(({ id }) => id));
      }
      assert.deepEqual(found, all);
    }
  }));

test('a host that is flapping now is found, though thousands of changes came after its first turns', () =>
  withStore(async (store) => {
    fill(store);
    // The oldest of them has the time of its latest count.
    store.database
      .prepare("UPDATE changes SET kind = 'flapping', at = ? WHERE id = 1")
      .run(hourOf(24 * 30).getTime());
    const since = hourOf(24 * 29);
    for (const filter of [
      {},
      { kinds: ['flapping' as const] },
      { isUnread: true },
      { key: upAt('192.0.2.1', 0).key },
    ]) {
      const wanted = { networks: NETWORKS, since, ...filter };
      assert.equal((await changeFeed(store, wanted, 7)).length, 1);
      assert.equal(await countChanges(store, wanted), 1);
    }
  }));

test('changes of networks that are not named stay as they are', () =>
  withStore(async (store) => {
    fill(store);
    const ids = await changeIds(store, { networks: NETWORKS }, 1e9);
    const write = async <Result>(work: () => Result): Promise<Result> => inTransaction(store, work);
    const read = { at: hourOf(5), by: 'ada' };
    const changed = await acknowledge(store, ids, ['office'], read, write);
    assert.equal(changed.length, await countChanges(store, { networks: ['office'] }));
    assert.equal(await countChanges(store, { networks: ['office'], isUnread: true }), 0);
    assert.deepEqual(await acknowledge(store, ids, ['office'], read, write), []);
    const [newest] = await changeFeed(store, { networks: ['office'] }, 1);
    assert.deepEqual([newest!.acknowledgedAt, newest!.acknowledgedBy], [hourOf(5), 'ada']);
    assert.equal(
      (await acknowledge(store, ids, NETWORKS, undefined, write)).length,
      changed.length,
    );
  }));
