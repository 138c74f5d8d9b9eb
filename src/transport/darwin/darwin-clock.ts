/** macOS' clocks. The one of the transport is that of Node's `process.hrtime`, as other threads use it. */

import {
  CLOCK_MONOTONIC_RAW,
  CLOCK_REALTIME,
  CLOCK_UPTIME_RAW,
} from '../../native/darwin/constants.ts';
import { clockNs, nsPerTick } from '../../native/darwin/libc.ts';
import { monotonicNs } from '../monotonic-clock.ts';

export class DarwinClock {
  private readonly nsPerTick = nsPerTick();
  private readonly clock = clockOfNode();
  /** Time asleep since boot that our clock counts and mach_absolute_time() does not. */
  private asleepNs = 0;

  constructor() {
    this.noteSleep();
  }

  nowNs(): number {
    return clockNs(this.clock);
  }

  wallClockOffsetNs(): number {
    return clockNs(CLOCK_REALTIME) - clockNs(this.clock);
  }

  /** Call it before the stamps of a batch are converted: the system may have slept since the batch before. */
  noteSleep(): void {
    this.asleepNs = clockNs(this.clock) - clockNs(CLOCK_UPTIME_RAW);
  }

  /** The time of a kernel's stamp. @param ticks of mach_absolute_time() */
  ofTicks(ticks: number): number {
    return ticks * this.nsPerTick + this.asleepNs;
  }
}

/** Newer versions of libuv take mach_continuous_time(), which counts the time asleep; older ones mach_absolute_time(). */
function clockOfNode(): number {
  const nodeNs = monotonicNs();
  const distance = (clock: number): number => Math.abs(clockNs(clock) - nodeNs);
  return distance(CLOCK_MONOTONIC_RAW) <= distance(CLOCK_UPTIME_RAW)
    ? CLOCK_MONOTONIC_RAW
    : CLOCK_UPTIME_RAW;
}
