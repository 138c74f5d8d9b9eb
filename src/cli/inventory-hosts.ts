/** `echosweep inventory hosts` and `export`: the hosts, joined with those that should be there. */

import { EVER_UP, type InventoryHost, listHosts } from '../inventory/host-list.ts';
import { HOST_STATES, type HostState } from '../inventory/host-memory.ts';
import { hostShape } from '../inventory/host-report.ts';
import { readKnownHosts } from '../inventory/known-hosts.ts';
import { joinKnownHosts, KNOWN_STATES, type KnownState } from '../inventory/known-hosts-join.ts';
import { choice, text } from '../option-spec.ts';
import { checkRecordReports, writeRecords } from '../report/records.ts';
import { grouped } from '../words.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import {
  CONFIG_OPTION,
  type ConfigFile,
  NETWORK_OPTION,
  networksNamed,
  openStoreToAsk,
  readConfigOf,
} from './inventory-files.ts';
import { datedPath, readMoment } from './moment.ts';
import { recordRequests, standardOutputOf } from './reports.ts';
import { type Subcommand, type SubcommandLine, sharedOptions } from './subcommand.ts';
import { printWords, type Surroundings } from './terminal.ts';

const REPORT_OPTIONS = sharedOptions(
  'outputs',
  'format',
  'columns',
  'csvProfile',
  'csvDelimiter',
  'csvDecimal',
  'quiet',
);

export const HOSTS: Subcommand = {
  name: 'inventory hosts',
  usage: '',
  takes: [0, 0],
  description:
    'Lists hosts in the order of their addresses, joined with those that should be there.',
  options: [
    CONFIG_OPTION,
    NETWORK_OPTION,
    choice('states', '--state <state>', 'Only hosts of these states, commas between.', {
      isCommandOnly: true,
      isRepeatable: true,
      choices: HOST_STATES,
      otherwise: 'up, missing and gone',
    }),
    choice('known', '--known <which>', 'Only these of the known hosts, commas between.', {
      isCommandOnly: true,
      isRepeatable: true,
      choices: KNOWN_STATES,
      otherwise: 'all',
    }),
    text('name', '--name <text>', 'Only hosts with this in their names.', { isCommandOnly: true }),
    text('unseenSince', '--unseen-since <moment>', 'Only hosts not seen since: 12h, 7d, a date.', {
      isCommandOnly: true,
    }),
    ...REPORT_OPTIONS,
  ],
};

export const EXPORT: Subcommand = {
  name: 'inventory export',
  usage: '',
  takes: [0, 0],
  description:
    'Writes all hosts that ever answered and all that should be there. In the name of a file, %Y %m %d %H %M stand ' +
    'for the parts of the time, UTC.',
  options: [CONFIG_OPTION, NETWORK_OPTION, ...REPORT_OPTIONS],
};

export function hostsCommand(line: SubcommandLine, surroundings: Surroundings): Promise<ExitCode> {
  return writeHosts(line, surroundings, (path) => path);
}

export function exportCommand(line: SubcommandLine, surroundings: Surroundings): Promise<ExitCode> {
  const now = new Date();
  return writeHosts(line, surroundings, (path) => datedPath(path, now));
}

async function writeHosts(
  line: SubcommandLine,
  surroundings: Surroundings,
  pathOf: (path: string) => string,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const networks = line.value<readonly string[]>('networks');
  const asked = networksNamed(file, networks).map((network) => network.name);
  const states = line.value<readonly HostState[]>('states');
  const wanted = line.value<readonly KnownState[]>('known');
  const name = line.value<string>('name');
  const unseen = line.value<string>('unseenSince');
  const unseenSince =
    unseen === undefined ? undefined : readMoment(unseen, new Date(), '--unseen-since');
  const known = await knownHostsOf(file);
  const shape = hostShape(known?.columns ?? []);
  const requests = recordRequests(line).map((request) => ({
    ...request,
    path: pathOf(request.path),
  }));
  const stdout = standardOutputOf(surroundings);
  await checkRecordReports(shape, requests, stdout);
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
  if (!line.value<boolean>('quiet'))
    printWords(surroundings, [
      `${grouped(listed.length)} ${listed.length === 1 ? 'host' : 'hosts'}`,
    ]);
  return EXIT.ok;
}

/** @returns undefined where the configuration names none */
export function knownHostsOf({ config, resolve }: ConfigFile) {
  return config.knownHosts === undefined ? undefined : readKnownHosts(resolve(config.knownHosts));
}
