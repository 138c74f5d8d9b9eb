/** The rows of a sweep that a CSV writes straight from the columns: what they cost, and that each block's are its own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS, pickColumns } from '../../../src/report/columns.ts';
import { CSV } from '../../../src/report/csv.ts';
import { emptyResults, UNKNOWN_ICMP_CODE } from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import { HostRows } from '../../../src/results/host-cursor.ts';
import { statusNumber } from '../../../src/results/outcome.ts';
import { comesToTakeAtMost } from '../heap-use.ts';
import { settingsOf } from './samples.ts';

const HOSTS = 8192;

for (const status of ['up', 'down'] as const)
  test(`a row of a host that is ${status} takes no memory`, () => {
    const range = { family: 4, zone: '', first: 0x0a000000n, last: 0x0a001fffn } as const;
    const block = emptyResults(blockOfRanges([range]), 1);
    block.status.fill(statusNumber(status));
    block.sent.fill(1);
    for (let host = 0; host < HOSTS; host++) {
      block.startedAtMs[host] = 1.7e12 + host / 7;
      if (status === 'up') block.rttNs[host] = 5000 + host * 13;
    }
    const format = CSV.rows(settingsOf());
    const rows = new HostRows(block, new Map(), 0, HOSTS);
    assert.ok(comesToTakeAtMost(HOSTS, () => void format.rows(rows)));
  });

test('a name, or an error without a code, is in the row of its host alone', () => {
  const range = { family: 4, zone: '', first: 0x0a000001n, last: 0x0a000003n } as const;
  const block = emptyResults(blockOfRanges([range]), 1);
  block.status.fill(statusNumber('down'));
  block.icmpType.set([3, 3, 0]);
  block.icmpCode.set([1, UNKNOWN_ICMP_CODE, 0]);
  const columns = pickColumns(['status', 'hostname', 'icmp_type', 'icmp_code'], COLUMNS);
  const rows = new HostRows(block, new Map([['10.0.0.2', 'two.example']]), 0, 3);
  const octets = CSV.rows(settingsOf({ columns })).rows(rows) as Uint8Array;
  assert.equal(Buffer.from(octets).toString(), 'down,,3,1\ndown,two.example,3,\ndown,,,\n');
});

test('a mark of a single probe makes a row another one', () => {
  const range = { family: 4, zone: '', first: 0x0a000001n, last: 0x0a000004n } as const;
  const block = emptyResults(blockOfRanges([range]), 2);
  block.status.fill(statusNumber('up'));
  block.marks.set(Buffer.from('!!!.!!!.'));
  const columns = pickColumns(['status', 'pattern'], COLUMNS);
  const octets = CSV.rows(settingsOf({ columns })).rows(new HostRows(block, new Map(), 0, 4));
  assert.equal(Buffer.from(octets as Uint8Array).toString(), 'up,!!\nup,!.\nup,!!\nup,!.\n');
});

test('rows that say the same as those of the block before are written out again', () => {
  const blocks = [0x0a000001n, 0x0a00000an].map((first) => {
    const range = { family: 4, zone: '', first, last: first } as const;
    const block = emptyResults(blockOfRanges([range]), 1);
    block.status.fill(statusNumber('down'));
    block.sent.fill(1);
    return block;
  });
  const columns = pickColumns(['address', 'loss_pct', 'status'], COLUMNS);
  const format = CSV.rows(settingsOf({ columns }));
  const texts = blocks.map((block) =>
    Buffer.from(format.rows(new HostRows(block, new Map(), 0, 1)) as Uint8Array).toString(),
  );
  assert.deepEqual(texts, ['10.0.0.1,100.0,down\n', '10.0.0.10,100.0,down\n']);
});
