/** What rounds have shown about each host: counts, round-trip times and changes, in memory that does not grow with time. */

import type { HostResult } from '../results/host-result.ts';
import {
  REASONS,
  type Reason,
  reasonNumber,
  STATUSES,
  type Status,
  statusNumber,
} from '../results/outcome.ts';
import { RttHistograms } from './rtt-histograms.ts';

/** Each takes about half a kilobyte; more would not be looked at anyway. */
export const MOST_WATCHED_HOSTS = 2 ** 16;

/** What one round showed about a host. */
export interface Sighting extends Pick<HostResult, 'status' | 'reason' | 'sent' | 'received'> {
  readonly address: string;
  readonly hostname: string | null;
  /** Round-trip times of its replies in the order of the probes, milliseconds. */
  readonly rttsMs: readonly number[];
}

/** A copy of what a row says, which changes with the next; undefined for a name without an address. */
export function sightingOf(row: HostResult): Sighting | undefined {
  const { address, hostname, status, reason, sent, received } = row;
  if (address === null) return undefined;
  const rttsMs = row.rttsMs.filter((rtt) => rtt !== null);
  return { address, hostname, status, reason, sent, received, rttsMs };
}

/** A host went down, or came back. */
export interface WatchChange {
  readonly host: WatchedHost;
  readonly isUp: boolean;
  readonly reason: Reason;
  /** When the first probe without a reply left, or the first with one again: the start of its round. */
  readonly at: Date;
  /** How long the host was as it was before; undefined if that is not known: it began before the first round, or the clock was set back. */
  readonly lastedMs: number | undefined;
}

/** A host as screens and reports read it. `null` means that there is no such value. */
export interface WatchedHost {
  readonly address: string;
  readonly hostname: string | null;
  /** After the last round; a host that has missed fewer rounds than make it down is still up. */
  readonly status: Status;
  readonly reason: Reason;
  readonly sent: number;
  readonly received: number;
  readonly lossPct: number | null;
  /** Of the last round; null if it brought no reply. */
  readonly rttLastMs: number | null;
  readonly rttMinMs: number | null;
  readonly rttMedianMs: number | null;
  readonly rttP95Ms: number | null;
  readonly rttMaxMs: number | null;
  /** Mean distance between the round-trip times of consecutive replies. */
  readonly jitterMs: number | null;
  /** How often it went down or came back. */
  readonly changes: number;
  readonly lastChangeAt: Date | null;
}

const UP = statusNumber('up');

/** Hosts in the order in which the first rounds named them, which is that of their addresses. */
export class WatchedHosts {
  private readonly downAfter: number;
  private readonly hosts: Host[] = [];
  private readonly byAddress = new Map<string, Host>();
  private readonly columns: Columns;

  /** @param most hosts @param downAfter rounds in a row without a sign of life that make a host down */
  constructor(most: number, downAfter: number) {
    this.downAfter = downAfter;
    this.columns = makeColumns(most);
  }

  get all(): readonly WatchedHost[] {
    return this.hosts;
  }

  /** Adds what a round showed. @returns what changed with it @param startedAt when the round began */
  addRound(sightings: readonly Sighting[], startedAt: Date): WatchChange[] {
    return sightings.flatMap((sighting) => this.add(sighting, startedAt) ?? []);
  }

  /** A name that was found later. */
  nameHost(address: string, hostname: string): void {
    const host = this.byAddress.get(address);
    if (host !== undefined) host.hostname ??= hostname;
  }

  private add(sighting: Sighting, startedAt: Date): WatchChange | undefined {
    const known = this.byAddress.get(sighting.address);
    const host = known ?? this.newHost(sighting);
    const { columns } = this;
    const { index } = host;
    columns.sent[index]! += sighting.sent;
    columns.received[index]! += sighting.received;
    columns.lastMs[index] = Number.NaN;
    for (const rttMs of sighting.rttsMs) addRtt(columns, index, rttMs);
    return this.judge(host, sighting, startedAt, known === undefined);
  }

  private newHost({ address, hostname }: Sighting): Host {
    const host = new Host(this.columns, this.hosts.length, address, hostname);
    this.hosts.push(host);
    this.byAddress.set(address, host);
    return host;
  }

  private judge(
    host: Host,
    { status, reason }: Sighting,
    startedAt: Date,
    isNew: boolean,
  ): WatchChange | undefined {
    const { columns, downAfter } = this;
    const { index } = host;
    const nowMs = startedAt.getTime();
    const wasUp = columns.status[index] === UP;
    const isUp = status === 'up';
    const missedBefore = columns.missed[index]!;
    if (isUp) columns.missed[index] = 0;
    else if (columns.missed[index]!++ === 0) columns.missedSinceMs[index] = nowMs;
    if (!isNew && wasUp && !isUp && columns.missed[index]! < downAfter) return undefined;
    columns.status[index] = statusNumber(status);
    columns.reason[index] = reasonNumber(reason);
    if (isNew || wasUp === isUp) return undefined;
    // It was silent in the first rounds, but not for long enough to be down.
    if (isUp && missedBefore < downAfter) return undefined;
    const atMs = isUp ? nowMs : columns.missedSinceMs[index]!;
    const beforeMs = columns.changedAtMs[index]!;
    columns.changes[index]!++;
    columns.changedAtMs[index] = atMs;
    // Not so if there was no change before, or if the clock was set back since.
    const lastedMs = atMs >= beforeMs ? atMs - beforeMs : undefined;
    return { host, isUp, reason, at: new Date(atMs), lastedMs };
  }
}

/** By host. */
interface Columns {
  readonly status: Uint8Array;
  readonly reason: Uint8Array;
  readonly sent: Float64Array;
  readonly received: Float64Array;
  /** Replies whose round-trip time is known. */
  readonly timed: Float64Array;
  /** Milliseconds; NaN if there is none. */
  readonly lastMs: Float64Array;
  readonly minMs: Float64Array;
  readonly maxMs: Float64Array;
  /** Round-trip time of the latest reply, whichever round it was in. */
  readonly latestMs: Float64Array;
  /** Sum of the distances between consecutive round-trip times, of which there is one fewer than times. */
  readonly distanceMs: Float64Array;
  /** Rounds in a row without a sign of life, and when the first of them began. */
  readonly missed: Uint32Array;
  readonly missedSinceMs: Float64Array;
  readonly changes: Uint32Array;
  readonly changedAtMs: Float64Array;
  readonly histograms: RttHistograms;
}

function makeColumns(hosts: number): Columns {
  const none = (): Float64Array => new Float64Array(hosts).fill(Number.NaN);
  return {
    status: new Uint8Array(hosts),
    reason: new Uint8Array(hosts),
    sent: new Float64Array(hosts),
    received: new Float64Array(hosts),
    timed: new Float64Array(hosts),
    lastMs: none(),
    minMs: none(),
    maxMs: none(),
    latestMs: none(),
    distanceMs: new Float64Array(hosts),
    missed: new Uint32Array(hosts),
    missedSinceMs: none(),
    changes: new Uint32Array(hosts),
    changedAtMs: none(),
    histograms: new RttHistograms(hosts),
  };
}

function addRtt(columns: Columns, index: number, rttMs: number): void {
  const { timed, lastMs, minMs, maxMs, latestMs, distanceMs, histograms } = columns;
  if (timed[index]!++ === 0) minMs[index] = maxMs[index] = rttMs;
  else distanceMs[index]! += Math.abs(rttMs - latestMs[index]!);
  minMs[index] = Math.min(minMs[index]!, rttMs);
  maxMs[index] = Math.max(maxMs[index]!, rttMs);
  lastMs[index] = rttMs;
  latestMs[index] = rttMs;
  histograms.add(index, rttMs);
}

/** Reads the columns of one host. */
class Host implements WatchedHost {
  readonly index: number;
  readonly address: string;
  hostname: string | null;
  private readonly columns: Columns;

  constructor(columns: Columns, index: number, address: string, hostname: string | null) {
    this.columns = columns;
    this.index = index;
    this.address = address;
    this.hostname = hostname;
  }

  get status(): Status {
    return STATUSES[this.columns.status[this.index]!]!;
  }

  get reason(): Reason {
    return REASONS[this.columns.reason[this.index]!]!;
  }

  get sent(): number {
    return this.columns.sent[this.index]!;
  }

  get received(): number {
    return this.columns.received[this.index]!;
  }

  get lossPct(): number | null {
    const { sent, received } = this;
    return sent === 0 ? null : (100 * (sent - received)) / sent;
  }

  get rttLastMs(): number | null {
    return orNull(this.columns.lastMs[this.index]!);
  }

  get rttMinMs(): number | null {
    return orNull(this.columns.minMs[this.index]!);
  }

  get rttMedianMs(): number | null {
    return this.quantile(0.5);
  }

  get rttP95Ms(): number | null {
    return this.quantile(0.95);
  }

  get rttMaxMs(): number | null {
    return orNull(this.columns.maxMs[this.index]!);
  }

  get jitterMs(): number | null {
    const distances = this.columns.timed[this.index]! - 1;
    return distances < 1 ? null : this.columns.distanceMs[this.index]! / distances;
  }

  get changes(): number {
    return this.columns.changes[this.index]!;
  }

  get lastChangeAt(): Date | null {
    const atMs = this.columns.changedAtMs[this.index]!;
    return Number.isNaN(atMs) ? null : new Date(atMs);
  }

  /** Between the shortest and the longest time, although the middle of a bucket may be outside. */
  private quantile(share: number): number | null {
    const { histograms, timed, minMs, maxMs } = this.columns;
    const { index } = this;
    const rttMs = histograms.quantile(index, share, timed[index]!);
    return orNull(Math.min(maxMs[index]!, Math.max(minMs[index]!, rttMs)));
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
