/** The state of the networks, in the text format that Prometheus reads (version 0.0.4). */

import { MS_A_DAY } from '../durations.ts';
import { HOST_STATES } from './host-memory.ts';
import { type HostMetricsConfig, hostMetricsText } from './host-metrics.ts';
import { type Gauge, gaugeText, type Sample } from './metrics-text.ts';
import { type NetworkStatus, networkStatus } from './network-status.ts';
import { nextRun, type ScheduledNetwork } from './schedule.ts';
import { siteMetricsText } from './site-metrics.ts';
import { networkIdOf, type Store } from './store.ts';

/** What the samples of one network are made of. */
interface Facts {
  readonly status: NetworkStatus;
  /** Of its latest scan. */
  readonly packets: readonly (readonly [kind: string, count: number])[];
  /** Over the hosts that are up, in seconds. */
  readonly rtt: readonly (readonly [quantile: number, seconds: number])[];
  readonly scans: number;
  readonly changes: readonly (readonly [kind: string, count: number])[];
  readonly nextScan: Date | undefined;
}

interface Metric extends Gauge {
  readonly samples: (facts: Facts) => readonly Sample[];
}

const QUANTILES = [0.5, 0.9, 0.99] as const;

const one = (value: number | undefined | null): readonly Sample[] =>
  value === undefined || value === null ? [] : [[{}, value]];
const seconds = (moment: Date | null | undefined): number | undefined =>
  moment === null || moment === undefined ? undefined : moment.getTime() / 1000;

/** Each has the label `network` besides its own. All are gauges: what is pruned no longer counts. */
export const METRICS: readonly Metric[] = [
  {
    name: 'echosweep_hosts',
    help: 'Hosts by state.',
    samples: ({ status }) => HOST_STATES.map((state) => [{ state }, status.hosts[state]]),
  },
  {
    name: 'echosweep_address_conflicts',
    help: 'Addresses that two hosts answer for.',
    samples: ({ status }) => one(status.conflicts),
  },
  {
    name: 'echosweep_targets',
    help: 'Addresses that the last scan was to probe.',
    samples: ({ status }) => one(status.targets),
  },
  {
    name: 'echosweep_rtt_seconds',
    help: 'Round-trip time over the hosts that are up, by quantile.',
    samples: ({ rtt }) => rtt.map(([quantile, value]) => [{ quantile: String(quantile) }, value]),
  },
  {
    name: 'echosweep_scan_packets',
    help: 'Packets of the last scan: sent, received, and dropped by its own sockets.',
    samples: ({ packets }) => packets.map(([kind, value]) => [{ kind }, value]),
  },
  {
    name: 'echosweep_scan_timestamp_seconds',
    help: 'When the last scan began.',
    samples: ({ status }) => one(seconds(status.lastScan)),
  },
  {
    name: 'echosweep_scan_duration_seconds',
    help: 'How long the last scan took.',
    samples: ({ status }) => one(status.lastScanMs === null ? null : status.lastScanMs / 1000),
  },
  {
    name: 'echosweep_scan_trusted',
    help: '1 if the last scan was reliable and complete, else 0.',
    samples: ({ status }) =>
      status.lastScan === null ? [] : one(status.doubt === null && !status.partial ? 1 : 0),
  },
  {
    name: 'echosweep_next_scan_timestamp_seconds',
    help: 'When the next scan is due.',
    samples: ({ nextScan }) => one(seconds(nextScan)),
  },
  {
    name: 'echosweep_scans',
    help: 'Scans that are remembered.',
    samples: ({ scans }) => one(scans),
  },
  {
    name: 'echosweep_changes',
    help: 'Changes of the last 24 hours, by kind.',
    samples: ({ changes }) => changes.map(([change, value]) => [{ change }, value]),
  },
];

/**
 * The whole text.
 * @param hostMetrics undefined for no metrics of single hosts @param sites whose agents scan networks
 * @throws EchosweepError INVENTORY_FAILED
 */
export function metricsText(
  store: Store,
  networks: readonly (ScheduledNetwork & { readonly tags?: readonly string[] })[],
  now: Date,
  hostMetrics?: HostMetricsConfig,
  sites: readonly { readonly name: string }[] = [],
): string {
  const changes = changesOfLastDay(store, now);
  const facts = networks.map((network) => ({
    network,
    facts: factsOf(store, network, changes, now),
  }));
  const all = METRICS.map((metric) =>
    gaugeText(
      metric,
      facts.flatMap(({ network, facts: own }) =>
        metric
          .samples(own)
          .map(([labels, value]) => [{ network: network.name, ...labels }, value] as const),
      ),
    ),
  );
  if (hostMetrics !== undefined) all.push(hostMetricsText(store, networks, hostMetrics));
  return all.join('') + siteMetricsText(store, sites);
}

/** Of all networks at once, by number: an index has the times of all changes, and none those of one network. */
function changesOfLastDay({ database }: Store, now: Date): ReadonlyMap<number, Facts['changes']> {
  const rows = database
    .prepare(
      // Without the signs SQLite reads every change there is, in the order of another index.
      `SELECT network, kind, count(*) AS changes FROM changes WHERE at >= ?
       GROUP BY +network, +kind ORDER BY +network, +kind`,
    )
    .all(now.getTime() - MS_A_DAY);
  const found = new Map<number, [kind: string, count: number][]>();
  for (const row of rows) {
    const network = Number(row['network']);
    if (!found.has(network)) found.set(network, []);
    found.get(network)!.push([String(row['kind']), Number(row['changes'])]);
  }
  return found;
}

function factsOf(
  store: Store,
  { name, schedule }: ScheduledNetwork,
  changes: ReadonlyMap<number, Facts['changes']>,
  now: Date,
): Facts {
  const { database } = store;
  const nextScan = nextRun(schedule, now);
  const status = networkStatus(store, name, now);
  const id = networkIdOf(store, name);
  if (id === undefined) return { status, packets: [], rtt: [], scans: 0, changes: [], nextScan };
  const scan = database
    .prepare('SELECT sent, received, dropped FROM scans WHERE network = ? ORDER BY id DESC LIMIT 1')
    .get(id);
  const { scans } = database
    .prepare('SELECT count(*) AS scans FROM scans WHERE network = ?')
    .get(id)!;
  const { rtts } = database
    .prepare(
      `SELECT json_group_array(rtt_us) AS rtts FROM hosts
       WHERE network = ? AND state = 'up' AND rtt_us IS NOT NULL`,
    )
    .get(id)!;
  const rttsUs = Float64Array.from(JSON.parse(String(rtts)) as number[]).sort();
  return {
    status,
    // If all scans have been pruned, their hosts may still be there.
    packets: ['sent', 'received', 'dropped'].flatMap((kind) => {
      const count = scan?.[kind] ?? null;
      return count === null ? [] : [[kind, Number(count)] as const];
    }),
    rtt: rttsUs.length === 0 ? [] : QUANTILES.map((q) => [q, quantileOf(rttsUs, q) / 1e6]),
    scans: Number(scans),
    changes: changes.get(id) ?? [],
    nextScan,
  };
}

/** The smallest value that no less than this share of the values do not exceed. */
function quantileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
