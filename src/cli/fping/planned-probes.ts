/** A row's probes as fping plans them: so many for each host, no more. */

import type { HostResult } from '../../results/host-result.ts';
import { MARKS } from '../../results/outcome.ts';

/** What became of a probe. */
export interface PlannedProbe {
  readonly mark: string;
  /** Of a reply; null if it is not known. */
  readonly rttMs: number | null;
}

/**
 * A sweep sends a further probe if it may have lost a reply itself, or the system refused a probe. If that one has a
 * reply, it takes the place of the last probe without one.
 * @returns `planned` probes at most; fewer if the host was given up
 */
export function plannedProbes(
  { pattern, rttsMs }: Pick<HostResult, 'pattern' | 'rttsMs'>,
  planned: number,
): PlannedProbe[] {
  const all = Array.from(pattern, (mark, probe) => ({ mark, rttMs: rttsMs[probe] ?? null }));
  const probes = all.slice(0, planned);
  for (const further of all.slice(planned)) {
    if (further.mark !== MARKS.reply) continue;
    const replaced = probes.findLastIndex(
      ({ mark }) => mark === MARKS.silence || mark === MARKS.unsent,
    );
    if (replaced >= 0) probes[replaced] = further;
  }
  return probes;
}
