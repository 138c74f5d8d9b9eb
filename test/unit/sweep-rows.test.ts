/** The rows of a sweep that has nothing to probe: those of the report that it resumes, and those of names. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from '../../src/address.ts';
import type { EarlierReport } from '../../src/results/earlier-report.ts';
import type { HostResult } from '../../src/results/host-result.ts';
import { resolveSettings } from '../../src/settings.ts';
import { runSweep } from '../../src/sweep.ts';
import type { TargetSet } from '../../src/targets/target-set.ts';
import { upHost } from './report/samples.ts';

const ADDRESSES = ['192.0.2.1', '192.0.2.2'];
const EARLIER: EarlierReport = {
  path: 'report.csv',
  rows: 2,
  up: 2,
  run: undefined,
  async *read() {
    for (const address of ADDRESSES) {
      yield { ...upHost(), address, key: readAddress(address)!.key };
    }
  },
};
const TARGETS: TargetSet = {
  ranges: [],
  count: 0,
  hostnames: new Map(),
  excluded: [],
  unresolved: [{ name: 'lost.example', where: 'target', reason: 'was not found' }],
  notes: [],
};

test('a resumed sweep with nothing left to probe has the old rows, then the names, each once', async () => {
  const sorted: string[] = [];
  const final: string[] = [];
  const into = (list: string[]) => async (rows: Iterable<HostResult>) => {
    for (const { address, hostname } of rows) list.push(address ?? hostname!);
  };
  const run = await runSweep({
    settings: resolveSettings({ targets: 'lost.example' }),
    targets: TARGETS,
    earlier: EARLIER,
    command: 'library',
    onRows: into(sorted),
    onFinalRows: into(final),
  });
  assert.deepEqual(sorted, [...ADDRESSES, 'lost.example']);
  assert.deepEqual(final, sorted);
  assert.deepEqual([run.targets, run.statuses.up, run.statuses.error], [3, 2, 1]);
  assert.deepEqual(run.resumed, { report: 'report.csv', rows: 2 });
  assert.deepEqual([run.engine, run.partial, run.packets.sent], [null, false, 0]);
});

test('names that a stopped sweep did not look up to the end have no row, and the run is partial', async () => {
  const rows: HostResult[] = [];
  const [name] = TARGETS.unresolved;
  const run = await runSweep({
    settings: resolveSettings({ targets: 'lost.example' }),
    targets: { ...TARGETS, unresolved: [{ ...name!, isStopped: true }] },
    command: 'library',
    onRows: async (given) => void rows.push(...given),
  });
  assert.deepEqual(rows, []);
  assert.deepEqual([run.targets, run.partial], [1, true]);
});
