/** What is done for networks of very many hosts, and for files of hosts of very many networks: no work grows with both. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from '../../../src/address.ts';
import { listHosts } from '../../../src/inventory/host-list.ts';
import type { ScannedHost } from '../../../src/inventory/host-writer.ts';
import type { KnownHosts } from '../../../src/inventory/known-hosts.ts';
import { metricsText } from '../../../src/inventory/metrics.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { networkSummary } from '../../../src/inventory/network-summary.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { hourOf, silentAt, upAt, withStore, writeOffice } from './samples.ts';

const NOW = hourOf(5);

/** The n-th address of 192.0.2.0/24 and what follows it. */
function nth(n: number): string {
  return `192.0.${2 + (n >> 8)}.${n & 255}`;
}

function documented(count: number, at: (n: number) => number): KnownHosts {
  const rows = Array.from({ length: count }, (_, n) => readAddress(nth(at(n)))!);
  const byKey = new Map(
    rows.map(({ key, text }) => [key, { key, address: text, written: text, rows: 1, fields: {} }]),
  );
  return { columns: [], byKey, notes: [] };
}

/** A scan of `count` addresses, of which every third was never up, and every third no longer is. */
function scan(store: Store, number: number, count: number): void {
  const hosts = Array.from({ length: count }, (_, n): ScannedHost => {
    const isUp = n % 3 === 0 || (n % 3 === 1 && number === 0);
    return (isUp ? upAt : silentAt)(nth(n), number);
  });
  writeOffice(store, number, hosts, { targets: count });
}

/** The same store, and each statement that it is given. */
function watched(store: Store): { readonly watching: Store; readonly statements: string[] } {
  const { database } = store;
  const statements: string[] = [];
  const prepare = (sql: string) => {
    const { run, get, all, iterate } = database.prepare(sql);
    const noted =
      <Result>(call: (...values: never[]) => Result) =>
      (...values: never[]): Result => {
        statements.push(sql);
        return call(...values);
      };
    return { run: noted(run), get: noted(get), all: noted(all), iterate: noted(iterate) };
  };
  return { watching: { ...store, database: { ...database, prepare } }, statements };
}

/** How SQLite runs a statement, in its own words. */
function planOf({ database }: Store, sql: string): string {
  const values = [...sql.matchAll(/\?/g)].map(() => 1);
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return steps.map(({ detail }) => String(detail)).join('; ');
}

test('documented addresses that are silent are counted, be they more or fewer than all that are', () =>
  withStore(async (store) => {
    for (let number = 0; number < 3; number++) scan(store, number, 4000);
    // One in three is up, and of the last hundred no scan has a result any more.
    scan(store, 3, 3900);
    for (const [count, at, silent] of [
      [1500, (n: number) => n, 1000],
      [1500, (n: number) => 3 * n, 0],
      [1500, (n: number) => 2500 + n, 934],
      [12_000, (n: number) => n, 2600],
      [12_000, (n: number) => 3 * n + 1, 1300],
      [0, (n: number) => n, 0],
    ] as const) {
      const known = documented(count, at);
      const summary = await networkSummary(store, 'office', NOW, known, async () => []);
      for (const { free } of [networkStatus(store, 'office', NOW, known), summary.status])
        assert.equal(free, 2600 - silent, `${count} documented`);
    }
  }));

test('a small network is not compared with each host of a large file', () =>
  withStore((store) => {
    scan(store, 0, 30);
    const { watching, statements } = watched(store);
    const { free } = networkStatus(
      watching,
      'office',
      NOW,
      documented(10_000, (n) => n),
    );
    assert.equal(free, 0);
    assert.ok(statements.length < 12, `${statements.length} statements`);
  }));

test('a large network is not read for a small file', () =>
  withStore((store) => {
    scan(store, 0, 30_000);
    const { watching, statements } = watched(store);
    const { free } = networkStatus(
      watching,
      'office',
      NOW,
      documented(10, (n) => n),
    );
    assert.equal(free, 10_000 - 3);
    assert.ok(statements.length < 12, `${statements.length} statements`);
  }));

test('no page of the hosts that were no targets is cut from all of the network, sorted', () =>
  withStore((store) => {
    scan(store, 0, 100);
    const { watching, statements } = watched(store);
    scan(watching, 1, 50);
    assert.equal(networkStatus(store, 'office', NOW).hosts.unasked, 50);
    const pages = [...new Set(statements)].filter((sql) => /FROM hosts\b.*LIMIT/s.test(sql));
    assert.ok(pages.length > 0);
    for (const sql of pages) assert.doesNotMatch(planOf(store, sql), /TEMP B-TREE/, sql);
  }));

test('metrics of a day read no change of the years before', () =>
  withStore((store) => {
    scan(store, 0, 3);
    const { watching, statements } = watched(store);
    metricsText(watching, [{ name: 'office', schedule: undefined }], NOW);
    const recent = statements.filter((sql) => /FROM changes WHERE at/.test(sql));
    assert.equal(recent.length, 1);
    assert.match(planOf(store, recent[0]!), /^SEARCH changes USING INDEX changes_by_time/);
  }));

test('a list of hosts takes the rows one at a time: a million at once are more than a gigabyte', () =>
  withStore((store) => {
    scan(store, 0, 300);
    const { database } = store;
    const prepare = (sql: string) => ({
      ...database.prepare(sql),
      all: () => assert.fail('all rows at once'),
    });
    const hosts = listHosts({ ...store, database: { ...database, prepare } }, {});
    assert.deepEqual([hosts.length, hosts[0]!.address], [200, nth(0)]);
  }));
