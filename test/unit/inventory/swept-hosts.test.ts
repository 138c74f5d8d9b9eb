/** Rows of a sweep that wait until their scan is written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SweptHosts } from '../../../src/inventory/swept-hosts.ts';
import { emptyResults } from '../../../src/results/block-results.ts';
import { HostRows } from '../../../src/results/host-cursor.ts';
import { MOST_MAC_CONFLICTS } from '../../../src/results/run-record.ts';
import { block } from '../probe/probing.ts';
import { upHost } from '../report/samples.ts';

test('a row that changes afterwards is kept as it was', () => {
  const row = { ...upHost({ address: '192.0.2.1' }) };
  const swept = new SweptHosts();
  swept.add([row]);
  row.address = '192.0.2.2';
  assert.deepEqual(
    [...swept.hosts({ macConflicts: [] })].map(({ text }) => text),
    ['192.0.2.1'],
  );
});

test('a page of a block keeps its columns, whose memory a later block would use otherwise', () => {
  const results = emptyResults(block('192.0.2.1', 2), 1);
  const rows = new HostRows(results, new Map(), 0, 2);
  assert.equal(rows.isKept, false);
  const swept = new SweptHosts();
  swept.add(rows);
  assert.equal(rows.isKept, true);
  assert.equal([...swept.hosts({ macConflicts: [] })].length, 2);
});

test('a host is as doubtful as its page', () => {
  for (const isDoubtful of [true, false]) {
    const swept = new SweptHosts();
    const results = emptyResults(block('192.0.2.1', 1), 1);
    swept.add(new HostRows(results, new Map(), 0, 1, null, isDoubtful));
    const [host] = swept.hosts({ macConflicts: [] });
    assert.equal(host!.isDoubtful ?? false, isDoubtful);
  }
});

test('the single round-trip time of a host is its mean, those of several are kept', () => {
  const swept = new SweptHosts();
  swept.add([
    upHost({ address: '192.0.2.1', received: 1, rttsMs: [3], rttAvgMs: 3 }),
    upHost({ address: '192.0.2.2', received: 2, rttsMs: [3, null, 5], rttAvgMs: 4 }),
  ]);
  assert.deepEqual(
    [...swept.hosts({ macConflicts: [] })].map(({ rttAvgMs, rttsMs }) => [rttAvgMs, rttsMs]),
    [
      [3, undefined],
      [4, [3, null, 5]],
    ],
  );
});

test('a second MAC address is that of the finished run, and not known where the run names no more', () => {
  const swept = new SweptHosts();
  swept.add([upHost({ address: '192.0.2.1' }), upHost({ address: '192.0.2.2' })]);
  const conflict = {
    address: '192.0.2.1',
    macs: ['00:00:5e:00:53:01', '00:00:5e:00:53:02'],
  } as const;
  const others = (macConflicts: readonly (typeof conflict)[]) =>
    [...swept.hosts({ macConflicts })].map(({ otherMac }) => otherMac);
  assert.deepEqual(others([conflict]), ['00:00:5e:00:53:02', null]);
  const many = Array.from({ length: MOST_MAC_CONFLICTS }, () => conflict);
  assert.deepEqual(others(many), ['00:00:5e:00:53:02', undefined]);
});
