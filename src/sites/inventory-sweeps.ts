/** The sweeps of an inventory's networks at their sites: what a configuration says of a site, as a sweep there. */

import { EchosweepError } from '../errors.ts';
import { openUntil, type SiteConfig } from '../inventory/config/site-fields.ts';
import type { Hearing } from '../inventory/site-agents.ts';
import type { runSweep } from '../sweep.ts';
import { AgentListener } from './agent-listener.ts';
import type { ScanSite } from './coordination.ts';
import { type OpenHub, openHub } from './open-hub.ts';
import { siteSweep } from './site-sweep.ts';

/** Sweeps at sites, over one connection that is opened with the first of them. */
export class InventorySweeps {
  readonly #open: () => Promise<OpenHub>;
  #hub: Promise<OpenHub> | undefined;
  #listener: AgentListener | undefined;

  /** @param open a test replaces it */
  constructor(path: string, open = () => openHub(path)) {
    this.#open = open;
  }

  async #connected(): Promise<OpenHub> {
    this.#hub ??= this.#open().then((hub) => {
      this.#listener = new AgentListener(hub.broker);
      return hub;
    });
    try {
      return await this.#hub;
    } catch (error) {
      // The hub may be there the next time.
      this.#hub = undefined;
      throw error;
    }
  }

  /** A sweep by the agents of a site. It throws EchosweepError if the hub cannot be reached. */
  at(site: SiteConfig): typeof runSweep {
    return async (job) => {
      const hub = await this.#connected();
      const sites = [scanSiteOf(site, job.settings.ratePps)];
      const sweep = siteSweep({ ...hub, sites, isSpread: false, deadlineMs: site.deadlineMs });
      const run = await sweep(job);
      // A site that is silent has nothing to remember: its hosts stay as they were.
      const wasStopped = job.signal?.aborted === true;
      if (!wasStopped && run.sites?.every(({ targets, missing }) => missing === targets)) {
        throw new EchosweepError(
          'BROKER_REFUSED',
          run.doubts[0] ?? `${site.name} did not report any target`,
          'see that an agent of the site runs: echosweep hub agents',
        );
      }
      return run;
    };
  }

  /** What agents said so far. It begins to listen if it does not yet, and does not wait for that. */
  hearing(): Hearing | undefined {
    // Scans say why the hub cannot be reached.
    this.#connected().catch(() => {});
    return this.#listener?.hearing();
  }

  async close(): Promise<void> {
    const hub = await this.#hub?.catch(() => undefined);
    await hub?.close();
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
