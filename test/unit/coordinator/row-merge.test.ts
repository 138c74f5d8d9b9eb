/** The rows of a resumed sweep, old and new, in one order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from '../../../src/address.ts';
import { RowMerge } from '../../../src/coordinator/row-merge.ts';
import type { EarlierReport } from '../../../src/results/earlier-report.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { silentHost, upHost } from '../report/samples.ts';

/** Counts how far it has been read. */
function earlierReport(addresses: readonly string[]) {
  const read = { rows: 0, isClosed: false };
  const report: EarlierReport = {
    path: 'partial.csv',
    rows: addresses.length,
    up: addresses.length,
    run: undefined,
    async *read() {
      try {
        for (const address of addresses) {
          read.rows++;
          yield { ...upHost(), address, key: readAddress(address)!.key };
        }
      } finally {
        read.isClosed = true;
      }
    },
  };
  return { report, read };
}

/** One object for all rows, as a sweep has it. */
function* moving(...addresses: string[]): Generator<HostResult> {
  const row = { ...silentHost() };
  for (const address of addresses) yield Object.assign(row, { address });
}

function merging(addresses: readonly string[]) {
  const written: string[] = [];
  const takenOver: string[] = [];
  const { report, read } = earlierReport(addresses);
  const merge = new RowMerge(
    report,
    async (rows) => {
      takenOver.push(...rows.map(({ address }) => address));
    },
    async (rows) => {
      for (const { address } of rows) written.push(address!);
    },
  );
  return { merge, written, takenOver, read };
}

test('old and new rows are passed on once each, in the order of addresses', async () => {
  const { merge, written, takenOver } = merging(['192.0.2.2', '192.0.2.10', '2001:db8::2']);
  await merge.write(moving('192.0.2.1', '192.0.2.9'));
  assert.deepEqual(written, ['192.0.2.1', '192.0.2.2', '192.0.2.9']);
  await merge.write(moving('192.0.2.11', '2001:db8::1'));
  await merge.end();
  assert.deepEqual(written.slice(3), ['192.0.2.10', '192.0.2.11', '2001:db8::1', '2001:db8::2']);
  assert.deepEqual(takenOver, ['192.0.2.2', '192.0.2.10', '2001:db8::2']);
});

test('old rows are read no further than new ones have come', async () => {
  const addresses = Array.from({ length: 100 }, (_, i) => `192.0.2.${i + 1}`);
  const { merge, read } = merging(addresses);
  await merge.write(moving('192.0.1.1'));
  assert.equal(read.rows, 1);
  await merge.close();
  assert.ok(read.isClosed);
});

test('all old rows are passed on if there is nothing new', async () => {
  const { merge, written } = merging(['192.0.2.1', '192.0.2.2']);
  await merge.end();
  assert.deepEqual(written, ['192.0.2.1', '192.0.2.2']);
});
