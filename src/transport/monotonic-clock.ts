/** The system's monotonic clock, the same in every thread. */

/** Nanoseconds; on Linux those of CLOCK_MONOTONIC (uv_hrtime). */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}
