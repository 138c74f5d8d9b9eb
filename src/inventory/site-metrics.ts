/** The sites and their agents, in the text format that Prometheus reads (version 0.0.4). */

import { type Gauge, gaugeText, type Sample } from './metrics-text.ts';
import { type AgentHealth, type SiteStatus, siteStatuses } from './site-agents.ts';
import type { Store } from './store.ts';

interface SiteMetric extends Gauge {
  readonly samples: (status: SiteStatus) => readonly Sample[];
}

const ofSite =
  (value: (status: SiteStatus) => number | undefined) =>
  (status: SiteStatus): readonly Sample[] => {
    const found = value(status);
    return found === undefined ? [] : [[{ site: status.site }, found]];
  };
const ofAgents =
  (value: (agent: AgentHealth) => number) =>
  ({ site, agents }: SiteStatus): readonly Sample[] =>
    agents.map((each) => [{ site, agent: each.agent }, value(each)]);

/** Each has the label `site`, and those of agents `agent`. */
export const SITE_METRICS: readonly SiteMetric[] = [
  {
    name: 'echosweep_site_silent',
    help: '1 if no agent of the site is heard of, else 0.',
    samples: ofSite(({ isSilent }) => Number(isSilent)),
  },
  {
    name: 'echosweep_site_heard_timestamp_seconds',
    help: 'When an agent of the site was last heard of.',
    samples: ofSite(({ heardAt }) => (heardAt === null ? undefined : heardAt.getTime() / 1000)),
  },
  {
    name: 'echosweep_site_agent_info',
    help: '1 for each agent, with its version.',
    samples: ({ site, agents }) =>
      agents.map(({ agent, version }) => [{ site, agent, version }, 1]),
  },
  {
    name: 'echosweep_site_agent_healthy',
    help: '1 if the agent is heard of, has no problem and a clock like ours, else 0.',
    samples: ofAgents(({ doubts }) => Number(doubts.length === 0)),
  },
  {
    name: 'echosweep_site_agent_heard_timestamp_seconds',
    help: 'When the agent was last heard of.',
    samples: ofAgents(({ heardAt }) => heardAt.getTime() / 1000),
  },
  {
    name: 'echosweep_site_agent_clock_offset_seconds',
    help: 'The clock of the agent minus ours.',
    samples: ofAgents(({ clockOffsetMs }) => clockOffsetMs / 1000),
  },
  {
    name: 'echosweep_site_agent_chunks',
    help: 'Parts of scans that the agent sweeps.',
    samples: ofAgents(({ chunks }) => chunks),
  },
  {
    name: 'echosweep_site_agent_unsent',
    help: 'Results that wait to be sent.',
    samples: ofAgents(({ unsent }) => unsent),
  },
];

/** @throws EchosweepError INVENTORY_FAILED */
export function siteMetricsText(store: Store, sites: readonly { readonly name: string }[]): string {
  const statuses = siteStatuses(store, sites);
  return SITE_METRICS.map((metric) => gaugeText(metric, statuses.flatMap(metric.samples))).join('');
}
