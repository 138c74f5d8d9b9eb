/** `echosweep inventory hosts` and `export`: the hosts, joined with those that should be there. */

import { EVER_UP, type InventoryHost, listHosts } from '../../inventory/host-list.ts';
import { HOST_STATES } from '../../inventory/host-memory.ts';
import { hostShape } from '../../inventory/host-report.ts';
import { readKnownHosts } from '../../inventory/known-hosts.ts';
import { joinKnownHosts, KNOWN_STATES, type KnownState } from '../../inventory/known-hosts-join.ts';
import { choice, text } from '../../option-spec.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { RECORD_REPORTS, sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { grouped } from '../progress.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import {
  CONFIG_OPTION,
  type ConfigFile,
  NETWORK_OPTION,
  networksNamed,
  openStoreToAsk,
  readConfigOf,
} from './config-and-database.ts';
import { datedPath, readMoment } from './moment.ts';

const REPORT_OPTIONS = [...RECORD_REPORTS, ...sharedOptions('quiet')] as const;

export const HOSTS = subcommand({
  name: 'inventory hosts',
  usage: '',
  takes: [0, 0],
  description:
    'Lists hosts in the order of their addresses, joined with those that should be there.',
  options: [
    CONFIG_OPTION,
    NETWORK_OPTION,
    choice('states', '--state <state>', 'Only hosts of these states, commas between.', {
      isRepeatable: true,
      choices: HOST_STATES,
      otherwise: 'up, missing and gone',
    }),
    choice('known', '--known <which>', 'Only these of the known hosts, commas between.', {
      isRepeatable: true,
      choices: KNOWN_STATES,
      otherwise: 'all',
    }),
    text('name', '--name <text>', 'Only hosts with this in their names.'),
    text(
      'unseenSince',
      '--unseen-since <moment>',
      'Only hosts not seen since: 12h, 7d, a date.',
      {},
    ),
    ...REPORT_OPTIONS,
  ],
});

export const EXPORT = subcommand({
  name: 'inventory export',
  usage: '',
  takes: [0, 0],
  description:
    'Writes all hosts that ever answered and all that should be there. In the name of a file, %Y %m %d %H %M stand ' +
    'for the parts of the time, UTC.',
  options: [CONFIG_OPTION, NETWORK_OPTION, ...REPORT_OPTIONS],
});

export function hostsCommand(
  line: LineOf<typeof HOSTS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  return writeHosts(line, surroundings, (path) => path);
}

export function exportCommand(
  line: LineOf<typeof EXPORT>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const now = new Date();
  return writeHosts(line, surroundings, (path) => datedPath(path, now));
}

async function writeHosts(
  line: LineOf<typeof HOSTS>,
  surroundings: Surroundings,
  pathOf: (path: string) => string,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const networks = line.values.networks;
  const asked = networksNamed(file, networks).map((network) => network.name);
  const states = line.values.states;
  const wanted = line.values.known;
  const name = line.values.name;
  const unseen = line.values.unseenSince;
  const unseenSince =
    unseen === undefined ? undefined : readMoment(unseen, new Date(), '--unseen-since');
  const known = await knownHostsOf(file);
  const shape = hostShape(known?.columns ?? []);
  const requests = recordRequests(line.values).map((request) => ({
    ...request,
    path: pathOf(request.path),
  }));
  const stdout = standardOutputOf(surroundings);
  checkRecordReports(shape, requests, stdout);
  const store = await openStoreToAsk(file);
  // Who is documented is told of in whatever state.
  const listedStates = states ?? (known === undefined ? EVER_UP : HOST_STATES);
  const hosts = listHosts(store, { networks: asked, states: listedStates, name, unseenSince });
  store.close();
  // Who asks for certain hosts of the inventory does not ask for those that are not in it.
  const isFiltered = [networks, states, name, unseenSince].some((filter) => filter !== undefined);
  const isTold = (host: InventoryHost, documented: KnownState | null): boolean =>
    states !== undefined || documented !== null || EVER_UP.includes(host.state);
  const listed = joinKnownHosts(hosts, known).filter(
    (each) =>
      (wanted === undefined || (each.known !== null && wanted.includes(each.known))) &&
      (each.host === null ? !isFiltered : isTold(each.host, each.known)),
  );
  await writeRecords(shape, listed, requests, stdout);
  if (!line.values.quiet)
    printWords(surroundings, [
      `${grouped(listed.length)} ${listed.length === 1 ? 'host' : 'hosts'}`,
    ]);
  return EXIT.ok;
}

/** @returns undefined where the configuration names none */
export function knownHostsOf({ config, resolve }: ConfigFile) {
  return config.knownHosts === undefined ? undefined : readKnownHosts(resolve(config.knownHosts));
}
