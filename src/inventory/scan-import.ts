/** An earlier sweep's report taken in as a scan, so that nobody starts empty. */

import { EchosweepError } from '../errors.ts';
import type { ReportedHost } from '../report/read-csv.ts';
import type { ChangeRules } from './host-memory.ts';
import { latestScan, type WrittenScan, writeScan } from './scan-writer.ts';
import type { Store } from './store.ts';

/** A report that has been read whole. */
export interface ReadScan {
  readonly path: string;
  readonly hosts: readonly ReportedHost[];
  readonly startedAt: Date;
  /** When the last host was first asked, which is all that a report tells of its end. */
  readonly endedAt: Date;
}

/** @throws EchosweepError REPORT_INVALID where the inventory has a scan that is as young, INVENTORY_FAILED */
export function importScan(
  store: Store,
  network: string,
  scan: ReadScan,
  rules: ChangeRules,
): WrittenScan {
  const { path, hosts, startedAt, endedAt } = scan;
  const latest = latestScan(store, network);
  if (latest !== undefined && latest >= startedAt) {
    throw new EchosweepError(
      'REPORT_INVALID',
      `${path} is not younger than the latest scan of ${network}`,
      'import reports before the first scan, oldest first',
    );
  }
  const statuses = { up: 0, unreachable: 0, down: 0, error: 0 };
  for (const { status } of hosts) statuses[status]++;
  const record = {
    startedAt,
    endedAt,
    source: 'import' as const,
    engine: null,
    targets: hosts.length,
    statuses,
    packets: null,
    rtt: null,
    partial: false,
    failure: null,
    doubts: [],
    // A report may be of a part, or filtered.
    hasAllTargets: false,
  };
  return writeScan(store, { network, record, hosts, rules });
}
