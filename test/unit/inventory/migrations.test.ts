/** A file of every earlier version becomes a current one, with all its rows. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { addToken, listTokens } from '../../../src/inventory/api-tokens.ts';
import { listChanges } from '../../../src/inventory/change-list.ts';
import { type Database, openDatabase } from '../../../src/inventory/database.ts';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { CHANGE_KINDS } from '../../../src/inventory/host-memory.ts';
import { migrate } from '../../../src/inventory/migrations.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { backlogs, queue } from '../../../src/inventory/notify/outbox.ts';
import { inTransaction, openStore, type Store } from '../../../src/inventory/store.ts';
import { OLD_SCHEMAS, type OldSchema } from './old-schemas.ts';
import { aToken, hourOf, silentAt, temporaryFolder, upAt, writeOffice } from './samples.ts';

const FOLDER = temporaryFolder();
const BUSY_MS = 1000;

async function fileOf({ version, sql }: OldSchema, name: string): Promise<string> {
  const path = join(FOLDER, `${name}-${version}.db`);
  const database = await openDatabase(path, BUSY_MS);
  database.exec(`BEGIN; ${sql} PRAGMA user_version = ${version}; COMMIT;`);
  database.close();
  return path;
}

async function versionOf(path: string): Promise<number> {
  const database = await openDatabase(path, BUSY_MS);
  const version = Number(database.prepare('PRAGMA user_version').get()!['user_version']);
  database.close();
  return version;
}

/** Every table and index, without blanks and comments that mean nothing. */
function schemaOf({ database }: Store): unknown[] {
  return database
    .prepare('SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name')
    .all()
    .map(({ name, sql }) => [name, String(sql).replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' ')]);
}

const fresh = await openStore(join(FOLDER, 'fresh.db'));
const CURRENT = schemaOf(fresh);
fresh.close();
const CURRENT_VERSION = await versionOf(join(FOLDER, 'fresh.db'));

test('there is a file of every earlier version', () => {
  assert.deepEqual(
    OLD_SCHEMAS.map(({ version }) => version),
    Array.from({ length: CURRENT_VERSION - 1 }, (_, i) => i + 1),
  );
});

test('a disk without room for the new tables is what the error speaks of', async () => {
  const old = OLD_SCHEMAS[0]!;
  const path = await fileOf(old, 'full');
  const database = await openDatabase(path, BUSY_MS);
  const onFullDisk: Database = {
    ...database,
    exec(sql) {
      if (!sql.includes('TABLE')) return database.exec(sql);
      // As SQLite does by itself.
      database.exec('ROLLBACK');
      throw new Error('database or disk is full');
    },
  };
  assert.throws(() => migrate(onFullDisk, path), { message: 'database or disk is full' });
  database.close();
  assert.equal(await versionOf(path), old.version);
});

for (const old of OLD_SCHEMAS) {
  describe(`a file of version ${old.version}`, () => {
    test('gets the tables of a new file, and its version', async () => {
      const path = await fileOf(old, 'tables');
      const store = await openStore(path);
      assert.deepEqual(schemaOf(store), CURRENT);
      store.close();
      assert.equal(await versionOf(path), CURRENT_VERSION);
    });

    test('keeps its rows, and goes on where it was', async () => {
      const store = await openStore(await fileOf(old, 'rows'));
      const seen = listHosts(store, {}).map(({ address, hostname, mac, firstSeen }) => ({
        address,
        hostname,
        mac,
        firstSeen,
      }));
      assert.deepEqual(seen, [
        { address: '192.0.2.1', hostname: 'one.example', mac: null, firstSeen: hourOf(0) },
        { address: '192.0.2.2', hostname: null, mac: '00:00:5e:00:53:01', firstSeen: hourOf(1) },
      ]);
      const { lastScan, targets, newHosts } = networkStatus(store, 'office', hourOf(2));
      assert.deepEqual([lastScan, targets, newHosts], [hourOf(1), 3, 1]);
      const [history] = hostHistories(store, upAt('192.0.2.1', 0).key, hourOf(0));
      assert.deepEqual(
        history!.days.map(({ asked, up }) => [asked, up]),
        [[2, 2]],
      );
      const changesSince = (hour: number) =>
        listChanges(store, { since: hourOf(hour), kinds: CHANGE_KINDS }).map(
          ({ address, kind }) => `${address} ${kind}`,
        );
      assert.deepEqual(changesSince(0), ['192.0.2.2 new']);
      for (const hour of [2, 3]) {
        writeOffice(store, hour, [upAt('192.0.2.1', hour), silentAt('192.0.2.2', hour)]);
      }
      assert.deepEqual(changesSince(2), ['192.0.2.2 gone']);
      inTransaction(store, () =>
        queue(store, [{ channel: 'mail', body: '{}', dueAt: hourOf(3) }], hourOf(3)),
      );
      assert.equal(backlogs(store).length, 1);
      store.close();
    });
  });
}

test('tokens keep their numbers, and new ones get none that was used before', async () => {
  const path = await fileOf(OLD_SCHEMAS[7]!, 'tokens');
  const database = await openDatabase(path, BUSY_MS);
  database.exec(`
    INSERT INTO tokens (id, name, digest, role, made_by, made_at) VALUES (3, 'kept', 'x', 'view', 'anna', 0);
    INSERT INTO audit (at, user, way, client, action) VALUES
      (0, 'anna', 'link', '', 'DELETE /tokens/9'), (0, 'anna', 'link', '', 'DELETE /tokens/10');
  `);
  database.close();
  const store = await openStore(path);
  assert.deepEqual(
    listTokens(store).map(({ id, name }) => [id, name]),
    [[3, 'kept']],
  );
  assert.equal(addToken(store, 'y', aToken('new')), 11);
  store.close();
});

test('an error that a silent host has now is one that is known', async () => {
  const path = await fileOf(OLD_SCHEMAS[8]!, 'errors');
  const database = await openDatabase(path, BUSY_MS);
  database.exec(`
    INSERT INTO networks (id, name) VALUES (90, 'errors');
    INSERT INTO hosts (network, key, address, state, misses, status, reason, is_slow) VALUES
      (90, '1', '192.0.2.1', 'silent', 0, 'unreachable', 'admin-prohibited', 0),
      (90, '2', '192.0.2.2', 'silent', 0, 'down', 'no-response', 0),
      (90, '3', '192.0.2.3', 'up', 0, 'unreachable', 'port-unreach', 0);
  `);
  database.close();
  const store = await openStore(path);
  const rows = store.database
    .prepare('SELECT known_error FROM hosts WHERE network = 90 ORDER BY key')
    .all();
  assert.deepEqual(
    rows.map((row) => row['known_error']),
    ['admin-prohibited', null, null],
  );
  store.close();
});

test('a current file stays as it is', async () => {
  const path = join(FOLDER, 'fresh.db');
  const store = await openStore(path);
  assert.deepEqual(schemaOf(store), CURRENT);
  store.close();
  assert.equal(await versionOf(path), CURRENT_VERSION);
});

test('a file of a newer version is refused, and not touched', async () => {
  const path = join(FOLDER, 'newer.db');
  (await openStore(path)).close();
  const database = await openDatabase(path, BUSY_MS);
  database.exec(`PRAGMA user_version = ${CURRENT_VERSION + 1}`);
  database.close();
  await assert.rejects(openStore(path), {
    code: 'INVENTORY_FAILED',
    message: /newer\.db was written by a newer echosweep: update echosweep$/,
  });
  assert.equal(await versionOf(path), CURRENT_VERSION + 1);
});

test('a migration that fails leaves the file as it was', async () => {
  const path = await fileOf(OLD_SCHEMAS[0]!, 'broken');
  const database = await openDatabase(path, BUSY_MS);
  // The name of a table of version 2 is taken.
  database.exec('CREATE TABLE outbox (id INTEGER)');
  database.close();
  await assert.rejects(openStore(path), { code: 'INVENTORY_FAILED' });
  assert.equal(await versionOf(path), 1);
});
