/** The files that are kept current: written after each scan, whole or not at all. */

import { PassThrough } from 'node:stream';
import { EchosweepError } from '../errors.ts';
import type { StandardOutput } from '../report/registry.ts';
import { type ConfigFile, knownHostsOf } from './config/config-file.ts';
import { hostShape } from './host-report.ts';
import { writeHostReport } from './host-report-writer.ts';
import { listedHosts } from './listed-hosts.ts';
import { writeMetricsFile } from './metrics-file.ts';
import type { Store } from './store.ts';

/**
 * Writes the metrics file and the export files of a configuration. One that cannot be written does not cost the others.
 * @returns problems, a line each
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function writeScanFiles(file: ConfigFile, store: Store): Promise<string[]> {
  const { metricsFile, exportFiles, networks } = file.config;
  const writes = [
    ...(metricsFile === undefined
      ? []
      : [() => writeMetricsFile(file.resolve(metricsFile), store, networks)]),
    ...exportFiles.map((path) => () => writeExportFile(file.resolve(path), file, store)),
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
async function writeExportFile(path: string, file: ConfigFile, store: Store): Promise<void> {
  const { networks } = file.config;
  const known = await knownHostsOf(file);
  const names = networks.map(({ name }) => name);
  const hosts = listedHosts(store, known, { networks: names, isAllNetworks: true });
  const shape = hostShape(known?.columns ?? [], networks);
  const request = { path, csvProfile: 'plain', csvDelimiter: ',', csvDecimal: '.' } as const;
  await writeHostReport(shape, hosts, undefined, request, NO_STANDARD_OUTPUT);
}
