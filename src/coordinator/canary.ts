/** The canary: one host probed alongside the targets, to distinguish "everything is down" from "my uplink was down". */

import { formatZonedAddress, parseAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import type { RoutesToTargets } from '../host-network/routes-to-targets.ts';
import { pause } from '../pause.ts';
import { makeSchedule, sentAfterNs } from '../probe/schedule.ts';
import { type BlockResults, NOT_COVERED } from '../results/block-results.ts';
import { addressText, type BlockTargets, blockOfRanges } from '../results/block-targets.ts';
import { MARKS, statusNumber } from '../results/outcome.ts';
import type { CanaryRecord } from '../results/run-record.ts';
import type { NamedCanary, SweepSettings } from '../settings.ts';
import { rangesNotForProbing } from '../targets/not-for-probing.ts';
import type { TargetSet } from '../targets/target-set.ts';
import type { BlockEngine } from './block-engine.ts';
import { CanaryLog } from './canary-log.ts';
import { isIn, rangeOfHost } from './single-host.ts';

/** Below this many targets, a gateway is not worth probing. */
const LEAST_TARGETS = 16;
const PERIOD_MS = 1000;
/** Share of the sweep's rate that a canary may take. */
const RATE_SHARE = 0.01;

/** The host to probe, and whether a person named it or it is a gateway. */
export interface CanaryHost extends NamedCanary {
  readonly choice: CanaryRecord['choice'];
}

/** Packets to hosts that are probed alongside the targets, which do not count as the sweep's. */
export interface ExtraPackets {
  sent: number;
  received: number;
  duplicates: number;
  errors: number;
  hostsDone: number;
  hostsUp: number;
}

/**
 * The host to probe alongside the targets: the one named, else the first gateway on the way to them. A gateway is
 * never probed if the targets need none (this host, connected subnets) or if it is excluded.
 * @throws EchosweepError `OPTION_INVALID` if a multicast, broadcast or unspecified address was named
 */
export function chooseCanary(
  { canary }: SweepSettings,
  targets: TargetSet,
  routes: RoutesToTargets,
): CanaryHost | undefined {
  if (canary === undefined) return undefined;
  if (canary !== 'gateway') {
    if (isIn(rangesNotForProbing(), canary)) throw notAHost(canary);
    return { ...canary, choice: 'named' };
  }
  if (targets.count < LEAST_TARGETS) return undefined;
  const gateway = routes.firstGateway(targets.ranges);
  if (gateway === undefined) return undefined;
  return isIn(targets.excluded, gateway) ? undefined : { ...gateway, choice: 'gateway' };
}

function notAHost(canary: NamedCanary): EchosweepError {
  return new EchosweepError(
    'OPTION_INVALID',
    `--canary: ${formatZonedAddress(canary)} is not a single host`,
    'name one that answers pings and is reached through the uplink',
  );
}

/** None so far. */
export function noPackets(): ExtraPackets {
  return { sent: 0, received: 0, duplicates: 0, errors: 0, hostsDone: 0, hostsUp: 0 };
}

/** Counts the packets of a block of one host. */
export function countPackets(packets: ExtraPackets, results: BlockResults): void {
  const isError = results.marks.includes(MARKS.error.charCodeAt(0));
  packets.sent += results.sent[0]!;
  packets.received += results.received[0]!;
  packets.duplicates += results.duplicates[0]!;
  packets.errors += isError ? 1 : 0;
  packets.hostsDone += results.status[0] === NOT_COVERED ? 0 : 1;
  packets.hostsUp += results.status[0] === statusNumber('up') ? 1 : 0;
}

export class Canary {
  readonly packets = noPackets();
  private readonly host: CanaryHost;
  private readonly routes: RoutesToTargets;
  private readonly targets: BlockTargets;
  private readonly scopeId: number;
  private readonly log: CanaryLog;
  private readonly periodMs: number;
  private watching: Promise<void> | undefined;
  /** Aborted when the sweep ends: no further probe is begun. */
  private readonly ending = new AbortController();
  private isStopped = false;

  /** @param scopeId interface index of the canary's zone, else 0 */
  constructor(host: CanaryHost, settings: SweepSettings, routes: RoutesToTargets, scopeId: number) {
    const schedule = makeSchedule(settings);
    const spreadNs = sentAfterNs(schedule, schedule.probes - 1);
    this.host = host;
    this.routes = routes;
    this.targets = blockOfRanges([rangeOfHost(host)]);
    this.scopeId = scopeId;
    this.log = new CanaryLog(Date.now(), spreadNs / 1e6, settings.count > 1);
    this.periodMs = Math.max(PERIOD_MS, 1000 / (settings.ratePps * RATE_SHARE));
  }

  get record(): CanaryRecord {
    const { host, log, packets } = this;
    return {
      address: formatZonedAddress(host),
      choice: host.choice,
      // Those of a probe under way at the end too, which the log no longer needs.
      sent: packets.sent,
      received: packets.received,
      silences: log.spans,
    };
  }

  /** Starts probing, now and about once a second. Returns at once. */
  start(engine: BlockEngine): void {
    this.watching = this.watch(engine);
  }

  /** Notes probed hosts: all of them if the canary was named, else those behind the gateway. */
  noteHosts(results: BlockResults): void {
    if (this.host.choice === 'named' || this.isBehind(results.targets)) this.log.noteHosts(results);
  }

  /**
   * Probes a last time if something is in doubt: hosts that did not reply, or the canary itself. Takes no longer than the
   * canary's reply, or its timeout twice.
   */
  async end(engine: BlockEngine, hasSilentHosts: boolean): Promise<void> {
    const { host, log } = this;
    this.ending.abort();
    if (log.received === 0 ? host.choice === 'named' : hasSilentHosts) {
      await this.watching;
      do await this.probe(engine);
      while (!this.isStopped && !log.isHeard && !log.isSilent);
    }
    this.isStopped = true;
    log.close(Date.now());
  }

  /** Waits for the probe that was under way when the engine was closed, and counts it. */
  async settle(): Promise<void> {
    this.ending.abort();
    await this.watching;
  }

  private async watch(engine: BlockEngine): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted && !this.isStopped) {
      const nextMs = performance.now() + this.periodMs;
      await this.probe(engine);
      const leftMs = nextMs - performance.now();
      if (leftMs > 0) await pause(leftMs, signal);
    }
  }

  private async probe(engine: BlockEngine): Promise<void> {
    const { targets, scopeId } = this;
    const sentMs = Date.now();
    // What prevents this block from being probed also affects the sweep's own blocks, and is reported there.
    const results = await engine
      .probe({ targets, scopeId, reach: 'routed', isCanary: true })
      .catch(() => undefined);
    const isUp = results?.status[0] === statusNumber('up');
    if (results !== undefined) countPackets(this.packets, results);
    if (results === undefined || results.status[0] === NOT_COVERED) this.isStopped = true;
    if (results === undefined || this.isStopped) return;
    const startedMs = results.startedAtMs[0]!;
    this.log.noteProbe(Number.isNaN(startedMs) ? sentMs : startedMs, isUp);
  }

  /** By its first address: nearly always all addresses of a block share a route. */
  private isBehind(targets: BlockTargets): boolean {
    if (targets.zone !== '') return false;
    const { family, value } = parseAddress(addressText(targets, 0))!;
    const gateway = this.routes.gatewayTo(family, value);
    return gateway?.value === this.host.value && gateway.zone === this.host.zone;
  }
}
