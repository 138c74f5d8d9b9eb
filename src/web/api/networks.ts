/** Routes of the networks: their hosts by state, and their scans. */

import { z } from 'zod';
import { usedPct } from '../../inventory/network-status.ts';
import type { NetworkOverview } from '../../service/inventory-questions.ts';
import { type Route, route } from './route.ts';

const network = z.object({
  name: z.string(),
  site: z.string().nullable(),
  hosts: z.object({
    present: z.int().describe('Hosts that are up.'),
    missing: z.int().describe('Hosts that do not answer, but are not gone yet.'),
    gone: z.int(),
    free: z.int().nullable().describe('Addresses without a sign of life that are not documented.'),
    new_7d: z.int().describe('Hosts that are new within seven days.'),
    conflicts: z.int().describe('Addresses that two hosts answer for.'),
    total: z.int().nullable().describe('Targets of the last scan.'),
  }),
  used_pct: z.number().nullable().describe('Share of the addresses that are not free.'),
  last_scan: z
    .object({
      started_at: z.iso.datetime(),
      ended_at: z.iso.datetime(),
      targets: z.int(),
      partial: z.boolean().describe('Whether it was stopped early.'),
      doubt: z.string().nullable().describe('Why it may be unreliable.'),
    })
    .nullable(),
  next_scan: z.iso.datetime().nullable(),
  running: z.boolean(),
  requested: z.boolean().describe('Whether a scan was requested and has not begun.'),
});

export const NETWORK_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/networks',
    role: 'view',
    summary: 'Lists the networks in the order of the configuration.',
    answer: z.object({ items: z.array(network), next: z.null(), total: z.int() }),
    handle: async ({ inventory: { questions, scans } }) => {
      const items = questions.status(undefined, await questions.knownHosts()).map((overview) => ({
        ...networkOf(overview),
        running: scans?.runningScan?.network === overview.network.name,
        requested: scans?.requestedScans.includes(overview.network.name) ?? false,
      }));
      return { items, next: null, total: items.length };
    },
  }),
];

function networkOf({ network: { name, site }, status, nextScan }: NetworkOverview) {
  const { hosts, lastScan, lastScanMs } = status;
  return {
    name,
    site,
    hosts: {
      present: hosts.up,
      missing: hosts.missing,
      gone: hosts.gone,
      free: status.free,
      new_7d: status.newHosts,
      conflicts: status.conflicts,
      total: status.targets,
    },
    used_pct: usedPct(status),
    last_scan:
      lastScan === null
        ? null
        : {
            started_at: lastScan.toISOString(),
            ended_at: new Date(lastScan.getTime() + lastScanMs!).toISOString(),
            targets: status.targets!,
            partial: status.partial,
            doubt: status.doubt,
          },
    next_scan: nextScan?.toISOString() ?? null,
  };
}
