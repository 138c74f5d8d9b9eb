/**
 * Agents, server, hub and coordinator are killed at random moments: each address of each site has one row all the same.
 * `SITE_KILLS=200 SITE_SEED=7 SITE_KILLS_LOG=/tmp/kills npm test -- lab/sites-kills` kills more often than the few times of
 * every day, and writes down what.
 */

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../src/errors.ts';
import { labTestUnless } from './lab-test.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import type { Finished, Running } from './run.ts';
import { assertSwept, SiteFailures } from './site-failures.ts';
import type { LabAgent } from './site-lab.ts';

const KILLS = Number(process.env['SITE_KILLS'] ?? 5);
const SEED = Number(process.env['SITE_SEED'] ?? Date.now() % 1_000_000);
/** Where to write what was killed how often. */
const LOG = process.env['SITE_KILLS_LOG'];
const MOST_A_SWEEP = 10;
const LONGEST_WAIT_MS = 900;
/** Of one kill and what follows from it, on the slowest machine. */
const KILL_WITHIN_MS = 30_000;
const DEADLINE_MS = 100_000 + KILLS * KILL_WITHIN_MS;

/** Agents, by site and name, and their networks. */
const AGENTS = [
  ['berlin', 'a1', 'berlin'],
  ['berlin', 'a2', 'berlin-2'],
  ['paris', 'p1', 'paris'],
  ['paris', 'p2', 'paris'],
] as const;
const VICTIMS = ['agent', 'agent', 'coordinator', 'coordinator', 'server', 'hub'] as const;
type Victim = (typeof VICTIMS)[number];

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Killer {
  readonly counts: Record<Victim, number> = { agent: 0, coordinator: 0, server: 0, hub: 0 };
  sweeps = 0;
  readonly #failures: SiteFailures;
  readonly #random = randomFrom(SEED);
  readonly #agents: LabAgent[];
  readonly #history: string[] = [];

  private constructor(failures: SiteFailures, agents: LabAgent[]) {
    this.#failures = failures;
    this.#agents = agents;
  }

  static async open(): Promise<Killer> {
    const failures = await SiteFailures.open();
    const agents: LabAgent[] = [];
    for (const [site, agent, network] of AGENTS) {
      agents.push(await failures.lab.startAgent(site, agent, [], network));
    }
    return new Killer(failures, agents);
  }

  get kills(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  /** What happened, for a failure. */
  get story(): string {
    return `seed ${SEED}, ${this.sweeps} sweeps, ${JSON.stringify(this.counts)}: ${this.#history.join(' ')}`;
  }

  /** A sweep of both sites in which a few are killed. */
  async sweep(): Promise<void> {
    this.sweeps++;
    this.#history.length = 0;
    let running = await this.#failures.sweep();
    const id = this.#failures.watch.scan!.id;
    for (let left = MOST_A_SWEEP; left > 0 && this.kills < KILLS; left--) {
      await sleep(this.#random() * LONGEST_WAIT_MS);
      if (running.process.exitCode === 0) break;
      const victim = VICTIMS[Math.floor(this.#random() * VICTIMS.length)]!;
      this.counts[victim]++;
      this.#history.push(victim);
      if (victim === 'coordinator') {
        running.process.kill('SIGKILL');
        await running.finished;
        running = this.#failures.resume(id);
      } else await this.#kill(victim);
    }
    assertSwept(await this.#finished(running, id));
    for (const { process, log } of this.#agents) {
      assert.equal(process.exitCode, null, `an agent has ended: ${log()}`);
    }
    this.#failures.assertRows(['berlin', 'paris']);
  }

  async #kill(victim: Exclude<Victim, 'coordinator'>): Promise<void> {
    const { lab } = this.#failures;
    if (victim === 'hub') {
      lab.hubRun.process.kill('SIGKILL');
      await lab.hubRun.finished;
      await lab.startHub();
      return;
    }
    if (victim === 'server') {
      killIfThere(lab.serverPid);
      return;
    }
    const which = Math.floor(this.#random() * AGENTS.length);
    const [site, agent, network] = AGENTS[which]!;
    this.#agents[which]!.process.kill('SIGKILL');
    await this.#agents[which]!.finished;
    this.#agents[which] = lab.startWith(lab.joinFileOf(site, agent), network);
  }

  /** A coordinator that is started while there is no server ends at once, and says so: it is started again. */
  async #finished(first: Running, id: string): Promise<Finished> {
    for (let running = first; ; running = this.#failures.resume(id)) {
      const finished = await running.finished;
      if (finished.code !== 4 || !finished.stderr.includes('cannot be reached')) return finished;
    }
  }

  close(): Promise<void> {
    return this.#failures.close();
  }
}

labTestUnless(
  TRIED_SERVERS[0]!.missing,
  'each address of each site has one row, whatever is killed',
  async () => {
    const killer = await Killer.open();
    try {
      while (killer.kills < KILLS) await killer.sweep();
      if (LOG !== undefined) appendFileSync(LOG, `${killer.story}\n`);
    } catch (error) {
      throw new Error(`${messageOf(error)}; ${killer.story}`, { cause: error });
    } finally {
      await killer.close();
    }
  },
  DEADLINE_MS,
);

/** It may have ended already, and not been started again yet. */
function killIfThere(pid: number): void {
  // The file is empty while it is being written; 0 would be all processes of the test.
  if (pid === 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}
