/** A sweep on several sites, with the contract of `runSweep`: its caller need not know how it is done. */

import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lockNetwork, lockPathOf } from '../inventory/network-lock.ts';
import { pause } from '../pause.ts';
import { blockOfRanges } from '../results/block-targets.ts';
import { HostRows, ROWS_AT_ONCE } from '../results/host-cursor.ts';
import type { RunRecord } from '../results/run-record.ts';
import { unresolvedRow } from '../results/unresolved-row.ts';
import { resolveSettings } from '../settings.ts';
import type { runSweep, SweepJob, SweepProgress } from '../sweep.ts';
import type { UnresolvedName } from '../targets/target-set.ts';
import type { HubBroker } from './broker.ts';
import { chunksOf } from './chunk-plan.ts';
import { chunkSettingsOf } from './chunk-settings.ts';
import { type ChunkSettings, MOST_CHUNK_HOSTS } from './contract/chunk.ts';
import { type ChunkFindings, decodeAnswer } from './contract/chunk-result.ts';
import { hostsThatFit } from './contract/result-columns.ts';
import {
  Coordinator,
  type CoordinatorClock,
  type CoordinatorTimes,
  type ScanSite,
} from './coordinator.ts';
import type { Journal } from './journal.ts';
import type {
  JournalChunk,
  JournalProgress,
  JournalScan,
  ReportedChunk,
} from './journal-tables.ts';
import { SiteRun } from './site-run.ts';

/** Besides the time that its rate takes. */
const USUAL_DEADLINE_MS = 3_600_000;
/** What ended is kept for a day, for a report that could not be written. */
const KEPT_MS = 86_400_000;

/** Where a sweep goes, and what brings it there. */
export interface SiteSweep {
  readonly journal: Journal;
  readonly broker: HubBroker;
  readonly sites: readonly ScanSite[];
  /** Whether the sites share the targets; otherwise each of them sweeps all. */
  readonly isSpread: boolean;
  readonly times: CoordinatorTimes;
  /** How long to wait for the sites; undefined: an hour, and twice what the rate takes. */
  readonly deadlineMs?: number | undefined;
  /** Hosts of a chunk, at most; undefined for as many as a message has room for. */
  readonly chunkHosts?: number | undefined;
  readonly clock?: CoordinatorClock | undefined;
}

/** What a journal keeps of a job for going on with it. */
interface KeptFacts {
  readonly settings: ChunkSettings;
  readonly seed: number;
  readonly rates: Readonly<Record<string, number | null>>;
  readonly hostnames: readonly (readonly [address: string, name: string])[];
  readonly unresolved: readonly UnresolvedName[];
  readonly notes: readonly string[];
}

const REAL_CLOCK: CoordinatorClock = {
  nowMs: Date.now,
  wait: pause,
};

/**
 * The sweep of a new scan. Its rows come by site, then by address. What no site reported is missing and the record says
 * why; it is never `down`.
 */
export function siteSweep(parts: SiteSweep): typeof runSweep {
  return async (job) => {
    const { journal, clock = REAL_CLOCK } = parts;
    const nowMs = clock.nowMs();
    journal.forgetEnded(new Date(nowMs - KEPT_MS));
    const id = newScanId(new Date(nowMs));
    const { settings, targets } = job;
    const chunkSettings = chunkSettingsOf(settings);
    const probes = settings.count > 1 ? settings.count : 1 + settings.retries;
    const rates = Object.fromEntries(parts.sites.map((each) => [each.site, each.ratePps]));
    const facts: KeptFacts = {
      settings: chunkSettings,
      seed: settings.seed,
      rates,
      hostnames: [...targets.hostnames],
      unresolved: targets.unresolved,
      notes: targets.notes,
    };
    journal.begin(
      {
        id,
        command: job.command,
        sites: parts.sites.map(({ site }) => site).sort(),
        isSpread: parts.isSpread,
        facts,
        createdAt: new Date(nowMs),
        deadline: new Date(
          nowMs + (parts.deadlineMs ?? usualDeadlineMs(parts, targets.count * probes)),
        ),
      },
      chunksOf(targets.ranges, hostsThatFit(parts.chunkHosts ?? MOST_CHUNK_HOSTS, probes)),
    );
    return sweepScan(parts, id, job);
  };
}

/** The sites of a scan that is in the journal, as it used them. */
export function sitesOfScan(scan: JournalScan, slots: number): ScanSite[] {
  const { rates } = scan.facts as KeptFacts;
  // JSON has no number for no limit.
  return scan.sites.map((site) => {
    return { site, slots, ratePps: rates[site] ?? Number.POSITIVE_INFINITY };
  });
}

/** The job of a scan that is in the journal; its ranges are those of its chunks. */
export function jobOfScan({
  facts,
  hosts,
  command,
}: JournalScan): Pick<SweepJob, 'settings' | 'targets' | 'command'> {
  const { settings, hostnames, unresolved, notes } = facts as KeptFacts;
  return {
    settings: resolveSettings({ targets: [], ...settings }),
    targets: {
      ranges: [],
      count: hosts,
      hostnames: new Map(hostnames),
      excluded: [],
      unresolved,
      notes,
    },
    command,
  };
}

/** The same of a scan that is in the journal: it goes on with what is not done. */
export function resumedSweep(parts: SiteSweep, id: string): typeof runSweep {
  return async (job) => {
    const { journal, clock = REAL_CLOCK } = parts;
    const nowMs = clock.nowMs();
    const deadlineMs = parts.deadlineMs ?? usualDeadlineMs(parts, 0);
    journal.resume(id, new Date(nowMs + deadlineMs), new Date(nowMs));
    return sweepScan(parts, id, job);
  };
}

async function sweepScan(parts: SiteSweep, id: string, job: SweepJob): Promise<RunRecord> {
  const lock = await lockNetwork(parts.journal.path, id);
  try {
    return await sweepLocked(parts, parts.journal.scan(id)!, job);
  } finally {
    lock.release();
    removeIfPossible(lockPathOf(parts.journal.path, id));
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // An empty file stays behind.
  }
}

async function sweepLocked(parts: SiteSweep, scan: JournalScan, job: SweepJob): Promise<RunRecord> {
  const { journal, broker, sites, times, clock = REAL_CLOCK } = parts;
  const facts = scan.facts as KeptFacts;
  const run = new SiteRun({
    command: job.command,
    seed: facts.seed,
    startedAt: scan.createdAt,
    targets: scan.hosts + facts.unresolved.length,
    notes: facts.notes,
  });
  await job.afterSocketsOpen?.();
  await job.onStart?.(run.record(null));
  const startedAtMs = clock.nowMs();
  const stop = new AbortController();
  const stream = new RowStream(job, facts, () => stop.abort());
  if (job.onFinalRows !== undefined) {
    for (const each of journal.batches(scan.id)) {
      const findings = findingsOf(each);
      if (findings !== undefined) stream.add(each.chunk, findings);
    }
  }
  const coordinator = new Coordinator({
    journal,
    broker,
    scan,
    sites,
    settings: facts.settings,
    times,
    clock,
    onRemark: job.onRemark,
    onTick: () => {
      const nowMs = clock.nowMs();
      const elapsedMs = nowMs - startedAtMs;
      job.onProgress?.(progressOf(parts, scan, coordinator, { nowMs, elapsedMs }));
    },
    onKept: (chunk, findings) => stream.add(chunk, findings),
  });
  const signals = [stop.signal, ...(job.signal === undefined ? [] : [job.signal])];
  const ending = await coordinator.run(AbortSignal.any(signals));
  if (ending !== 'done') journal.setState(scan.id, 'stopped');
  await stream.end();
  for (const each of journal.batches(scan.id)) {
    const findings = findingsOf(each);
    run.add(each.chunk, each.batch?.agent ?? '', findings);
    if (findings === undefined) continue;
    for (const rows of rowsOf(each.chunk, findings, facts)) await job.onRows(rows);
  }
  await reportUnresolved(job, run, facts.unresolved);
  if (ending === 'done') journal.setState(scan.id, 'ended');
  await broker.forget(coordinator.messageName);
  const why =
    ending === 'stopped' ? undefined : (site: string) => whyMissing(scan, coordinator, site);
  return run.record(new Date(clock.nowMs()), why);
}

/** Rows as they arrive, for those who want them before their order is known. */
class RowStream {
  readonly #job: SweepJob;
  readonly #facts: KeptFacts;
  readonly #onFailure: () => void;
  #written: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(job: SweepJob, facts: KeptFacts, onFailure: () => void) {
    this.#job = job;
    this.#facts = facts;
    this.#onFailure = onFailure;
  }

  add(chunk: JournalChunk, findings: ChunkFindings): void {
    const { onFinalRows } = this.#job;
    if (onFinalRows === undefined) return;
    this.#written = this.#written.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        for (const rows of rowsOf(chunk, findings, this.#facts)) await onFinalRows(rows);
      } catch (error) {
        this.#failure = { error };
        this.#onFailure();
      }
    });
  }

  /** @throws what taking the rows ended with */
  async end(): Promise<void> {
    await this.#written;
    if (this.#failure !== undefined) throw this.#failure.error;
    const names = this.#facts.unresolved.map(({ name }) => unresolvedRow(name));
    if (names.length > 0) await this.#job.onFinalRows?.(names);
  }
}

async function reportUnresolved(
  { onRows }: SweepJob,
  run: SiteRun,
  unresolved: readonly UnresolvedName[],
): Promise<void> {
  if (unresolved.length === 0) return;
  run.addUnresolved(unresolved.length);
  await onRows(unresolved.map(({ name }) => unresolvedRow(name)));
}

/** What a chunk brought in, checked when it arrived by the same function; undefined if it has no batch. */
function findingsOf({ chunk, batch }: ReportedChunk): ChunkFindings | undefined {
  if (batch === undefined) return undefined;
  const name = { scan: batch.messageName, site: chunk.place, chunk: chunk.number };
  return decodeAnswer(batch.octets, name, blockOfRanges(chunk.ranges)).findings!;
}

function* rowsOf(
  chunk: JournalChunk,
  { results, hostnames, run }: ChunkFindings,
  facts: KeptFacts,
): Generator<HostRows> {
  const names = hostnames.size === 0 ? facts.hostnames : [...hostnames, ...facts.hostnames];
  const byAddress = new Map(names);
  const site = chunk.site === '' ? null : chunk.site;
  const isDoubtful = run.doubts.length > 0 || run.failure !== null;
  for (let first = 0; first < chunk.count; first += ROWS_AT_ONCE) {
    const end = Math.min(chunk.count, first + ROWS_AT_ONCE);
    yield new HostRows(results, byAddress, first, end, site, isDoubtful);
  }
}

function progressOf(
  { journal, sites }: SiteSweep,
  scan: JournalScan,
  { agents, messageName }: Coordinator,
  { nowMs, elapsedMs }: { readonly nowMs: number; readonly elapsedMs: number },
): SweepProgress {
  const kept = journal.progress(scan.id);
  const bySite = sites.map(({ site }) => {
    const out = journal.offeredAt(scan.id, site);
    const underWay = agents.underWay(messageName, site, out, nowMs);
    const own = kept.find((each) => each.site === site);
    return {
      site,
      targets: own?.hosts ?? 0,
      done: (own?.done ?? 0) + underWay.done,
      up: (own?.up ?? 0) + underWay.up,
      isHeard: agents.isHeard(site, nowMs),
    };
  });
  const sum = (value: (part: JournalProgress) => number): number =>
    kept.reduce((total, part) => total + value(part), 0);
  const shared = kept.find(({ site }) => site === '');
  const sent = sum((part) => part.sent);
  return {
    targets: scan.hosts,
    done: bySite.reduce((total, { done }) => total + done, shared?.done ?? 0),
    up: bySite.reduce((total, { up }) => total + up, shared?.up ?? 0),
    sent,
    received: sum((part) => part.received),
    elapsedMs,
    ratePps: elapsedMs === 0 ? 0 : (sent * 1000) / elapsedMs,
    ...(!scan.isSpread && { sites: bySite }),
  };
}

/** Why targets are missing, and what to do about it. @param site '' for any */
function whyMissing(scan: JournalScan, { agents, refusals }: Coordinator, site: string): string {
  const sites = site === '' ? scan.sites : [site];
  const resume = `\`echosweep scans resume ${scan.id}\` goes on with them`;
  const refused = sites.flatMap((each) => refusals.get(each) ?? []);
  if (refused.length > 0) return `${refused.join('; ')}; ${resume}`;
  const silent = sites.filter((each) => agents.of(each).length === 0);
  if (silent.length > 0) {
    return `no agent of ${silent.join(', ')} was heard of; start one, and ${resume}`;
  }
  const names = sites.flatMap((each) => agents.of(each).map(({ agent }) => `${each}/${agent}`));
  return `${names.join(', ')} did not report them in time; ${resume}`;
}

function usualDeadlineMs({ sites, isSpread }: SiteSweep, probes: number): number {
  const rates = sites.map(({ ratePps }) => ratePps);
  const ratePps = isSpread ? rates.reduce((sum, rate) => sum + rate, 0) : Math.min(...rates);
  return USUAL_DEADLINE_MS + (2 * 1000 * probes) / ratePps;
}

/** Such as `20260304-050607-k3x9p2`: names of scans are parts of subjects, and never used again. */
function newScanId(now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${time}-${randomInt(36 ** 6)
    .toString(36)
    .padStart(6, '0')}`;
}
