/** `echosweep inventory scan`: sweeps networks now, remembers what they show, and tells what changed. */

import { EchosweepError } from '../errors.ts';
import { INVENTORY_CHANGE_SHAPE } from '../inventory/change-report.ts';
import type { NetworkConfig } from '../inventory/config.ts';
import { CHANGE_KINDS, type ChangeKind } from '../inventory/host-memory.ts';
import { toggle } from '../option-spec.ts';
import { checkRecordReports, writeRecords } from '../report/records.ts';
import { dropPrivileges } from '../transport/privileges.ts';
import { EXIT, type ExitCode, exitCodeOfSweep } from './exit-codes.ts';
import {
  CONFIG_OPTION,
  type ConfigFile,
  networksNamed,
  openStoreOf,
  readConfigOf,
} from './inventory-files.ts';
import { writeMetricsFile } from './inventory-metrics.ts';
import { KINDS_OPTION } from './kinds-option.ts';
import { type ScanResult, scanNetwork, scanSummary, tellChanges } from './network-scan.ts';
import { ProgressBar } from './progress-bar.ts';
import { recordRequests, standardOutputOf } from './reports.ts';
import { SweepSignals } from './signals.ts';
import { type Subcommand, type SubcommandLine, sharedOptions } from './subcommand.ts';
import { deliverWaiting } from './telling.ts';
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

/** @throws EchosweepError for what keeps a scan from running to its end, when the other networks have been scanned and told of */
export async function scanCommand(
  line: SubcommandLine,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const networks = networksNamed(file, line.args.length === 0 ? undefined : line.args);
  const shape = INVENTORY_CHANGE_SHAPE;
  const requests = recordRequests(line);
  const stdout = standardOutputOf(surroundings);
  await checkRecordReports(shape, requests, stdout);
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => printWords(surroundings, [errorLine('stopping; what is known is kept')]),
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
    onSnapshot: () => {},
  });
  const store = await openStoreOf(file);
  const results = new Map<NetworkConfig, ScanResult>();
  const failures: EchosweepError[] = [];
  try {
    for (const [i, network] of networks.entries()) {
      if (signals.stoppedBy !== undefined) break;
      // The sockets of the next network want the same rights.
      const isLast = i === networks.length - 1;
      const bar = progressBar(line, surroundings);
      const say = (lines: readonly string[]): void => {
        bar?.end();
        printWords(surroundings, lines);
      };
      try {
        const result = await scanNetwork(store, file, network, {
          signal: signals.signal,
          dropsPrivileges: isLast,
          onUnresolved: say,
          ...(bar === undefined ? {} : { onProgress: (progress) => bar.update(progress) }),
        });
        if (!line.value<boolean>('quiet')) say(scanSummary(network.name, result));
        results.set(network, result);
      } catch (error) {
        // The other networks are scanned, and told of, all the same.
        if (!(error instanceof EchosweepError)) throw error;
        failures.push(error);
      } finally {
        bar?.end();
      }
    }
  } finally {
    signals.release();
    store.close();
  }
  // Also where the last network came to no sweep: what follows needs no more than its user has.
  await dropPrivileges();
  const kinds = line.value<readonly ChangeKind[]>('kinds') ?? CHANGE_KINDS;
  const changes = [...results.values()]
    .flatMap((result) => result.changes)
    .filter(({ kind }) => kinds.includes(kind));
  await writeRecords(shape, changes, requests, stdout);
  const problems: string[] = [];
  for (const [network, result] of results) {
    const problem = await tellChanges(file, network, result);
    if (problem !== undefined) problems.push(problem);
  }
  problems.push(...(await passOn(file, surroundings)));
  const [failure, ...others] = failures;
  printWords(surroundings, [...problems, ...others.map(({ message }) => message)].map(errorLine));
  if (failure !== undefined) throw failure;
  const scans = [...results.values()];
  return exitCodeOfSweep({
    stoppedBy: signals.stoppedBy,
    hasFailed: problems.length > 0 || scans.some(({ run }) => typeof run?.failure === 'string'),
    isDoubtful: scans.some(({ run }) => (run?.doubts.length ?? 0) > 0),
    hasUnresolvedNames: scans.some((result) => result.hasUnresolvedNames),
    missesExpectation: line.value<boolean>('failOnChange') === true && changes.length > 0,
  });
}

/** Metrics to their file, messages to their receivers; one that does not answer costs its time limit once. @returns problems, a line each */
async function passOn(file: ConfigFile, surroundings: Surroundings): Promise<string[]> {
  const { webhook, mail, metricsFile } = file.config;
  if (webhook === undefined && mail === undefined && metricsFile === undefined) return [];
  // Opened anew: privileges may have gone meanwhile.
  const store = await openStoreOf(file);
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => {},
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
    onSnapshot: () => {},
  });
  try {
    const problems = await deliverWaiting(store, file, surroundings, signals.signal);
    return await writeMetricsFile(store, file).then(
      () => problems,
      (error: unknown) => {
        if (!(error instanceof EchosweepError)) throw error;
        return [...problems, error.message];
      },
    );
  } finally {
    signals.release();
    store.close();
  }
}

function progressBar(line: SubcommandLine, { stderr, env }: Surroundings): ProgressBar | undefined {
  const isWanted = !line.value<boolean>('quiet') && !line.value<boolean>('noProgress');
  return stderr.isTTY && env['TERM'] !== 'dumb' && isWanted ? new ProgressBar(stderr) : undefined;
}
