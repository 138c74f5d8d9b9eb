/** Bounds on elapsed time that hold on a slow or busy machine as well. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** What starting Node takes on an idle machine of two cores. */
const USUAL_START_MS = 45;

/**
 * Fails if something took longer than it may. Where it did, the bound is stretched by how much longer than usual this
 * machine takes to start Node right now.
 * @param ms what it took
 * @param mostMs what it may take on an idle machine
 */
export function assertSoon(ms: number, mostMs: number, what = 'it'): void {
  if (ms < mostMs) return;
  const slowness = Math.max(1, startOfNodeMs() / USUAL_START_MS);
  assert.ok(
    ms < mostMs * slowness,
    `${what} took ${ms} ms instead of ${mostMs} ms, on a machine ${slowness.toFixed(1)} times as slow as usual`,
  );
}

/** The median of five. */
function startOfNodeMs(): number {
  const starts = Array.from({ length: 5 }, () => {
    const startedAt = performance.now();
    spawnSync(process.execPath, ['-e', '0']);
    return performance.now() - startedAt;
  });
  return starts.sort((a, b) => a - b)[2]!;
}
