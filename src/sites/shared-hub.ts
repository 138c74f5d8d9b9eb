/** A hub that several sweeps use over one connection, and that closes once the last of them has ended. */

import type { Hearing } from '../inventory/site-agents.ts';
import { AgentListener } from './agent-listener.ts';
import type { OpenHub } from './open-hub.ts';

export class SharedHub {
  readonly #opening: Promise<OpenHub>;
  readonly #uses = new Set<Promise<unknown>>();
  #hub: OpenHub | undefined;
  #listener: AgentListener | undefined;
  #cannotOpen = false;

  constructor(opening: Promise<OpenHub>) {
    this.#opening = opening;
    opening.then(
      (hub) => {
        this.#hub = hub;
        this.#listener = new AgentListener(hub.broker);
      },
      () => {
        this.#cannotOpen = true;
      },
    );
  }

  /** Whether it will never work any more; another one that is opened now may. */
  get isLost(): boolean {
    return this.#cannotOpen || this.#hub?.broker.isRefused === true;
  }

  /** What agents said so far; undefined until it is open. */
  hearing(): Hearing | undefined {
    return this.#listener?.hearing();
  }

  /** Keeps it open until `act` has ended. It throws EchosweepError if the hub cannot be reached. */
  async use<Result>(act: (hub: OpenHub) => Promise<Result>): Promise<Result> {
    const use = this.#opening.then(act);
    this.#uses.add(use);
    try {
      return await use;
    } finally {
      this.#uses.delete(use);
    }
  }

  /** Closes it once nothing uses it. Never rejects. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#uses);
    const hub = await this.#opening.catch(() => undefined);
    await hub?.close();
  }
}
