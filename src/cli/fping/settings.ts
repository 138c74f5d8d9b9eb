/** The options of fping as a sweep's settings. */

import { MS_A_DAY, MS_AN_HOUR } from '../../durations.ts';
import type { SweepSettings } from '../../settings.ts';
import type { FpingPlan } from './fping-run.ts';
import type { FpingOptions } from './options.ts';

/** AUTOTUNE_TIMEOUT_MAX of fping. */
const LONGEST_AUTOMATIC_TIMEOUT_MS = 2000;
/** Our requests carry a token; fping's may be empty. */
const SMALLEST_PAYLOAD = 24;
const LARGEST_PAYLOAD = 65_507;
/** Bounds of a sweep's own options. */
const TIMEOUT_MS = { least: 1, most: 600_000 } as const;
const PERIOD_MS = { least: 1, most: MS_AN_HOUR } as const;
const MOST_RETRIES = 999;
/** A sweep waits no longer than this for a reply. */
const LONGEST_WAIT_MS = MS_A_DAY;
const SLOWEST_PPS = 0.1;

/** How many probes there are, and how long each is waited for. */
export function planOf(options: FpingOptions): FpingPlan {
  const timeoutMs = timeoutOf(options);
  if (options.count !== undefined) return { probes: options.count, longestRttMs: timeoutMs };
  const retries = retriesOf(options);
  return { probes: 1 + retries, longestRttMs: timeoutMs * options.backoff ** retries };
}

/** Local hosts are left to the kernel, as by fping: every probe is a ping, and its time includes ARP or NDP. */
export function settingsOf(options: FpingOptions): SweepSettings {
  const { count, family, ttl, tos, source4, source6, intervalMs } = options;
  return {
    engine: 'auto',
    arp: false,
    send: 'raw',
    order: 'sequential',
    seed: 0,
    workers: 1,
    count: count ?? 1,
    retries: count === undefined ? retriesOf(options) : 0,
    timeoutMs: timeoutOf(options),
    backoff: options.backoff,
    periodMs: within(options.periodMs, PERIOD_MS),
    ratePps: intervalMs === 0 ? Number.POSITIVE_INFINITY : Math.max(SLOWEST_PPS, 1000 / intervalMs),
    payloadBytes: payloadOf(options),
    dontFragment: options.dontFragment,
    ...(family === undefined ? {} : { family }),
    ...(ttl === 0 ? {} : { ttl }),
    ...(tos === undefined ? {} : { tos }),
    ...(source4 === undefined ? {} : { source4 }),
    ...(source6 === undefined ? {} : { source6 }),
    ...(options.interface === undefined ? {} : { interface: options.interface }),
  };
}

/** Octets of payload that are really sent. */
export function payloadOf({ sizeOctets }: FpingOptions): number {
  return Math.min(LARGEST_PAYLOAD, Math.max(SMALLEST_PAYLOAD, sizeOctets));
}

function timeoutOf({ timeoutMs, count, periodMs }: FpingOptions): number {
  const automatic = count === undefined ? 500 : Math.min(periodMs, LONGEST_AUTOMATIC_TIMEOUT_MS);
  return within(timeoutMs ?? automatic, TIMEOUT_MS);
}

/** As many as the longest wait allows. */
function retriesOf(options: FpingOptions): number {
  const { backoff } = options;
  const most =
    backoff === 1
      ? MOST_RETRIES
      : Math.floor(Math.log(LONGEST_WAIT_MS / timeoutOf(options)) / Math.log(backoff));
  return Math.min(options.retries, most, MOST_RETRIES);
}

function within(value: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, value));
}
