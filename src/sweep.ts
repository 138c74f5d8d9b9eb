/** The story of a sweep: settings and targets → plan → sockets → workers → blocks in order → rows → the run's record. */

import type { Family } from './address.ts';
import type { BlockEngine, OpenEngine, PlannedBlock } from './coordinator/block-engine.ts';
import { addressOf, Canary, type CanaryChoice, chooseCanary } from './coordinator/canary.ts';
import {
  type ConnectedNetworks,
  type ConnectedRange,
  connectedNetworks,
} from './coordinator/connected-networks.ts';
import { openEngine } from './coordinator/engines.ts';
import { probeInOrder } from './coordinator/in-order.ts';
import { InterfaceWatch, scopeIdOfZone } from './coordinator/interfaces.ts';
import { blockHostsFor, cutIntoBlocks, workersFor } from './coordinator/plan.ts';
import { ReverseLookup } from './coordinator/reverse-dns.ts';
import { RunBook } from './coordinator/run-book.ts';
import type { Engine } from './options.ts';
import { makeSchedule } from './probe/schedule.ts';
import { prepareSharedState, SharedState } from './probe/shared-state.ts';
import type { BlockResults } from './results/block-results.ts';
import type { AddressRange } from './results/block-targets.ts';
import { addressText } from './results/block-targets.ts';
import { HostRows } from './results/host-cursor.ts';
import type { HostResult } from './results/host-result.ts';
import { statusNumber } from './results/outcome.ts';
import type { CanaryRecord, RunRecord } from './results/run-record.ts';
import type { SweepSettings } from './settings.ts';
import type { TargetSet } from './targets/target-set.ts';
import { WayToTargets } from './transport/linux/gateway.ts';
import { type Link, linkName } from './transport/linux/link.ts';
import { neighbourCap, readRoutes } from './transport/linux/neighbour-networks.ts';
import { monotonicNs } from './transport/monotonic-clock.ts';

/** Rows handed over at once: enough to make a call worth its while, few enough to stay small. */
const ROWS_AT_ONCE = 2048;
const PROGRESS_EVERY_MS = 200;

export interface SweepJob {
  readonly settings: SweepSettings;
  readonly targets: TargetSet;
  /** The command line, or `library`. */
  readonly command: string;
  readonly signal?: AbortSignal;
  /** Called once the sockets are open and before any thread is started: the moment to give root up. */
  readonly afterSocketsOpen?: () => void | Promise<void>;
  /** Called before the first probe; what it throws ends the sweep with nothing sent. */
  readonly onStart?: (run: RunRecord) => Promise<void>;
  /**
   * Rows in address order, each of which changes as soon as the next is taken. The sweep waits for the promise; what it
   * rejects with ends the sweep.
   */
  readonly onRows: (rows: Iterable<HostResult>) => Promise<void>;
  /** About five times a second. */
  readonly onProgress?: (progress: SweepProgress) => void;
  /**
   * Shared memory, an octet a target in address order, in which each host's story is told while it unfolds (`cellCode`).
   */
  readonly board?: Uint8Array;
}

export interface SweepProgress {
  readonly targets: number;
  readonly done: number;
  readonly up: number;
  readonly sent: number;
  readonly received: number;
  readonly elapsedMs: number;
  /** Probes a second, over the whole sweep so far. */
  readonly ratePps: number;
}

export interface SweepPlan {
  readonly targets: number;
  /** Where every host answers at once, and where none does. */
  readonly probesMin: number;
  readonly probesMax: number;
  readonly secondsMin: number;
  readonly secondsMax: number;
  readonly engine: Engine;
  readonly engineReason: string;
  readonly workers: number;
  /** Where hosts would be looked for by ARP and NDP before they are pinged; empty where that is left to the system. */
  readonly links: readonly Link[];
  /** Who would be asked beside the targets; undefined for nobody. */
  readonly canary: Pick<CanaryRecord, 'address' | 'choice'> | undefined;
}

/** What a sweep would do. Opens sockets to see which engine works, and sends nothing. */
export async function planSweep(settings: SweepSettings, targets: TargetSet): Promise<SweepPlan> {
  const { choice, networks } = lookAround(settings, targets);
  const engine = await openFor(settings, targets, networks, choice);
  engine.close();
  const { probes, timeoutNs, gapNs, stopsWhenAnswered } = makeSchedule(settings);
  const probesMax = targets.count * probes;
  const probesMin = stopsWhenAnswered ? targets.count : probesMax;
  const waitNs = gapNs.subarray(0, probes - 1).reduce((sum, gap) => sum + gap, 0);
  return {
    targets: targets.count,
    probesMin,
    probesMax,
    secondsMin: probesMin / settings.ratePps + (stopsWhenAnswered ? 0 : waitNs / 1e9),
    secondsMax: probesMax / settings.ratePps + (waitNs + timeoutNs[probes - 1]!) / 1e9,
    engine: engine.engine,
    engineReason: engine.reason,
    workers: engine.workers,
    links: engine.links,
    canary: canAsk(engine, choice)
      ? { address: addressOf(choice), choice: choice.choice }
      : undefined,
  };
}

/** What the system's routes say of the targets, read once. */
function lookAround(
  settings: SweepSettings,
  targets: TargetSet,
): {
  readonly way: WayToTargets;
  readonly choice: CanaryChoice | undefined;
  readonly networks: ConnectedNetworks;
} {
  const routes = readRoutes();
  const way = new WayToTargets(settings.interface, routes);
  return {
    way,
    choice: chooseCanary(settings, targets, way),
    networks: connectedNetworks(targets.ranges, settings, routes),
  };
}

/**
 * Sweeps the targets. Ending it by `signal` is no error: the record says `partial`.
 * @throws EchosweepError for what stops a whole sweep, and whatever `onStart` and `onRows` throw
 */
export async function runSweep(job: SweepJob): Promise<RunRecord> {
  const { settings, targets, signal } = job;
  const zones = resolveZones(targets.ranges);
  const memory = prepareSharedState({
    ratePps: settings.ratePps,
    neighbourCap: neighbourCap(),
    nowNs: monotonicNs(),
  });
  const shared = new SharedState(memory);
  const { way, choice, networks } = lookAround(settings, targets);
  const scopeId = choice === undefined || choice.zone === '' ? 0 : scopeIdOfZone(choice.zone);
  const opened = await openFor(settings, targets, networks, choice);
  const canary = canAsk(opened, choice) ? new Canary(choice, settings, way, scopeId) : undefined;
  const book = new RunBook(job.command, settings.seed, targets.count, opened, shared, canary);
  const watch = new InterfaceWatch(way.interfaces(targets.ranges));
  const stop = (): void => shared.stop();
  const ticker = setInterval(() => {
    book.noteLostInterfaces(watch.look());
    job.onProgress?.(progressOf(book));
  }, PROGRESS_EVERY_MS);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  let engine: BlockEngine | undefined;
  try {
    await job.afterSocketsOpen?.();
    await job.onStart?.(book.record());
    engine = await opened.start(memory, shared);
    canary?.start(engine);
    await sweepBlocks(job, blocksOf(job, networks, opened, zones), engine, book, shared);
    await canary?.end(engine, book.silentHosts > 0);
    book.noteLostInterfaces(watch.look());
    job.onProgress?.(progressOf(book));
  } finally {
    stop();
    clearInterval(ticker);
    signal?.removeEventListener('abort', stop);
    await engine?.close();
    await canary?.settle();
    opened.close();
  }
  return book.close();
}

async function sweepBlocks(
  job: SweepJob,
  blocks: Iterable<PlannedBlock>,
  engine: BlockEngine,
  book: RunBook,
  shared: SharedState,
): Promise<void> {
  const { rdnsTimeoutMs } = job.settings;
  const names = rdnsTimeoutMs === undefined ? undefined : new ReverseLookup(rdnsTimeoutMs);
  const onFailure = (error: unknown): void => {
    book.noteFailure(error);
    shared.stop();
  };
  try {
    for await (const results of probeInOrder(unlessStopped(blocks, shared), engine, onFailure)) {
      book.add(results);
      const hostnames = await hostnamesOf(results, job, names);
      await handOver(results, hostnames, job.onRows);
    }
  } finally {
    names?.close();
  }
}

async function handOver(
  results: BlockResults,
  hostnames: ReadonlyMap<string, string>,
  onRows: SweepJob['onRows'],
): Promise<void> {
  const { count } = results.targets;
  for (let first = 0; first < count; first += ROWS_AT_ONCE) {
    const end = Math.min(count, first + ROWS_AT_ONCE);
    await onRows(new HostRows(results, hostnames, first, end));
  }
}

/** The names asked for, and those that the addresses that answered have. */
async function hostnamesOf(
  results: BlockResults,
  job: SweepJob,
  names: ReverseLookup | undefined,
): Promise<ReadonlyMap<string, string>> {
  const { hostnames } = job.targets;
  if (names === undefined) return hostnames;
  const up: string[] = [];
  for (let host = 0; host < results.targets.count; host++) {
    if (results.status[host] === statusNumber('up')) up.push(addressText(results.targets, host));
  }
  const wanted = up.filter((address) => !hostnames.has(address));
  return new Map([...(await names.namesOf(wanted, job.signal)), ...hostnames]);
}

function openFor(
  settings: SweepSettings,
  targets: TargetSet,
  { links }: ConnectedNetworks,
  canary: CanaryChoice | undefined,
): Promise<OpenEngine> {
  const families = new Set<Family>(targets.ranges.map((range) => range.family));
  const zones = new Set(zonesOf(targets.ranges));
  if (canary?.choice === 'named') {
    families.add(canary.family);
    if (canary.zone !== '') zones.add(canary.zone);
  }
  return openEngine({
    settings,
    families: [...families].sort(),
    zones: [...zones],
    workers: workersFor(targets.count, settings),
    links,
  });
}

/** The package raw-socket has no word for a zone, so that a link-local gateway cannot be asked through it. */
function canAsk({ engine }: OpenEngine, canary: CanaryChoice | undefined): canary is CanaryChoice {
  if (canary === undefined) return false;
  return canary.choice === 'named' || canary.zone === '' || engine !== 'raw-socket';
}

function blocksOf(
  job: SweepJob,
  networks: ConnectedNetworks,
  opened: OpenEngine,
  zones: ReadonlyMap<string, number>,
): Iterable<PlannedBlock> {
  const { targets, settings } = job;
  const hosts = blockHostsFor(targets.count, opened.workers, settings);
  const connected = networks.ranges.map((range) => searchedWith(opened, range));
  const blocks = cutIntoBlocks(targets.ranges, connected, hosts, (zone) => zones.get(zone)!);
  return job.board === undefined ? blocks : withBoard(blocks, job.board);
}

/** Whether a range's neighbours are searched is the engine's to say in the end. */
function searchedWith({ links }: OpenEngine, range: ConnectedRange): ConnectedRange {
  const { searchedOn, ...unsearched } = range;
  const isSearched = links.some((link) => linkName(link) === searchedOn);
  return isSearched ? range : unsearched;
}

/** Gives each block its part of the board. */
function* withBoard(blocks: Iterable<PlannedBlock>, board: Uint8Array): Generator<PlannedBlock> {
  let first = 0;
  for (const block of blocks) {
    const { count } = block.targets;
    yield { ...block, board: board.subarray(first, first + count) };
    first += count;
  }
}

function* unlessStopped(
  blocks: Iterable<PlannedBlock>,
  shared: SharedState,
): Generator<PlannedBlock> {
  for (const block of blocks) {
    if (shared.stopped) return;
    yield block;
  }
}

/** Zones are looked up before anything is opened, so that a wrong one costs nothing. */
function resolveZones(ranges: readonly AddressRange[]): Map<string, number> {
  return new Map(zonesOf(ranges).map((zone) => [zone, scopeIdOfZone(zone)]));
}

function zonesOf(ranges: readonly AddressRange[]): string[] {
  return [...new Set(ranges.map((range) => range.zone))].filter((zone) => zone !== '');
}

function progressOf(book: RunBook): SweepProgress {
  const counts = book.counts();
  const elapsedMs = book.elapsedMs;
  return {
    targets: book.targets,
    done: Math.min(counts.hostsDone, book.targets),
    up: counts.hostsUp,
    sent: counts.sent,
    received: counts.received,
    elapsedMs,
    ratePps: elapsedMs === 0 ? 0 : (counts.sent * 1000) / elapsedMs,
  };
}
