/** Keeps the record of a running sweep, and says in the end whether the run can be trusted. */

import { EchosweepError } from '../errors.ts';
import { PACKAGE_VERSION } from '../package-version.ts';
import type { SharedState } from '../probe/shared-state.ts';
import type { BlockResults } from '../results/block-results.ts';
import type { PacketCounts, RunRecord } from '../results/run-record.ts';
import type { OpenEngine } from './block-engine.ts';
import { Tally } from './tally.ts';

/** Errnos that speak of the interface, not of the target (netdevice(7), socket(7)). */
const INTERFACE_ERRNOS = ['ENETDOWN', 'ENODEV', 'ENXIO', 'EADDRNOTAVAIL'];
/** What remains to be said where an interface has taken its routes along. */
const ROUTE_GONE_ERRNO = 'ENETUNREACH';

const MOST_CONFLICTS_TOLD = 8;

export class RunBook {
  readonly targets: number;
  private readonly command: string;
  private readonly seed: number;
  private readonly opened: OpenEngine;
  private readonly shared: SharedState;
  private readonly tally = new Tally();
  private readonly startedAt = new Date();
  private readonly startedAtMs = performance.now();
  private readonly lostInterfaces: string[] = [];
  private readonly macConflicts: string[] = [];
  private failure: string | null = null;
  private rows = 0;

  constructor(
    command: string,
    seed: number,
    targets: number,
    opened: OpenEngine,
    shared: SharedState,
  ) {
    this.command = command;
    this.seed = seed;
    this.targets = targets;
    this.opened = opened;
    this.shared = shared;
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }

  add(results: BlockResults): void {
    this.tally.add(results);
    const room = MOST_CONFLICTS_TOLD - this.macConflicts.length;
    this.macConflicts.push(...results.macConflicts.slice(0, room));
    this.rows = Object.values(this.tally.statuses).reduce((sum, count) => sum + count, 0);
  }

  /** What ended a part of the sweep; the first one is told. */
  noteFailure(error: unknown): void {
    this.failure ??= error instanceof EchosweepError ? error.message : String(error);
  }

  /** Interfaces that lost their addresses during the sweep. */
  noteLostInterfaces(names: readonly string[]): void {
    this.lostInterfaces.push(...names);
  }

  /** The record as it stands. */
  record(endedAt: Date | null = null): RunRecord {
    return {
      version: PACKAGE_VERSION,
      command: this.command,
      engine: this.opened.engine,
      clock: this.opened.clock,
      seed: this.seed,
      workers: this.opened.workers,
      startedAt: this.startedAt,
      endedAt,
      targets: this.targets,
      statuses: this.tally.statuses,
      reasons: this.tally.reasons,
      packets: this.packets(),
      rtt: this.tally.rtt,
      partial: endedAt !== null && this.rows < this.targets,
      failure: this.failure ?? this.interfaceFailure(),
      doubts: this.doubts(),
      notes: this.notes(),
    };
  }

  close(): RunRecord {
    return this.record(new Date());
  }

  private packets(): PacketCounts {
    const { hostsDone: _done, hostsUp: _up, ...packets } = this.shared.counts();
    return packets;
  }

  private doubts(): string[] {
    const { dropped, doubtful, clockSteps } = this.shared.counts();
    const doubts: string[] = [];
    if (doubtful > 0) {
      doubts.push(
        `${plural(doubtful, 'host')} may have answered without being heard: our own sockets dropped ` +
          `${plural(dropped, 'packet')}; lower --rate or raise net.core.rmem_max`,
      );
    }
    if (clockSteps > 0) {
      doubts.push(
        `the wall clock stepped ${plural(clockSteps, 'time')}: times of day are off, and some round-trip times include our own delay`,
      );
    }
    return doubts;
  }

  private notes(): string[] {
    const { dropped, doubtful, sendWaits } = this.shared.counts();
    const notes: string[] = [];
    if (dropped > 0 && doubtful === 0) {
      notes.push(
        `our own sockets dropped ${plural(dropped, 'packet')}; the rate came down and the hosts were asked again`,
      );
    }
    if (sendWaits > 0) {
      notes.push(
        `the system was out of buffers ${plural(sendWaits, 'time')}; the probes waited and were sent`,
      );
    }
    for (const conflict of this.macConflicts)
      notes.push(`two MAC addresses answer for ${conflict}: two hosts may use it`);
    return notes;
  }

  /** Interfaces come and go for reasons of their own: one that did is to blame only where sending failed as it would then. */
  private interfaceFailure(): string | null {
    const { sendErrors, statuses } = this.tally;
    const named = INTERFACE_ERRNOS.filter((errno) => sendErrors.has(errno));
    const lostRoutes = this.lostInterfaces.length > 0 && sendErrors.has(ROUTE_GONE_ERRNO);
    if (statuses.error === 0 || (named.length === 0 && !lostRoutes)) return null;
    const what =
      this.lostInterfaces.length > 0
        ? `interface${this.lostInterfaces.length > 1 ? 's' : ''} ${this.lostInterfaces.join(', ')} went away during the sweep`
        : `the interface could not send (${named.join(', ')})`;
    return `${what}: ${plural(statuses.error, 'host')} could not be asked; see to it and sweep again`;
  }
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
