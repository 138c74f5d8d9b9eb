/** The days of a network: each change counts on the day of its time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkDays } from '../../../src/inventory/network-days.ts';
import { inTransaction } from '../../../src/inventory/store.ts';
import { hourOf, upAt, withStore, writeOffice } from './samples.ts';

test('a host that is flapping now counts, though thousands of changes came after its first turns', () =>
  withStore(async (store) => {
    const lastDay = 24 * 30;
    writeOffice(store, 0, [upAt('192.0.2.1', 0)]);
    const insert = store.database.prepare(
      "INSERT INTO changes (host, network, scan, at, kind, before, after) VALUES (1, 1, 1, ?, ?, '', '')",
    );
    inTransaction(store, () => {
      // It has the time of its latest count.
      insert.run(hourOf(lastDay).getTime(), 'flapping');
      for (let i = 0; i < 10_000; i++) insert.run(hourOf(1).getTime() + i, 'back');
    });
    writeOffice(store, lastDay, [upAt('192.0.2.1', lastDay), upAt('192.0.2.2', lastDay)]);
    const days = await networkDays(store, 'office', hourOf(lastDay));
    assert.deepEqual(
      days.map(({ day, changes }) => [day, changes]),
      [[hourOf(lastDay), { new: 1, flapping: 1 }]],
    );
  }));
