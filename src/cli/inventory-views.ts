/** `echosweep inventory status`, `host` and `changes`: questions to the inventory. */

import { readAddress } from '../address.ts';
import { listChanges } from '../inventory/change-list.ts';
import { INVENTORY_CHANGE_SHAPE } from '../inventory/change-report.ts';
import type { NetworkConfig } from '../inventory/config.ts';
import { type HostHistory, hostHistories } from '../inventory/host-list.ts';
import { CHANGE_KINDS, type ChangeKind } from '../inventory/host-memory.ts';
import { DAY_SHAPE, historyLines } from '../inventory/host-report.ts';
import { type NetworkStatus, networkStatus } from '../inventory/network-status.ts';
import { nextRuns } from '../inventory/schedule.ts';
import { changeTotals } from '../inventory/telling/change-totals.ts';
import { text, toggle } from '../option-spec.ts';
import { optionInvalid } from '../option-value.ts';
import { RECORD_FORMATS } from '../report/formats.ts';
import { figureColumn, type RecordShape, textColumn, timeColumn } from '../report/record-shape.ts';
import { checkRecordReports, writeRecords } from '../report/records.ts';
import { formatEntry } from '../report/registry.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import {
  CONFIG_OPTION,
  NETWORK_OPTION,
  networksNamed,
  openStoreToAsk,
  readConfigOf,
} from './inventory-files.ts';
import { KINDS_OPTION } from './kinds-option.ts';
import { readMoment } from './moment.ts';
import { recordRequests, standardOutputOf } from './reports.ts';
import { type Subcommand, type SubcommandLine, sharedOptions } from './subcommand.ts';
import { backlogLines } from './telling.ts';
import { errorLine, printData, printWords, type Surroundings } from './terminal.ts';

const REPORT_OPTIONS = sharedOptions(
  'outputs',
  'format',
  'columns',
  'csvProfile',
  'csvDelimiter',
  'csvDecimal',
  'quiet',
);

export const sinceOption = (usual: string) =>
  text('since', '--since <moment>', 'From when on: 12h, 7d, 2w ago, or a date.', {
    isCommandOnly: true,
    default: usual,
  });

export const STATUS: Subcommand = {
  name: 'inventory status',
  usage: '',
  takes: [0, 0],
  description:
    'Shows each network: its last and next scan, its hosts, what is new and what is free.',
  options: [CONFIG_OPTION, NETWORK_OPTION, ...REPORT_OPTIONS],
};

export const HOST: Subcommand = {
  name: 'inventory host',
  usage: '<address>',
  takes: [1, 1],
  description:
    'Shows the history of a host: its days with the share of scans that it answered and its RTT, and its changes. ' +
    'CSV and JSON Lines hold the days.',
  options: [CONFIG_OPTION, sinceOption('30d'), ...REPORT_OPTIONS],
};

export const CHANGES: Subcommand = {
  name: 'inventory changes',
  usage: '',
  takes: [0, 0],
  description: 'Tells what has changed, oldest first.',
  options: [
    CONFIG_OPTION,
    NETWORK_OPTION,
    sinceOption('7d'),
    KINDS_OPTION,
    toggle('failOnChange', '--fail-on-change', 'Exit with code 1 where something changed.'),
    ...REPORT_OPTIONS,
  ],
};

interface StatusRow {
  readonly status: NetworkStatus;
  readonly network: NetworkConfig;
  readonly next: Date | null;
}

const used = ({ hosts }: NetworkStatus): number => hosts.up + hosts.missing;

const STATUS_SHAPE: RecordShape<StatusRow> = {
  type: 'network',
  columns: [
    textColumn('network', 'Its name.', ({ network }) => network.name),
    textColumn('site', 'Where it is.', ({ network }) => network.site, { isSpare: true }),
    timeColumn('last_scan', 'When it began.', ({ status }) => status.lastScan),
    timeColumn('next_scan', 'When it is due.', ({ next }) => next),
    figureColumn('addresses', 'Probed by the last scan.', 0, ({ status }) => status.targets, {
      isSpare: true,
    }),
    figureColumn('up', 'Hosts that are up.', 0, ({ status }) => status.hosts.up),
    figureColumn(
      'missing',
      'Hosts that do not answer, but are not gone yet.',
      0,
      ({ status }) => status.hosts.missing,
    ),
    figureColumn('gone', 'Hosts that are gone.', 0, ({ status }) => status.hosts.gone),
    figureColumn(
      'new',
      'Hosts that are new within seven days.',
      0,
      ({ status }) => status.newHosts,
    ),
    figureColumn('free', 'Addresses without a host that is up or missing.', 0, ({ status }) =>
      status.targets === null ? null : Math.max(0, status.targets - used(status)),
    ),
    figureColumn('used_pct', 'Share of the addresses that are not free.', 1, ({ status }) =>
      status.targets ? Math.min(100, (100 * used(status)) / status.targets) : null,
    ),
    textColumn(
      'doubt',
      'Why the last scan may be unreliable.',
      ({ status }) => status.doubt ?? (status.partial ? 'stopped early' : null),
    ),
  ],
};

export async function statusCommand(
  line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const networks = networksNamed(file, line.value('networks'));
  const [requests, stdout] = [recordRequests(line), standardOutputOf(surroundings)];
  await checkRecordReports(STATUS_SHAPE, requests, stdout);
  const store = await openStoreToAsk(file);
  const now = new Date();
  const rows = networks.map((network) => ({
    network,
    status: networkStatus(store, network.name, now),
    next: network.schedule === undefined ? null : (nextRuns(network.schedule, now, 1)[0] ?? null),
  }));
  const waiting = backlogLines(store);
  store.close();
  await writeRecords(STATUS_SHAPE, rows, requests, stdout);
  if (!line.value<boolean>('quiet')) printWords(surroundings, waiting.map(errorLine));
  return EXIT.ok;
}

/** @throws EchosweepError OPTION_INVALID where nothing is known of the address */
export async function hostCommand(
  line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [given] = line.args as [string];
  const address = readAddress(given);
  if (address === undefined) {
    throw optionInvalid(`${JSON.stringify(given)} is no address`, 'write one such as 192.0.2.1');
  }
  const file = await readConfigOf(line);
  const since = readMoment(line.value('since')!, new Date(), '--since');
  const [requests, stdout] = [recordRequests(line), standardOutputOf(surroundings)];
  await checkRecordReports(DAY_SHAPE, requests, stdout);
  const store = await openStoreToAsk(file);
  const histories = hostHistories(store, address.key, since);
  store.close();
  if (histories.length === 0) {
    throw optionInvalid(`the inventory does not know ${address.text}`, 'scan its network first');
  }
  const isForReading = requests.every(
    (request) => formatEntry(request, stdout, RECORD_FORMATS).name === 'table',
  );
  if (isForReading && line.value('outputs') === undefined) {
    await printData(surroundings, histories.flatMap(textOf).join(''));
  } else {
    const days = histories.flatMap(({ host, days: own }) => own.map((day) => ({ host, day })));
    await writeRecords(DAY_SHAPE, days, requests, stdout);
  }
  return EXIT.ok;
}

function textOf(history: HostHistory): string[] {
  return historyLines(history).map((words) => `${words}\n`);
}

export async function changesCommand(
  line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const since = readMoment(line.value('since')!, new Date(), '--since');
  const named = networksNamed(file, line.value('networks'));
  const networks = named.map(({ name }) => name);
  const kinds = line.value<readonly ChangeKind[]>('kinds') ?? CHANGE_KINDS;
  const [requests, stdout] = [recordRequests(line), standardOutputOf(surroundings)];
  await checkRecordReports(INVENTORY_CHANGE_SHAPE, requests, stdout);
  const store = await openStoreToAsk(file);
  const changes = listChanges(store, { since, networks, kinds });
  store.close();
  await writeRecords(INVENTORY_CHANGE_SHAPE, changes, requests, stdout);
  if (!line.value<boolean>('quiet')) printWords(surroundings, [changeTotals(changes)]);
  const isMissed = line.value<boolean>('failOnChange') && changes.length > 0;
  return isMissed ? EXIT.expectationMissed : EXIT.ok;
}
