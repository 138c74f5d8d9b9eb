/** What is forgotten once it is old enough, and what is kept all the same. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addToken, listTokens } from '../../../src/inventory/api-tokens.ts';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES } from '../../../src/inventory/host-memory.ts';
import { backlogs, queue } from '../../../src/inventory/notify/outbox.ts';
import { isPruningSafe, prune } from '../../../src/inventory/prune.ts';
import { inTransaction, type Store } from '../../../src/inventory/store.ts';
import { A, B, scan } from './office-scans.ts';
import { aToken, hourOf, silentAt, upAt, withStore } from './samples.ts';

function addresses(store: Store): string[] {
  return listHosts(store, {}).map(({ address }) => address);
}

describe('the file', () => {
  test('keeps what is young, the scan to compare with, and the hosts that are not gone', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
      scan(store, 1, [silentAt(A, 1), upAt(B, 1)]);
      scan(store, 2, [silentAt(A, 2), upAt(B, 2)]);
      const { scans, changes, hosts } = await prune(store, { days: 30 }, hourOf(24 * 60));
      assert.deepEqual({ scans, changes, hosts }, { scans: 2, changes: 1, hosts: 1 });
      assert.deepEqual(addresses(store), [B]);
      assert.deepEqual(hostHistories(store, upAt(B, 0).key, hourOf(0))[0]!.days, []);
      assert.deepEqual(scan(store, 24 * 60, [upAt(A, 24 * 60)]), [`${A} new`]);
    }));
});

test('prune drops tokens once they are over', () =>
  withStore(async (store) => {
    for (const [name, endsAt] of [
      ['over', hourOf(1)],
      ['valid', hourOf(3)],
      ['endless', null],
    ] as const) {
      addToken(store, name, { ...aToken(name), endsAt });
    }
    await prune(store, { days: 30 }, hourOf(2));
    assert.deepEqual(
      listTokens(store).map(({ name }) => name),
      ['valid', 'endless'],
    );
  }));

test('prune leaves no days and changes of a host that it forgets, however young they are', () =>
  withStore(async (store) => {
    const day = 24;
    scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
    for (const n of [20 * day, 21 * day]) scan(store, n, [silentAt(A, n), upAt(B, n)]);
    assert.equal((await prune(store, { days: 30 }, hourOf(40 * day))).hosts, 1);
    for (const table of ['days', 'changes']) {
      const orphans = `SELECT 1 FROM ${table} WHERE host NOT IN (SELECT id FROM hosts)`;
      assert.deepEqual(store.database.prepare(orphans).all(), [], table);
    }
  }));

test('prune drops messages that have waited for too long', () =>
  withStore(async (store) => {
    for (const hour of [0, 24 * 40]) {
      const message = { channel: 'webhook', body: `of hour ${hour}`, dueAt: hourOf(hour) };
      inTransaction(store, () => queue(store, [message], hourOf(hour)));
    }
    await prune(store, { days: 30 }, hourOf(24 * 60));
    assert.deepEqual(
      backlogs(store).map(({ channel, oldest }) => [channel, oldest]),
      [['webhook', hourOf(24 * 40)]],
    );
  }));

test('the clock is trusted unless it makes a long break, and again once scans have gone on for a week', () =>
  withStore((store) => {
    const [day, year] = [24, 24 * 365];
    const isSafeAt = (hour: number, days = 730): boolean =>
      isPruningSafe(store, days, hourOf(hour));
    assert.equal(isSafeAt(0), true, 'there is nothing to lose');
    scan(store, 0, [upAt(A, 0)]);
    assert.equal(isSafeAt(300 * day), true);
    assert.equal(isSafeAt(30 * day, 1), true, 'a schedule may be monthly');
    assert.equal(isSafeAt(2 * year), false);
    for (let since = 0; since <= 8; since++) {
      const hour = 2 * year + since * day;
      scan(store, hour, [upAt(A, hour)]);
      assert.equal(isSafeAt(hour + 1), since >= 7, `${since} days after the break`);
    }
  }));

test('prune forgets who is not asked any more, and keeps who nobody could have seen', () =>
  withStore(async (store) => {
    scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
    scan(store, 24, [upAt(B, 24)], { partial: true });
    assert.equal((await prune(store, { days: 30 }, hourOf(24 * 60))).hosts, 0);
    scan(store, 24 * 59, [upAt(B, 24 * 59)]);
    assert.equal((await prune(store, { days: 90 }, hourOf(24 * 60))).hosts, 0);
    assert.equal((await prune(store, { days: 30 }, hourOf(24 * 60))).hosts, 1);
    assert.deepEqual(addresses(store), [B]);
  }));

test('prune forgets a network that is scanned no more, once it is old enough', () =>
  withStore(async (store) => {
    scan(store, 0, [upAt(A, 0), silentAt(B, 0)]);
    const networks = ['elsewhere'];
    assert.equal((await prune(store, { days: 30, networks }, hourOf(24))).hosts, 1);
    assert.equal((await prune(store, { days: 30, networks }, hourOf(24 * 60))).hosts, 1);
    assert.deepEqual(listHosts(store, { states: HOST_STATES }), []);
  }));
