/** `echosweep inventory scan`: sweeps networks now, remembers what they show, and tells what changed. */

import { readAddress } from '../address.ts';
import type { InventoryChange } from '../inventory/change-list.ts';
import { INVENTORY_CHANGE_SHAPE } from '../inventory/change-report.ts';
import type { NetworkConfig } from '../inventory/config.ts';
import { CHANGE_KINDS, type ChangeKind } from '../inventory/host-memory.ts';
import { lockNetwork } from '../inventory/network-lock.ts';
import { type ScannedHost, writeScan } from '../inventory/scan-writer.ts';
import type { Store } from '../inventory/store.ts';
import { toggle } from '../option-spec.ts';
import { checkRecordReports, writeRecords } from '../report/records.ts';
import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import { resolveRdnsTimeoutMs } from '../settings.ts';
import { runSweep, type SweepProgress } from '../sweep.ts';
import { dropPrivileges } from '../transport/privileges.ts';
import { changeTotals, KINDS_OPTION } from './change-words.ts';
import { EXIT, type ExitCode, exitCodeOfSweep } from './exit-codes.ts';
import { settingsOf, targetsOf } from './inventory-check.ts';
import {
  CONFIG_OPTION,
  networksNamed,
  openStoreOf,
  ownerOfFiles,
  readConfigOf,
} from './inventory-files.ts';
import { grouped, ProgressBar } from './progress.ts';
import { recordRequests, standardOutputOf } from './reports.ts';
import { SweepSignals } from './signals.ts';
import { type Subcommand, type SubcommandLine, sharedOptions } from './subcommand.ts';
import { sweepOptionsOf } from './sweep-option-schema.ts';
import { errorLine, printWords, type Surroundings } from './terminal.ts';

export const SCAN: Subcommand = {
  name: 'inventory scan',
  usage: '[network...]',
  takes: [0, 1000],
  description:
    'Sweeps the networks of the configuration, or those named, remembers what they show and tells what changed.',
  options: [
    CONFIG_OPTION,
    KINDS_OPTION,
    toggle('failOnChange', '--fail-on-change', 'Exit with code 1 where something changed.'),
    ...sharedOptions(
      'outputs',
      'format',
      'columns',
      'csvProfile',
      'csvDelimiter',
      'csvDecimal',
      'quiet',
      'noProgress',
    ),
  ],
};

/** What came of the scan of one network. */
interface ScanResult {
  readonly changes: readonly InventoryChange[];
  /** Undefined where no name of the network could be resolved. */
  readonly run: RunRecord | undefined;
  readonly hasUnresolvedNames: boolean;
}

/** @throws EchosweepError for what keeps a scan from running to its end; networks scanned before it are kept */
export async function scanCommand(
  line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const networks = networksNamed(file, line.args.length === 0 ? undefined : line.args);
  const shape = INVENTORY_CHANGE_SHAPE;
  const requests = recordRequests(line);
  const stdout = standardOutputOf(surroundings);
  checkRecordReports(shape, requests, stdout);
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => printWords(surroundings, [errorLine('stopping; what is known is kept')]),
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
    onSnapshot: () => {},
  });
  const store = await openStoreOf(file);
  const results: ScanResult[] = [];
  try {
    for (const [i, network] of networks.entries()) {
      if (signals.stoppedBy !== undefined) break;
      // The sockets of the next network want the same rights.
      const isLast = i === networks.length - 1;
      results.push(await scanNetwork(store, network, line, surroundings, signals.signal, isLast));
    }
  } finally {
    signals.release();
    store.close();
  }
  const kinds = line.value<readonly ChangeKind[]>('kinds') ?? CHANGE_KINDS;
  const changes = results
    .flatMap((result) => result.changes)
    .filter(({ kind }) => kinds.includes(kind));
  await writeRecords(shape, changes, requests, stdout);
  return exitCodeOfSweep({
    stoppedBy: signals.stoppedBy,
    hasFailed: results.some(({ run }) => typeof run?.failure === 'string'),
    isDoubtful: results.some(({ run }) => (run?.doubts.length ?? 0) > 0),
    hasUnresolvedNames: results.some((result) => result.hasUnresolvedNames),
    missesExpectation: line.value<boolean>('failOnChange') === true && changes.length > 0,
  });
}

async function scanNetwork(
  store: Store,
  network: NetworkConfig,
  line: SubcommandLine,
  surroundings: Surroundings,
  signal: AbortSignal,
  isLast: boolean,
): Promise<ScanResult> {
  const { name, rules } = network;
  const options = { ...sweepOptionsOf(network.sweep), targets: network.targets };
  const targets = await targetsOf(network);
  printWords(
    surroundings,
    targets.unresolved.map((target) =>
      errorLine(`${name}: ${target.name} is left out: ${target.message}`),
    ),
  );
  if (targets.count === 0) return { changes: [], run: undefined, hasUnresolvedNames: true };
  const lock = await lockNetwork(store.path, name, ownerOfFiles());
  const bar = progressBar(line, surroundings);
  try {
    const hosts: ScannedHost[] = [];
    const rdnsTimeoutMs = resolveRdnsTimeoutMs(options);
    const run = await runSweep({
      settings: settingsOf(network),
      targets,
      command: `inventory scan ${name}`,
      ...(rdnsTimeoutMs === undefined ? {} : { rdnsTimeoutMs }),
      signal,
      afterSocketsOpen: async () => {
        if (isLast) await dropPrivileges();
      },
      onRows: async (rows) => {
        for (const row of rows) hosts.push(scannedHost(row));
      },
      onProgress: (progress: SweepProgress) => bar?.update(progress),
    });
    bar?.end();
    const record = { ...run, endedAt: run.endedAt ?? new Date(), source: 'scan' as const };
    const written = writeScan(store, name, record, hosts, rules);
    if (!line.value<boolean>('quiet')) {
      printWords(surroundings, summaryLines(name, run, written.isFirst, written.changes));
    }
    const changes = written.changes.map((change) => ({ ...change, network: name }));
    return { changes, run, hasUnresolvedNames: targets.unresolved.length > 0 };
  } finally {
    bar?.end();
    lock.release();
  }
}

/** What is kept of a row, which is the sweep's own and may change after the call. */
function scannedHost(row: HostResult & { readonly mac?: string | null }): ScannedHost {
  return {
    ...readAddress(row.address)!,
    hostname: row.hostname,
    status: row.status,
    reason: row.reason,
    rttAvgMs: row.rttAvgMs,
    mac: row.mac ?? null,
    startedAt: row.startedAt,
  };
}

function progressBar(line: SubcommandLine, { stderr, env }: Surroundings): ProgressBar | undefined {
  const isWanted = !line.value<boolean>('quiet') && !line.value<boolean>('noProgress');
  return stderr.isTTY && env['TERM'] !== 'dumb' && isWanted ? new ProgressBar(stderr) : undefined;
}

function summaryLines(
  name: string,
  run: RunRecord,
  isFirst: boolean,
  changes: readonly { readonly kind: ChangeKind }[],
): string[] {
  const seconds = ((run.endedAt?.getTime() ?? 0) - run.startedAt.getTime()) / 1000;
  const told = isFirst
    ? 'the first whole scan, which the next are compared with'
    : changeTotals(changes);
  return [
    `${name}: ${grouped(run.statuses.up)} of ${grouped(run.targets)} up in ${seconds.toFixed(1)} s; ${told}`,
    ...(run.partial ? [`${name}: stopped early; hosts that were not asked stay as they were`] : []),
    ...[...run.doubts, ...(run.failure === null ? [] : [run.failure])].map(
      (doubt) => `${name}: nobody was called gone: ${doubt}`,
    ),
  ];
}
