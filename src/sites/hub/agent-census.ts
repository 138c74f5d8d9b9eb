/** Which agents of a hub are heard of, and what each says about itself. */

import { pause } from '../../pause.ts';
import type { HubBroker } from '../broker.ts';
import type { AgentStatus } from '../contract/agent-status.ts';
import type { AgentName } from '../contract/names.ts';
import { HeardAgents } from '../heard-agents.ts';

/** An agent, and what was heard of it. */
export interface CountedAgent extends AgentName {
  /** Undefined if it was not heard of. */
  readonly status: AgentStatus | undefined;
  /** Its clock minus ours when its status arrived; undefined as above. */
  readonly clockOffsetMs: number | undefined;
}

/**
 * Listens until all agents were heard of, or the time is up.
 * @param known those that have a key
 */
export async function countAgents(
  broker: Pick<HubBroker, 'onStatus'>,
  known: readonly AgentName[],
  withinMs: number,
): Promise<CountedAgent[]> {
  const agents = new HeardAgents(withinMs);
  const complete = new AbortController();
  const counted = (): CountedAgent[] =>
    known.map(({ site, agent }) => {
      const heard = agents.of(site).find((each) => each.agent === agent);
      return {
        site,
        agent,
        status: heard?.status,
        clockOffsetMs: heard && heard.status.nowMs - heard.heardAtMs,
      };
    });
  if (known.length === 0) return [];
  broker.onStatus((status) => {
    try {
      agents.note(status, Date.now());
    } catch {
      // An agent that is not understood is as good as one that is silent.
    }
    if (counted().every(({ status: own }) => own !== undefined)) complete.abort();
  });
  await pause(withinMs, complete.signal);
  return counted();
}
