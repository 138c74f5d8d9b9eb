/** The sweeps of an inventory's networks at their sites: what a configuration says of a site, as a sweep there. */

import { EchosweepError } from '../errors.ts';
import { openUntil, type SiteConfig } from '../inventory/config/site-fields.ts';
import type { Hearing } from '../inventory/site-agents.ts';
import type { runSweep } from '../sweep.ts';
import type { ScanSite } from './coordination.ts';
import { type OpenHub, openHub } from './open-hub.ts';
import { SharedHub } from './shared-hub.ts';
import { siteSweep } from './site-sweep.ts';

/** Sweeps at sites, over one connection that is opened with the first of them, and again once it is lost for good. */
export class InventorySweeps {
  readonly #open: () => Promise<OpenHub>;
  #hub: SharedHub | undefined;

  /** @param open a test replaces it */
  constructor(path: string, open = () => openHub(path)) {
    this.#open = open;
  }

  /** The hub's file may have been repaired since the last one was opened. */
  #present(): SharedHub {
    if (this.#hub?.isLost === true) {
      void this.#hub.close();
      this.#hub = undefined;
    }
    this.#hub ??= new SharedHub(this.#open());
    return this.#hub;
  }

  /** A sweep by the agents of a site. It throws EchosweepError if the hub cannot be reached. */
  at(site: SiteConfig): typeof runSweep {
    return async (job) => {
      const sites = [scanSiteOf(site, job.settings.ratePps)];
      const { deadlineMs } = site;
      const run = await this.#present().use((hub) =>
        siteSweep({
          ...hub,
          sites,
          isSpread: false,
          deadlineMs,
          replacesEarlier: true,
          leavesOutDenied: true,
        })(job),
      );
      // A site that is silent has nothing to remember: its hosts stay as they were.
      const wasStopped = job.signal?.aborted === true;
      if (!wasStopped && run.sites?.every(({ targets, missing }) => missing === targets)) {
        throw run.partial
          ? new EchosweepError(
              'BROKER_REFUSED',
              run.doubts[0] ?? `${site.name} did not report any target`,
              'see that an agent of the site runs: echosweep hub agents',
            )
          : new EchosweepError(
              'BROKER_REFUSED',
              `${site.name} does not allow any of the targets (see --allow and --deny of its agents)`,
              'allow them there, or take them out of the network',
            );
      }
      return run;
    };
  }

  /** What agents said so far. It begins to listen if it does not yet, and does not wait for that; scans say why it cannot. */
  hearing(): Hearing | undefined {
    return this.#present().hearing();
  }

  async close(): Promise<void> {
    await this.#hub?.close();
  }
}

/** @param ratePps of a network, where the site has none */
function scanSiteOf(site: SiteConfig, ratePps: number): ScanSite {
  const { name, slots, quiet } = site;
  return {
    site: name,
    slots,
    ratePps: site.ratePps ?? ratePps,
    ...(quiet.length > 0 && {
      openUntil: (nowMs: number) =>
        openUntil(site, new Date(nowMs))?.getTime() ?? Number.POSITIVE_INFINITY,
    }),
  };
}
