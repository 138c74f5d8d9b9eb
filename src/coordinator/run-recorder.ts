/** Keeps the record of a running sweep: counts its results, and notes what went wrong. */

import { EchosweepError } from '../errors.ts';
import { PACKAGE_VERSION } from '../package-version.ts';
import type { Counts, SharedState } from '../probe/shared-state.ts';
import type { BlockResults } from '../results/block-results.ts';
import type { EarlierReport } from '../results/earlier-report.ts';
import type { HostResult } from '../results/host-result.ts';
import type { MacConflict, PacketCounts, PathCounts, RunRecord } from '../results/run-record.ts';
import type { TargetSet } from '../targets/target-set.ts';
import { plural } from '../words.ts';
import type { OpenedEngine } from './block-engine.ts';
import type { Canary, ExtraPackets } from './canary.ts';
import { Tally } from './tally.ts';
import type { TcpCheck } from './tcp-check.ts';
import { doubtsAbout, notesAbout, type RunFacts } from './trust.ts';

/** Errnos that are about the interface, not the target (netdevice(7), socket(7)). */
const INTERFACE_ERRNOS = ['ENETDOWN', 'ENODEV', 'ENXIO'];
/** What sending fails with after an interface went down, and its routes and addresses with it; also if a family is switched off. */
const ROUTE_GONE_ERRNOS = ['ENETUNREACH', 'EADDRNOTAVAIL'];

/** What the record says about the engine; `engine` is null if there is nothing to probe. */
type UsedEngine = Pick<OpenedEngine, 'clock' | 'workers' | 'hidesDrops'> &
  Pick<RunRecord, 'engine'>;

/** The sweep that is recorded, and what takes part in it. */
interface RecordedSweep {
  readonly command: string;
  readonly seed: number;
  /** Those of this sweep, without the rows of `earlier`. */
  readonly targets: Pick<TargetSet, 'count' | 'unresolved' | 'notes'>;
  readonly engine: UsedEngine;
  readonly shared: SharedState;
  readonly canary?: Canary | undefined;
  /** Packets that the engine does not count. */
  readonly extraPackets?: readonly ExtraPackets[];
  /** The report that is resumed. */
  readonly earlier?: EarlierReport | undefined;
  readonly tcp?: Pick<TcpCheck, 'record' | 'failed' | 'sameAnswers'> | undefined;
}

export class RunRecorder {
  /** Addresses and names: the rows of a whole report. */
  private readonly targets: number;
  private unresolvedRows = 0;
  private readonly sweep: RecordedSweep;
  private readonly tally = new Tally();
  /** Of the rows so far of the report that is resumed. */
  private readonly earlierTally = new Tally();
  private readonly startedAt = new Date();
  private readonly startedAtMs = performance.now();
  private lostInterfaces: readonly string[] = [];
  private lostAddresses: readonly string[] = [];
  private readonly macConflicts: MacConflict[] = [];
  private readonly withoutCarrier = new Set<string>();
  private proxies: readonly string[] = [];
  private lostGateways: readonly string[] = [];
  private broadcasts: readonly string[] = [];
  private hiddenHosts = 0;
  private unansweredNames = 0;
  private failure: string | null = null;

  constructor(sweep: RecordedSweep) {
    const { targets, earlier } = sweep;
    this.sweep = sweep;
    this.targets = targets.count + targets.unresolved.length + (earlier?.rows ?? 0);
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }

  add(results: BlockResults): void {
    this.tally.add(results);
    this.sweep.canary?.noteHosts(results);
    this.macConflicts.push(...results.macConflicts);
  }

  /** Adds the rows of names that have no address to probe. */
  addUnresolved(names: number): void {
    this.unresolvedRows += names;
    this.tally.addUnresolved(names);
  }

  /** Rows that are taken over from the earlier report. */
  addEarlier(rows: readonly HostResult[]): void {
    for (const row of rows) this.earlierTally.addRow(row);
  }

  /** Hosts of this sweep so far that did not reply. */
  get silentHosts(): number {
    return this.tally.rows - this.unresolvedRows - this.tally.statuses.up;
  }

  /** Notes what ended a part of the sweep; the record has the first one. */
  noteFailure(error: unknown): void {
    this.failure ??= error instanceof EchosweepError ? error.message : String(error);
  }

  /** Notes all interfaces on the way to the targets that were down, or without an address, during the sweep. */
  noteLosses(losses: Pick<RunFacts, 'lostInterfaces' | 'lostAddresses'>): void {
    this.lostInterfaces = losses.lostInterfaces;
    this.lostAddresses = losses.lostAddresses;
  }

  /** Notes interfaces on the way to the targets that have no carrier when the sweep begins or ends. */
  noteWithoutCarrier(names: readonly string[]): void {
    for (const name of names) this.withoutCarrier.add(name);
  }

  /** Notes all gateways so far that could not be resolved. */
  noteLostGateways(addresses: readonly string[]): void {
    this.lostGateways = addresses;
  }

  /** Notes the targets that are broadcast addresses of this host's networks. */
  noteBroadcasts(addresses: readonly string[]): void {
    this.broadcasts = addresses;
  }

  /** Adds hosts of local networks that the system may keep from this program. */
  addHiddenHosts(hosts: number): void {
    this.hiddenHosts += hosts;
  }

  /** Adds hosts whose name servers did not say whether they have a name. */
  addUnansweredNames(hosts: number): void {
    this.unansweredNames += hosts;
  }

  /** Notes the MAC addresses of all routers so far that answer ARP or NDP for others. */
  noteProxies(macs: readonly string[]): void {
    this.proxies = macs;
  }

  /** The record so far. */
  record(endedAt: Date | null = null): RunRecord {
    const facts = this.facts();
    const { command, seed, targets, engine, shared, canary, earlier, tcp } = this.sweep;
    const earlierRun = earlier?.run;
    const whole = this.wholeTally();
    return {
      version: PACKAGE_VERSION,
      command,
      engine: engine.engine,
      clock: engine.clock,
      seed,
      workers: engine.workers,
      startedAt: this.startedAt,
      endedAt,
      targets: this.targets,
      statuses: whole.statuses,
      reasons: whole.reasons,
      outcomes: whole.outcomes,
      packets: this.packets(),
      rtt: whole.rtt,
      worstDelayMs: shared.worstDelayMs,
      canary: canary?.record ?? null,
      tcp: tcp?.record ?? null,
      partial: endedAt !== null && whole.rows < this.targets,
      failure: this.failure ?? this.interfaceFailure(),
      resumed: earlier === undefined ? null : { report: earlier.path, rows: earlier.rows },
      macConflicts: [...(earlierRun?.macConflicts ?? []), ...this.macConflicts],
      doubts: [...(earlierRun?.doubts ?? []).map(ofEarlierRun), ...doubtsAbout(facts)],
      notes: [...targets.notes, ...notesAbout(facts)],
    };
  }

  close(): RunRecord {
    return this.record(new Date());
  }

  /** What the sweep itself has counted so far, without the packets to hosts that are not targets. */
  counts(): Counts {
    const { shared, extraPackets = [] } = this.sweep;
    const counts = shared.counts();
    for (const packets of extraPackets) {
      for (const counter of Object.keys(packets) as (keyof ExtraPackets)[])
        counts[counter] -= packets[counter];
    }
    return counts;
  }

  private wholeTally(): Tally {
    if (this.sweep.earlier === undefined) return this.tally;
    const whole = new Tally();
    whole.addAll(this.earlierTally);
    whole.addAll(this.tally);
    return whole;
  }

  private packets(): PacketCounts & PathCounts {
    const { hostsDone: _done, hostsUp: _up, sendWaitNs, ...packets } = this.counts();
    const dropped = this.sweep.engine.hidesDrops === true ? null : packets.dropped;
    return { ...packets, dropped, sendWaitMs: sendWaitNs / 1e6 };
  }

  private facts(): RunFacts {
    const { engine, shared, canary, tcp } = this.sweep;
    const isFailed = this.interfaceFailure() !== null;
    const counts = this.counts();
    return {
      clock: engine.clock,
      counts: isFailed ? { ...counts, routesLost: 0 } : counts,
      worstDelayMs: shared.worstDelayMs,
      canary: canary?.record ?? null,
      // One sentence for one interface is enough.
      lostInterfaces: isFailed
        ? []
        : this.lostInterfaces.filter((name) => !this.withoutCarrier.has(name)),
      lostAddresses: this.lostAddresses,
      withoutCarrier: [...this.withoutCarrier],
      // Without a carrier nothing is resolved: that is the one reason then.
      lostGateways: this.withoutCarrier.size === 0 ? this.lostGateways : [],
      silentHosts: this.silentHosts,
      macConflicts: this.macConflicts,
      sendFailures: this.tally.sendFailures,
      proxies: this.proxies,
      broadcasts: this.broadcasts,
      hiddenHosts: this.hiddenHosts,
      unansweredNames: this.unansweredNames,
      tcpFailures: tcp?.failed ?? new Map(),
      sameAnswers: tcp?.sameAnswers ?? [],
    };
  }

  /** Interfaces go down and come up for many reasons: one is to blame only if sending failed as it then would. */
  private interfaceFailure(): string | null {
    const { sendErrors, statuses } = this.tally;
    const named = INTERFACE_ERRNOS.filter((errno) => sendErrors.has(errno));
    const lostRoutes =
      this.lostInterfaces.length > 0 && ROUTE_GONE_ERRNOS.some((errno) => sendErrors.has(errno));
    const hosts = statuses.error - this.unresolvedRows;
    if (hosts === 0 || (named.length === 0 && !lostRoutes)) return null;
    const what =
      this.lostInterfaces.length > 0
        ? `interface${this.lostInterfaces.length > 1 ? 's' : ''} ${this.lostInterfaces.join(', ')} went down during the sweep`
        : `the interface could not send (${named.join(', ')})`;
    return `${what}: ${plural(hosts, 'host')} could not be probed; fix the interface and sweep again`;
  }
}

const BEFORE = 'before it was resumed: ';

/** A doubt of the run before; of one that was itself resumed, the doubt may be of an earlier one. */
function ofEarlierRun(doubt: string): string {
  return doubt.startsWith(BEFORE) ? doubt : BEFORE + doubt;
}
