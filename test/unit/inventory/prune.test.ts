/** What is forgotten once it is old enough, and what is kept all the same. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES } from '../../../src/inventory/host-memory.ts';
import { prune } from '../../../src/inventory/prune.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { A, B, scan } from './office-scans.ts';
import { hourOf, silentAt, upAt, withStore } from './samples.ts';

function addresses(store: Store): string[] {
  return listHosts(store, {}).map(({ address }) => address);
}

describe('the file', () => {
  test('keeps what is young, the scan to compare with, and the hosts that are not gone', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
      scan(store, 1, [silentAt(A, 1), upAt(B, 1)]);
      scan(store, 2, [silentAt(A, 2), upAt(B, 2)]);
      const { scans, changes, hosts } = prune(store, { days: 30 }, hourOf(24 * 60));
      assert.deepEqual({ scans, changes, hosts }, { scans: 2, changes: 1, hosts: 1 });
      assert.deepEqual(addresses(store), [B]);
      assert.deepEqual(hostHistories(store, upAt(B, 0).key, hourOf(0))[0]!.days, []);
      assert.deepEqual(scan(store, 24 * 60, [upAt(A, 24 * 60)]), [`${A} new`]);
    }));
});

test('prune forgets who is not asked any more, and keeps who nobody could have seen', () =>
  withStore((store) => {
    scan(store, 0, [upAt(A, 0), upAt(B, 0)]);
    scan(store, 24, [upAt(B, 24)], { partial: true });
    assert.equal(prune(store, { days: 30 }, hourOf(24 * 60)).hosts, 0);
    scan(store, 24 * 59, [upAt(B, 24 * 59)]);
    assert.equal(prune(store, { days: 90 }, hourOf(24 * 60)).hosts, 0);
    assert.equal(prune(store, { days: 30 }, hourOf(24 * 60)).hosts, 1);
    assert.deepEqual(addresses(store), [B]);
  }));

test('prune forgets a network that is scanned no more, once it is old enough', () =>
  withStore((store) => {
    scan(store, 0, [upAt(A, 0), silentAt(B, 0)]);
    const networks = ['elsewhere'];
    assert.equal(prune(store, { days: 30, networks }, hourOf(24)).hosts, 1);
    assert.equal(prune(store, { days: 30, networks }, hourOf(24 * 60)).hosts, 1);
    assert.deepEqual(listHosts(store, { states: HOST_STATES }), []);
  }));
