/** The kernel's clocks, the difference between them, and whether the wall clock has stepped. */

import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../../native/linux/constants.ts';
import { clockGettime } from '../../native/linux/libc.ts';
import { allocate, type NativeMemory } from '../../native/native-memory.ts';

/** A sample taken within this time of the monotonic clock is exact enough. */
const GOOD_SAMPLE_NS = 2_000;
const SAMPLES = 4;
/** The kernel slews the wall clock by 500 parts in a million at most (adjtimex(2)); what differs by more has stepped. */
const SLEW = 0.001;
const STEP_NS = 100_000;
/** Kernel times are trusted if the clocks kept together this well since the last sample, however long ago it was. */
const TRUSTED_NS = 1_000_000;

/** Reads a clock: nanoseconds, the wall clock's since the second that a LinuxClock counts from. */
export type ClockReader = (clock: number) => number;

export class LinuxClock {
  /** Times the wall clock was seen to step. */
  steps = 0;
  /** Where wall clock times are counted from: a number has no room for the nanoseconds since 1970, only for every 256th. */
  private readonly originSeconds: number;
  /** Wall clock since then minus monotonic clock. */
  private offsetNs = 0;
  private sampledAtNs = 0;
  /** How far off the offset may be: a thread may be held up between two readings. */
  private uncertaintyNs = 0;
  private readonly time: NativeMemory = allocate(16);
  private readonly read: ClockReader;

  /** @param read used instead of clock_gettime(2) @param originSeconds that its wall clock times are counted from */
  constructor(read?: ClockReader, originSeconds = 0) {
    this.originSeconds = read === undefined ? Math.floor(Date.now() / 1e3) : originSeconds;
    this.read = read ?? ((clock) => this.readKernel(clock));
    this.sample();
  }

  /** Monotonic nanoseconds since boot. */
  nowNs(): number {
    return this.read(CLOCK_MONOTONIC);
  }

  /** Wall clock minus monotonic clock, as of the last sample. */
  wallClockOffsetNs(): number {
    return this.originSeconds * 1e9 + this.offsetNs;
  }

  /** What the monotonic clock showed at a time of the wall clock, as of the last sample. */
  monotonicNs(seconds: number, nanoseconds: number): number {
    return (seconds - this.originSeconds) * 1e9 + nanoseconds - this.offsetNs;
  }

  /**
   * Compares the clocks again.
   * @returns false if the wall clock has stepped since the last sample, or has drifted too far for round-trip times
   */
  resample(): boolean {
    const { offsetNs, sampledAtNs, uncertaintyNs } = this;
    this.sample();
    const drift = SLEW * (this.sampledAtNs - sampledAtNs);
    const allowedNs = STEP_NS + drift + uncertaintyNs + this.uncertaintyNs;
    const movedNs = Math.abs(this.offsetNs - offsetNs);
    if (movedNs > allowedNs) this.steps++;
    return movedNs <= Math.min(allowedNs, TRUSTED_NS);
  }

  free(): void {
    this.time.free();
  }

  private sample(): void {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < SAMPLES && best > GOOD_SAMPLE_NS; i++) {
      const before = this.read(CLOCK_MONOTONIC);
      const wall = this.read(CLOCK_REALTIME);
      const after = this.read(CLOCK_MONOTONIC);
      if (after - before >= best) continue;
      best = after - before;
      this.uncertaintyNs = best / 2;
      this.offsetNs = wall - (before + after) / 2;
      this.sampledAtNs = after;
    }
  }

  private readKernel(clock: number): number {
    clockGettime(clock, this.time.address);
    const { view } = this.time;
    const origin = clock === CLOCK_REALTIME ? this.originSeconds : 0;
    return (view.getUint32(0, true) - origin) * 1e9 + view.getUint32(8, true);
  }
}
