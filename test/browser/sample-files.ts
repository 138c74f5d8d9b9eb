/** Sample sweeps as files. */

import { writeFileSync } from 'node:fs';
import { csvFormat } from '../../src/report/csv.ts';
import { PageBuilder } from '../../src/report/html/page-builder.ts';
import type { PageRow } from '../../src/report/html/page-data.ts';
import type { HostResult } from '../../src/results/host-result.ts';
import type { RunRecord } from '../../src/results/run-record.ts';
import { runOf, settingsOf } from '../unit/report/samples.ts';

export function writePage(path: string, rows: Iterable<PageRow>, run?: Partial<RunRecord>): void {
  const page = new PageBuilder();
  for (const row of rows) page.add(row);
  writeFileSync(path, page.document(run === undefined ? undefined : runOf(run)));
}

export function writeCsv(path: string, rows: Iterable<PageRow>): void {
  const format = csvFormat(settingsOf());
  const start = format.begin(runOf());
  writeFileSync(path, start + Buffer.from(format.rows(hostsOf(rows)) as Uint8Array).toString());
}

function* hostsOf(rows: Iterable<PageRow>): Generator<HostResult> {
  for (const row of rows) {
    const { sent, received } = row;
    const lossPct = sent === 0 ? null : (100 * (sent! - received!)) / sent!;
    yield { ...row, lossPct, rttsMs: [], errno: null } as HostResult;
  }
}
