/** `echosweep diff OLD.csv NEW.csv`: what changed between reports, without any database. */

import { CHANGE_SHAPE } from '../inventory/change-report.ts';
import {
  columnsNotCompared,
  type DiffRemarks,
  diffReports,
  type HostChange,
} from '../inventory/diff.ts';
import { CHANGE_KINDS, type ChangeKind } from '../inventory/host-memory.ts';
import { changeTotals } from '../inventory/telling/change-totals.ts';
import { number, toggle } from '../option-spec.ts';
import { openCsvReport } from '../report/read-csv.ts';
import { checkRecordReports, writeRecords } from '../report/records.ts';
import { grouped } from '../words.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { KINDS_OPTION } from './kinds-option.ts';
import { recordRequests, standardOutputOf } from './reports.ts';
import { parseSubcommand, type Subcommand, sharedOptions, subcommandHelp } from './subcommand.ts';
import { printData, printWords, type Streams, widthOf } from './terminal.ts';

const WIDEST_HELP = 100;

export const DIFF: Subcommand = {
  name: 'diff',
  usage: '<old.csv...> <new.csv>',
  takes: [2, 1000],
  description:
    'Tells what the newest of several reports shows to have changed: CSV of schema 1, oldest first. ' +
    'Of more than two, the earlier ones tell a host that is back from one that is new.',
  options: [
    KINDS_OPTION,
    number('slowerFactor', '--slower-factor <n>', 'How many times longer an RTT is a change.', {
      isFractional: true,
      isCommandOnly: true,
      from: 1,
      to: 1_000_000,
      default: 3,
    }),
    number('slowerByMs', '--slower-by <ms>', 'How much longer it has to be besides.', {
      unit: 'milliseconds',
      isFractional: true,
      isCommandOnly: true,
      from: 0,
      to: 600_000,
      default: 5,
    }),
    toggle('failOnChange', '--fail-on-change', 'Exit with code 1 where something changed.'),
    ...sharedOptions(
      'outputs',
      'format',
      'columns',
      'csvProfile',
      'csvDelimiter',
      'csvDecimal',
      'quiet',
    ),
  ],
  notes: `Exit codes:
  0  compared                      3  a report or the command line is wrong
  1  --fail-on-change was not met  4  the system refused
`,
};

/**
 * @param args what follows `diff` on the command line
 * @throws EchosweepError OPTION_INVALID, REPORT_INVALID, OUTPUT_FAILED
 */
export async function diffCommand(args: readonly string[], streams: Streams): Promise<ExitCode> {
  const line = parseSubcommand(DIFF, args);
  if (line.wantsHelp) {
    await printData(streams, subcommandHelp(DIFF, Math.min(WIDEST_HELP, widthOf(streams.stdout))));
    return EXIT.ok;
  }
  const requests = recordRequests(line);
  const stdout = standardOutputOf(streams);
  await checkRecordReports(CHANGE_SHAPE, requests, stdout);
  const reports = await Promise.all(line.args.map((path) => openCsvReport(path)));
  const rules = {
    missesUntilGone: 1,
    slowerFactor: line.value<number>('slowerFactor')!,
    slowerByMs: line.value<number>('slowerByMs')!,
  };
  const kinds = line.value<readonly ChangeKind[]>('kinds') ?? CHANGE_KINDS;
  const remarks: DiffRemarks = { unlisted: 0, notAsked: 0 };
  const changes: HostChange[] = [];
  for await (const change of diffReports(reports, rules, remarks)) {
    if (kinds.includes(change.kind)) changes.push(change);
  }
  await writeRecords(CHANGE_SHAPE, changes, requests, stdout);
  if (!line.value<boolean>('quiet')) {
    printWords(streams, [
      changeTotals(changes),
      ...remarkLines(remarks, columnsNotCompared(reports)),
    ]);
  }
  const isMissed = line.value<boolean>('failOnChange') && changes.length > 0;
  return isMissed ? EXIT.expectationMissed : EXIT.ok;
}

function remarkLines({ unlisted, notAsked }: DiffRemarks, columns: readonly string[]): string[] {
  return [
    ...(unlisted === 0
      ? []
      : [`note: ${grouped(unlisted)} gone because the newest report has no row for them`]),
    ...(notAsked === 0
      ? []
      : [`note: ${grouped(notAsked)} not compared because the newest sweep could not ask them`]),
    ...(columns.length === 0
      ? []
      : [`note: not every report has ${columns.join(', ')}, so that nothing is said about it`]),
  ];
}
