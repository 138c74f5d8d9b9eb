/** A scan that several machines did: what one of them doubts, or did not do, changes nothing for the hosts of the others. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES } from '../../../src/inventory/host-memory.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { silentAt, upAt, withStore, writeOffice } from './samples.ts';

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;
const OF_SITES = { hasDoubtsByHost: true, doubts: ['berlin/a1: the machine was busy'] };

function states(store: Store): Record<string, string> {
  return Object.fromEntries(
    listHosts(store, { states: HOST_STATES }).map(({ address, state }) => [address, state]),
  );
}

describe('of doubtful hosts', () => {
  test('only signs of life are believed, and of the others everything', () =>
    withStore((store) => {
      writeOffice(store, 0, [upAt(A, 0), upAt(B, 0), silentAt(C, 0)]);
      const isDoubtful = true;
      for (const n of [1, 2]) {
        const hosts = [
          silentAt(A, n, { isDoubtful }),
          silentAt(B, n),
          upAt(C, n, { isDoubtful, mac: '00:00:5e:00:53:01' }),
        ];
        writeOffice(store, n, hosts, OF_SITES);
      }
      assert.deepEqual(states(store), { [A]: 'up', [B]: 'gone', [C]: 'up' });
    }));

  test('none is set aside: it was probed', () =>
    withStore((store) => {
      writeOffice(store, 0, [upAt(A, 0), upAt(B, 0), upAt(C, 0)]);
      writeOffice(store, 1, [silentAt(A, 1, { isDoubtful: true }), upAt(B, 1)], OF_SITES);
      assert.deepEqual(states(store), { [A]: 'up', [B]: 'up', [C]: 'unasked' });
    }));

  test('none has moved away: it may be at both addresses', () =>
    withStore((store) => {
      const mac = '00:00:5e:00:53:01';
      writeOffice(store, 0, [upAt(A, 0, { mac }), silentAt(B, 0)]);
      const { changes } = writeOffice(
        store,
        1,
        [silentAt(A, 1, { isDoubtful: true }), upAt(B, 1, { mac })],
        OF_SITES,
      );
      assert.deepEqual(
        changes.map(({ address, kind }) => [address, kind]),
        [[B, 'new']],
      );
    }));
});

test('hosts that no machine reported stay as they were, scan after scan', () =>
  withStore((store) => {
    writeOffice(store, 0, [upAt(A, 0), upAt(B, 0)]);
    for (const n of [1, 2, 3]) writeOffice(store, n, [upAt(B, n)], { ...OF_SITES, partial: true });
    assert.deepEqual(states(store), { [A]: 'up', [B]: 'up' });
  }));

test('two rows of one host are compared with each other, though they are read at once', () =>
  withStore((store) => {
    writeOffice(store, 0, [upAt(A, 0)]);
    writeOffice(store, 1, [silentAt(B, 1), silentAt(A, 1), silentAt(A, 1), upAt(C, 1)]);
    assert.equal(states(store)[A], 'gone');
  }));

test('hosts in no order are found, however many', () =>
  withStore((store) => {
    const addresses = Array.from({ length: 250 }, (_, i) => `10.0.0.${(i * 97) % 251}`);
    writeOffice(
      store,
      0,
      addresses.map((address) => upAt(address, 0)),
    );
    const { changes } = writeOffice(
      store,
      1,
      addresses.toReversed().map((address) => upAt(address, 1)),
    );
    assert.deepEqual(changes, []);
  }));
