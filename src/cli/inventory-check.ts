/** `echosweep inventory check` and `schema`: whether a configuration is right, what is due when, and what it may say. */

import { addressesOfName } from '../coordinator/name-lookup.ts';
import { EchosweepError } from '../errors.ts';
import { configJsonSchema, type NetworkConfig } from '../inventory/config.ts';
import { nextRuns } from '../inventory/schedule.ts';
import type { SweepSettings } from '../options.ts';
import { readKnownHosts } from '../report/known-hosts.ts';
import type { RecordShape } from '../report/record-shape.ts';
import { writeRecords } from '../report/records.ts';
import { resolveSettings } from '../settings.ts';
import { buildTargetSet, type TargetSet } from '../targets/target-set.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { CONFIG_OPTION, readConfigOf } from './inventory-files.ts';
import { recordRequests, standardOutputOf } from './reports.ts';
import { type Subcommand, type SubcommandLine, sharedOptions } from './subcommand.ts';
import { SWEEP_OPTION_SCHEMA, sweepOptionsOf } from './sweep-option-schema.ts';
import { printData, printWords, type Surroundings } from './terminal.ts';

export const CHECK: Subcommand = {
  name: 'inventory check',
  usage: '',
  takes: [0, 0],
  description:
    'Tells whether the configuration is right, how many addresses each network has and when it is due.',
  options: [CONFIG_OPTION, ...sharedOptions('outputs', 'format')],
};

export const SCHEMA: Subcommand = {
  name: 'inventory schema',
  usage: '',
  takes: [0, 0],
  description: 'Prints the JSON Schema of the configuration, which editors complete from.',
  options: [],
};

const RUNS_SHOWN = 3;

interface CheckedNetwork {
  readonly network: NetworkConfig;
  readonly targets: TargetSet;
  readonly runs: readonly Date[];
}

const SHAPE: RecordShape<CheckedNetwork> = {
  type: 'network',
  columns: [
    { name: 'network', meaning: 'Its name.', value: ({ network }) => network.name },
    {
      name: 'addresses',
      meaning: 'How many it asks.',
      decimals: 0,
      value: ({ targets }) => targets.count,
    },
    {
      name: 'schedule',
      meaning: 'When it is scanned.',
      value: ({ network: { schedule } }) =>
        schedule === undefined
          ? 'by hand'
          : [schedule.cron, schedule.timeZone].filter(Boolean).join(' '),
    },
    ...Array.from({ length: RUNS_SHOWN }, (_, i) => ({
      name: `next_${i + 1}`,
      isSpare: i > 0,
      meaning: 'A time at which it is due.',
      value: ({ runs }: CheckedNetwork) => runs[i] ?? null,
    })),
  ],
};

/** @throws EchosweepError CONFIG_INVALID, TARGET_INVALID, OPTION_INVALID or REPORT_INVALID for what is wrong */
export async function checkCommand(
  line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const now = new Date();
  const checked: CheckedNetwork[] = [];
  for (const network of file.config.networks) {
    const { schedule } = network;
    checked.push({
      network,
      targets: await targetsOf(network),
      runs: schedule === undefined ? [] : nextRuns(schedule, now, RUNS_SHOWN),
    });
  }
  const { knownHosts } = file.config;
  const known =
    knownHosts === undefined ? 0 : (await readKnownHosts(file.resolve(knownHosts))).byKey.size;
  await writeRecords(SHAPE, checked, recordRequests(line), standardOutputOf(surroundings));
  printWords(surroundings, [
    ...checked.flatMap(({ network, targets }) =>
      targets.unresolved.map(({ name, reason }) => `note: ${network.name}: ${name} ${reason}`),
    ),
    ...(knownHosts === undefined ? [] : [`${known} known hosts in ${knownHosts}`]),
    `${file.path} is right`,
  ]);
  return EXIT.ok;
}

export async function schemaCommand(
  _line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const schema = JSON.stringify(configJsonSchema(SWEEP_OPTION_SCHEMA), null, 2);
  await printData(surroundings, `${schema}\n`);
  return EXIT.ok;
}

/**
 * How a network is swept.
 * @throws EchosweepError CONFIG_INVALID where its options contradict each other
 */
export function settingsOf(network: NetworkConfig): SweepSettings {
  try {
    return resolveSettings({ ...sweepOptionsOf(network.sweep), targets: network.targets });
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    throw new EchosweepError(
      'CONFIG_INVALID',
      `networks.${network.name}.sweep: ${error.problem}`,
      error.advice,
      {
        cause: error,
      },
    );
  }
}

/** The addresses of a network now. @throws EchosweepError CONFIG_INVALID or TARGET_INVALID */
export async function targetsOf(network: NetworkConfig): Promise<TargetSet> {
  const options = sweepOptionsOf(network.sweep);
  const { family } = settingsOf(network);
  const specs = (texts: readonly string[], field: string) =>
    texts.map((text) => ({ text, where: `networks.${network.name}.${field}` }));
  return buildTargetSet({
    include: specs(network.targets, 'targets'),
    exclude: specs(network.exclude, 'exclude'),
    includeEdges: options.includeEdges ?? false,
    firstAddressOnly: options.firstAddress ?? false,
    confirmLarge: options.yes ?? false,
    resolve: addressesOfName,
    ...(family === undefined ? {} : { family }),
  });
}
