/** `echosweep inventory status`, `host` and `changes`: questions to the inventory. */

import { readAddress } from '../../address.ts';
import { listChanges } from '../../inventory/change-list.ts';
import { INVENTORY_CHANGE_SHAPE } from '../../inventory/change-report.ts';
import type { NetworkConfig } from '../../inventory/config/config.ts';
import { type HostHistory, hostHistories } from '../../inventory/host-list.ts';
import { CHANGE_KINDS } from '../../inventory/host-memory.ts';
import { DAY_SHAPE, historyLines } from '../../inventory/host-report.ts';
import { type NetworkStatus, networkStatus } from '../../inventory/network-status.ts';
import { changeTotals } from '../../inventory/notify/change-totals.ts';
import { nextRuns } from '../../inventory/schedule.ts';
import { text, toggle } from '../../option-spec.ts';
import { optionInvalid } from '../../option-value.ts';
import type { RecordShape } from '../../report/record-shape.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { formatEntry } from '../../report/registry.ts';
import { RECORD_REPORTS, sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { KINDS_OPTION } from '../kinds-option.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printData, printWords, type Surroundings } from '../terminal.ts';
import {
  CONFIG_OPTION,
  NETWORK_OPTION,
  networksNamed,
  openStoreToAsk,
  readConfigOf,
} from './config-and-database.ts';
import { readMoment } from './moment.ts';
import { backlogLines } from './telling.ts';

const REPORT_OPTIONS = [...RECORD_REPORTS, ...sharedOptions('quiet')] as const;

export const sinceOption = (usual: string) =>
  text('since', '--since <moment>', 'From when on: 12h, 7d, 2w ago, or a date.', {
    default: usual,
  });

export const STATUS = subcommand({
  name: 'inventory status',
  usage: '',
  takes: [0, 0],
  description:
    'Shows each network: its last and next scan, its hosts, what is new and what is free.',
  options: [CONFIG_OPTION, NETWORK_OPTION, ...REPORT_OPTIONS],
});

export const HOST = subcommand({
  name: 'inventory host',
  usage: '<address>',
  takes: [1, 1],
  description:
    'Shows the history of a host: its days with the share of scans that it answered and its RTT, and its changes. ' +
    'CSV and JSON Lines hold the days.',
  options: [CONFIG_OPTION, sinceOption('30d'), ...REPORT_OPTIONS],
});

export const CHANGES = subcommand({
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
});

interface StatusRow {
  readonly status: NetworkStatus;
  readonly network: NetworkConfig;
  readonly next: Date | null;
}

const used = ({ hosts }: NetworkStatus): number => hosts.up + hosts.missing;

const STATUS_SHAPE: RecordShape<StatusRow> = {
  type: 'network',
  columns: [
    { name: 'network', meaning: 'Its name.', value: ({ network }) => network.name },
    { name: 'site', meaning: 'Where it is.', value: ({ network }) => network.site, isSpare: true },
    { name: 'last_scan', meaning: 'When it began.', value: ({ status }) => status.lastScan },
    { name: 'next_scan', meaning: 'When it is due.', value: ({ next }) => next },
    {
      ...count('addresses', 'Asked by the last scan.', ({ status }) => status.targets),
      isSpare: true,
    },
    count('up', 'Hosts that are up.', ({ status }) => status.hosts.up),
    count(
      'missing',
      'Hosts that do not answer, but are not gone yet.',
      ({ status }) => status.hosts.missing,
    ),
    count('gone', 'Hosts that are gone.', ({ status }) => status.hosts.gone),
    count('new', 'Hosts that are new within seven days.', ({ status }) => status.newHosts),
    count('free', 'Addresses without a host that is up or missing.', ({ status }) =>
      status.targets === null ? null : Math.max(0, status.targets - used(status)),
    ),
    {
      ...count('used_pct', 'Share of the addresses that are not free.', ({ status }) =>
        status.targets ? Math.min(100, (100 * used(status)) / status.targets) : null,
      ),
      decimals: 1,
    },
    {
      name: 'doubt',
      meaning: 'Why the last scan does not trust itself.',
      value: ({ status }) => status.doubt ?? (status.partial ? 'stopped early' : null),
    },
  ],
};

function count(name: string, meaning: string, value: (row: StatusRow) => number | null) {
  return { name, meaning, decimals: 0, value };
}

export async function statusCommand(
  line: LineOf<typeof STATUS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const networks = networksNamed(file, line.values.networks);
  const [requests, stdout] = [recordRequests(line.values), standardOutputOf(surroundings)];
  checkRecordReports(STATUS_SHAPE, requests, stdout);
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
  if (!line.values.quiet) printWords(surroundings, waiting.map(errorLine));
  return EXIT.ok;
}

/** @throws EchosweepError OPTION_INVALID where nothing is known of the address */
export async function hostCommand(
  line: LineOf<typeof HOST>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [given] = line.args as [string];
  const address = readAddress(given);
  if (address === undefined) {
    throw optionInvalid(`${JSON.stringify(given)} is no address`, 'write one such as 192.0.2.1');
  }
  const file = await readConfigOf(line);
  const since = readMoment(line.values.since, new Date(), '--since');
  const [requests, stdout] = [recordRequests(line.values), standardOutputOf(surroundings)];
  checkRecordReports(DAY_SHAPE, requests, stdout);
  const store = await openStoreToAsk(file);
  const histories = hostHistories(store, address.key, since);
  store.close();
  if (histories.length === 0) {
    throw optionInvalid(`the inventory does not know ${address.text}`, 'scan its network first');
  }
  const isForReading = requests.every((request) => formatEntry(request, stdout).name === 'table');
  if (isForReading && line.values.outputs === undefined) {
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
  line: LineOf<typeof CHANGES>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const since = readMoment(line.values.since, new Date(), '--since');
  const named = networksNamed(file, line.values.networks);
  const networks = named.map(({ name }) => name);
  const kinds = line.values.kinds ?? CHANGE_KINDS;
  const [requests, stdout] = [recordRequests(line.values), standardOutputOf(surroundings)];
  checkRecordReports(INVENTORY_CHANGE_SHAPE, requests, stdout);
  const store = await openStoreToAsk(file);
  const changes = listChanges(store, { since, networks, kinds });
  store.close();
  await writeRecords(INVENTORY_CHANGE_SHAPE, changes, requests, stdout);
  if (!line.values.quiet) printWords(surroundings, [changeTotals(changes)]);
  const isMissed = line.values.failOnChange && changes.length > 0;
  return isMissed ? EXIT.expectationMissed : EXIT.ok;
}
