/** The canary: one host asked beside the others, so that "everything is down" can be told from "my uplink was down". */

import { formatAddress, parseAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import type { NamedCanary, SweepSettings } from '../options.ts';
import { makeSchedule } from '../probe/schedule.ts';
import { type BlockResults, NOT_COVERED } from '../results/block-results.ts';
import {
  type AddressRange,
  addressText,
  type BlockTargets,
  blockOfRanges,
} from '../results/block-targets.ts';
import { MARKS, statusNumber } from '../results/outcome.ts';
import type { CanaryRecord } from '../results/run-record.ts';
import type { TargetSet } from '../targets/target-set.ts';
import { rangesNotForProbing } from '../targets/not-for-probing.ts';
import type { WayToTargets } from '../transport/linux/gateway.ts';
import type { BlockEngine } from './block-engine.ts';
import { CanaryLog } from './canary-log.ts';

/** A gateway is asked unasked only for the sake of a sweep, not of a few addresses. */
const LEAST_TARGETS = 16;
const PERIOD_MS = 1000;
/** Share of the sweep's rate that a canary may take. */
const RATE_SHARE = 0.01;

/** Who is asked, and why. */
export interface CanaryChoice extends NamedCanary {
  readonly choice: CanaryRecord['choice'];
}

/** What was sent for the canary's sake, and is not to be counted as the sweep's. */
export interface CanaryPackets {
  sent: number;
  received: number;
  duplicates: number;
  errors: number;
  hostsDone: number;
  hostsUp: number;
}

/**
 * The host to ask for a sweep: the one named, else the first gateway on the way to the targets. A gateway is never
 * asked for targets that need none (this host, connected subnets), nor where it was excluded.
 * @throws EchosweepError `OPTION_INVALID` where a multicast, broadcast or unspecified address was named
 */
export function chooseCanary(
  { canary }: SweepSettings,
  targets: TargetSet,
  way: WayToTargets,
): CanaryChoice | undefined {
  if (canary === undefined) return undefined;
  if (canary !== 'gateway') {
    if (isIn(rangesNotForProbing(), canary)) throw notAHost(canary);
    return { ...canary, choice: 'named' };
  }
  if (targets.count < LEAST_TARGETS) return undefined;
  const gateway = way.firstGateway(targets.ranges);
  if (gateway === undefined) return undefined;
  return isIn(targets.excluded, gateway) ? undefined : { ...gateway, choice: 'gateway' };
}

function isIn(ranges: readonly AddressRange[], { family, value }: NamedCanary): boolean {
  return ranges.some(
    (range) => range.family === family && range.first <= value && value <= range.last,
  );
}

function notAHost(canary: NamedCanary): EchosweepError {
  return new EchosweepError(
    'OPTION_INVALID',
    `--canary: ${addressOf(canary)} is no single host`,
    'name one that answers pings and that the uplink leads to',
  );
}

/** With its zone where it has one. */
export function addressOf({ family, value, zone }: NamedCanary): string {
  return `${formatAddress(family, value)}${zone === '' ? '' : `%${zone}`}`;
}

export class Canary {
  readonly packets: CanaryPackets = {
    sent: 0,
    received: 0,
    duplicates: 0,
    errors: 0,
    hostsDone: 0,
    hostsUp: 0,
  };
  private readonly choice: CanaryChoice;
  private readonly way: WayToTargets;
  private readonly targets: BlockTargets;
  private readonly scopeId: number;
  private readonly log: CanaryLog;
  private readonly periodMs: number;
  private watching: Promise<void> | undefined;
  private isEnding = false;
  private isStopped = false;
  private wake = (): void => {};

  /** @param scopeId interface index of the canary's zone, else 0 */
  constructor(choice: CanaryChoice, settings: SweepSettings, way: WayToTargets, scopeId: number) {
    const { probes, gapNs } = makeSchedule(settings);
    const spreadNs = gapNs.subarray(0, probes - 1).reduce((sum, gap) => sum + gap, 0);
    const { family, value, zone } = choice;
    this.choice = choice;
    this.way = way;
    this.targets = blockOfRanges([{ family, zone, first: value, last: value }]);
    this.scopeId = scopeId;
    this.log = new CanaryLog(Date.now(), spreadNs / 1e6, settings.count > 1);
    this.periodMs = Math.max(PERIOD_MS, 1000 / (settings.ratePps * RATE_SHARE));
  }

  get record(): CanaryRecord {
    const { choice, log } = this;
    return {
      address: addressOf(choice),
      choice: choice.choice,
      sent: log.sent,
      received: log.received,
      silences: log.spans,
    };
  }

  /** Begins to ask, now and about once a second. Returns at once. */
  start(engine: BlockEngine): void {
    this.watching = this.watch(engine);
  }

  /** Hosts that have been asked: all of them where the canary was named, else those behind the gateway. */
  noteHosts(results: BlockResults): void {
    if (this.choice.choice === 'named' || this.isBehind(results.targets))
      this.log.noteHosts(results);
  }

  /**
   * Asks a last time, where there is a doubt to be had: about hosts that did not answer, or about the canary. Takes no
   * longer than the canary takes to answer, or its timeout twice.
   */
  async end(engine: BlockEngine, hasSilentHosts: boolean): Promise<void> {
    const { choice, log } = this;
    this.isEnding = true;
    this.wake();
    if (log.received === 0 ? choice.choice === 'named' : hasSilentHosts) {
      await this.watching;
      do await this.ask(engine);
      while (!this.isStopped && !log.isHeard && !log.isSilent);
    }
    this.isStopped = true;
    log.close(Date.now());
  }

  /** Waits for what was under way when the engine was closed, so that it is counted. */
  async settle(): Promise<void> {
    this.isEnding = true;
    this.wake();
    await this.watching;
  }

  private async watch(engine: BlockEngine): Promise<void> {
    while (!this.isEnding && !this.isStopped) {
      const nextMs = performance.now() + this.periodMs;
      await this.ask(engine);
      await this.pause(nextMs - performance.now());
    }
  }

  private async ask(engine: BlockEngine): Promise<void> {
    const { targets, scopeId } = this;
    const askedMs = Date.now();
    // What keeps a block from being probed keeps the sweep's own too, and is told there.
    const results = await engine
      .probe({ targets, scopeId, onLink: false, isAside: true })
      .catch(() => undefined);
    const isUp = results?.status[0] === statusNumber('up');
    if (results !== undefined) this.count(results, isUp);
    if (results === undefined || results.status[0] === NOT_COVERED) this.isStopped = true;
    if (results === undefined || this.isStopped) return;
    const startedMs = results.startedAtMs[0]!;
    this.log.noteProbe(Number.isNaN(startedMs) ? askedMs : startedMs, isUp);
  }

  private count(results: BlockResults, isUp: boolean): void {
    const { packets } = this;
    const isError = results.marks.includes(MARKS.error.charCodeAt(0));
    packets.sent += results.sent[0]!;
    packets.received += results.received[0]!;
    packets.duplicates += results.duplicates[0]!;
    packets.errors += isError ? 1 : 0;
    packets.hostsDone += results.status[0] === NOT_COVERED ? 0 : 1;
    packets.hostsUp += isUp ? 1 : 0;
  }

  private pause(ms: number): Promise<void> {
    if (ms <= 0 || this.isEnding) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** A block goes one way, as far as its first address tells. */
  private isBehind(targets: BlockTargets): boolean {
    if (targets.zone !== '') return false;
    const { family, value } = parseAddress(addressText(targets, 0))!;
    const gateway = this.way.gatewayTo(family, value);
    return gateway?.value === this.choice.value && gateway.zone === this.choice.zone;
  }
}
