/** The fields of a configuration that name the hosts with metrics of their own. */

import { z } from 'zod';
import { fieldProblem } from '../field-problem.ts';
import type { HostMetricsConfig } from '../host-metrics.ts';
import { HOSTS_FIELD } from '../host-pattern.ts';
import { TEXTS_FIELD } from '../one-or-more.ts';

export const HOST_METRICS_FIELDS = z
  .strictObject({
    hosts: HOSTS_FIELD.optional().describe('Addresses, subnets, and names with * for any text.'),
    tags: TEXTS_FIELD.optional().describe('Tags of hosts, or of networks for all of their hosts.'),
    limit: z.int().min(1).max(10_000).default(200).describe('Most hosts over all networks.'),
  })
  .refine(({ hosts, tags }) => hosts !== undefined || tags !== undefined, {
    error: fieldProblem('names no hosts', 'add hosts or tags'),
  })
  .describe('Hosts that have metrics of their own.');

export function hostMetricsOf(
  fields: z.output<typeof HOST_METRICS_FIELDS> | undefined,
): HostMetricsConfig | undefined {
  if (fields === undefined) return undefined;
  const { hosts = [], tags = [], limit } = fields;
  return { hosts, tags, limit };
}
