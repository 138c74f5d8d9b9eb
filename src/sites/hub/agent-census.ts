/** Which agents of a hub are heard of, and what each says about itself. */

import { setTimeout as pause } from 'node:timers/promises';
import type { HubBroker } from '../broker.ts';
import { type AgentStatus, decodeStatus } from '../contract/agent-status.ts';
import type { AgentName } from '../contract/names.ts';

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
  const heard = new Map<string, CountedAgent>();
  const complete = new AbortController();
  const wanted = new Set(known.map(keyOf));
  if (wanted.size === 0) return [];
  broker.onStatus(({ site, agent, octets }) => {
    const key = keyOf({ site, agent });
    if (!wanted.has(key)) return;
    try {
      const status = decodeStatus(octets);
      heard.set(key, { site, agent, status, clockOffsetMs: status.nowMs - Date.now() });
    } catch {
      // An agent that is not understood is as good as one that is silent.
    }
    if (heard.size === wanted.size) complete.abort();
  });
  await pause(withinMs, undefined, { signal: complete.signal }).catch(() => {});
  return known.map(
    ({ site, agent }) =>
      heard.get(keyOf({ site, agent })) ?? {
        site,
        agent,
        status: undefined,
        clockOffsetMs: undefined,
      },
  );
}

function keyOf({ site, agent }: AgentName): string {
  return `${site}/${agent}`;
}
