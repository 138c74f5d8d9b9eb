/** What the inventory answers about hosts, changes, free addresses and networks. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readAddress } from '../../../src/address.ts';
import { listChanges } from '../../../src/inventory/change-list.ts';
import { type HostHistory, hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { CHANGE_KINDS } from '../../../src/inventory/host-memory.ts';
import { editNote } from '../../../src/inventory/host-notes.ts';
import { readKnownHosts } from '../../../src/inventory/known-hosts.ts';
import { networkHistory } from '../../../src/inventory/network-history.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { networkSummary } from '../../../src/inventory/network-summary.ts';
import { A, B, C, scan } from './office-scans.ts';
import { hourOf, silentAt, temporaryFolder, upAt, withStore } from './samples.ts';

const FOLDER = temporaryFolder();

describe('answers', () => {
  test('hosts: what is known of each, in address order, of those that ever answered', () =>
    withStore((store) => {
      const seen = { hostname: 'a.example', mac: '02:00:00:00:00:01', rttAvgMs: 1.2345 };
      scan(store, 0, [upAt(A, 0, seen), silentAt(B, 0), upAt(C, 0)]);
      scan(store, 1, [silentAt(A, 1), silentAt(B, 1), upAt(C, 1)]);
      scan(store, 2, [silentAt(A, 2), silentAt(B, 2), upAt(C, 2)]);
      const [a, c, ...others] = listHosts(store, {});
      assert.deepEqual(others, []);
      assert.deepEqual(a, {
        network: 'office',
        address: A,
        key: '4c0000201',
        hostname: 'a.example',
        mac: '02:00:00:00:00:01',
        otherMac: null,
        state: 'gone',
        status: 'down',
        reason: 'no-response',
        misses: 2,
        rttMs: 1.235,
        firstSeen: hourOf(0),
        lastSeen: hourOf(0),
        lastChange: hourOf(2),
      });
      assert.deepEqual([c!.address, c!.lastSeen, c!.lastChange], [C, hourOf(2), null]);
      assert.equal(listHosts(store, { states: ['silent'] })[0]!.address, B);
      assert.equal(listHosts(store, { unseenSince: hourOf(1) }).length, 1);
      assert.equal(listHosts(store, { networks: ['other'] }).length, 0);
    }));

  test('a host: days with share and RTT, changes newest first', () =>
    withStore((store) => {
      const rtts = [2, 4, null, null, 6];
      rtts.forEach((rttAvgMs, n) => {
        scan(store, n, [rttAvgMs === null ? silentAt(A, n) : upAt(A, n, { rttAvgMs })]);
      });
      scan(store, 24, [upAt(A, 24, { rttAvgMs: 8 })]);
      const [history] = hostHistories(store, upAt(A, 0).key, hourOf(0));
      assert.deepEqual(history!.days, [
        { day: hourOf(0), asked: 5, up: 3, rttMinMs: 2, rttAvgMs: 4, rttMaxMs: 6 },
        { day: hourOf(24), asked: 1, up: 1, rttMinMs: 8, rttAvgMs: 8, rttMaxMs: 8 },
      ]);
      assert.deepEqual(
        history!.changes.map(({ kind, at }) => [kind, at]),
        [
          ['back', hourOf(4)],
          ['gone', hourOf(3)],
        ],
      );
      assert.deepEqual(hostHistories(store, upAt(B, 0).key, hourOf(0)), []);
    }));

  test('changes since a moment, of some networks and kinds', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0), silentAt(B, 0)]);
      scan(store, 1, [silentAt(A, 1), upAt(B, 1)]);
      scan(store, 2, [silentAt(A, 2), upAt(B, 2)]);
      const told = (since: number, kinds = CHANGE_KINDS, networks?: string[]) =>
        listChanges(store, { since: hourOf(since), kinds, networks }).map(({ kind }) => kind);
      assert.deepEqual(told(0), ['new', 'gone']);
      assert.deepEqual(told(2), ['gone']);
      assert.deepEqual(told(0, ['new']), ['new']);
      assert.deepEqual(told(0, CHANGE_KINDS, ['other']), []);
    }));

  test('a free address gave no sign of life and is not documented', async () => {
    const path = join(FOLDER, 'known.csv');
    writeFileSync(path, `ip\n${A}\n${C}\n192.0.2.200\n`);
    const known = await readKnownHosts(path);
    await withStore((store) => {
      const D = '2001:db8::4';
      const rejected = silentAt(B, 0, {
        status: 'unreachable',
        reason: 'admin-prohibited',
        responder: null,
      });
      scan(store, 0, [upAt(A, 0), rejected, silentAt(C, 0), silentAt(D, 0)], { targets: 4 });
      assert.equal(networkStatus(store, 'office', hourOf(0)).free, 2);
      assert.equal(networkStatus(store, 'office', hourOf(0), known).free, 1);
      assert.equal(networkStatus(store, 'never', hourOf(0), known).free, null);
    });
  });

  test('an address that people marked as known is not free, wherever free ones are counted', () =>
    withStore(async (store) => {
      scan(store, 0, [upAt(A, 0), silentAt(B, 0), silentAt(C, 0)], { targets: 3 });
      const freeAddresses = async () => {
        const now = hourOf(0);
        const summary = await networkSummary(store, 'office', now, undefined, async () => []);
        return [networkStatus(store, 'office', now).free, summary.status.free];
      };
      assert.deepEqual(await freeAddresses(), [2, 2]);
      editNote(store, 'office', readAddress(B)!, { known: true }, 'ada', hourOf(0));
      editNote(store, 'office', readAddress(C)!, { known: false }, 'ada', hourOf(0));
      assert.deepEqual(await freeAddresses(), [1, 1]);
    }));

  test('a host that was gone before it was no target any more takes no free address', async () => {
    const path = join(FOLDER, 'decommissioned.csv');
    writeFileSync(path, `address\n${A}\n`);
    const known = await readKnownHosts(path);
    await withStore(async (store) => {
      const counts = async (now: Date) => {
        const summary = await networkSummary(store, 'office', now, known, async () => []);
        return [networkStatus(store, 'office', now, known), summary.status].map(
          ({ free, unscanned, hosts }) => [free, unscanned, hosts.gone],
        );
      };
      scan(store, 0, [upAt(A, 0), upAt(B, 0), silentAt(C, 0)]);
      for (const n of [1, 2]) scan(store, n, [silentAt(A, n), upAt(B, n), silentAt(C, n)]);
      assert.deepEqual(await counts(hourOf(2)), [
        [1, 0, 1],
        [1, 0, 1],
      ]);
      scan(store, 3, [upAt(B, 3), silentAt(C, 3)], { targets: 2 });
      assert.deepEqual(await counts(hourOf(3)), [
        [1, 0, 1],
        [1, 0, 1],
      ]);
      scan(store, 4, [upAt(B, 4)], { targets: 4, partial: true });
      assert.deepEqual(await counts(hourOf(4)), [
        [1, 2, 1],
        [1, 2, 1],
      ]);
      scan(store, 5, [silentAt(A, 5), upAt(B, 5), silentAt(C, 5)]);
      assert.deepEqual(await counts(hourOf(5)), [
        [1, 0, 1],
        [1, 0, 1],
      ]);
    });
  });

  test('an address of which no scan has a result is not free', () =>
    withStore((store) => {
      const counts = () => {
        const { targets, unscanned, free } = networkStatus(store, 'office', hourOf(0));
        return [targets, unscanned, free];
      };
      scan(store, 0, [upAt(A, 0), silentAt(B, 0)], { partial: true, targets: 256 });
      assert.deepEqual(counts(), [256, 254, 1]);
      // Of a scan in doubt only the replies are believed.
      scan(store, 1, [upAt(A, 1), silentAt(C, 1)], { doubts: ['drops'], targets: 256 });
      assert.deepEqual(counts(), [256, 254, 1]);
      scan(store, 2, [upAt(A, 2), silentAt(B, 2), silentAt(C, 2)], { targets: 3 });
      assert.deepEqual(counts(), [3, 0, 2]);
    }));

  test('a day’s mean RTT is over the scans that measured one', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0, { rttAvgMs: 4 })]);
      const rejected = { status: 'unreachable', reason: 'port-unreach', responder: null } as const;
      scan(store, 1, [silentAt(A, 1, rejected)]);
      const [{ days }] = hostHistories(store, upAt(A, 0).key, hourOf(0)) as [HostHistory];
      assert.deepEqual(
        days.map(({ up, rttAvgMs }) => [up, rttAvgMs]),
        [[2, 4]],
      );
      const { rttUsByDay } = networkHistory(store, 'office', hourOf(0), hourOf(1));
      assert.deepEqual(rttUsByDay, [4000]);
    }));

  test('a history whose only scans are of a time when the clock was ahead has today and nothing more', () =>
    withStore((store) => {
      scan(store, 72, [upAt(A, 72)]);
      const history = networkHistory(store, 'office', hourOf(-24), hourOf(0));
      assert.deepEqual([history.firstDay, history.usedByDay], [hourOf(0), [0]]);
    }));

  test('a network: hosts by state and what is new, not counting the first scan', () =>
    withStore((store) => {
      scan(store, 0, [upAt(A, 0), silentAt(B, 0)]);
      scan(store, 1, [silentAt(A, 1), upAt(B, 1)]);
      const status = networkStatus(store, 'office', hourOf(2));
      assert.deepEqual(status, {
        network: 'office',
        lastScan: hourOf(1),
        lastScanMs: 1500,
        doubt: null,
        partial: false,
        targets: 3,
        hosts: { silent: 0, up: 1, missing: 1, gone: 0, unasked: 0 },
        unscanned: 1,
        free: 0,
        conflicts: 0,
        newHosts: 1,
      });
      assert.equal(networkStatus(store, 'office', hourOf(24 * 8)).newHosts, 0);
      assert.equal(networkStatus(store, 'never', hourOf(2)).lastScan, null);
    }));
});
