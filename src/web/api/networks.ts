/** Routes of the networks: each at a glance, its map, its history. */

import { z } from 'zod';
import { MS_A_DAY } from '../../durations.ts';
import { addressMap } from '../../inventory/address-map.ts';
import type { NetworkConfig } from '../../inventory/config/config.ts';
import { CHANGE_KINDS } from '../../inventory/host-memory.ts';
import { ADDRESS_STATES, type AddressState } from '../../inventory/map-states.ts';
import { networkDays } from '../../inventory/network-days.ts';
import { networkSnapshot } from '../../inventory/network-snapshot.ts';
import { usedPct } from '../../inventory/network-status.ts';
import { networkSummary, statesOf, subnetsOf } from '../../inventory/network-summary.ts';
import { nextRun } from '../../inventory/schedule.ts';
import { cellCode } from '../../results/cell-code.ts';
import { configuredRanges } from '../../scan.ts';
import type { Inventory } from '../../service/inventory.ts';
import { base64Of, isoField, isoTime, listOf, momentField, momentOf, whole } from './lists.ts';
import { type Route, route } from './route.ts';
import { progressOf, scanProgress } from './scan-progress.ts';

const NETWORK_FIELDS = {
  name: z.string(),
  site: z.string().nullable(),
  targets: z.array(z.string()).describe('As configured.'),
  hosts: z.object({
    present: z.int().describe('Hosts that are up.'),
    missing: z.int().describe('Hosts that do not answer, but are not gone yet.'),
    gone: z.int(),
    unscanned: z
      .int()
      .nullable()
      .describe(
        'Targets that no scan has a result of, as after a first one that was stopped or is in doubt.',
      ),
    free: z
      .int()
      .nullable()
      .describe('Scanned addresses without a sign of life that are not documented.'),
    new_7d: z.int().describe('Hosts that are new within seven days.'),
    conflicts: z.int().describe('Addresses that two hosts answer for.'),
    unknown: z
      .int()
      .describe('Hosts that are up or missing, but not documented; 0 if nothing is documented.'),
    total: z.int().nullable().describe('Targets of the last scan.'),
  }),
  used_pct: z.number().nullable().describe('Share of the scanned addresses that are not free.'),
  last_scan: z
    .object({
      started_at: isoField,
      ended_at: isoField,
      targets: z.int(),
      up: z.int(),
      partial: z.boolean().describe('Whether it is not complete, as after it was stopped early.'),
      doubt: z.string().nullable().describe('Why it may be unreliable.'),
      rtt_median_ms: z.number().nullable(),
      rtt_p95_ms: z.number().nullable(),
    })
    .nullable(),
  next_scan: isoField.nullable(),
  running: scanProgress.nullable(),
  requested: z.boolean().describe('Whether a scan was requested and has not begun.'),
  strip: z
    .string()
    .describe(
      'Base64: an octet for each equal share of the addresses, 256 at most, as in the cells of the map. Of a share it is the most common state but free.',
    ),
};

const subnet = z.object({
  subnet: z.string().describe('A /24, or an IPv6 /64.'),
  total: z.int(),
  present: z.int(),
  missing: z.int(),
  gone: z.int(),
  free: z.int(),
});

const params = z.object({ name: z.string() });

export const NETWORK_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/networks',
    role: 'view',
    summary: 'Lists the networks in the order of the configuration.',
    answer: listOf(z.object(NETWORK_FIELDS)),
    handle: async ({ inventory }) => {
      const items = [];
      for (const network of inventory.networks) items.push(await networkOf(inventory, network));
      return whole(items);
    },
  }),
  route({
    method: 'GET',
    path: '/networks/{name}',
    role: 'view',
    summary: 'Sums a network up, and each of its subnets.',
    params,
    answer: z.object({ ...NETWORK_FIELDS, subnets: z.array(subnet) }),
    handle: async ({ inventory, params: { name } }) => {
      const { store, questions } = inventory;
      const answered = await networkOf(inventory, networkNamed(inventory, name));
      const snapshot = await networkSnapshot(store, name);
      const states = statesOf(store, snapshot, new Date(), await questions.knownHosts());
      return { ...answered, subnets: subnetsOf(snapshot, states) };
    },
  }),
  route({
    method: 'GET',
    path: '/networks/{name}/map',
    role: 'view',
    summary: 'Draws a network: an octet for each of its addresses.',
    params,
    answer: z.object({
      runs: z
        .array(z.tuple([z.string(), z.int()]))
        .describe('First address and number of addresses, without gaps, in address order.'),
      cells: z
        .string()
        .describe(
          'Base64: an octet for each address of the runs, 65,536 at most. 0: not probed. 1 to 141: up, with 20 steps of RTT a power of ten from 1 µs. 240: up, 241: missing, 242: silent, 243: gone, without a reason. Between: up or silent, by reason.',
        ),
      states: z
        .string()
        .describe(
          `Base64: an octet for each address of the runs, its place in ${ADDRESS_STATES.join(', ')}.`,
        ),
      total: z.int().describe('Addresses of the network, also those that are not in the runs.'),
    }),
    handle: async ({ inventory, params: { name } }) => {
      const { store, questions } = inventory;
      const snapshot = await networkSnapshot(store, name);
      const known = await questions.knownHosts();
      const states = statesOf(store, snapshot, new Date(), known);
      const { unscanned } = await summaryOf(inventory, networkNamed(inventory, name));
      const map = await addressMap(snapshot, states, unscanned);
      return {
        runs: map.runs.map(({ first, count }): [string, number] => [first, count]),
        cells: base64Of(map.cells),
        states: base64Of(map.states),
        total: map.total,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/networks/{name}/history',
    role: 'view',
    summary: 'Sums up the scans and changes of each day (UTC) of a network.',
    params,
    query: z.object({ since: momentField }),
    answer: z.object({
      days: z.array(
        z.object({
          day: z.iso.date(),
          scans: z.int(),
          used: z.int().describe('The most hosts that were up in a scan of the day.'),
          targets: z.int(),
          rtt_median_ms: z.number().nullable().describe("Median of the scans' medians."),
          rtt_p95_ms: z.number().nullable().describe("The same of the scans' 95th percentiles."),
          changes: z
            .partialRecord(z.enum(CHANGE_KINDS), z.int())
            .describe('Changes by kind; none without any.'),
        }),
      ),
    }),
    handle: async ({ inventory: { store }, params: { name }, query }) => {
      const now = new Date();
      const since = momentOf(query.since, 'since', now) ?? new Date(now.getTime() - MONTH_MS);
      const days = await networkDays(store, name, since);
      return {
        days: days.map(({ day, scans, used, targets, rttMedianMs, rttP95Ms, changes }) => ({
          day: day.toISOString().slice(0, 10),
          scans,
          used,
          targets,
          rtt_median_ms: rttMedianMs,
          rtt_p95_ms: rttP95Ms,
          changes,
        })),
      };
    },
  }),
];

const MONTH_MS = 30 * MS_A_DAY;

function networkNamed({ networks }: Inventory, name: string): NetworkConfig {
  return networks.find((network) => network.name === name)!;
}

async function summaryOf({ store, questions }: Inventory, network: NetworkConfig) {
  const known = await questions.knownHosts();
  return networkSummary(store, network.name, new Date(), known, () => configuredRanges(network));
}

async function networkOf(inventory: Inventory, network: NetworkConfig) {
  const { scans } = inventory;
  const { name, site } = network;
  const { status, lastScan, unknown, strip } = await summaryOf(inventory, network);
  const { hosts, unscanned, free, newHosts, conflicts, targets } = status;
  const running = scans?.runningScans.find((scan) => scan.network === name);
  return {
    name,
    site,
    targets: network.targets.include.map(({ text }) => text),
    hosts: {
      present: hosts.up,
      missing: hosts.missing,
      gone: hosts.gone,
      unscanned,
      free,
      new_7d: newHosts,
      conflicts,
      unknown,
      total: targets,
    },
    used_pct: usedPct(status),
    last_scan: lastScan && {
      started_at: lastScan.startedAt.toISOString(),
      ended_at: lastScan.endedAt.toISOString(),
      targets: lastScan.targets,
      up: lastScan.up,
      partial: lastScan.partial,
      doubt: lastScan.doubt,
      rtt_median_ms: lastScan.rttMedianMs,
      rtt_p95_ms: lastScan.rttP95Ms,
    },
    next_scan: isoTime(nextRun(network.schedule, new Date()) ?? null),
    running: running === undefined ? null : progressOf(running),
    requested: scans?.requestedScans.includes(name) ?? false,
    strip: base64Of(strip.map((state) => CELL_OF_STATE[ADDRESS_STATES[state]!])),
  };
}

const UP = cellCode('up', null, null);

/** Octets of a strip are those of a map. */
const CELL_OF_STATE: Readonly<Record<AddressState, number>> = {
  unasked: 0,
  free: cellCode('down', null, null),
  'documented-silent': cellCode('down', null, null),
  present: UP,
  new: UP,
  missing: cellCode('unreachable', null, null),
  gone: cellCode('error', null, null),
  conflict: UP,
};
