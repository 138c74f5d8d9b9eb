/** What is forgotten once it is old enough, and what is kept all the same. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addToken, listTokens } from '../../../src/inventory/api-tokens.ts';
import { addLine, listActions } from '../../../src/inventory/audit-log.ts';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES } from '../../../src/inventory/host-memory.ts';
import { backlogs, queue } from '../../../src/inventory/notify/outbox.ts';
import { isPruningSafe, prune } from '../../../src/inventory/prune.ts';
import { keepHearing, siteStatuses } from '../../../src/inventory/site-agents.ts';
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

test('prune keeps the statistics of the first day that is not too old', () =>
  withStore(async (store) => {
    for (const day of [0, 1]) scan(store, day * 24, [upAt(A, day * 24)]);
    await prune(store, { days: 30 }, hourOf(31 * 24));
    const [history] = hostHistories(store, upAt(A, 0).key, hourOf(0));
    assert.deepEqual(
      history!.days.map(({ day }) => day),
      [hourOf(24)],
    );
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

test('prune drops what people did, and agents that were heard of last, too long ago', () =>
  withStore(async (store) => {
    const did = {
      user: 'anna',
      way: 'password',
      client: '192.0.2.9',
      action: 'POST /',
      detail: null,
    };
    const agent = { version: '0.1.0', clockOffsetMs: 0, chunks: 0, unsent: 0, problem: null };
    for (const [hour, name] of [
      [0, 'old'],
      [24 * 40, 'young'],
    ] as const) {
      const at = hourOf(hour);
      addLine(store, { ...did, at, user: name });
      const agents = [{ ...agent, site: name, agent: 'a1', heardAt: at }];
      keepHearing(store, { agents, listened: undefined });
    }
    await prune(store, { days: 30 }, hourOf(24 * 60));
    assert.deepEqual(
      listActions(store, undefined, 9).map(({ user }) => user),
      ['young'],
    );
    assert.deepEqual(
      siteStatuses(store, [{ name: 'old' }, { name: 'young' }]).map(({ heardAt }) => heardAt),
      [null, hourOf(24 * 40)],
    );
  }));

test('prune gives the space of what it drops back to the system', () =>
  withStore(async (store) => {
    const detail = 'x'.repeat(2000);
    const line = {
      at: hourOf(0),
      user: 'anna',
      way: 'password',
      client: '192.0.2.9',
      action: 'POST /',
    };
    const pages = (): number =>
      Number(store.database.prepare('PRAGMA page_count').get()!['page_count']);
    const before = pages();
    inTransaction(store, () => {
      for (let i = 0; i < 500; i++) addLine(store, { ...line, detail });
    });
    assert.ok(pages() > 2 * before);
    await prune(store, { days: 30 }, hourOf(24 * 60));
    assert.ok(pages() <= before);
  }));

test('the clock is trusted unless it makes a long break, and again once scans have gone on for a week', () =>
  withStore((store) => {
    const [day, year] = [24, 24 * 365];
    const isSafeAt = (hour: number, days = 730): boolean =>
      isPruningSafe(store, days, hourOf(hour));
    assert.equal(isSafeAt(0), true, 'there is nothing to lose');
    scan(store, 0, [upAt(A, 0)]);
    assert.equal(isSafeAt(365 * day), true, 'half of what is kept');
    assert.equal(isSafeAt(365 * day + 1), false);
    assert.equal(isSafeAt(31 * day, 1), true, 'a schedule may be monthly');
    assert.equal(isSafeAt(31 * day + 1, 1), false);
    for (let since = 0; since <= 8; since++) {
      const hour = 2 * year + since * day;
      scan(store, hour, [upAt(A, hour)]);
      assert.equal(isSafeAt(hour + 1), since >= 7, `${since} days after the break`);
    }
  }));

test('the clock is trusted between the scans of a month, however long ago the one before was', () =>
  withStore((store) => {
    for (const day of [0, 30]) scan(store, day * 24, [upAt(A, day * 24)]);
    assert.equal(isPruningSafe(store, 1, hourOf(36 * 24)), true);
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
