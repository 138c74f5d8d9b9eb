/** What a test sees of a hub while others work with it: its agents as they say they are, and its journal. */

import assert from 'node:assert/strict';
import type { ChunkProgress } from '../../src/sites/contract/agent-status.ts';
import { HeardAgents } from '../../src/sites/heard-agents.ts';
import type { Journal } from '../../src/sites/journal.ts';
import type { JournalProgress, JournalScan } from '../../src/sites/journal-tables.ts';
import { type OpenHub, openHub } from '../../src/sites/open-hub.ts';
import { until } from './run.ts';

/** Far more than anything takes: what a test waits for comes, or the test fails. */
const WITHIN_MS = 100_000;
const EVER_MS = 3_600_000;

export class SiteWatch {
  /** Of the hub's file and the journal. */
  readonly folder: string;
  readonly hub: OpenHub;
  readonly #agents = new HeardAgents(EVER_MS);

  private constructor(folder: string, hub: OpenHub) {
    this.folder = folder;
    this.hub = hub;
    hub.broker.onStatus((status) => this.#agents.note(status, Date.now()));
  }

  static async open(folder: string): Promise<SiteWatch> {
    return new SiteWatch(folder, await openHub(folder));
  }

  get journal(): Journal {
    return this.hub.journal;
  }

  /** The newest scan. */
  get scan(): JournalScan | undefined {
    return this.journal.scans().at(-1);
  }

  /** Chunks that an agent sweeps, as it said last. */
  chunksOf(site: string, agent: string): readonly ChunkProgress[] {
    return this.#agents.of(site).find((each) => each.agent === agent)?.status.chunks ?? [];
  }

  /** What an agent says it cannot do. */
  problemOf(site: string, agent: string): string | null {
    return this.#agents.of(site).find((each) => each.agent === agent)?.status.problem ?? null;
  }

  /** How far the newest scan is at a site. */
  progressOf(site: string): JournalProgress {
    const progress = this.journal.progress(this.scan!.id).find((each) => each.site === site);
    assert.ok(progress !== undefined, `${site} has no chunks`);
    return progress;
  }

  /** Until a scan is there that is not `before`. @returns its name */
  async newScan(before: string | undefined): Promise<string> {
    await this.until('a scan has begun', () => (this.scan?.id ?? before) !== before);
    return this.scan!.id;
  }

  /** Until an agent sweeps a chunk of the newest scan. */
  async sweeping(site: string, agent: string): Promise<void> {
    await this.until(`${site}/${agent} sweeps`, () =>
      this.chunksOf(site, agent).some(({ scan }) => scan === this.scan?.messageName),
    );
  }

  until(promise: string, holds: () => boolean): Promise<void> {
    return until(promise, holds, WITHIN_MS);
  }

  close(): Promise<void> {
    return this.hub.close();
  }
}
