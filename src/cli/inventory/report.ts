/** `echosweep inventory report NETWORK -o report.html`: a network and its history as a page. */

import { knownHostsOf, networksNamed } from '../../inventory/config/config-file.ts';
import { readMoment } from '../../inventory/moment.ts';
import { optionInvalid } from '../../option-value.ts';
import { InventoryQuestions } from '../../service/inventory-questions.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { pagePlaces, writePage } from '../page-output.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';
import { knownHostsNotes } from './known-hosts-notes.ts';
import { sinceOption } from './view-options.ts';

export const REPORT = subcommand({
  name: 'inventory report',
  usage: '<network>',
  takes: [1, 1],
  description:
    'Shows a network and its history as a page for the browser: what changed, the share in use by day, and the ' +
    'availability of each host.',
  options: [CONFIG_OPTION, sinceOption('30d'), ...sharedOptions('outputs')],
});

/** @throws EchosweepError OPTION_INVALID if the network was never scanned, OUTPUT_FAILED */
export async function reportCommand(
  line: LineOf<typeof REPORT>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const places = pagePlaces(line.values.outputs, surroundings);
  const since = readMoment(line.values.since, new Date(), '--since');
  const file = await readConfigOf(line);
  const { name } = networksNamed(file, line.args)[0]!;
  const known = await knownHostsOf(file);
  const store = await openStoreToRead(file, surroundings);
  const page = new InventoryQuestions(store, file).networkPage(name, since, known);
  store.close();
  if (page === undefined) {
    throw optionInvalid(
      `nothing is known of ${name}`,
      `run echosweep inventory scan ${name} first`,
    );
  }
  printWords(surroundings, knownHostsNotes(known));
  await writePage(page, places, surroundings);
  return EXIT.ok;
}
