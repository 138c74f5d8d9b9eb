/** A sweep on several sites, with the contract of `runSweep`: its caller need not know how it is done. */

import { randomInt } from 'node:crypto';
import { MS_A_DAY, MS_A_MINUTE, MS_AN_HOUR } from '../durations.ts';
import { EchosweepError } from '../errors.ts';
import { hasNoRoom, IN_MEMORY } from '../inventory/database.ts';
import { pause } from '../pause.ts';
import type { RunRecord } from '../results/run-record.ts';
import { unresolvedRow } from '../results/unresolved-row.ts';
import type { runSweep } from '../sweep.ts';
import type { SweepJob } from '../sweep-job.ts';
import type { UnresolvedName } from '../targets/target-names.ts';
import type { HubBroker } from './broker.ts';
import { chunksOf } from './chunk-plan.ts';
import { ChunkRowStream, findingsOf, rowsOf } from './chunk-rows.ts';
import { MOST_CHUNK_HOSTS } from './contract/chunk.ts';
import { hostsThatFit } from './contract/result-columns.ts';
import type { CoordinatorClock, CoordinatorTimes, ScanSite } from './coordination.ts';
import { Coordinator } from './coordinator.ts';
import type { Journal } from './journal.ts';
import type { JournalScan, ScanState } from './journal-tables.ts';
import { factsOf, keptFacts } from './kept-facts.ts';
import { lockScan } from './scan-lock.ts';
import { progressOf, whyMissing } from './site-progress.ts';
import { SiteRun } from './site-run.ts';

/** Besides the time that its rate takes. */
const USUAL_DEADLINE_MS = MS_AN_HOUR;
/** What ended is kept for a day, for a report that could not be written. */
const ENDED_KEPT_MS = MS_A_DAY;
/** What can be resumed is kept for as long as its rows say something of the present. */
const KEPT_MS = 30 * MS_A_DAY;
/** A scan that no process has waited for in so long is not that of another process with the same command. */
const LEFT_MS = 10 * MS_A_MINUTE;

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
  /** Whether earlier scans of the same command are forgotten, because this one makes up for what they lack. */
  readonly replacesEarlier?: boolean | undefined;
  /** As `RunFacts.leavesOutDenied`. */
  readonly leavesOutDenied?: boolean | undefined;
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
    journal.forgetUnseen(new Date(nowMs - ENDED_KEPT_MS), new Date(nowMs - KEPT_MS));
    if (parts.replacesEarlier) journal.forgetUnseenOf(job.command, new Date(nowMs - LEFT_MS));
    const id = newScanId(new Date(nowMs));
    const { targets } = job;
    const probes = probesOf(job);
    journal.begin(
      {
        id,
        command: job.command,
        sites: parts.sites.map(({ site }) => site).sort(),
        isSpread: parts.isSpread,
        facts: factsOf(job, parts.sites),
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

/** The same of a scan that is in the journal: it goes on with what is not done. */
export function resumedSweep(parts: SiteSweep, id: string): typeof runSweep {
  return (job) =>
    sweepScan(parts, id, job, () => {
      const { journal, clock = REAL_CLOCK } = parts;
      const nowMs = clock.nowMs();
      const left = journal.progress(id).map(({ hosts, done }) => hosts - done);
      const deadlineMs =
        parts.deadlineMs ?? usualDeadlineMs(parts, Math.max(0, ...left) * probesOf(job));
      if (journal.resume(id, new Date(nowMs + deadlineMs), new Date(nowMs))) return;
      throw new EchosweepError(
        'OPTION_INVALID',
        `the scan ${id} has just been forgotten`,
        'list those that there are with echosweep scans',
      );
    });
}

/** @param prepare called once no other process waits for the scan */
async function sweepScan(
  parts: SiteSweep,
  id: string,
  job: SweepJob,
  prepare = (): void => {},
): Promise<RunRecord> {
  const { journal } = parts;
  const lock = journal.path === IN_MEMORY ? undefined : await lockScan(journal.path, id);
  try {
    prepare();
    return await sweepLocked(parts, journal.scan(id)!, job);
  } finally {
    lock?.release();
  }
}

async function sweepLocked(parts: SiteSweep, scan: JournalScan, job: SweepJob): Promise<RunRecord> {
  const { journal, broker, sites, times, clock = REAL_CLOCK } = parts;
  const facts = keptFacts(scan);
  const run = new SiteRun({
    command: job.command,
    seed: facts.seed,
    startedAt: scan.createdAt,
    targets: scan.hosts + facts.unresolved.length,
    notes: facts.notes,
    leavesOutDenied: parts.leavesOutDenied === true,
  });
  await job.afterSocketsOpen?.();
  await job.onStart?.(run.record(null));
  const startedAtMs = clock.nowMs();
  const stop = new AbortController();
  const stream = new ChunkRowStream(journal, job, scan, () => stop.abort());
  for (const each of journal.doneChunks(scan.id)) stream.add(each);
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
    onKept: (chunk) => stream.add(chunk),
  });
  const signals = [stop.signal, ...(job.signal === undefined ? [] : [job.signal])];
  const ending = await coordinator.run(AbortSignal.any(signals));
  const isFull =
    ending !== 'done' && (!noteState(journal, scan, 'stopped') || coordinator.hasLeftResults);
  await stream.end();
  for (const each of journal.batches(scan.id)) {
    const findings = findingsOf(journal, each, scan.createdAt);
    run.add(each.chunk, each.batch?.agent ?? '', findings);
    if (findings === undefined) continue;
    for (const rows of rowsOf(each.chunk, findings, facts)) await job.onRows(rows);
  }
  await reportUnresolved(job, run, facts.unresolved);
  if (ending === 'done') noteState(journal, scan, 'ended');
  if (isFull) {
    const goOn = `\`echosweep scans resume ${scan.id}\` goes on once there is some`;
    run.fail(`${journal.path} has no room: ${goOn}`);
  } else await broker.forget(scan.messageName);
  const { keyRefusal } = coordinator;
  if (keyRefusal !== undefined) run.fail(keyRefusal.message);
  const why =
    ending === 'stopped'
      ? undefined
      : (site: string) => whyMissing(journal, scan, coordinator, site);
  return run.record(new Date(clock.nowMs()), why);
}

/** @returns whether it is written down; if the journal has no room, the scan looks as if its process had died, and can be resumed */
function noteState(journal: Journal, { id }: JournalScan, state: ScanState): boolean {
  try {
    journal.setState(id, state);
    return true;
  } catch (error) {
    if (hasNoRoom(error)) return false;
    throw error;
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

/** Of each host, at most. */
function probesOf({ settings: { count, retries } }: SweepJob): number {
  return count > 1 ? count : 1 + retries;
}

/** @param probes of the site that has most left, or of all of them if they share the targets */
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
