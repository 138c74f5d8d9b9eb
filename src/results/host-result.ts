/** One host's row: the shape that the library gives and the reports print. */

import type { Reason, Status } from './outcome.ts';

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
  /** MAC address of a host on an own link, where it is known; lower case with colons. */
  mac: string | null;
}

/** Rows for keeping, of such as change with the next one. */
export function keptHosts(rows: Iterable<HostResult>): HostResult[] {
  const kept: HostResult[] = [];
  for (const host of rows) kept.push(keptHost(host));
  return kept;
}

/** A row of its own, of one that changes with the next host. */
export function keptHost(host: HostResult): HostResult {
  return {
    address: host.address,
    hostname: host.hostname,
    status: host.status,
    reason: host.reason,
    responder: host.responder,
    icmpType: host.icmpType,
    icmpCode: host.icmpCode,
    sent: host.sent,
    received: host.received,
    duplicates: host.duplicates,
    lossPct: host.lossPct,
    rttMinMs: host.rttMinMs,
    rttAvgMs: host.rttAvgMs,
    rttMaxMs: host.rttMaxMs,
    rttStddevMs: host.rttStddevMs,
    ttl: host.ttl,
    hops: host.hops,
    pattern: host.pattern,
    rttsMs: host.rttsMs,
    startedAt: host.startedAt,
    errno: host.errno,
    mac: host.mac,
  };
}
