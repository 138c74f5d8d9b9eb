/** A person's change waits for a scan that is being written, and the process does not. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { addLine, listActions, noteAction } from '../../../src/inventory/audit-log.ts';
import { prune } from '../../../src/inventory/prune.ts';
import {
  inTransactionOfSteps,
  openStore,
  type Store,
  writeWhenFree,
} from '../../../src/inventory/store.ts';
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

/** Opens an inventory that another connection writes to until `untilWritten` is called with a write that waits. */
async function behindAnother(
  file: string,
  body: (
    store: Store,
    untilWritten: <Result>(write: Promise<Result>) => Promise<Result>,
  ) => Promise<void>,
): Promise<void> {
  const path = join(FOLDER, file);
  const [store, other] = [await openStore(path), await openStore(path)];
  other.database.exec('BEGIN IMMEDIATE');
  await body(store, async (write) => {
    // The process goes on: otherwise the other writer would never end.
    await setImmediate();
    other.database.exec('COMMIT');
    return write;
  });
  other.close();
  store.close();
}

describe('a change', () => {
  test('that waits is written before its store is closed', async () => {
    await behindAnother('closed.db', async (store, untilWritten) => {
      const written = noteAction(store, lineAt(new Date(), 'POST /x'));
      store.close();
      await untilWritten(written);
      assert.throws(() => store.database.exec('SELECT 1'));
      const reader = await openStore(store.path);
      assert.equal(listActions(reader, undefined, 10).length, 1);
      reader.close();
    });
  });

  test('is written when the other writer is done, and readers read meanwhile', async () => {
    await behindAnother('busy.db', async (store, untilWritten) => {
      const written = noteAction(store, lineAt(new Date(), 'POST /x'));
      await setImmediate();
      assert.deepEqual(listActions(store, undefined, 10), []);
      const reader = await openStore(store.path);
      assert.deepEqual(listActions(reader, undefined, 10), []);
      reader.close();
      await untilWritten(written);
      assert.equal(listActions(store, undefined, 10).length, 1);
    });
  });

  test('in steps is written when the other writer is done, too', async () => {
    await behindAnother('busy-steps.db', async (store, untilWritten) => {
      const written = inTransactionOfSteps(store, function* (own) {
        yield;
        addLine(own, lineAt(new Date(), 'POST /x'));
      });
      await untilWritten(written);
      assert.equal(listActions(store, undefined, 10).length, 1);
    });
  });

  test('of pruning is written when the other writer is done, too', async () => {
    await behindAnother('busy-prune.db', async (store, untilWritten) => {
      const pruned = await untilWritten(prune(store, { days: 30 }, new Date()));
      assert.deepEqual(pruned, { scans: 0, changes: 0, hosts: 0 });
    });
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
