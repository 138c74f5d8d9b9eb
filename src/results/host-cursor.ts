/** A block's hosts as rows, one at a time and with nothing made before it is needed: a sweep has millions. */

import {
  type BlockResults,
  MAC_OCTETS,
  macText,
  NOT_COVERED,
  UNKNOWN_ICMP_CODE,
} from './block-results.ts';
import { addressText } from './block-targets.ts';
import type { HostResult } from './host-result.ts';
import { REASONS, type Reason, STATUSES, type Status } from './outcome.ts';
import { RttSums } from './rtt-sums.ts';

/** The row of the host that it was last moved to; the next move changes it. */
export class HostCursor implements Readonly<HostResult> {
  readonly site: string | null;
  private readonly block: BlockResults;
  private readonly hostnames: ReadonlyMap<string, string>;
  private index = 0;
  private readonly rtts = new RttSums();

  /** @param hostnames maps canonical address text to a name */
  constructor(
    block: BlockResults,
    hostnames: ReadonlyMap<string, string>,
    site: string | null = null,
  ) {
    this.block = block;
    this.hostnames = hostnames;
    this.site = site;
  }

  moveTo(index: number): void {
    this.index = index;
    this.rtts.moveTo(this.block, index);
  }

  get address(): string {
    return addressText(this.block.targets, this.index);
  }

  get hostname(): string | null {
    return this.hostnames.size === 0 ? null : (this.hostnames.get(this.address) ?? null);
  }

  get status(): Status {
    return STATUSES[this.block.status[this.index]!]!;
  }

  get reason(): Reason {
    return REASONS[this.block.reason[this.index]!]!;
  }

  get responder(): string | null {
    const { responder, responders } = this.block;
    return responder[this.index] === 0 ? null : responders[responder[this.index]! - 1]!;
  }

  get icmpType(): number | null {
    const type = this.block.icmpType[this.index]!;
    return type === 0 ? null : type;
  }

  get icmpCode(): number | null {
    const code = this.block.icmpCode[this.index]!;
    return this.icmpType === null || code === UNKNOWN_ICMP_CODE ? null : code;
  }

  get sent(): number {
    return this.block.sent[this.index]!;
  }

  get received(): number {
    return this.block.received[this.index]!;
  }

  get duplicates(): number {
    return this.block.duplicates[this.index]!;
  }

  get lossPct(): number | null {
    return orNull(lossPctOf(this.sent, this.received));
  }

  get rttMinMs(): number | null {
    return orNull(this.rtts.min);
  }

  get rttAvgMs(): number | null {
    return orNull(this.rtts.avg);
  }

  get rttMaxMs(): number | null {
    return orNull(this.rtts.max);
  }

  get rttStddevMs(): number | null {
    return orNull(this.rtts.stddev);
  }

  get ttl(): number | null {
    const ttl = this.block.ttl[this.index]!;
    return ttl === 0 ? null : ttl;
  }

  get hops(): number | null {
    return hopsFromTtl(this.block.ttl[this.index]!);
  }

  get pattern(): string {
    const { marks } = this.block;
    let pattern = '';
    for (let probe = this.firstProbe; probe < this.endProbe && marks[probe] !== 0; probe++)
      pattern += String.fromCharCode(marks[probe]!);
    return pattern;
  }

  get rttsMs(): (number | null)[] {
    const { marks, rttNs } = this.block;
    const rtts: (number | null)[] = [];
    for (let probe = this.firstProbe; probe < this.endProbe && marks[probe] !== 0; probe++)
      rtts.push(orNull(rttNs[probe]! / 1e6));
    return rtts;
  }

  get startedAt(): Date | null {
    const startedAtMs = this.block.startedAtMs[this.index]!;
    return Number.isNaN(startedAtMs) ? null : new Date(startedAtMs);
  }

  get errno(): string | null {
    const { errno, errnos } = this.block;
    return errno[this.index] === 0 ? null : errnos[errno[this.index]! - 1]!;
  }

  get mac(): string | null {
    return macText(this.block.macs, this.index * MAC_OCTETS);
  }

  private get firstProbe(): number {
    return this.index * this.block.probesPerHost;
  }

  private get endProbe(): number {
    return this.firstProbe + this.block.probesPerHost;
  }
}

/** Rows to pass on at a time: enough to be worth a call, few enough to stay small. */
export const ROWS_AT_ONCE = 2048;

/** The rows of the hosts `first` to `end - 1`, in address order; those that a stopped sweep did not cover have none. */
export class HostRows implements Iterable<HostResult> {
  readonly block: BlockResults;
  readonly hostnames: ReadonlyMap<string, string>;
  readonly first: number;
  readonly end: number;
  readonly site: string | null;
  /** Whether the agent that probed them doubts its results; a sweep of one machine doubts itself as a whole. */
  readonly isDoubtful: boolean;
  private kept = false;

  /** @param site whose agents probed them; null in a sweep of one machine */
  constructor(
    block: BlockResults,
    hostnames: ReadonlyMap<string, string>,
    first: number,
    end: number,
    site: string | null = null,
    isDoubtful = false,
  ) {
    this.block = block;
    this.hostnames = hostnames;
    this.first = first;
    this.end = end;
    this.site = site;
    this.isDoubtful = isDoubtful;
  }

  /** Keeps the columns as they are for as long as these rows are read; without it, a later block may use their memory. */
  keep(): void {
    this.kept = true;
  }

  get isKept(): boolean {
    return this.kept;
  }

  *[Symbol.iterator](): Generator<HostResult> {
    const cursor = new HostCursor(this.block, this.hostnames, this.site);
    for (let host = this.first; host < this.end; host++) {
      if (this.block.status[host] === NOT_COVERED) continue;
      cursor.moveTo(host);
      yield cursor;
    }
  }
}

/** Share of the probes without a reply, 0 to 100; NaN if no probe left. */
export function lossPctOf(sent: number, received: number): number {
  return (100 * (sent - received)) / sent;
}

/** Routers take one off the sender's initial TTL each; systems start at 32, 64, 128 or 255. */
export function hopsFromTtl(ttl: number): number | null {
  if (ttl === 0) return null;
  const initial = ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
  return initial - ttl;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
