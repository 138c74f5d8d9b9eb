/** `echosweep inventory prune`: forgets what is older than the configuration keeps. */

import { prune } from '../../inventory/prune.ts';
import { number } from '../../option-spec.ts';
import { grouped } from '../../words.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreOf, readConfigOf } from './config-and-database.ts';

export const PRUNE = subcommand({
  name: 'inventory prune',
  usage: '',
  takes: [0, 0],
  description:
    'Deletes scans, changes, statistics and gone hosts that are older than the configuration keeps.',
  options: [
    CONFIG_OPTION,
    number('keepDays', '--keep-days <n>', 'How many days to keep.', {
      from: 1,
      to: 36_500,
      otherwise: 'as configured',
    }),
  ],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_BUSY, INVENTORY_FAILED */
export async function pruneCommand(
  line: LineOf<typeof PRUNE>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const days = line.values.keepDays ?? file.config.keepDays;
  const networks = file.config.networks.map(({ name }) => name);
  const store = await openStoreOf(file);
  const { scans, changes, hosts } = await prune(store, { days, networks }, new Date());
  store.close();
  printWords(surroundings, [
    `forgot ${grouped(scans)} scans, ${grouped(changes)} changes and ${grouped(hosts)} gone hosts older than ${days} ${days === 1 ? 'day' : 'days'}`,
  ]);
  return EXIT.ok;
}
