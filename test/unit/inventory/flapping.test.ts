/** A host that comes and goes again and again is one change with a count, not a change a scan. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listChanges } from '../../../src/inventory/change-list.ts';
import { CHANGE_KINDS } from '../../../src/inventory/host-memory.ts';
import { type ScanRecord, writeScan } from '../../../src/inventory/scan-writer.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { hourOf, RULES, recordOf, silentAt, upAt, withStore } from './samples.ts';

const A = '192.0.2.1';
const rules = { ...RULES, missesUntilGone: 1 };

/** The changes that each scan tells; `u` is a scan that finds the host up, `.` one that does not. */
function scans(
  store: Store,
  pattern: string,
  { from = 0, values = {} }: { from?: number; values?: Partial<ScanRecord> } = {},
): string[] {
  return [...pattern].map((mark, i) => {
    const number = from + i;
    const { changes } = writeScan(store, {
      network: 'office',
      record: recordOf(number, values),
      hosts: [mark === 'u' ? upAt(A, number) : silentAt(A, number)],
      rules,
    });
    return changes.map(({ kind, after }) => `${kind} ${after}`).join();
  });
}

function listed(store: Store): string[] {
  return listChanges(store, { since: hourOf(0), kinds: CHANGE_KINDS }).map(
    ({ kind, after, seenAt }) => `${kind} ${after} ${seenAt!.toISOString().slice(11, 13)}`,
  );
}

test('the fourth turn is told as flapping, and further ones only raise its count', () =>
  withStore((store) => {
    assert.deepEqual(scans(store, 'u.u.u.u.'), [
      '',
      'gone no-response',
      'back echo-reply',
      'gone no-response',
      'flapping 2',
      '',
      '',
      '',
    ]);
    assert.deepEqual(listed(store), [
      'gone no-response 01',
      'back echo-reply 02',
      'gone no-response 03',
      'flapping 4 07',
    ]);
  }));

test('a host that settles is told once, as what it is then', () =>
  withStore((store) => {
    scans(store, 'u.u.u.u.');
    const told = scans(store, '.'.repeat(20), { from: 8 });
    assert.deepEqual(
      told.filter((each) => each !== ''),
      ['gone no-response'],
    );
    assert.equal(told[12], 'gone no-response');
    assert.deepEqual(scans(store, 'u', { from: 28 }), ['back echo-reply']);
  }));

test('a host that settles as up is back, and may flap again', () =>
  withStore((store) => {
    scans(store, 'u.u.u');
    const told = scans(store, `${'u'.repeat(13)}.u.u`, { from: 5 });
    assert.deepEqual(told.slice(12), [
      'back echo-reply',
      'gone no-response',
      'back echo-reply',
      'gone no-response',
      'flapping 2',
    ]);
    assert.equal(listed(store).filter((line) => line.startsWith('flapping')).length, 2);
  }));

test('a host that is away now and then is not flapping', () =>
  withStore((store) => {
    const told = scans(store, `u.${'u'.repeat(13)}`.repeat(4));
    assert.ok(!told.some((each) => each.includes('flapping')), told.join());
    assert.equal(told.filter((each) => each.startsWith('gone')).length, 4);
    assert.equal(told.filter((each) => each.startsWith('back')).length, 4);
  }));

test('unreliable scans neither turn a host nor make it steady', () =>
  withStore((store) => {
    scans(store, 'u.u.u');
    scans(store, '.'.repeat(20), { from: 5, values: { doubts: ['drops'] } });
    assert.deepEqual(scans(store, '.', { from: 25 }), ['']);
    assert.equal(listed(store).at(-1), 'flapping 3 01');
  }));
