/** One host's row, made from its block's columns: the shape that the library gives and the reports print. */

import type { BlockResults } from './block-results.ts';
import { addressText } from './block-targets.ts';
import { REASONS, type Reason, STATUSES, type Status } from './outcome.ts';

/** What a sweep found out about one address. `null` stands for "there is no such value", never for a guess. */
export interface HostResult {
  /** The target in canonical text, with its zone where it has one. */
  address: string;
  /** The name asked for, or the PTR name where names were looked up. */
  hostname: string | null;
  status: Status;
  reason: Reason;
  /** Who answered, where it is not the target. */
  responder: string | null;
  /** Type and code of the ICMP error that stands. */
  icmpType: number | null;
  icmpCode: number | null;
  /** Probes that left, distinct valid replies, further replies to probes already answered. */
  sent: number;
  received: number;
  duplicates: number;
  /** 0–100; null where nothing was sent. */
  lossPct: number | null;
  rttMinMs: number | null;
  rttAvgMs: number | null;
  rttMaxMs: number | null;
  /** Population standard deviation over the answered probes. */
  rttStddevMs: number | null;
  /** TTL or hop limit of the first reply, 1–255. */
  ttl: number | null;
  /** Distance from the next common initial TTL (32, 64, 128, 255). */
  hops: number | null;
  /** One mark a probe, in order: `!` reply, `.` silence, `U` error, `E` not sent. */
  pattern: string;
  /** Round-trip time of each probe of `pattern`, milliseconds; null where it was not answered. */
  rttsMs: (number | null)[];
  /** When the first probe left. */
  startedAt: Date | null;
  /** The system's name of why sending failed, such as `ENETUNREACH`. */
  errno: string | null;
}

/** The row of host `index`. `hostnames` maps canonical address text to a name. */
export function hostResult(
  block: BlockResults,
  index: number,
  hostnames: ReadonlyMap<string, string>,
): HostResult {
  const address = addressText(block.targets, index);
  const { pattern, rttsMs } = probesOf(block, index);
  const hasError = block.icmpType[index] !== 0;
  const sent = block.sent[index]!;
  const received = block.received[index]!;
  const ttl = block.ttl[index]!;
  const startedAtMs = block.startedAtMs[index]!;
  return {
    address,
    hostname: hostnames.get(address) ?? null,
    status: STATUSES[block.status[index]!]!,
    reason: REASONS[block.reason[index]!]!,
    responder: block.responders[block.responder[index]! - 1] ?? null,
    icmpType: hasError ? block.icmpType[index]! : null,
    icmpCode: hasError ? block.icmpCode[index]! : null,
    sent,
    received,
    duplicates: block.duplicates[index]!,
    lossPct: sent === 0 ? null : (100 * (sent - received)) / sent,
    ...rttStatistics(rttsMs),
    ttl: ttl === 0 ? null : ttl,
    hops: hopsFromTtl(ttl),
    pattern,
    rttsMs,
    startedAt: Number.isNaN(startedAtMs) ? null : new Date(startedAtMs),
    errno: block.errnos[block.errno[index]! - 1] ?? null,
  };
}

/** Routers take one off the sender's initial TTL each; systems start at 32, 64, 128 or 255. */
export function hopsFromTtl(ttl: number): number | null {
  if (ttl === 0) return null;
  const initial = ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
  return initial - ttl;
}

function probesOf(
  block: BlockResults,
  index: number,
): { pattern: string; rttsMs: (number | null)[] } {
  let pattern = '';
  const rttsMs: (number | null)[] = [];
  const base = index * block.probesPerHost;
  for (let probe = base; probe < base + block.probesPerHost && block.marks[probe] !== 0; probe++) {
    pattern += String.fromCharCode(block.marks[probe]!);
    const rttNs = block.rttNs[probe]!;
    rttsMs.push(Number.isNaN(rttNs) ? null : rttNs / 1e6);
  }
  return { pattern, rttsMs };
}

function rttStatistics(
  rttsMs: readonly (number | null)[],
): Pick<HostResult, 'rttMinMs' | 'rttAvgMs' | 'rttMaxMs' | 'rttStddevMs'> {
  let answered = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const rtt of rttsMs) {
    if (rtt === null) continue;
    answered++;
    sum += rtt;
    min = Math.min(min, rtt);
    max = Math.max(max, rtt);
  }
  if (answered === 0) return { rttMinMs: null, rttAvgMs: null, rttMaxMs: null, rttStddevMs: null };
  const avg = sum / answered;
  let squares = 0;
  for (const rtt of rttsMs) if (rtt !== null) squares += (rtt - avg) ** 2;
  return {
    rttMinMs: min,
    rttAvgMs: avg,
    rttMaxMs: max,
    rttStddevMs: Math.sqrt(squares / answered),
  };
}
