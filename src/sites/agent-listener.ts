/** Listens to what agents say about themselves, for as long as there is a connection to their hub. */

import type { AgentFacts, Hearing } from '../inventory/site-agents.ts';
import type { HubBroker } from './broker.ts';
import { type HeardAgent, HeardAgents } from './heard-agents.ts';

export class AgentListener {
  readonly #agents = new HeardAgents(Number.POSITIVE_INFINITY);
  readonly #nowMs: () => number;
  #fromMs: number | undefined;

  /** @param nowMs a clock that a test may move */
  constructor(
    broker: Pick<HubBroker, 'onStatus' | 'onConnection'>,
    nowMs: () => number = Date.now,
  ) {
    this.#nowMs = nowMs;
    this.#fromMs = nowMs();
    broker.onStatus((status) => {
      try {
        this.#agents.note(status, nowMs());
      } catch {
        // An agent that is not understood is as good as one that is silent.
      }
    });
    broker.onConnection(({ isConnected }) => {
      this.#fromMs = isConnected ? nowMs() : undefined;
    });
  }

  /** What was heard so far. */
  hearing(): Hearing {
    const nowMs = this.#nowMs();
    this.#agents.setBack(nowMs);
    if (this.#fromMs !== undefined) this.#fromMs = Math.min(this.#fromMs, nowMs);
    return {
      agents: this.#agents.all().map(factsOf),
      listened:
        this.#fromMs === undefined
          ? undefined
          : { from: new Date(this.#fromMs), until: new Date(nowMs) },
    };
  }
}

function factsOf({ site, agent, status, heardAtMs }: HeardAgent): AgentFacts {
  return {
    site,
    agent,
    version: status.version,
    heardAt: new Date(heardAtMs),
    clockOffsetMs: status.nowMs - heardAtMs,
    chunks: status.chunks.length,
    unsent: status.unsent,
    problem: status.problem,
  };
}
