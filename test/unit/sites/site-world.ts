/** Sites whose agents do what a test says, and the coordinator that sweeps them: no network, and a clock that moves by itself. */

import { setImmediate } from 'node:timers/promises';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { resolveSettings } from '../../../src/settings.ts';
import { type ChunkFindings, encodeAnswer } from '../../../src/sites/contract/chunk-result.ts';
import { type ScanSite, timesOf } from '../../../src/sites/coordination.ts';
import { Journal } from '../../../src/sites/journal.ts';
import { resumedSweep, type SiteSweep, siteSweep } from '../../../src/sites/site-sweep.ts';
import type { SweepJob, SweepProgress } from '../../../src/sweep-job.ts';
import { isUpAt, ScriptedHub, STARTED_AT, type TakenChunk } from './scripted-hub.ts';

const FIRST = 0x0a000000n;
export const HOSTS = 40;
export const T0 = STARTED_AT.getTime();
export const CHUNK_HOSTS = 8;

export type Row = readonly [site: string | null | undefined, address: string, status: string];

/** The rows that a report of these sites has. */
export function truthOf(sites: readonly string[]): Row[] {
  return sites.flatMap((site) =>
    Array.from({ length: HOSTS }, (_, i): Row => {
      const status = isUpAt(site, FIRST + BigInt(i)) ? 'up' : 'down';
      return [site, `10.0.0.${i}`, status];
    }),
  );
}

/** Sites, their broker, a journal and a clock that moves by itself. */
export class World {
  readonly hub = new ScriptedHub();
  readonly sites: readonly string[];
  readonly rows: Row[] = [];
  readonly streamed: Row[] = [];
  readonly remarks: string[] = [];
  readonly progress: SweepProgress[] = [];
  journal!: Journal;
  nowMs = T0;
  /** What happens next. */
  step: () => void = () => this.work();
  /** Set to end the coordinator as a crash would. */
  isKilled = false;
  readonly stop = new AbortController();

  constructor(sites: readonly string[]) {
    this.sites = sites;
  }

  static async of(sites: readonly string[]): Promise<World> {
    const world = new World(sites);
    world.journal = await Journal.open(IN_MEMORY);
    return world;
  }

  /** Every site's agent does what it is offered. */
  work(sites: readonly string[] = this.sites): void {
    for (const site of sites) {
      this.hub.hear(site, 'a1');
      this.doAll(site);
    }
  }

  /** A site's agent does every chunk that it is offered. */
  doAll(site: string, answer?: (taken: TakenChunk) => Uint8Array): void {
    while (this.doOne(site, answer));
  }

  /**
   * A site's agent does one chunk, if it is offered any.
   * @param answer what it sends, if it is not what an honest agent does
   * @returns whether there was one
   */
  doOne(site: string, answer?: (taken: TakenChunk) => Uint8Array): boolean {
    const taken = this.take(site);
    if (taken === undefined) return false;
    this.finish(taken, answer?.(taken));
    return true;
  }

  /** An agent sends its result of a chunk, and is done with it. */
  finish(taken: TakenChunk, octets?: Uint8Array): void {
    this.hub.send(taken, octets);
    this.hub.finish(taken);
  }

  take(site: string): TakenChunk | undefined {
    return this.hub.take(site, 'a1');
  }

  parts(values: Partial<SiteSweep> = {}): SiteSweep {
    const sites = this.sites.map((site): ScanSite => ({ site, slots: 2, ratePps: 1000 }));
    return {
      journal: this.journal,
      broker: this.hub,
      sites,
      isSpread: false,
      times: timesOf(60_000),
      chunkHosts: CHUNK_HOSTS,
      clock: {
        nowMs: () => this.nowMs,
        wait: async (ms) => {
          this.nowMs += ms;
          this.step();
          await setImmediate();
        },
      },
      ...values,
    };
  }

  job(values: Partial<SweepJob> = {}): SweepJob {
    const range = { family: 4, zone: '', first: FIRST, last: FIRST + BigInt(HOSTS - 1) } as const;
    const noTargets = { hostnames: new Map(), excluded: [], unresolved: [], notes: [] };
    return {
      settings: resolveSettings({ targets: [], retries: 0, seed: 7 }),
      targets: { ranges: [range], count: HOSTS, ...noTargets },
      command: 'echosweep 10.0.0.0/26',
      signal: this.stop.signal,
      onRows: async (rows) => void this.rows.push(...rowsOf(rows)),
      onRemark: (sentence) => this.remarks.push(sentence),
      onProgress: (progress) => {
        this.progress.push(progress);
        if (!this.isKilled) return;
        this.isKilled = false;
        throw new Error('killed');
      },
      ...values,
    };
  }

  /** The coordinator is started again as often as it is killed. */
  async sweep(parts: SiteSweep = this.parts(), job: SweepJob = this.job()): Promise<RunRecord> {
    let sweep = siteSweep(parts);
    for (;;) {
      try {
        return await sweep(job);
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
        const [scan] = this.journal.scans();
        sweep = resumedSweep(parts, scan!.id);
      }
    }
  }
}

export function rowsOf(rows: Iterable<HostResult>): Row[] {
  // Each row changes with the next.
  return Array.from(rows, ({ site, address, status }): Row => [site, address ?? '', status]);
}

/** The result of a chunk with these findings. */
export function answerOf(chunk: TakenChunk['chunk'], findings: ChunkFindings): Uint8Array {
  return encodeAnswer(chunk, 1, { findings, refusal: null });
}
