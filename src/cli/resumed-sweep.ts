/** `--resume`: what a partial report leaves to be swept, and the rows that are taken over from it. */

import { parseAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import { COLUMNS } from '../report/columns.ts';
import { FORMATS } from '../report/formats.ts';
import { PartialReport } from '../report/partial-report.ts';
import { formatEntry, type ReportRequest, type StandardOutput } from '../report/registry.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { EarlierReport, EarlierRow } from '../results/earlier-report.ts';
import type { SweepSettings } from '../settings.ts';
import { countAddresses, subtractRanges } from '../targets/interval-set.ts';
import { addressKey } from '../targets/target-collector.ts';
import type { TargetSet } from '../targets/target-set.ts';
import { anyOf, grouped, plural } from '../words.ts';

/** What is left of a sweep. */
export interface ResumedSweep {
  readonly targets: TargetSet;
  readonly earlier: EarlierReport;
  /** Lets go of the partial report. */
  close(): Promise<void>;
}

/** What a row is counted by. */
const ALWAYS_NEEDED: readonly string[] = ['status', 'reason'];
/** Formats that write no other columns than the ones that were chosen. */
const FORMATS_OF_CHOSEN_COLUMNS: readonly string[] = [
  'csv',
  'table',
  'xlsx',
  'parquet',
  'markdown',
];

/**
 * @param targets of the whole sweep
 * @throws EchosweepError REPORT_INVALID if the report cannot be read, is that of other targets, or lacks columns
 */
export async function resumeFrom(
  path: string,
  targets: TargetSet,
  settings: Pick<SweepSettings, 'count'>,
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): Promise<ResumedSweep> {
  const report = await PartialReport.open(path);
  try {
    refuseMissingColumns(report, requests, stdout);
    const done = new RangesInOrder();
    let rows = 0;
    let up = 0;
    for await (const row of finishedRows(report, settings)) {
      done.add(row.address);
      rows++;
      if (row.status === 'up') up++;
    }
    const { run } = report;
    refuseOtherTargets(report, done.ranges, targets);
    const ranges = subtractRanges(targets.ranges, done.ranges);
    return {
      targets: { ...targets, ranges, count: targets.count - rows },
      earlier: { path, rows, up, run, read: () => finishedRows(report, settings) },
      close: () => report.close(),
    };
  } catch (error) {
    await report.close();
    throw error;
  }
}

/** A sweep that was stopped may have a host up that did not get all probes of its `--count`: it is swept again. */
async function* finishedRows(
  report: PartialReport,
  { count }: Pick<SweepSettings, 'count'>,
): AsyncGenerator<EarlierRow> {
  const hasPattern = report.columns.has('pattern');
  for await (const row of report.rows()) {
    const isCutShort = hasPattern && row.status === 'up' && row.pattern.length < count;
    if (!isCutShort) yield row;
  }
}

function refuseMissingColumns(
  { path, columns }: PartialReport,
  requests: readonly ReportRequest[],
  stdout: StandardOutput,
): void {
  const needed = new Set(ALWAYS_NEEDED);
  for (const request of requests) {
    const { name } = formatEntry(request, stdout, FORMATS);
    const chosen = FORMATS_OF_CHOSEN_COLUMNS.includes(name) ? request.columns : undefined;
    for (const column of chosen ?? COLUMNS.map((each) => each.name)) needed.add(column);
  }
  const missing = [...needed].filter((name) => !columns.has(name));
  if (missing.length === 0) return;
  throw new EchosweepError(
    'REPORT_INVALID',
    `${path} has no column ${anyOf(missing)}, so its rows would be incomplete in the new report`,
    missing.every((name) => ALWAYS_NEEDED.includes(name))
      ? 'resume a report that has them'
      : 'resume a report with all columns, or choose its columns with --columns',
  );
}

function refuseOtherTargets(
  { path, run }: PartialReport,
  done: readonly AddressRange[],
  targets: TargetSet,
): void {
  const advice = 'give the targets and exclusions of the sweep that was stopped';
  const strangers = subtractRanges(done, targets.ranges);
  const [first] = strangers;
  if (first !== undefined) {
    const more = countAddresses(strangers) - 1n;
    const what = more === 0n ? ' is' : ` and ${grouped(more)} more are`;
    throw new EchosweepError(
      'REPORT_INVALID',
      `${path}: ${addressKey(first)}${what} not among the targets`,
      advice,
    );
  }
  // Names may have other addresses now, or none.
  const hasNames = targets.hostnames.size > 0 || targets.unresolved.length > 0;
  if (run === undefined || run.targets === targets.count || hasNames) return;
  throw new EchosweepError(
    'REPORT_INVALID',
    `${path} is the report of ${plural(run.targets, 'target')}, and these are ${grouped(targets.count)}`,
    advice,
  );
}

/** Adds addresses that come in order to ranges, of which there are as many as the report has gaps. */
class RangesInOrder {
  readonly ranges: { -readonly [Key in keyof AddressRange]: AddressRange[Key] }[] = [];

  add(text: string): void {
    const [plain, zone = ''] = text.split('%');
    const { family, value } = parseAddress(plain!)!;
    const open = this.ranges.at(-1);
    if (open?.family === family && open.zone === zone && open.last + 1n === value) {
      open.last = value;
    } else {
      this.ranges.push({ family, zone, first: value, last: value });
    }
  }
}
