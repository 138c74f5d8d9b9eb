/** `echosweep inventory check`: whether a configuration is valid, and when its networks are due. */

import type { NetworkConfig } from '../../inventory/config/config.ts';
import { knownHostsOf } from '../../inventory/config/config-file.ts';
import { nextRuns } from '../../inventory/schedule.ts';
import {
  figureColumn,
  type RecordShape,
  textColumn,
  timeColumn,
} from '../../report/record-shape.ts';
import { writeRecords } from '../../report/records.ts';
import { configuredTargets } from '../../scan.ts';
import type { TargetSet } from '../../targets/target-set.ts';
import { RECORD_REPORTS } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, readConfigOf } from './config-and-database.ts';
import { knownHostsNotes } from './known-hosts-notes.ts';

export const CHECK = subcommand({
  name: 'inventory check',
  usage: '',
  takes: [0, 0],
  description:
    'Checks the configuration, and shows how many addresses each network has and when it is due.',
  options: [CONFIG_OPTION, ...RECORD_REPORTS],
});

const RUNS_SHOWN = 3;

interface CheckedNetwork {
  readonly network: NetworkConfig;
  readonly targets: TargetSet;
  readonly runs: readonly Date[];
}

const SHAPE: RecordShape<CheckedNetwork> = {
  type: 'network',
  columns: [
    textColumn('network', 'Its name.', ({ network }) => network.name),
    figureColumn(
      'addresses',
      'How many addresses a scan probes.',
      0,
      ({ targets }) => targets.count,
    ),
    textColumn('schedule', 'When it is scanned.', ({ network: { schedule } }) =>
      schedule === undefined
        ? 'by hand'
        : [schedule.cron, schedule.timeZone].filter(Boolean).join(' '),
    ),
    ...Array.from({ length: RUNS_SHOWN }, (_, i) =>
      timeColumn<CheckedNetwork>(
        `next_${i + 1}`,
        'A time at which it is due.',
        ({ runs }) => runs[i] ?? null,
        { isSpare: i > 0 },
      ),
    ),
  ],
};

/** @throws EchosweepError CONFIG_INVALID, TARGET_INVALID or REPORT_INVALID for what is wrong */
export async function checkCommand(
  line: LineOf<typeof CHECK>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const now = new Date();
  const checked: CheckedNetwork[] = [];
  for (const network of file.config.networks) {
    const { schedule } = network;
    checked.push({
      network,
      targets: await configuredTargets(file.path, network),
      runs: schedule === undefined ? [] : nextRuns(schedule, now, RUNS_SHOWN),
    });
  }
  const known = await knownHostsOf(file);
  await writeRecords(SHAPE, checked, recordRequests(line.values), standardOutputOf(surroundings));
  printWords(surroundings, [
    ...checked.flatMap(({ network, targets }) =>
      targets.unresolved.map(({ name, reason }) => `note: ${network.name}: ${name} ${reason}`),
    ),
    ...knownHostsNotes(known),
    ...(known === undefined
      ? []
      : [`${known.byKey.size} known hosts in ${file.config.knownHosts}`]),
    `${file.path} is valid`,
  ]);
  return EXIT.ok;
}
