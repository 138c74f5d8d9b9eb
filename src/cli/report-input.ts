/** An earlier report read back, whichever of the formats that hold all it is in. */

import type { PageRow } from '../report/html/page-data.ts';
import { openCsvReport } from '../report/read-csv.ts';
import { readJsonLines } from '../report/read-json-lines.ts';
import type { RunRecord } from '../results/run-record.ts';

/**
 * Hands over each host in address order.
 * @returns the record of the run, where the report has one: CSV has none
 * @throws EchosweepError REPORT_INVALID
 */
export async function readReport(
  path: string,
  onHost: (row: PageRow) => void,
): Promise<RunRecord | undefined> {
  if (/\.jsonl$/i.test(path)) return readJsonLines(path, onHost);
  const report = await openCsvReport(path);
  for await (const { text, key: _key, ...row } of report.hosts) {
    onHost({ ...row, address: text });
  }
  return undefined;
}
