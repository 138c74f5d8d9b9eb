/** Scans the networks of an inventory: here, or by the agents of their sites. Nothing of NATS is loaded without a site. */

import type { ConfigFile } from '../../inventory/config/config-file.ts';
import type { Hearing } from '../../inventory/site-agents.ts';
import { type ScanJob, type ScanResult, scanNetwork } from '../../scan.ts';
import type { InventorySweeps } from '../../sites/inventory-sweeps.ts';

export class SiteScans {
  readonly #sweeps = new Map<string, Promise<InventorySweeps>>();

  /** @param file the present configuration: a reload may name another hub */
  async scan(job: ScanJob, file: ConfigFile): Promise<ScanResult> {
    const { atSite } = job.network;
    if (atSite === undefined) return scanNetwork(job);
    const sweeps = await this.#sweepsOver(file.resolve(file.config.hub));
    return scanNetwork(job, { sweep: sweeps.at(atSite) });
  }

  /** What the agents of the sites said so far; undefined without sites, or before there is a connection. */
  async hearing({ config, resolve }: ConfigFile): Promise<Hearing | undefined> {
    if (config.sites.length === 0) return undefined;
    return (await this.#sweepsOver(resolve(config.hub))).hearing();
  }

  async close(): Promise<void> {
    for (const sweeps of this.#sweeps.values()) await (await sweeps).close();
  }

  #sweepsOver(hub: string): Promise<InventorySweeps> {
    let sweeps = this.#sweeps.get(hub);
    if (sweeps === undefined) {
      sweeps = import('../../sites/inventory-sweeps.ts').then(
        (module) => new module.InventorySweeps(hub),
      );
      this.#sweeps.set(hub, sweeps);
    }
    return sweeps;
  }
}
