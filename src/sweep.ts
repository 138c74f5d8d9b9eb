/** The story of a sweep: settings and targets → plan → sockets → workers → blocks in order → rows → the run record. */

import { setTimeout as sleep } from 'node:timers/promises';
import { FAMILIES, formatZonedAddress } from './address.ts';
import type { BlockEngine, OpenedEngine, PlannedBlock } from './coordinator/block-engine.ts';
import { Canary } from './coordinator/canary.ts';
import { CutOffHosts } from './coordinator/cut-off-hosts.ts';
import { canProbe } from './coordinator/engine-for-targets.ts';
import { GatewayCheck } from './coordinator/gateway-check.ts';
import { gatewayNowOf } from './coordinator/gateway-now.ts';
import { hiddenHosts } from './coordinator/hidden-hosts.ts';
import { probeInOrder } from './coordinator/in-order.ts';
import { specialRanges } from './coordinator/outlook.ts';
import {
  blockHostsFor,
  cutIntoBlocks,
  inOrderOfRanks,
  type SpecialRange,
  withLiveCells,
  withLiveProbes,
} from './coordinator/plan.ts';
import { ProxyRouters } from './coordinator/proxy-routers.ts';
import { RunRecorder } from './coordinator/run-recorder.ts';
import type { TcpCheck } from './coordinator/tcp-check.ts';
import type { HostNetwork } from './host-network/host-network.ts';
import { InterfaceWatch } from './host-network/interface-watch.ts';
import { interfacesWithoutCarrier } from './host-network/interfaces.ts';
import { keyOf, type NextHop, RoutesToTargets } from './host-network/routes-to-targets.ts';
import { prepareSharedState, SharedState } from './probe/shared-state.ts';
import type { BlockResults } from './results/block-results.ts';
import type { RunRecord } from './results/run-record.ts';
import type { SweepSettings } from './settings.ts';
import { SweepBase, type SweepBasis } from './sweep-base.ts';
import type { SweepJob, SweepProgress } from './sweep-job.ts';
import { SweepRows } from './sweep-rows.ts';
import { monotonicNs } from './transport/monotonic-clock.ts';

const PROGRESS_EVERY_MS = 200;
/** Most gateways answer this soon. */
const GATEWAYS_ANSWER_MS = 1;

/**
 * Sweeps the targets. Ending it by `signal` is not an error: the record says `partial`.
 * @throws EchosweepError for what stops a whole sweep, and whatever `onStart` and `onRows` throw
 */
export async function runSweep(job: SweepJob): Promise<RunRecord> {
  if (job.targets.count === 0) return reportUnprobed(job);
  const base = await SweepBase.open(job);
  try {
    return await sweepOnce(job, base, () => base.opened.closeGatewaySockets?.());
  } finally {
    await base.close();
  }
}

/** Sweeps the same targets again and again with sockets and threads that stay. */
export class RepeatedSweep {
  private readonly base: SweepBase;

  private constructor(base: SweepBase) {
    this.base = base;
  }

  /**
   * Opens the sockets and sends no probe.
   * @param basis with a target at least
   * @throws EchosweepError as `runSweep`
   */
  static async open(basis: SweepBasis): Promise<RepeatedSweep> {
    const { send } = basis.settings;
    // The way past the system is looked up once, and may be another one by the next sweep.
    const settings = { ...basis.settings, send: send === 'auto' ? 'raw' : send };
    return new RepeatedSweep(await SweepBase.open({ ...basis, settings }));
  }

  /** As `runSweep`. Sweeps must not overlap. @param job of the settings and targets that it was opened for */
  async sweep(job: SweepJob): Promise<RunRecord> {
    try {
      return await sweepOnce(job, this.base);
    } finally {
      await this.base.rest();
    }
  }

  /** Ends threads and sockets. */
  close(): Promise<void> {
    return this.base.close();
  }
}

/** @param afterGateways called once gateways have answered requests of ours, or have not */
async function sweepOnce(
  job: SweepJob,
  base: SweepBase,
  afterGateways?: () => void,
): Promise<RunRecord> {
  const { settings, targets, signal } = job;
  const { host, outlook, zones, opened, shared } = base;
  const { routes, canaryHost, gateways, gatewayNetworks, broadcasts } = outlook;
  const canary = canProbe(opened, canaryHost)
    ? new Canary(canaryHost, settings, routes, base.canaryScopeId)
    : undefined;
  const interfaces = routes.interfaces(targets.ranges, zones);
  const tables =
    interfaces.size === 0 ? undefined : await host.loadLinkTables().catch(() => undefined);
  const ethernets = tables?.ethernets();
  const families = FAMILIES.filter((family) =>
    targets.ranges.some((each) => each.family === family),
  );
  const hidden = families.filter(
    (family) => tables?.hidesPaths(family) === true || routes.hasRivals(family),
  );
  const mayPing = settings.canary !== undefined;
  const check =
    tables && ethernets && new GatewayCheck(tables, ethernets, gatewayNetworks, shared, mayPing);
  const cutOff = new CutOffHosts(routes, hidden, gatewayNowOf(host, tables, routes, settings));
  const tcp = await loadTcpCheck(settings, shared);
  const recorder = new RunRecorder({
    command: job.command,
    seed: settings.seed,
    targets,
    engine: opened,
    shared,
    canary,
    extraPackets: [canary?.packets, check?.packets].filter((packets) => packets !== undefined),
    earlier: job.earlier,
    tcp,
  });
  recorder.noteBroadcasts(broadcasts);
  const watch = new InterfaceWatch(interfaces, host);
  recorder.noteWithoutCarrier(interfacesWithoutCarrier(interfaces, ethernets));
  const stop = (): void => shared.stop();
  const ticker = setInterval(() => {
    watch.look();
    recorder.noteLosses(watch);
    job.onProgress?.(progressOf(recorder, job));
  }, PROGRESS_EVERY_MS);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  let asked: Promise<void> | undefined;
  let started: Promise<unknown> | undefined;
  try {
    await job.afterSocketsOpen?.();
    const known = gateways.filter(({ gateway }) => !hidden.includes(gateway.family));
    const judged = base.hasLostGateways ? onTheWay(known, job, host) : known;
    // Before the reports are opened: the kernel takes longer to close these sockets than to probe a few hosts.
    asked = check?.ask(judged, opened.gatewaySockets).then(afterGateways);
    // Threads take a tenth of a second to start.
    const starting = base.start();
    started = starting.catch(() => {});
    await Promise.race([asked, sleep(GATEWAYS_ANSWER_MS)]);
    await job.onStart?.(recorder.record());
    const engine = await starting;
    canary?.start(engine);
    const silent = (await check?.unresolved(engine)) ?? [];
    base.hasLostGateways = silent.length > 0;
    const unresolved = onTheWay(silent, job, host);
    const special = specialRanges(outlook, opened, unresolved);
    const blocks = blocksOf(job, special, opened, (name) => {
      return zones.get(name)?.index ?? ethernets?.get(name)?.interfaceIndex ?? 0;
    });
    const hides = host.mayHideLocalNetworks === true;
    await sweepBlocks(job, blocks, { engine, cutOff, tcp, recorder, shared, hides });
    await canary?.end(engine, recorder.silentHosts > 0);
    // A route that has changed meanwhile may lead to a gateway that was not checked, and one that was may have gone.
    if (afterGateways !== undefined && check !== undefined && recorder.silentHosts > 0) {
      const now = nextHopsNow(job, host).filter(({ gateway }) => !hidden.includes(gateway.family));
      const failed = (await check.failed(now)).map(({ gateway }) => formatZonedAddress(gateway));
      recorder.noteLostGateways([...new Set([...cutOff.gateways, ...failed])]);
    }
    await check?.settle();
    if (engine.socketFailure !== undefined) recorder.noteFailure(engine.socketFailure);
    watch.look();
    recorder.noteLosses(watch);
    recorder.noteWithoutCarrier(interfacesWithoutCarrier(interfaces, tables?.ethernets()));
    job.onProgress?.(progressOf(recorder, job));
  } finally {
    stop();
    clearInterval(ticker);
    signal?.removeEventListener('abort', stop);
    await asked;
    // Only then can they be ended.
    await started;
    await canary?.settle();
  }
  return recorder.close();
}

/** A sweep with nothing to probe: it opens nothing, sends nothing, and writes the rows that need no probe. */
async function reportUnprobed(job: SweepJob): Promise<RunRecord> {
  const { settings, targets } = job;
  const memory = prepareSharedState({
    ratePps: settings.ratePps,
    neighbourCap: 0,
    nowNs: monotonicNs(),
  });
  const recorder = new RunRecorder({
    command: job.command,
    seed: settings.seed,
    targets,
    engine: { engine: null, clock: 'process', workers: 0 },
    shared: new SharedState(memory),
    earlier: job.earlier,
  });
  await job.afterSocketsOpen?.();
  await job.onStart?.(recorder.record());
  const rows = new SweepRows(job, recorder);
  try {
    await rows.end();
  } finally {
    await rows.close();
  }
  return recorder.close();
}

/** The gateways that targets are still behind: routes may change during a long sweep. */
function onTheWay(gateways: NextHop[], job: SweepJob, host: HostNetwork): NextHop[] {
  if (gateways.length === 0) return gateways;
  const keys = new Set(nextHopsNow(job, host).map(keyOf));
  return gateways.filter((gateway) => keys.has(keyOf(gateway)));
}

function nextHopsNow({ settings, targets }: SweepJob, host: HostNetwork): NextHop[] {
  return new RoutesToTargets(settings.interface, host.routes()).nextHops(targets.ranges);
}

/** What a running sweep works with. */
interface Sweeping {
  readonly engine: BlockEngine;
  readonly cutOff: CutOffHosts;
  readonly tcp: TcpCheck | undefined;
  readonly recorder: RunRecorder;
  readonly shared: SharedState;
  /** Whether the system may keep hosts of local networks from this program. */
  readonly hides: boolean;
}

async function sweepBlocks(
  job: SweepJob,
  blocks: Iterable<PlannedBlock>,
  sweeping: Sweeping,
): Promise<void> {
  const { engine, cutOff, tcp, recorder, shared, hides } = sweeping;
  const onFailure = (error: unknown): void => {
    recorder.noteFailure(error);
    shared.stop();
  };
  const proxies = new ProxyRouters();
  const probe: BlockEngine['probe'] = async (block, onFinal) => {
    if (block.reach === 'cut-off') {
      shared.add('hostsDone', block.targets.count);
      return cutOff.unprobed(block);
    }
    const results = await engine.probe(block, onFinal);
    if (hides && block.reach === 'system' && results !== undefined)
      recorder.addHiddenHosts(hiddenHosts(results));
    return results;
  };
  const mayChange = (results: BlockResults, host: number): boolean =>
    cutOff.mayCorrect(results, host) ||
    proxies.mayWithdraw(results, host) ||
    tcp?.mayTry(results, host) === true;
  const rows = new SweepRows(job, recorder);
  try {
    const probed = rows.over({ window: engine.window, probe }, mayChange);
    const found = probeInOrder(unlessStopped(blocks, shared), probed, onFailure);
    const reviewed = reviewedBlocks(found, proxies, sweeping);
    const final = tcp === undefined ? reviewed : tcp.checkAll(reviewed, job.liveCells);
    for await (const results of final) {
      recorder.add(results);
      const areKept = await rows.write(results);
      if (!areKept) engine.reuse?.(results);
    }
    await rows.end();
  } finally {
    await rows.close();
  }
}

/** The blocks in order, with what only the whole network shows: lost gateways, and routers that answer for others. */
async function* reviewedBlocks(
  blocks: AsyncIterable<BlockResults>,
  proxies: ProxyRouters,
  { cutOff, recorder }: Sweeping,
): AsyncGenerator<BlockResults> {
  for await (const found of blocks) {
    const results = cutOff.correct(found);
    recorder.noteLostGateways(cutOff.gateways);
    proxies.withdraw(results);
    recorder.noteProxies(proxies.macs);
    yield results;
  }
}

/** Loaded only for a sweep that tries TCP connections. */
async function loadTcpCheck(
  settings: SweepSettings,
  shared: SharedState,
): Promise<TcpCheck | undefined> {
  if (settings.tcpPorts === undefined) return undefined;
  const { TcpCheck } = await import('./coordinator/tcp-check.ts');
  return TcpCheck.load(settings.tcpPorts, settings, shared);
}

function blocksOf(
  job: SweepJob,
  special: readonly SpecialRange[],
  opened: OpenedEngine,
  indexOf: (interfaceName: string) => number,
): Iterable<PlannedBlock> {
  const { targets, settings } = job;
  const hosts = blockHostsFor(targets.count, opened.workers, settings);
  const blocks = cutIntoBlocks(targets.ranges, special, hosts, indexOf);
  const watched = job.liveProbes === undefined ? blocks : withLiveProbes(blocks, job.liveProbes);
  const shown = job.liveCells === undefined ? watched : withLiveCells(watched, job.liveCells);
  return job.ranks === undefined ? shown : inOrderOfRanks(shown, job.ranks);
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

function progressOf(recorder: RunRecorder, { targets, earlier }: SweepJob): SweepProgress {
  const counts = recorder.counts();
  const elapsedMs = recorder.elapsedMs;
  const takenOver = earlier?.rows ?? 0;
  const all = targets.count + takenOver;
  return {
    targets: all,
    done: Math.min(counts.hostsDone + takenOver, all),
    takenOver,
    up: counts.hostsUp + (earlier?.up ?? 0),
    sent: counts.sent,
    received: counts.received,
    elapsedMs,
    ratePps: elapsedMs === 0 ? 0 : (counts.sent * 1000) / elapsedMs,
  };
}
