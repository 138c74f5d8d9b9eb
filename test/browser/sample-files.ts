/** Sample sweeps as files. */

import { writeFileSync } from 'node:fs';
import { CSV } from '../../src/report/csv.ts';
import { PageBuilder } from '../../src/report/html/page-builder.ts';
import type { HostResult, ReportedRow } from '../../src/results/host-result.ts';
import type { RunRecord } from '../../src/results/run-record.ts';
import { runOf, settingsOf } from '../unit/report/samples.ts';

export function writePage(
  path: string,
  rows: Iterable<ReportedRow>,
  run?: Partial<RunRecord>,
): void {
  const page = new PageBuilder();
  for (const row of rows) page.add(row);
  writeFileSync(path, page.document(run === undefined ? undefined : runOf(run)));
}

export function writeCsv(path: string, rows: Iterable<ReportedRow>): void {
  const format = CSV.rows(settingsOf());
  const start = format.begin(runOf());
  writeFileSync(path, start + Buffer.from(format.rows(hostsOf(rows)) as Uint8Array).toString());
}

function* hostsOf(rows: Iterable<ReportedRow>): Generator<HostResult> {
  for (const row of rows) yield { ...row, rttsMs: [], errno: null } as HostResult;
}
