/** `echosweep diff OLD NEW`: what changed between reports, without any database. */

import { CHANGE_SHAPE, SITE_CHANGE_SHAPE } from '../inventory/change-report.ts';
import { changeTotals } from '../inventory/change-totals.ts';
import {
  columnsNotCompared,
  type DiffedReport,
  type DiffRemarks,
  diffReports,
  type ReportChange,
  withoutNotProbed,
} from '../inventory/diff.ts';
import { CHANGE_KINDS } from '../inventory/host-memory.ts';
import { number } from '../option-spec.ts';
import { type InputFile, inputFile } from '../report/input-file.ts';
import { openReport } from '../report/read-report.ts';
import { checkRecordReports, writeRecords } from '../report/records.ts';
import type { ReportRequest } from '../report/registry.ts';
import { SITE_FIELD } from '../results/row-fields.ts';
import { grouped, safeText } from '../words.ts';
import { FAIL_ON_CHANGE_OPTION, KINDS_OPTION } from './change-options.ts';
import { RECORD_REPORTS, SITE_OPTION, sharedOptions } from './command-options.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { recordRequests, standardOutputOf } from './reports.ts';
import { type LineOf, runnable, subcommand } from './subcommand.ts';
import { printWords, type Streams } from './terminal.ts';

const DIFF = subcommand({
  name: 'diff',
  usage: '<old...> <new>',
  takes: [2, 1000],
  completesTo: 'paths',
  description:
    'Shows what changed between the newest of several reports and those before it, oldest first: CSV of schema 1, ' +
    'JSON Lines or XML of nmap, mixed or not. ' +
    'With more than two, a host that is back is distinguished from one that is new. ' +
    'If a report is JSON Lines or our own XML, hosts that its sweep did not reach because it was stopped, and hosts that did not answer ' +
    'a sweep whose result is doubtful, are not compared.',
  options: [
    KINDS_OPTION,
    number(
      'slowerFactor',
      '--slower-factor <n>',
      'How many times longer an RTT must be to count as a change.',
      {
        isFractional: true,
        from: 1,
        to: 1_000_000,
        default: 3,
      },
    ),
    number('slowerByMs', '--slower-by <ms>', 'How many milliseconds longer it must be as well.', {
      unit: 'milliseconds',
      isFractional: true,
      from: 0,
      to: 600_000,
      default: 5,
    }),
    FAIL_ON_CHANGE_OPTION,
    SITE_OPTION,
    ...RECORD_REPORTS,
    ...sharedOptions('quiet'),
  ],
  notes: `Exit codes:
  0  compared                          3  a report or the command line is wrong
  1  --fail-on-change found a change   4  the system refused
`,
});

/** `echosweep diff`. */
export const diffCommand = runnable(DIFF, runDiff);

/** @throws EchosweepError OPTION_INVALID, REPORT_INVALID, OUTPUT_FAILED */
async function runDiff(line: LineOf<typeof DIFF>, streams: Streams): Promise<ExitCode> {
  const requests = recordRequests(line.values);
  await checkRecordReports(SITE_CHANGE_SHAPE, requests, standardOutputOf(streams));
  const files = line.args.map(inputFile);
  try {
    return await new Promise<ExitCode>((resolve, refuse) => {
      const opening = files.map((file, i) => openDiffed(line.args[i]!, file, refuse));
      Promise.all(opening)
        .then((reports) => showChanges(reports, line, requests, streams))
        .then(resolve, refuse);
    });
  } finally {
    // If one report is wrong, others may still be to come.
    for (const file of files) file.unref?.();
  }
}

async function openDiffed(
  path: string,
  file: InputFile,
  refuse: (error: unknown) => void,
): Promise<DiffedReport> {
  const report = await openReport(path, file);
  return { ...report, path, batches: begun(report.batches, refuse) };
}

/**
 * Reads the first pieces at once: what is wrong in them need not wait for other reports. Later ones wait, because more
 * rows in memory take twice the time.
 */
function begun<T>(batches: AsyncGenerator<T>, refuse: (error: unknown) => void): AsyncGenerator<T> {
  // Right rows before a wrong one are a piece of their own.
  const first = [batches.next(), batches.next()];
  for (const batch of first) batch.catch(refuse);
  const read = async function* (): AsyncGenerator<T> {
    for (const batch of first) {
      const { done, value } = await batch;
      if (done === true) return;
      yield value;
    }
    yield* batches;
  };
  return read();
}

async function showChanges(
  reports: readonly DiffedReport[],
  { values }: LineOf<typeof DIFF>,
  requests: readonly ReportRequest[],
  streams: Streams,
): Promise<ExitCode> {
  const { kinds = CHANGE_KINDS, slowerFactor, slowerByMs, failOnChange, quiet, site } = values;
  const rules = { missesUntilGone: 1, slowerFactor, slowerByMs };
  const remarks: DiffRemarks = {
    newestSites: new Set(),
    notAsked: 0,
    notReached: 0,
    doubted: 0,
  };
  const found: ReportChange[] = [];
  for await (const change of diffReports(reports, rules, remarks, site)) {
    found.push(change);
  }
  const changes = withoutNotProbed(found, reports, remarks).filter(({ kind }) =>
    kinds.includes(kind),
  );
  const hasSites =
    remarks.newestSites.size > 0 ||
    found.some((change) => change.site !== null) ||
    requests.some(({ columns }) => columns?.includes(SITE_FIELD.name));
  const shape = hasSites ? SITE_CHANGE_SHAPE : CHANGE_SHAPE;
  await writeRecords(shape, changes, requests, standardOutputOf(streams));
  if (!quiet) {
    printWords(streams, [
      changeTotals(changes),
      ...remarkLines(changes, remarks, columnsNotCompared(reports)),
      ...doubtLines(remarks, reports),
    ]);
  }
  return failOnChange && changes.length > 0 ? EXIT.expectationMissed : EXIT.ok;
}

/** Why the silence of hosts was not believed. */
function doubtLines({ doubted }: DiffRemarks, reports: readonly DiffedReport[]): string[] {
  const lines = notCompared(doubted, 'a sweep doubts that they were silent');
  if (lines.length === 0) return lines;
  const whys = reports.flatMap(({ path, limits }) =>
    (limits?.()?.doubts.slice(0, 1) ?? []).map((doubt) => `${path}: ${doubt}`),
  );
  return [...lines, ...whys.map((why) => `note: ${safeText(why)}`)];
}

function notCompared(hosts: number, why: string): string[] {
  return hosts === 0 ? [] : [`note: ${grouped(hosts)} not compared because ${why}`];
}

function remarkLines(
  changes: readonly ReportChange[],
  { notAsked, notReached }: DiffRemarks,
  columns: readonly string[],
): string[] {
  const unlisted = changes.filter(({ seen }) => seen.at(-1) === 'unlisted').length;
  return [
    ...(unlisted === 0
      ? []
      : [`note: ${grouped(unlisted)} gone because the newest report has no row for them`]),
    ...notCompared(notAsked, 'the newest sweep could not probe them'),
    ...notCompared(notReached, 'a sweep was stopped before it reached them'),
    ...(columns.length === 0
      ? []
      : [`note: not every report has ${columns.join(', ')}, so nothing is said about it`]),
  ];
}
