/** How far a running scan is, as the API answers and reports it. */

import { z } from 'zod';
import type { RunningScan } from '../../service/inventory.ts';

export const scanProgress = z.object({
  network: z.string(),
  started_at: z.iso.datetime(),
  done: z.int().describe('Addresses whose state is known.'),
  targets: z.int().describe('Addresses to probe; 0 until they are known.'),
  up: z.int(),
  rate_pps: z.number().nullable().describe('Probes a second, over the whole scan so far.'),
  left_ms: z.number().nullable().describe('What the rest takes at the speed so far.'),
});

export function progressOf({
  network,
  startedAt,
  progress,
}: RunningScan): z.output<typeof scanProgress> {
  const { done = 0, targets = 0, up = 0, ratePps, elapsedMs = 0 } = progress ?? {};
  return {
    network,
    started_at: startedAt.toISOString(),
    done,
    targets,
    up,
    rate_pps: ratePps ?? null,
    left_ms: done === 0 ? null : (elapsedMs * (targets - done)) / done,
  };
}
