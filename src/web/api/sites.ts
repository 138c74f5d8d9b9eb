/** Routes of the sites: when each was heard of, and how its agents are. */

import { z } from 'zod';
import type { AgentHealth, SiteStatus } from '../../inventory/site-agents.ts';
import { isoField, isoTime, listOf, whole } from './lists.ts';
import { type Route, route } from './route.ts';

const agent = z.object({
  agent: z.string(),
  state: z.enum(['heard', 'silent']),
  version: z.string().describe('Of echosweep.'),
  heard_at: isoField.describe('When it was last heard of.'),
  clock_s: z.number().describe('Its clock minus ours.'),
  chunks: z.int().describe('Parts of scans that it sweeps.'),
  unsent: z.int().describe('Results that wait to be sent.'),
  doubts: z.array(z.string()).describe('What is wrong with it, such as a clock that differs.'),
});

const site = z.object({
  site: z.string(),
  state: z
    .enum(['heard', 'silent', 'unknown'])
    .describe('`silent` if none of its agents is heard of: its hosts stay as they were.'),
  heard_at: isoField.nullable().describe('When one of its agents was last heard of.'),
  networks: z.array(z.string()).describe('Networks that its agents scan.'),
  agents: z.array(agent),
});

export const SITE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/sites',
    role: 'view',
    summary: 'Lists the sites whose agents scan networks, and their agents.',
    answer: listOf(site),
    handle: ({ inventory: { questions, networks } }) =>
      whole(
        questions.sites().map((status) => ({
          site: status.site,
          state: stateOf(status),
          heard_at: isoTime(status.heardAt),
          networks: networks
            .filter(({ atSite }) => atSite?.name === status.site)
            .map(({ name }) => name),
          agents: status.agents.map(agentOf),
        })),
      ),
  }),
];

function stateOf({ isSilent, heardAt }: SiteStatus): 'heard' | 'silent' | 'unknown' {
  if (isSilent) return 'silent';
  return heardAt === null ? 'unknown' : 'heard';
}

function agentOf(each: AgentHealth): z.input<typeof agent> {
  return {
    agent: each.agent,
    state: each.isSilent ? 'silent' : 'heard',
    version: each.version,
    heard_at: each.heardAt.toISOString(),
    clock_s: each.clockOffsetMs / 1000,
    chunks: each.chunks,
    unsent: each.unsent,
    doubts: [...each.doubts],
  };
}
