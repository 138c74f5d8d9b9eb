/** Metrics of single hosts: of those that the configuration names, since each host is a series of its own. */

import { keyOfAddress } from '../address.ts';
import { placeholders, type SqlRow, type SqlValue } from './database.ts';
import { EVER_UP } from './host-list.ts';
import { addressSpan, hostMatcher } from './host-pattern.ts';
import { type Gauge, gaugeText, type Sample } from './metrics-text.ts';
import type { Store } from './store.ts';

/** Which hosts have metrics of their own. */
export interface HostMetricsConfig {
  /** As HOSTS_FIELD lets them pass. */
  readonly hosts: readonly string[];
  /** Of the host or of its network. */
  readonly tags: readonly string[];
  /** Most hosts over all networks. */
  readonly limit: number;
}

/** Its name and its tags. */
interface TaggedNetwork {
  readonly name: string;
  readonly tags?: readonly string[];
}

interface MeasuredHost {
  readonly network: string;
  readonly row: SqlRow;
}

interface HostMetric extends Gauge {
  readonly sampleOf: (row: SqlRow) => Sample | undefined;
}

/** Each has the labels `network` and `address` besides its own. */
const PER_HOST: readonly HostMetric[] = [
  {
    name: 'echosweep_host_up',
    help: '1 if the host was present in the last scan, else 0.',
    sampleOf: ({ state }) => [{}, state === 'up' ? 1 : 0],
  },
  {
    name: 'echosweep_host_rtt_seconds',
    help: 'Round-trip time of the last answer of a host that is up.',
    sampleOf: ({ state, rtt_us: us }) =>
      state === 'up' && us !== null ? [{}, Number(us) / 1e6] : undefined,
  },
  {
    name: 'echosweep_host_missed_scans',
    help: 'Scans in a row that the host has missed.',
    sampleOf: ({ misses }) => [{}, Number(misses)],
  },
  {
    name: 'echosweep_host_last_seen_timestamp_seconds',
    help: 'When the host last answered.',
    sampleOf: ({ last_seen: ms }) => (ms === null ? undefined : [{}, Number(ms) / 1000]),
  },
  {
    name: 'echosweep_host_info',
    help: 'Always 1; its labels are the latest known name and MAC address of the host.',
    sampleOf: ({ hostname, mac }) => [
      { hostname: String(hostname ?? ''), mac: String(mac ?? '') },
      1,
    ],
  },
];

const LIMIT: Gauge = {
  name: 'echosweep_host_metrics_limit',
  help: 'Most hosts that have metrics of their own.',
};
const LEFT_OUT: Gauge = {
  name: 'echosweep_host_metrics_left_out',
  help: 'Hosts that are to have metrics of their own, but are beyond the limit.',
};

/** All of them, for the documentation. */
export const HOST_METRICS: readonly Gauge[] = [...PER_HOST, LIMIT, LEFT_OUT];

/** The hosts that count are the first by network and address. @throws EchosweepError INVENTORY_FAILED */
export function hostMetricsText(
  store: Store,
  networks: readonly TaggedNetwork[],
  config: HostMetricsConfig,
): string {
  const hosts: MeasuredHost[] = [];
  let leftOut = 0;
  for (const network of networks) {
    for (const row of rowsOf(store, network, config)) {
      if (hosts.length < config.limit) hosts.push({ network: network.name, row });
      else leftOut++;
    }
  }
  return [
    ...PER_HOST.map((metric) =>
      gaugeText(
        metric,
        hosts.flatMap(({ network, row }) => {
          const sample = metric.sampleOf(row);
          if (sample === undefined) return [];
          const [labels, value] = sample;
          return [[{ network, address: String(row['address']), ...labels }, value] as const];
        }),
      ),
    ),
    gaugeText(LIMIT, [[{}, config.limit]]),
    gaugeText(LEFT_OUT, [[{}, leftOut]]),
  ].join('');
}

/** The hosts of a network that count; the database looks at no more than those that may. */
function rowsOf(
  { database }: Store,
  { name, tags = [] }: TaggedNetwork,
  config: HostMetricsConfig,
): readonly SqlRow[] {
  const isWhole = tags.some((tag) => config.tags.includes(tag));
  const conditions: string[] = isWhole ? ['1'] : [];
  const values: SqlValue[] = [];
  for (const span of isWhole ? [] : config.hosts.map(addressSpan)) {
    if (span === undefined) conditions.push('h.hostname IS NOT NULL', 'w.name IS NOT NULL');
    else {
      const { family, first, last } = span;
      conditions.push('h.key BETWEEN ? AND ?');
      // A key may end in a zone, which begins with a percent sign.
      values.push(keyOfAddress(family, first), `${keyOfAddress(family, last)}~`);
    }
  }
  if (config.tags.length > 0) conditions.push('w.tags IS NOT NULL');
  const isNamed = hostMatcher(config.hosts);
  return database
    .prepare(
      `SELECT h.address, h.hostname, h.mac, h.state, h.rtt_us, h.misses, h.last_seen, w.name, w.tags
       FROM hosts h JOIN networks n ON n.id = h.network
       LEFT JOIN host_notes w ON w.network = h.network AND w.key = h.key
       WHERE n.name = ? AND h.state IN (${placeholders(EVER_UP)}) AND (${[...new Set(conditions)].join(' OR ')})
       ORDER BY h.key`,
    )
    .all(name, ...EVER_UP, ...values)
    .filter(
      (row) =>
        isWhole ||
        isNamed(String(row['address']), [textOf(row['hostname']), textOf(row['name'])]) ||
        textOf(row['tags'])
          ?.split(',')
          .some((tag) => config.tags.includes(tag)),
    );
}

const textOf = (value: SqlValue | undefined): string | null =>
  typeof value === 'string' ? value : null;
