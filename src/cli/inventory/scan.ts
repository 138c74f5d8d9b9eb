/** `echosweep inventory scan`: scans networks now, and reports what changed. */

import { EchosweepError } from '../../errors.ts';
import { INVENTORY_CHANGE_SHAPE } from '../../inventory/change-report.ts';
import type { NetworkConfig } from '../../inventory/config/config.ts';
import { type ConfigFile, networksNamed } from '../../inventory/config/config-file.ts';
import { CHANGE_KINDS } from '../../inventory/host-memory.ts';
import { deliverWaiting } from '../../inventory/notify/couriers.ts';
import { writeScanFiles } from '../../inventory/scan-files.ts';
import { scanEach } from '../../inventory/scan-plan.ts';
import { type Hearing, keepHearing } from '../../inventory/site-agents.ts';
import { type Store, writeWhenFree } from '../../inventory/store.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { notifyProgram, type ScanJob, type ScanResult } from '../../scan.ts';
import { dropPrivileges } from '../../transport/privileges.ts';
import { FAIL_ON_CHANGE_OPTION, KINDS_OPTION } from '../change-options.ts';
import { sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode, exitCodeOfSweep } from '../exit-codes.ts';
import { JointProgress } from '../joint-progress.ts';
import { ProgressBar } from '../progress-bar.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { SweepSignals } from '../signals.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreOf, ownerOfFiles, readConfigOf } from './config-and-database.ts';
import { scanSummary, unresolvedLine } from './scan-lines.ts';
import { SiteScans } from './site-scans.ts';
import { REPORT_OPTIONS } from './view-options.ts';
import { pageLine } from './web.ts';

export const SCAN = subcommand({
  name: 'inventory scan',
  usage: '[network...]',
  takes: [0, 1000],
  description:
    'Scans the networks of the configuration, or those named, records what answers and reports changes.',
  options: [
    CONFIG_OPTION,
    KINDS_OPTION,
    FAIL_ON_CHANGE_OPTION,
    ...REPORT_OPTIONS,
    ...sharedOptions('progress'),
  ],
});

/** What became of each network. */
interface Scans {
  readonly results: ReadonlyMap<NetworkConfig, ScanResult>;
  readonly failures: readonly EchosweepError[];
  readonly stoppedBy: SweepSignals['stoppedBy'];
}

/** @throws EchosweepError the first failure of a scan or a report that no signal stopped, after all else was done */
export async function scanCommand(
  line: LineOf<typeof SCAN>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const networks = networksNamed(file, line.args.length === 0 ? undefined : line.args);
  const requests = recordRequests(line.values);
  const stdout = standardOutputOf(surroundings);
  await checkRecordReports(INVENTORY_CHANGE_SHAPE, requests, stdout);
  const {
    results,
    failures: ofScans,
    stoppedBy,
  } = await scanAll(file, networks, line, surroundings);
  // Here too, since the last network may have failed before its sweep: what follows needs no privileges.
  await dropPrivileges();
  const kinds = line.values.kinds ?? CHANGE_KINDS;
  const scans = [...results.values()];
  const changes = scans
    .flatMap((result) => result.changes)
    .filter(({ kind }) => kinds.includes(kind));
  // No later scan finds these changes again: receivers get them, whether there is a report or not.
  const ofReports = await failuresOf(
    writeRecords(INVENTORY_CHANGE_SHAPE, changes, requests, stdout),
  );
  const failures = [...ofScans, ...ofReports];
  const problems: string[] = [];
  for (const [network, result] of results) {
    const problem = await notifyProgram(file.config, network, result, file.resolve('.'));
    if (problem !== undefined) problems.push(problem);
  }
  problems.push(...(await deliverAndWrite(file, surroundings)));
  // What a signal has stopped ends as that, whatever fails besides.
  const failure = stoppedBy === undefined ? failures[0] : undefined;
  const others = failures.filter((each) => each !== failure);
  printWords(surroundings, [...problems, ...others.map(({ message }) => message)].map(errorLine));
  if (!line.values.quiet && scans.some(({ isFirst }) => isFirst)) {
    printWords(surroundings, [pageLine(file, line.values.config)]);
  }
  if (failure !== undefined) throw failure;
  return exitCodeOfSweep({
    stoppedBy,
    hasFailed: problems.length > 0 || scans.some(({ run }) => typeof run?.failure === 'string'),
    isDoubtful: scans.some(({ run }) => (run?.doubts.length ?? 0) > 0),
    hasUnresolvedNames: scans.some((result) => result.hasUnresolvedNames),
    missesExpectation: line.values.failOnChange && changes.length > 0,
  });
}

/** All sites at the same time, and one network after the other at each of them and here, until a signal stops it. */
async function scanAll(
  file: ConfigFile,
  networks: readonly NetworkConfig[],
  line: LineOf<typeof SCAN>,
  surroundings: Surroundings,
): Promise<Scans> {
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => printWords(surroundings, [errorLine('stopping; what is known is kept')]),
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
  });
  const store = await openStoreOf(file);
  const found = new Map<NetworkConfig, ScanResult>();
  const failures: EchosweepError[] = [];
  const siteScans = new SiteScans();
  const progress = new JointProgress(progressBar(line, surroundings));
  const say = (lines: readonly string[]): void =>
    progress.aside(() => printWords(surroundings, lines));
  const hasSites = networks.some(({ atSite }) => atSite !== undefined);
  let left = networks.length;
  const scan = async (name: string): Promise<void> => {
    const network = networks.find((each) => each.name === name)!;
    left--;
    // The sockets of the next network need the same privileges, and so do the files of the hub.
    const isLast = left === 0 && !hasSites;
    try {
      const job: ScanJob = {
        store,
        network,
        receivers: file.config,
        owner: ownerOfFiles(),
        signal: signals.signal,
        afterSocketsOpen: isLast ? async () => void (await dropPrivileges()) : undefined,
        onUnresolved: (names) => say(names.map((each) => unresolvedLine(name, each))),
        onProgress: (own) => progress.update(name, own),
      };
      const result = await siteScans.scan(job, file);
      progress.end(name);
      say(scanSummary(name, result, line.values.quiet));
      found.set(network, result);
    } catch (error) {
      // The other networks are scanned and reported all the same.
      if (!(error instanceof EchosweepError)) throw error;
      failures.push(error);
    } finally {
      progress.end(name);
    }
  };
  try {
    await scanEach(networks, scan, () => signals.stoppedBy !== undefined);
    if (hasSites)
      failures.push(...(await failuresOf(keepHeard(store, await siteScans.hearing(file)))));
  } finally {
    signals.release();
    store.close();
    await siteScans.close();
  }
  const results = new Map(
    networks.flatMap((network) => {
      const result = found.get(network);
      return result === undefined ? [] : [[network, result] as const];
    }),
  );
  return { results, failures, stoppedBy: signals.stoppedBy };
}

/** Of work whose failure keeps nothing else from being done. @returns why it failed, if it did */
async function failuresOf(work: Promise<void>): Promise<EchosweepError[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    return [error];
  }
}

/** Keeps what agents said during the scans. */
async function keepHeard(store: Store, hearing: Hearing | undefined): Promise<void> {
  if (hearing !== undefined) await writeWhenFree(store, () => keepHearing(store, hearing));
}

/** Delivers messages and writes the files that are kept current; a receiver that does not answer costs its timeout once. @returns problems, a line each */
async function deliverAndWrite(file: ConfigFile, surroundings: Surroundings): Promise<string[]> {
  const { receivers, metricsFile, exportFiles } = file.config;
  const isNothingToDo =
    receivers.length === 0 && exportFiles.length === 0 && metricsFile === undefined;
  if (isNothingToDo) return [];
  // Opened again, since privileges may have been dropped in between.
  const store = await openStoreOf(file);
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => {},
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
  });
  try {
    const secrets = { env: surroundings.env, resolve: file.resolve };
    const problems = await deliverWaiting(store, file.config, secrets, signals.signal);
    return [...problems, ...(await writeScanFiles(file.config, file.resolve, store))];
  } finally {
    signals.release();
    store.close();
  }
}

function progressBar(
  line: LineOf<typeof SCAN>,
  { stderr, env }: Surroundings,
): ProgressBar | undefined {
  const isWanted = !line.values.quiet && line.values.progress;
  return stderr.isTTY && env['TERM'] !== 'dumb' && isWanted ? new ProgressBar(stderr) : undefined;
}
