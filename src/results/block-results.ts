/** The column layout of a block's results: what every engine gives back and every report is made from. */

import type { BlockTargets } from './block-targets.ts';
import type { MacConflict } from './run-record.ts';

/** Status of a host that a stopped sweep did not get to the end of: it has no row. */
export const NOT_COVERED = 255;

/** Code of an ICMP error of which the system gives only the type and a reason, which several codes share. */
export const UNKNOWN_ICMP_CODE = 255;

/**
 * What is known of the hosts of one block. Plain data of typed arrays, transferred between threads, not copied.
 * Columns hold one element a host; `marks` and `rttNs` hold `probesPerHost` elements a host, probe by probe.
 */
export interface BlockResults {
  readonly targets: BlockTargets;
  /** Room for probes per host: count, or 1 + retries. */
  readonly probesPerHost: number;
  /** Index into STATUSES, or NOT_COVERED. */
  readonly status: Uint8Array;
  /** Index into REASONS. */
  readonly reason: Uint8Array;
  /**
   * Type and code of the ICMP error that counts; both 0 if there is none (an error is never type 0). The code may be
   * UNKNOWN_ICMP_CODE.
   */
  readonly icmpType: Uint8Array;
  readonly icmpCode: Uint8Array;
  /** TTL or hop limit of the first reply; 0 if it is not known. */
  readonly ttl: Uint8Array;
  /** Probes that left, distinct valid replies, and further replies to probes already answered. */
  readonly sent: Uint16Array;
  readonly received: Uint16Array;
  readonly duplicates: Uint16Array;
  /** ASCII of the characters in MARKS; 0 if no probe was tried. */
  readonly marks: Uint8Array;
  /** Round-trip time of each answered probe in nanoseconds; NaN for the others, and if it is not known. */
  readonly rttNs: Float64Array;
  /** When the first probe left, milliseconds since 1970 UTC; NaN if none did. */
  readonly startedAtMs: Float64Array;
  /** 1 + index into `responders`: the responder, if it is not the target; 0 for the target itself or none. */
  readonly responder: Uint32Array;
  readonly responders: readonly string[];
  /** 1 + index into `errnos`: the system's name of why sending failed; 0 if it did not. */
  readonly errno: Uint8Array;
  readonly errnos: readonly string[];
  /** MAC_OCTETS per host, all 0 if none is known; empty if none of the hosts is on a local network. */
  readonly macs: Uint8Array;
  /** Addresses for which two MAC addresses answered. */
  readonly macConflicts: readonly MacConflict[];
}

/** The memory of the columns, each piece once, but not that of the targets. */
export function memoryOf(results: BlockResults): ArrayBuffer[] {
  const columns = Object.values(results).filter((value) => ArrayBuffer.isView(value));
  const buffers = new Set(columns.map(({ buffer }) => buffer));
  return [...buffers].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** In an Ethernet address. */
export const MAC_OCTETS = 6;

/** The MAC address whose octets begin at `offset`, such as `02:00:00:00:00:01`; null if there is none. */
export function macText(octets: Uint8Array, offset: number): string | null {
  const mac = octets.subarray(offset, offset + MAC_OCTETS);
  if (mac.every((octet) => octet === 0)) return null;
  return Array.from(mac, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** Columns for every host of a block, all empty: nothing sent, nothing known. */
export function emptyResults(targets: BlockTargets, probesPerHost: number): BlockResults {
  const { count } = targets;
  return {
    targets,
    probesPerHost,
    status: new Uint8Array(count),
    reason: new Uint8Array(count),
    icmpType: new Uint8Array(count),
    icmpCode: new Uint8Array(count),
    ttl: new Uint8Array(count),
    sent: new Uint16Array(count),
    received: new Uint16Array(count),
    duplicates: new Uint16Array(count),
    marks: new Uint8Array(count * probesPerHost),
    rttNs: new Float64Array(count * probesPerHost).fill(Number.NaN),
    startedAtMs: new Float64Array(count).fill(Number.NaN),
    responder: new Uint32Array(count),
    responders: [],
    errno: new Uint8Array(count),
    errnos: [],
    macs: new Uint8Array(0),
    macConflicts: [],
  };
}
