/** Slows guessing down: after a few failures, each further one doubles the wait. Memory is bounded. */

import { isIPv6 } from 'node:net';
import { MS_A_MINUTE, MS_AN_HOUR } from '../../durations.ts';

const LONGEST_WAIT_MS = 15 * MS_A_MINUTE;
/** A failure this old counts no longer. */
const FORGOTTEN_MS = MS_AN_HOUR;
const MOST_KEYS = 10_000;

interface Failures {
  count: number;
  lastAtMs: number;
}

export class AttemptLimit {
  /** The one that failed longest ago first. */
  private readonly byKey = new Map<string, Failures>();
  private readonly free: number;
  private readonly nowMs: () => number;

  /** @param free failures before the first wait @param nowMs a clock that a test may move */
  constructor(free: number, nowMs: () => number = Date.now) {
    this.free = free;
    this.nowMs = nowMs;
  }

  /** Milliseconds until the next attempt is allowed; 0 if it is now. */
  waitMs(key: string): number {
    const failures = this.byKey.get(key);
    if (failures === undefined || failures.count < this.free) return 0;
    const pauseMs = Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** (failures.count - this.free));
    const nowMs = this.nowMs();
    // The clock may have been set back since: the wait begins again, and is not longer for it.
    failures.lastAtMs = Math.min(failures.lastAtMs, nowMs);
    return Math.max(0, failures.lastAtMs + pauseMs - nowMs);
  }

  failed(key: string): void {
    const nowMs = this.nowMs();
    const before = this.byKey.get(key);
    const isFresh = before !== undefined && nowMs - before.lastAtMs < FORGOTTEN_MS;
    this.byKey.delete(key);
    this.byKey.set(key, { count: (isFresh ? before.count : 0) + 1, lastAtMs: nowMs });
    if (this.byKey.size > MOST_KEYS) {
      const [oldest] = this.byKey.keys();
      this.byKey.delete(oldest!);
    }
  }

  succeeded(key: string): void {
    this.byKey.delete(key);
  }
}

/** The key of a client: an IPv6 client usually has a /64 to itself (RFC 6177). */
export function clientKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
