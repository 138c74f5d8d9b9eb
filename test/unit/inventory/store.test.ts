/** The file of an inventory: who may read it, and a file that is newer, damaged or no database. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { listChanges } from '../../../src/inventory/change-list.ts';
import { openDatabase } from '../../../src/inventory/database.ts';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { CHANGE_KINDS } from '../../../src/inventory/host-memory.ts';
import { lockNetwork } from '../../../src/inventory/network-lock.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { prune } from '../../../src/inventory/prune.ts';
import { latestScan } from '../../../src/inventory/scan-writer.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { assertPrivate } from '../file-mode.ts';
import { A, scan } from './office-scans.ts';
import { hourOf, temporaryFolder, upAt, withStore } from './samples.ts';

const FOLDER = temporaryFolder();

describe('the file', () => {
  test('and what SQLite puts beside it are their owner’s alone', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0)]);
      const lock = await lockNetwork(store.path, 'office');
      const folder = dirname(store.path);
      const beside = readdirSync(folder).filter((name) =>
        join(folder, name).startsWith(store.path),
      );
      assert.ok(beside.length >= 4, beside.join());
      for (const name of beside) {
        assertPrivate(join(folder, name));
      }
      lock.release();
    }));

  test('of a newer echosweep is left alone', async () => {
    const path = join(FOLDER, 'newer.db');
    const database = await openDatabase(path, 0);
    database.exec('PRAGMA user_version = 1000');
    database.close();
    await assert.rejects(openStore(path), {
      code: 'INVENTORY_FAILED',
      message: /newer\.db was written by a newer echosweep: update echosweep/,
    });
  });

  test('that is no database, or in no folder, is said to be so', async () => {
    const path = join(FOLDER, 'text.db');
    writeFileSync(path, 'hello '.repeat(1000));
    await assert.rejects(openStore(path), { code: 'INVENTORY_FAILED', message: /text\.db/ });
    await assert.rejects(openStore(join(FOLDER, 'no', 'x.db')), { code: 'INVENTORY_FAILED' });
  });
});

describe('a damaged file', () => {
  const PAGE_OCTETS = 4096;

  test('is told in a line with what to do, whatever is asked', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0)]);
      store.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      const path = join(FOLDER, 'damaged.db');
      const octets = readFileSync(store.path);
      const pages = store.database.prepare('SELECT rootpage FROM sqlite_master WHERE rootpage > 0');
      for (const { rootpage } of pages.all()) {
        octets.fill(0x5a, (Number(rootpage) - 1) * PAGE_OCTETS, Number(rootpage) * PAGE_OCTETS);
      }
      writeFileSync(path, octets);
      const damaged = await openStore(path);
      const refusal = { code: 'INVENTORY_FAILED', message: /malformed\): put a copy in its place/ };
      const questions: readonly (() => unknown)[] = [
        () => networkStatus(damaged, 'office', hourOf(0)),
        () => listHosts(damaged, {}),
        () => hostHistories(damaged, upAt(A, 0).key, hourOf(0)),
        () => listChanges(damaged, { since: hourOf(0), kinds: CHANGE_KINDS }),
        () => latestScan(damaged, 'office'),
        () => prune(damaged, { days: 1 }, hourOf(48)),
        () => scan(damaged, 1, [upAt(A, 1)]),
      ];
      try {
        for (const ask of questions) await assert.rejects(async () => ask(), refusal, String(ask));
      } finally {
        damaged.close();
      }
    }));
});
