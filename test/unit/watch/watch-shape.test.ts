/** The report of a watch, in the formats of records. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeRecords } from '../../../src/report/records.ts';
import { WATCH_SHAPE } from '../../../src/watch/watch-shape.ts';
import { KeptStream } from '../cli/fakes.ts';
import { replied, silent, watched } from './samples.ts';

async function written(format: string): Promise<string> {
  const stream = new KeptStream();
  const hosts = watched([
    [{ ...replied('192.0.2.1', 1), hostname: '=cmd()' }, replied('192.0.2.2', 2)],
    [replied('192.0.2.1', 2), silent('192.0.2.2')],
    [replied('192.0.2.1', 1), silent('192.0.2.2')],
  ]);
  const request = {
    path: '-',
    format,
    csvProfile: 'plain',
    csvDelimiter: ',',
    csvDecimal: '.',
  } as const;
  const stdout = { stream, isTerminal: false, width: 80, colour: false };
  await writeRecords(WATCH_SHAPE, hosts.all, [request], stdout);
  return stream.text;
}

test('a CSV has one row per host, and no formula', async () => {
  assert.deepEqual((await written('csv')).split('\n'), [
    'address,hostname,status,sent,received,loss_pct,rtt_min_ms,rtt_median_ms,rtt_p95_ms,rtt_max_ms,jitter_ms,changes,last_change_at',
    "192.0.2.1,'=cmd(),up,3,3,0.0,1.000,1.000,1.983,2.000,1.000,0,",
    '192.0.2.2,,down,3,1,66.7,2.000,2.000,2.000,2.000,,1,2026-01-31T12:00:01.000Z',
    '',
  ]);
});

test('JSON Lines has the same with numbers', async () => {
  const [first] = (await written('jsonl')).split('\n');
  const record = JSON.parse(first!);
  assert.equal(record.type, 'watched-host');
  assert.deepEqual([record.sent, record.loss_pct, record.last_change_at], [3, 0, null]);
});
