/** The files that are kept current: written after each scan, whole or not at all. */

import { PassThrough } from 'node:stream';
import { EchosweepError } from '../errors.ts';
import type { StandardOutput } from '../report/registry.ts';
import type { HostMetricsConfig } from './host-metrics.ts';
import { hostShape, type LabelledNetwork } from './host-report.ts';
import { writeHostReport } from './host-report-writer.ts';
import { readKnownHosts } from './known-hosts.ts';
import { fieldColumns } from './known-hosts-join.ts';
import { listedHosts } from './listed-hosts.ts';
import { writeMetricsFile } from './metrics-file.ts';
import type { ScheduledNetwork } from './schedule.ts';
import type { Store } from './store.ts';

/** The part of a configuration that says which files are kept current, and with what. */
export interface ScanFiles {
  readonly metricsFile: string | undefined;
  readonly hostMetrics?: HostMetricsConfig | undefined;
  readonly exportFiles: readonly string[];
  readonly knownHosts: string | undefined;
  readonly sites: readonly { readonly name: string }[];
  readonly networks: readonly (LabelledNetwork & ScheduledNetwork)[];
}

/**
 * Writes the metrics file and the export files of a configuration. One that cannot be written does not cost the others.
 * @param resolve makes a path of the configuration absolute
 * @returns problems, a line each
 */
export async function writeScanFiles(
  files: ScanFiles,
  resolve: (path: string) => string,
  store: Store,
): Promise<string[]> {
  const { metricsFile, hostMetrics, exportFiles, networks, sites } = files;
  const writes = [
    ...(metricsFile === undefined
      ? []
      : [() => writeMetricsFile(resolve(metricsFile), store, networks, hostMetrics, sites)]),
    ...exportFiles.map((path) => () => writeExportFile(resolve(path), files, resolve, store)),
  ];
  const problems: string[] = [];
  for (const write of writes) {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      problems.push(error.message);
    }
  }
  return problems;
}

/** Reports to files only. */
const NO_STANDARD_OUTPUT: StandardOutput = {
  stream: new PassThrough(),
  isTerminal: false,
  width: Number.POSITIVE_INFINITY,
  colour: false,
};

/** The hosts of all networks, as `inventory export` writes them. */
async function writeExportFile(
  path: string,
  { knownHosts, networks }: ScanFiles,
  resolve: (path: string) => string,
  store: Store,
): Promise<void> {
  const known = knownHosts === undefined ? undefined : await readKnownHosts(resolve(knownHosts));
  const names = networks.map(({ name }) => name);
  const hosts = listedHosts(store, known, { networks: names, isAllNetworks: true });
  const shape = hostShape(fieldColumns(known, hosts), networks);
  const request = { path, csvProfile: 'plain', csvDelimiter: ',', csvDecimal: '.' } as const;
  await writeHostReport(shape, hosts, undefined, request, NO_STANDARD_OUTPUT);
}
