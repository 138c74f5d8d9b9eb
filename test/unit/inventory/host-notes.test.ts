/** What people write about hosts: scans leave it alone, it decides when a host is gone, the known hosts' file goes first. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAddress } from '../../../src/address.ts';
import { listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES } from '../../../src/inventory/host-memory.ts';
import { editNote, hostNote, hostNotes, type NoteEdit } from '../../../src/inventory/host-notes.ts';
import type { KnownHosts } from '../../../src/inventory/known-hosts.ts';
import {
  fieldColumns,
  joinedHost,
  joinKnownHosts,
} from '../../../src/inventory/known-hosts-join.ts';
import { listedHosts } from '../../../src/inventory/listed-hosts.ts';
import { prune } from '../../../src/inventory/prune.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { hourOf, listedHost, silentAt, upAt, withStore, writeOffice } from './samples.ts';

const at = (address: string) => readAddress(address)!;

function write(store: Store, address: string, edit: NoteEdit, hour = 0): void {
  editNote(store, 'office', at(address), edit, 'ada', hourOf(hour));
}

function scan(
  store: Store,
  n: number,
  up: readonly string[],
  silent: readonly string[] = [],
): string[] {
  const hosts = [
    ...up.map((address) => upAt(address, n, { mac: '00:00:5e:00:53:01' })),
    ...silent.map((address) => silentAt(address, n)),
  ];
  const { changes } = writeOffice(store, n, hosts);
  return changes.map(({ kind, address }) => `${address} ${kind}`);
}

const KNOWN: KnownHosts = {
  columns: ['owner', 'room'],
  byKey: new Map([
    [
      at('192.0.2.1').key,
      {
        key: at('192.0.2.1').key,
        address: '192.0.2.1',
        written: '192.0.2.1',
        rows: 1,
        fields: { owner: 'Facilities', room: '12' },
      },
    ],
  ]),
  notes: [],
};

describe('a note', () => {
  test('is edited field by field, and gone with its last field', () =>
    withStore((store) => {
      write(store, '192.0.2.1', { owner: 'Ada', tags: ['core', 'core', 'rack-2'] });
      write(store, '192.0.2.1', { note: 'spare', known: false }, 1);
      const kept = hostNote(store, 'office', at('192.0.2.1').key)!;
      assert.deepEqual(
        [kept.owner, kept.tags, kept.note, kept.known, kept.changedAt, kept.changedBy],
        ['Ada', ['core', 'rack-2'], 'spare', false, hourOf(1), 'ada'],
      );
      write(store, '192.0.2.1', { owner: null, tags: [], note: null, known: null });
      assert.deepEqual(hostNotes(store), []);
    }));

  test('stays as it is through scans, and at its address when the host moves', () =>
    withStore((store) => {
      write(store, '192.0.2.1', { name: 'printer', mutedUntil: hourOf(9), goneAfter: 4 });
      const before = hostNotes(store);
      scan(store, 0, ['192.0.2.1'], ['192.0.2.2']);
      assert.deepEqual(scan(store, 1, ['192.0.2.2'], ['192.0.2.1']), ['192.0.2.2 moved']);
      assert.deepEqual(hostNotes(store), before);
    }));

  test('outlives its host, and goes with a network that is no longer scanned', () =>
    withStore(async (store) => {
      scan(store, 0, ['192.0.2.1']);
      write(store, '192.0.2.1', { name: 'printer' });
      const later = hourOf(24 * 60);
      await prune(store, { days: 30, networks: ['office'] }, later);
      assert.equal(hostNotes(store).length, 1);
      await prune(store, { days: 30, networks: ['lab'] }, later);
      assert.equal(hostNotes(store).length, 0);
    }));

  test('with a count of its own decides when the host is gone', () =>
    withStore((store) => {
      write(store, '192.0.2.1', { goneAfter: 4 });
      write(store, '192.0.2.2', { goneAfter: 1 });
      const all = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
      scan(store, 0, all);
      assert.deepEqual(scan(store, 1, [], all), ['192.0.2.2 gone']);
      assert.deepEqual(scan(store, 2, [], all), ['192.0.2.3 gone']);
      assert.deepEqual(scan(store, 3, [], all), []);
      assert.deepEqual(scan(store, 4, [], all), ['192.0.2.1 gone']);
    }));
});

describe('joined with the known hosts', () => {
  test('a note adds what the file does not say, and overrides nothing of it', () =>
    withStore((store) => {
      scan(store, 0, ['192.0.2.1', '192.0.2.2']);
      write(store, '192.0.2.1', { owner: 'Ada', name: 'printer' });
      write(store, '192.0.2.2', { owner: 'Grace', known: true });
      const hosts = joinKnownHosts(
        listHosts(store, { states: HOST_STATES }),
        KNOWN,
        hostNotes(store),
      );
      assert.deepEqual(
        hosts.map(({ known, fields }) => [known, { ...fields }]),
        [
          ['documented', { name: 'printer', owner: 'Facilities', room: '12' }],
          ['documented', { owner: 'Grace' }],
        ],
      );
      assert.deepEqual(fieldColumns(KNOWN, hosts), ['owner', 'room', 'name']);
    }));

  test('a host of the file that no scan has probed comes in its place, with its note', () =>
    withStore((store) => {
      scan(store, 0, ['192.0.2.0', '192.0.2.3']);
      write(store, '192.0.2.1', { owner: 'Ada', name: 'printer', known: true });
      const hosts = joinKnownHosts(
        listHosts(store, { states: HOST_STATES }),
        KNOWN,
        hostNotes(store),
      );
      assert.deepEqual(
        hosts.map(({ address, known, fields, note }) => [address, known, fields, note?.owner]),
        [
          ['192.0.2.0', 'undocumented', {}, undefined],
          [
            '192.0.2.1',
            'documented-unasked',
            { name: 'printer', owner: 'Facilities', room: '12' },
            'Ada',
          ],
          ['192.0.2.3', 'undocumented', {}, undefined],
        ],
      );
      const [alone] = joinKnownHosts([], KNOWN, []);
      assert.deepEqual([alone!.fields, alone!.note], [{ owner: 'Facilities', room: '12' }, null]);
    }));

  for (const [state, documented, other] of [
    ['up', 'documented', 'undocumented'],
    ['missing', 'documented', 'undocumented'],
    ['silent', 'documented-silent', null],
    ['gone', 'documented-silent', null],
    ['unasked', 'documented-unasked', null],
  ] as const) {
    test(`a documented host in state ${state} is ${documented}, another one is ${other}`, () => {
      const found = ['192.0.2.1', '192.0.2.2'].map((address) => {
        const { host } = listedHost({ address, state });
        return joinedHost(host!, KNOWN, null).known;
      });
      assert.deepEqual(found, [documented, other]);
    });
  }

  test('a note that says nothing of it makes a host neither documented nor undocumented', () =>
    withStore((store) => {
      const { host } = listedHost({ address: '192.0.2.1' });
      const knownWith = (known: boolean | null) => {
        write(store, '192.0.2.1', { owner: 'Ada', known });
        return joinedHost(host!, undefined, hostNote(store, 'office', host!.key)!).known;
      };
      assert.deepEqual([null, false, true].map(knownWith), [null, 'undocumented', 'documented']);
      assert.equal(joinedHost(host!, undefined, null).known, null);
    }));

  test('a note can document a host that no scan has probed', () =>
    withStore((store) => {
      scan(store, 0, ['192.0.2.1', '192.0.2.10']);
      write(store, '192.0.2.9', { name: 'reserved', known: true });
      const hosts = listedHosts(store, undefined, { networks: ['office'], isAllNetworks: true });
      assert.deepEqual(
        hosts.map(({ address, known }) => [address, known]),
        [
          ['192.0.2.1', null],
          ['192.0.2.9', 'documented-unasked'],
          ['192.0.2.10', null],
        ],
      );
    }));
});
