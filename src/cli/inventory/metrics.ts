/** `echosweep inventory metrics`, and the file of metrics that is written after each scan. */

import { metricsText } from '../../inventory/metrics.ts';
import { nextRuns } from '../../inventory/schedule.ts';
import type { Store } from '../../inventory/store.ts';
import { openOutputFile } from '../../report/output-file.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printData, type Surroundings } from '../terminal.ts';
import {
  CONFIG_OPTION,
  type ConfigFile,
  openStoreToAsk,
  readConfigOf,
} from './config-and-database.ts';

export const METRICS_COMMAND = subcommand({
  name: 'inventory metrics',
  usage: '',
  takes: [0, 0],
  description: 'Prints how the networks stand in the text format of Prometheus.',
  options: [CONFIG_OPTION],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED */
export async function metricsCommand(
  line: LineOf<typeof METRICS_COMMAND>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const store = await openStoreToAsk(file);
  const text = metricsOf(store, file);
  store.close();
  await printData(surroundings, text);
  return EXIT.ok;
}

/** @throws EchosweepError INVENTORY_FAILED */
export function metricsOf(store: Store, { config }: ConfigFile): string {
  const now = new Date();
  const networks = config.networks.map(({ name, schedule }) => ({
    name,
    nextScan: schedule === undefined ? undefined : nextRuns(schedule, now, 1)[0],
  }));
  return metricsText(store, networks, now);
}

/** Writes the file that the configuration names, whole or not at all. @throws EchosweepError OUTPUT_FAILED, INVENTORY_FAILED */
export async function writeMetricsFile(store: Store, file: ConfigFile): Promise<void> {
  const { metricsFile } = file.config;
  if (metricsFile === undefined) return;
  const output = await openOutputFile(file.resolve(metricsFile));
  try {
    await output.write(metricsOf(store, file));
    await output.commit();
  } finally {
    await output.discard();
  }
}
