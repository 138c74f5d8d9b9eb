/** `echosweep inventory import` and `prune`: what the inventory takes in from earlier days, and what it lets go. */

import { stat } from 'node:fs/promises';
import { EchosweepError } from '../errors.ts';
import { lockNetwork } from '../inventory/network-lock.ts';
import { prune } from '../inventory/prune.ts';
import { importScan, type ReadScan } from '../inventory/scan-import.ts';
import { changeTotals } from '../inventory/telling/change-totals.ts';
import { number, text } from '../option-spec.ts';
import { optionInvalid } from '../option-value.ts';
import { openCsvReport, type ReportedHost } from '../report/read-csv.ts';
import { grouped } from '../words.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import {
  CONFIG_OPTION,
  networksNamed,
  openStoreOf,
  ownerOfFiles,
  readConfigOf,
  scannedNetworks,
} from './inventory-files.ts';
import type { Subcommand, SubcommandLine } from './subcommand.ts';
import { printWords, type Surroundings } from './terminal.ts';

export const IMPORT: Subcommand = {
  name: 'inventory import',
  usage: '<report.csv...>',
  takes: [1, 100_000],
  description:
    'Takes CSV reports of earlier sweeps in, oldest first by their own times, as if they had been scans of the network.',
  options: [
    CONFIG_OPTION,
    text('network', '--network <name>', 'The network that they are of.', {
      isCommandOnly: true,
      otherwise: 'the only one',
    }),
  ],
};

export const PRUNE: Subcommand = {
  name: 'inventory prune',
  usage: '',
  takes: [0, 0],
  description:
    'Forgets scans, changes, statistics and gone hosts that are older than the configuration keeps.',
  options: [
    CONFIG_OPTION,
    number('keepDays', '--keep-days <n>', 'How many days to keep.', {
      isCommandOnly: true,
      from: 1,
      to: 36_500,
      otherwise: 'as configured',
    }),
  ],
};

/** @throws EchosweepError REPORT_INVALID for a report that cannot be taken in; those before it are kept */
export async function importCommand(
  line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const name = line.value<string>('network');
  const [network, ...others] = networksNamed(file, name === undefined ? undefined : [name]);
  if (others.length > 0)
    throw optionInvalid('--network is missing', 'say which network the reports are of');
  // Files are read twice, so that never more than one of them lies in memory; a pipe can be read but once.
  const reports: { readonly startedAt: Date; readonly read: () => Promise<ReadScan> }[] = [];
  for (const path of line.args) {
    const scan = await readScan(path);
    const { startedAt } = scan;
    const isFile = (await stat(path)).isFile();
    reports.push({ startedAt, read: isFile ? () => readScan(path) : async () => scan });
  }
  reports.sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
  const store = await openStoreOf(file);
  const lock = await lockNetwork(store.path, network!.name, ownerOfFiles());
  try {
    for (const { read } of reports) {
      const scan = await read();
      const { changes, isFirst } = importScan(store, network!.name, scan, network!.rules);
      const told = isFirst ? 'the first' : changeTotals(changes);
      printWords(surroundings, [`${scan.path}: ${grouped(scan.hosts.length)} rows; ${told}`]);
    }
  } finally {
    lock.release();
    store.close();
  }
  return EXIT.ok;
}

async function readScan(path: string): Promise<ReadScan> {
  const hosts: ReportedHost[] = [];
  for await (const host of (await openCsvReport(path)).hosts) hosts.push(host);
  const times = hosts.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt.getTime()]));
  if (times.length === 0) {
    throw new EchosweepError(
      'REPORT_INVALID',
      `${path}: none of its rows has a started_at`,
      'take a report with this column',
    );
  }
  const extreme = (choose: (a: number, b: number) => number): Date =>
    new Date(times.reduce((a, b) => choose(a, b)));
  return { path, hosts, startedAt: extreme(Math.min), endedAt: extreme(Math.max) };
}

export async function pruneCommand(
  line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const days = line.value<number>('keepDays') ?? file.config.keepDays;
  const store = await openStoreOf(file);
  const { scans, changes, hosts } = prune(
    store,
    { days, networks: scannedNetworks(file) },
    new Date(),
  );
  store.close();
  printWords(surroundings, [
    `forgot ${grouped(scans)} scans, ${grouped(changes)} changes and ${grouped(hosts)} gone hosts older than ${days} ${days === 1 ? 'day' : 'days'}`,
  ]);
  return EXIT.ok;
}
