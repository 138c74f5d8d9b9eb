/** Writes the metrics into a file, for node_exporter's textfile collector. */

import { openOutputFile } from '../report/output-file.ts';
import type { HostMetricsConfig } from './host-metrics.ts';
import { metricsText } from './metrics.ts';
import type { ScheduledNetwork } from './schedule.ts';
import type { Store } from './store.ts';

/** Replaces the file, whole or not at all. @throws EchosweepError OUTPUT_FAILED, INVENTORY_FAILED */
export async function writeMetricsFile(
  path: string,
  store: Store,
  networks: readonly (ScheduledNetwork & { readonly tags: readonly string[] })[],
  hostMetrics: HostMetricsConfig | undefined,
  sites: readonly { readonly name: string }[],
): Promise<void> {
  const output = await openOutputFile(path);
  try {
    await output.write(metricsText(store, networks, new Date(), hostMetrics, sites));
    await output.commit();
  } finally {
    await output.discard();
  }
}
