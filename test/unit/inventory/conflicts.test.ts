/** Two hosts that answer for one address: kept, told once, and shown until a reliable scan sees one of them alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { historyLines } from '../../../src/inventory/host-report.ts';
import { metricsText } from '../../../src/inventory/metrics.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import type { ScanRecord } from '../../../src/inventory/scan-writer.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { hourOf, silentAt, upAt, withStore, writeOffice } from './samples.ts';

const A = '192.0.2.1';
const [ONE, TWO, THREE] = ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'] as const;

/** One scan of one address. @param macs the first that answered and the other; undefined if nothing answered */
function scan(
  store: Store,
  number: number,
  macs: readonly [string | null, (string | null | undefined)?] | undefined,
  values: Partial<ScanRecord> = {},
): string[] {
  const host =
    macs === undefined
      ? silentAt(A, number, { otherMac: null })
      : upAt(A, number, { mac: macs[0], otherMac: macs[1] });
  const { changes } = writeOffice(store, number, [host], values);
  return changes.map(({ kind, before, after }) => `${kind} ${before} ${after}`);
}

function conflictsAt(store: Store, number: number): number {
  return networkStatus(store, 'office', hourOf(number)).conflicts;
}

test('a conflict is told once, whichever of the two answers first', () =>
  withStore((store) => {
    scan(store, 0, [ONE, null]);
    assert.deepEqual(scan(store, 1, [TWO, ONE]), [`conflict ${ONE} ${TWO}`]);
    assert.deepEqual(scan(store, 2, [ONE, TWO]), []);
    assert.deepEqual(scan(store, 3, [TWO, ONE]), []);
    assert.deepEqual(
      listHosts(store, {}).map(({ mac, otherMac }) => [mac, otherMac]),
      [[ONE, TWO]],
    );
  }));

test('another second host is another conflict', () =>
  withStore((store) => {
    scan(store, 0, [ONE, TWO]);
    assert.deepEqual(scan(store, 1, [ONE, THREE]), [`conflict ${ONE} ${THREE}`]);
  }));

test('it lasts until a reliable scan sees one of the two alone', () =>
  withStore((store) => {
    scan(store, 0, [ONE, TWO]);
    assert.equal(conflictsAt(store, 0), 1);
    scan(store, 1, [ONE, null], { doubts: ['drops'] });
    scan(store, 2, [TWO, undefined]);
    scan(store, 3, [null, null]);
    scan(store, 4, undefined);
    assert.equal(conflictsAt(store, 4), 1);
    assert.deepEqual(scan(store, 5, [ONE, null]), []);
    assert.equal(conflictsAt(store, 5), 0);
    assert.deepEqual(scan(store, 6, [ONE, TWO]), [`conflict ${ONE} ${TWO}`]);
  }));

test('if the second host remains, the MAC address has changed', () =>
  withStore((store) => {
    scan(store, 0, [ONE, TWO]);
    assert.deepEqual(scan(store, 1, [TWO, null]), [`mac-changed ${ONE} ${TWO}`]);
    assert.equal(conflictsAt(store, 1), 0);
  }));

test('it ends when the host is gone', () =>
  withStore((store) => {
    scan(store, 0, [ONE, TWO]);
    scan(store, 1, undefined);
    scan(store, 2, undefined);
    assert.deepEqual(
      listHosts(store, {}).map(({ state, otherMac }) => [state, otherMac]),
      [['gone', null]],
    );
  }));

test('the first scan shows it already: in the history of the host and in the metrics', () =>
  withStore((store) => {
    scan(store, 0, [ONE, TWO]);
    const [history] = hostHistories(store, upAt(A, 0).key, hourOf(0));
    assert.ok(historyLines(history!).includes(`  conflict    ${TWO} (local) answers as well`));
    const metrics = metricsText(store, [{ name: 'office', schedule: undefined }], hourOf(0));
    assert.match(metrics, /^echosweep_address_conflicts\{network="office"\} 1$/m);
  }));
