/** `echosweep inventory metrics`: the state of the networks for Prometheus. */

import { InventoryQuestions } from '../../service/inventory-questions.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printData, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';

export const METRICS_COMMAND = subcommand({
  name: 'inventory metrics',
  usage: '',
  takes: [0, 0],
  description: 'Prints the state of the networks in the text format of Prometheus.',
  options: [CONFIG_OPTION],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED */
export async function metricsCommand(
  line: LineOf<typeof METRICS_COMMAND>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const store = await openStoreToRead(file, surroundings);
  const text = new InventoryQuestions(store, file).metrics();
  store.close();
  await printData(surroundings, text);
  return EXIT.ok;
}
