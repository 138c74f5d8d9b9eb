/** The record of a sweep on several sites: what its chunks found and what their agents said of them, added up. */

import { Tally } from '../coordinator/tally.ts';
import { PACKAGE_VERSION } from '../package-version.ts';
import {
  type MacConflict,
  MOST_MAC_CONFLICTS,
  type PacketCounts,
  type RunRecord,
  type SiteRecord,
  type TcpRecord,
} from '../results/run-record.ts';
import { grouped, plural } from '../words.ts';
import type { BelievedFindings } from './chunk-rows.ts';
import { type ChunkRun, noPackets } from './contract/chunk-run.ts';
import type { JournalChunk } from './journal-tables.ts';

/** Of one kind; a site of a thousand chunks may have the same doubt about each. */
const MOST_SENTENCES = 100;

/** What the chunks of a site say, added up. */
interface SiteSums {
  targets: number;
  rows: number;
  /** Targets that agents do not allow. */
  denied: number;
  readonly agents: Set<string>;
}

/** What a record has besides what the chunks say. */
export interface RunFacts {
  readonly command: string;
  readonly seed: number;
  readonly startedAt: Date;
  /** Rows of a whole report: hosts of all chunks, and names without an address. */
  readonly targets: number;
  readonly notes: readonly string[];
  /** Whether what agents do not allow is left out of the sweep, which is then complete without it. */
  readonly leavesOutDenied: boolean;
}

export class SiteRun {
  readonly #facts: RunFacts;
  readonly #tally = new Tally();
  readonly #packets = noPackets();
  readonly #engines = new Set<string>();
  readonly #sites = new Map<string, SiteSums>();
  readonly #doubts = new Sentences();
  readonly #notes = new Sentences();
  readonly #macConflicts: MacConflict[] = [];
  #clock: RunRecord['clock'] = 'kernel';
  #workers = 0;
  #worstDelayMs = 0;
  #failure: string | null = null;
  #tcp: TcpRecord | null = null;

  constructor(facts: RunFacts) {
    this.#facts = facts;
  }

  /** Adds a chunk. @param findings undefined if it has none */
  add(chunk: JournalChunk, agent: string, findings: BelievedFindings | undefined): void {
    const sums = this.#sumsOf(chunk.site);
    sums.targets += chunk.count;
    if (findings === undefined) return;
    const rowsBefore = this.#tally.rows;
    this.#tally.add(findings.results);
    sums.rows += this.#tally.rows - rowsBefore;
    const name = `${chunk.place}/${agent}`;
    sums.agents.add(name);
    sums.denied += findings.denied;
    this.#macConflicts.push(...findings.results.macConflicts.slice(0, MOST_MAC_CONFLICTS));
    if (findings.denied > 0) {
      const sentences = this.#facts.leavesOutDenied ? this.#notes : this.#doubts;
      sentences.add(`${name} does not allow all of the targets (see its --allow and --deny)`);
    }
    if (findings.hasOtherTimes) {
      this.#doubts.add(
        `the clock of ${name} is wrong: times before the sweep began or after results arrived are moved there`,
      );
    }
    this.#addRun(name, findings.run);
  }

  /** What ended the sweep before its end. */
  fail(why: string): void {
    this.#failure ??= why;
  }

  addUnresolved(names: number): void {
    this.#tally.addUnresolved(names);
  }

  /** @param why by site, why targets of it are missing; undefined if the sweep was stopped */
  record(endedAt: Date | null, why?: (site: string) => string): RunRecord {
    const { command, seed, startedAt, targets, notes } = this.#facts;
    const sites = this.#siteRecords();
    const missing = sites.filter((site) => endedAt !== null && site.missing > 0);
    return {
      version: PACKAGE_VERSION,
      command,
      engine: this.#engines.size === 0 ? null : [...this.#engines].sort().join('+'),
      clock: this.#clock,
      seed,
      workers: this.#workers,
      startedAt,
      endedAt,
      targets,
      statuses: this.#tally.statuses,
      reasons: this.#tally.reasons,
      outcomes: this.#tally.outcomes,
      packets: { ...this.#packets },
      rtt: this.#tally.rtt,
      worstDelayMs: this.#worstDelayMs,
      canary: null,
      tcp: this.#tcp,
      partial: missing.some((each) => each.missing > this.#leftOut(each)),
      failure: this.#failure,
      resumed: null,
      macConflicts: this.#macConflicts,
      doubts: [
        ...(why === undefined ? [] : missing.flatMap((site) => this.#missingWords(site, why))),
        ...this.#doubts.all(),
      ],
      notes: [...notes, ...this.#notes.all()],
      sites,
    };
  }

  #addRun(name: string, run: ChunkRun): void {
    for (const counter of Object.keys(this.#packets) as (keyof PacketCounts)[]) {
      const count = run.packets[counter];
      const sum = this.#packets[counter];
      if (counter === 'dropped') {
        this.#packets.dropped = sum === null || count === null ? null : sum + count;
      } else this.#packets[counter] = sum! + count!;
    }
    if (run.engine !== null) this.#engines.add(run.engine);
    if (run.clock !== 'kernel') this.#clock = run.clock;
    this.#workers = Math.max(this.#workers, run.workers);
    this.#worstDelayMs = Math.max(this.#worstDelayMs, run.worstDelayMs);
    if (run.failure !== null) this.#failure ??= `${name}: ${run.failure}`;
    for (const doubt of run.doubts) this.#doubts.add(`${name}: ${doubt}`);
    for (const note of run.notes) this.#notes.add(`${name}: ${note}`);
    const { tcp } = run;
    if (tcp === null) return;
    this.#tcp ??= { ports: tcp.ports, hosts: 0, connections: 0, failed: 0 };
    this.#tcp = {
      ports: this.#tcp.ports,
      hosts: this.#tcp.hosts + tcp.hosts,
      connections: this.#tcp.connections + tcp.connections,
      failed: this.#tcp.failed + tcp.failed,
    };
  }

  /** What agents do not allow has been reported: no time would bring it. */
  #missingWords({ site, targets, missing }: SiteRecord, why: (site: string) => string): string[] {
    const late = missing - this.#sumsOf(site).denied;
    if (late === 0) return [];
    const what = `${grouped(late)} of ${plural(targets, 'target')} ${late === 1 ? 'has' : 'have'} no row`;
    return [`${site === '' ? what : `${site}: ${what}`}: ${why(site)}`];
  }

  #leftOut({ site }: SiteRecord): number {
    return this.#facts.leavesOutDenied ? this.#sumsOf(site).denied : 0;
  }

  #sumsOf(site: string): SiteSums {
    let sums = this.#sites.get(site);
    if (sums === undefined) {
      sums = { targets: 0, rows: 0, denied: 0, agents: new Set() };
      this.#sites.set(site, sums);
    }
    return sums;
  }

  #siteRecords(): SiteRecord[] {
    return [...this.#sites].map(([site, { targets, rows, agents }]) => ({
      site,
      targets,
      missing: targets - rows,
      agents: [...agents].sort(),
    }));
  }
}

/** Sentences of agents: each once, and not without end. */
class Sentences {
  readonly #counts = new Map<string, number>();
  #more = 0;

  add(sentence: string): void {
    const before = this.#counts.get(sentence);
    if (before !== undefined) this.#counts.set(sentence, before + 1);
    else if (this.#counts.size < MOST_SENTENCES) this.#counts.set(sentence, 1);
    else this.#more++;
  }

  all(): string[] {
    const sentences = [...this.#counts].map(([sentence, chunks]) =>
      chunks === 1 ? sentence : `${sentence} (${chunks} times)`,
    );
    return this.#more === 0 ? sentences : [...sentences, `and ${this.#more} more like these`];
  }
}
