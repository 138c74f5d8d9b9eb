/** `echosweep inventory report NETWORK -o report.html`: a network and its history as a page. */

import { listChanges } from '../../inventory/change-list.ts';
import { historyPage } from '../../inventory/history-page.ts';
import { listHosts } from '../../inventory/host-list.ts';
import { CHANGE_KINDS, HOST_STATES } from '../../inventory/host-memory.ts';
import { joinKnownHosts } from '../../inventory/known-hosts-join.ts';
import { networkHistory } from '../../inventory/network-history.ts';
import { networkStatus } from '../../inventory/network-status.ts';
import { optionInvalid } from '../../option-value.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { pagePlaces, writePage } from '../page-output.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import type { Surroundings } from '../terminal.ts';
import {
  CONFIG_OPTION,
  networksNamed,
  openStoreToAsk,
  readConfigOf,
} from './config-and-database.ts';
import { knownHostsOf } from './hosts.ts';
import { readMoment } from './moment.ts';
import { sinceOption } from './status.ts';

export const REPORT = subcommand({
  name: 'inventory report',
  usage: '<network>',
  takes: [1, 1],
  description:
    'Draws a network and its history as a page for the browser: what changed, the share in use by day, and each ' +
    "host's availability.",
  options: [CONFIG_OPTION, sinceOption('30d'), ...sharedOptions('outputs')],
});

/** @throws EchosweepError OPTION_INVALID where the network was never scanned, OUTPUT_FAILED */
export async function reportCommand(
  line: LineOf<typeof REPORT>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const now = new Date();
  const places = pagePlaces(line.values.outputs, surroundings);
  const since = readMoment(line.values.since, now, '--since');
  const file = await readConfigOf(line);
  const { name } = networksNamed(file, line.args)[0]!;
  const known = await knownHostsOf(file);
  const store = await openStoreToAsk(file);
  const networks = [name];
  const states = HOST_STATES.filter((state) => state !== 'unasked');
  const hosts = joinKnownHosts(listHosts(store, { networks, states }), known);
  const history = networkHistory(store, name, since, now);
  const changes = listChanges(store, { since, networks, kinds: CHANGE_KINDS });
  const status = networkStatus(store, name, now);
  store.close();
  if (status.lastScan === null) {
    throw optionInvalid(`nothing is known of ${name}`, `echosweep inventory scan ${name} first`);
  }
  const page = historyPage({ network: name, hosts, status, history, changes });
  await writePage(page, places, surroundings);
  return EXIT.ok;
}
