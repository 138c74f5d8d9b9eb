/** What the agents of all sites said about themselves last. Whether one is well follows from how long ago that was. */

import type { DeliveredStatus } from './broker.ts';
import { type AgentStatus, decodeStatus } from './contract/agent-status.ts';
import type { AgentName } from './contract/names.ts';

/** An agent, as it was heard of last. */
export interface HeardAgent extends AgentName {
  readonly status: AgentStatus;
  readonly heardAtMs: number;
}

/** Hosts of chunks that agents are sweeping now. */
export interface HostsUnderWay {
  readonly done: number;
  readonly up: number;
}

export class HeardAgents {
  readonly #agents = new Map<string, HeardAgent>();
  readonly #silentMs: number;

  /** @param silentMs an agent that was not heard of for so long is not there */
  constructor(silentMs: number) {
    this.#silentMs = silentMs;
  }

  /** @throws MessageRefused for what is not a status */
  note({ site, agent, octets }: DeliveredStatus, nowMs: number): void {
    const status = decodeStatus(octets);
    this.#agents.set(`${site}/${agent}`, { site, agent, status, heardAtMs: nowMs });
  }

  /** What was heard later than now was heard by a clock that was ahead: it counts as heard now. */
  setBack(nowMs: number): void {
    for (const [name, agent] of this.#agents) {
      if (agent.heardAtMs > nowMs) this.#agents.set(name, { ...agent, heardAtMs: nowMs });
    }
  }

  /** Of all sites. */
  all(): readonly HeardAgent[] {
    return [...this.#agents.values()];
  }

  /** Of a site, by name. */
  of(site: string): readonly HeardAgent[] {
    return this.all()
      .filter((agent) => agent.site === site)
      .sort((a, b) => (a.agent < b.agent ? -1 : 1));
  }

  /** Those of a site that are there. */
  present(site: string, nowMs: number): readonly HeardAgent[] {
    return this.of(site).filter(({ heardAtMs }) => nowMs - heardAtMs < this.#silentMs);
  }

  /** Whether any agent of the site is there. */
  isHeard(site: string, nowMs: number): boolean {
    return this.present(site, nowMs).length > 0;
  }

  /**
   * Of the chunks of a scan that are among `chunks` of a site.
   * @param chunks how many hosts each has: an agent may say anything
   */
  underWay(
    scan: string,
    site: string,
    chunks: ReadonlyMap<number, number>,
    nowMs: number,
  ): HostsUnderWay {
    // Two agents may sweep the same chunk; it counts once.
    const found = new Map<number, HostsUnderWay>();
    for (const { status } of this.present(site, nowMs)) {
      for (const { scan: own, chunk, done, up } of status.chunks) {
        const hosts = chunks.get(chunk);
        if (own !== scan || hosts === undefined) continue;
        const before = found.get(chunk);
        if (before !== undefined && before.done >= done) continue;
        found.set(chunk, { done: Math.min(done, hosts), up: Math.min(up, hosts) });
      }
    }
    let done = 0;
    let up = 0;
    for (const each of found.values()) {
      done += each.done;
      up += each.up;
    }
    return { done, up };
  }
}
