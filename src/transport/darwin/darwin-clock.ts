/** macOS' clocks. The one of the transport is that of Node's `process.hrtime`, as other threads use it. */

import {
  CLOCK_MONOTONIC_RAW,
  CLOCK_REALTIME,
  CLOCK_UPTIME_RAW,
} from '../../native/darwin/constants.ts';
import { clockNs, nsPerTick } from '../../native/darwin/libc.ts';

export class DarwinClock {
  private readonly nsPerTick = nsPerTick();
  /** Time that the system has slept since it booted, which mach_absolute_time() leaves out. */
  private asleepNs = 0;

  constructor() {
    this.noteSleep();
  }

  /** Nanoseconds since boot, with the time asleep: mach_continuous_time(), which libuv takes as well. */
  nowNs(): number {
    return clockNs(CLOCK_MONOTONIC_RAW);
  }

  wallClockOffsetNs(): number {
    return clockNs(CLOCK_REALTIME) - clockNs(CLOCK_MONOTONIC_RAW);
  }

  /** Call it before the stamps of a batch are converted: the system may have slept since the batch before. */
  noteSleep(): void {
    this.asleepNs = clockNs(CLOCK_MONOTONIC_RAW) - clockNs(CLOCK_UPTIME_RAW);
  }

  /** The time of a kernel's stamp. @param ticks of mach_absolute_time() */
  ofTicks(ticks: number): number {
    return ticks * this.nsPerTick + this.asleepNs;
  }
}
