/** A person's change waits for a scan that is being written, and the process does not. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { addLine, listActions, noteAction } from '../../../src/inventory/audit-log.ts';
import { prune } from '../../../src/inventory/prune.ts';
import { inTransactionOfSteps, openStore, writeWhenFree } from '../../../src/inventory/store.ts';
import { temporaryFolder } from './samples.ts';

const FOLDER = temporaryFolder();
const lineAt = (at: Date, action: string) => ({
  at,
  user: 'anna',
  way: 'password',
  client: '192.0.2.1',
  action,
  detail: null,
});

describe('a change', () => {
  test('is written when the other writer is done, and readers read meanwhile', async () => {
    const path = join(FOLDER, 'busy.db');
    const [store, other] = [await openStore(path), await openStore(path)];
    other.database.exec('BEGIN IMMEDIATE');
    const written = noteAction(store, lineAt(new Date(), 'POST /x'));
    // The process goes on: otherwise the other writer would never end.
    await setImmediate();
    assert.deepEqual(listActions(store, undefined, 10), []);
    const reader = await openStore(path);
    assert.deepEqual(listActions(reader, undefined, 10), []);
    reader.close();
    other.database.exec('COMMIT');
    await written;
    assert.equal(listActions(store, undefined, 10).length, 1);
    other.close();
    store.close();
  });

  test('in steps is written when the other writer is done, too', async () => {
    const path = join(FOLDER, 'busy-steps.db');
    const [store, other] = [await openStore(path), await openStore(path)];
    other.database.exec('BEGIN IMMEDIATE');
    const written = inTransactionOfSteps(store, function* (own) {
      yield;
      addLine(own, lineAt(new Date(), 'POST /x'));
    });
    await setImmediate();
    other.database.exec('COMMIT');
    await written;
    assert.equal(listActions(store, undefined, 10).length, 1);
    other.close();
    store.close();
  });

  test('of pruning is written when the other writer is done, too', async () => {
    const path = join(FOLDER, 'busy-prune.db');
    const [store, other] = [await openStore(path), await openStore(path)];
    other.database.exec('BEGIN IMMEDIATE');
    const pruned = prune(store, { days: 30 }, new Date());
    await setImmediate();
    other.database.exec('COMMIT');
    assert.deepEqual(await pruned, { scans: 0, changes: 0, hosts: 0 });
    other.close();
    store.close();
  });

  test('waits for a write in steps of its own process', async () => {
    const store = await openStore(join(FOLDER, 'steps.db'));
    let end = (): void => {};
    store.writing = new Promise<void>((resolve) => {
      end = resolve;
    });
    const order: string[] = [];
    const written = writeWhenFree(store, () => order.push('written'));
    await setImmediate();
    order.push('free');
    end();
    await written;
    assert.deepEqual(order, ['free', 'written']);
    store.writing = undefined;
    store.close();
  });

  test('is kept as long as the history', async () => {
    const store = await openStore(join(FOLDER, 'old.db'));
    const now = new Date();
    await noteAction(store, lineAt(new Date(now.getTime() - 40 * 86_400_000), 'old'));
    await noteAction(store, lineAt(now, 'new'));
    await prune(store, { days: 30 }, now);
    assert.deepEqual(
      listActions(store, undefined, 10).map(({ action }) => action),
      ['new'],
    );
    store.close();
  });
});
