/** `echosweep TARGETS --sites A,B` and `--spread A,B`: the sweep of a command line, done by the agents of sites. */

import { USUAL_HUB_FOLDER } from '../../results/site-facts.ts';
import type { ScanSite } from '../../sites/coordination.ts';
import { openHub } from '../../sites/open-hub.ts';
import { siteSweep } from '../../sites/site-sweep.ts';
import type { CommandOptions } from '../command-options.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type PlannedSweep, SweepSession } from '../sweep-session.ts';
import type { Surroundings } from '../terminal.ts';

/** @throws EchosweepError for what keeps the sweep from running to its end */
export async function sweepSites(
  planned: PlannedSweep,
  names: readonly string[],
  options: CommandOptions,
  surroundings: Surroundings,
  hasUnresolvedNames: boolean,
): Promise<ExitCode> {
  const { hub: path = USUAL_HUB_FOLDER, slots, deadlineS } = options;
  const { ratePps } = planned.settings;
  const hub = await openHub(path);
  try {
    const sweep = siteSweep({
      ...hub,
      sites: names.map((site): ScanSite => ({ site, slots, ratePps })),
      isSpread: options.spread !== undefined,
      deadlineMs: deadlineS && deadlineS * 1000,
    });
    const hasSites = options.sites !== undefined;
    return await new SweepSession({ ...options, hasSites }, surroundings, sweep).run(
      planned,
      hasUnresolvedNames,
    );
  } finally {
    await hub.close();
  }
}
