/** Takes the report of an earlier sweep in as a scan, so that an inventory need not start empty. */

import { stat } from 'node:fs/promises';
import { EchosweepError } from '../errors.ts';
import { isPartialAt, OneSite } from '../report/one-site.ts';
import { openReport } from '../report/read-report.ts';
import type { RunLimits } from '../results/run-record.ts';
import type { ChangeRules } from './host-memory.ts';
import type { ScannedHost } from './host-writer.ts';
import { withoutResponder } from './reported-sighting.ts';
import { latestScan, type WrittenScan, writeScan } from './scan-writer.ts';
import type { Store } from './store.ts';

/** A report that has been read whole. */
export interface ReadScan {
  readonly path: string;
  readonly hosts: readonly ScannedHost[];
  readonly startedAt: Date;
  /** When the last host was first probed, which is all that a report says about its end. */
  readonly endedAt: Date;
  /** How far the hosts can be believed; undefined if the report does not say, such as a CSV. */
  readonly limits: RunLimits | undefined;
  /** The site of the rows; undefined if they have none. */
  readonly site: string | undefined;
}

/** A report and when its sweep began; its hosts are in memory only while the result of `read` is in use. */
export interface EarlierScan {
  readonly startedAt: Date;
  readonly read: () => Promise<ReadScan>;
}

/**
 * The scans in reports, oldest first. A file is read twice, so that only one is ever in memory; a pipe can be read only
 * once.
 * @param site whose rows to take of reports on sites; undefined for the only one
 * @throws EchosweepError REPORT_INVALID
 */
export async function earlierScans(
  paths: readonly string[],
  site?: string,
): Promise<readonly EarlierScan[]> {
  const scans: EarlierScan[] = [];
  for (const path of paths) {
    const scan = await readScan(path, site);
    const { startedAt } = scan;
    const isFile = (await stat(path)).isFile();
    scans.push({ startedAt, read: isFile ? () => readScan(path, site) : async () => scan });
  }
  return scans.sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
}

async function readScan(path: string, wanted: string | undefined): Promise<ReadScan> {
  const hosts: ScannedHost[] = [];
  const report = await openReport(path);
  const saysWhoAnswered = report.columns.has('responder');
  const site = new OneSite(path, wanted);
  for await (const batch of report.batches) {
    for (const host of batch) {
      if (site.takes(host.site)) hosts.push(saysWhoAnswered ? host : withoutResponder(host));
    }
  }
  site.end();
  const times = hosts.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt.getTime()]));
  if (times.length === 0) {
    throw new EchosweepError(
      'REPORT_INVALID',
      `${path}: none of its rows has a started_at`,
      'take a report with this column',
    );
  }
  const extreme = (choose: (a: number, b: number) => number): Date =>
    new Date(times.reduce((a, b) => choose(a, b)));
  return {
    path,
    hosts,
    startedAt: extreme(Math.min),
    endedAt: extreme(Math.max),
    limits: report.limits?.(),
    site: site.name,
  };
}

/** @throws EchosweepError REPORT_INVALID if the inventory has a scan of that time or later, INVENTORY_FAILED */
export function importScan(
  store: Store,
  network: string,
  scan: ReadScan,
  rules: ChangeRules,
): WrittenScan {
  const { path, hosts, startedAt, endedAt, limits, site } = scan;
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
    partial: limits !== undefined && isPartialAt(limits, site),
    failure: limits?.failure ?? null,
    doubts: limits?.doubts ?? [],
    // A report may cover a part of the network, or be filtered.
    hasAllTargets: false,
  };
  return writeScan(store, { network, record, hosts, rules });
}
