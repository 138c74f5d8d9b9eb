/** What `--only` promises. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterSink } from '../../../src/report/filter-sink.ts';
import type { ReportSink } from '../../../src/report/sink.ts';
import { keptHosts } from '../../../src/results/host-result.ts';
import { runOf, silentHost, unsentHost, upHost } from './samples.ts';

function recordingSink(): { sink: ReportSink; calls: string[] } {
  const calls: string[] = [];
  const sink: ReportSink = {
    begin: async (run) => void calls.push(`begin ${run.targets}`),
    write: async (rows) => void calls.push(`write ${keptHosts(rows).map((row) => row.status)}`),
    end: async (run) => void calls.push(`end ${run.targets}`),
    abort: async () => void calls.push('abort'),
  };
  return { sink, calls };
}

test('only rows of the statuses asked for pass, in their order; run records pass whole', async () => {
  const { sink, calls } = recordingSink();
  const filtered = filterSink(sink, new Set(['error', 'up']));
  await filtered.begin(runOf());
  await filtered.write([upHost(), silentHost(), unsentHost(), upHost()]);
  await filtered.write([silentHost()]);
  await filtered.end(runOf());
  await filtered.abort();
  assert.deepEqual(calls, ['begin 254', 'write up,error,up', 'write ', 'end 254', 'abort']);
});
