/** The questions that an inventory answers: to commands, and to clients of a service. */

import { stat } from 'node:fs/promises';
import { type ChangeFilter, type InventoryChange, listChanges } from '../inventory/change-list.ts';
import type { NetworkConfig } from '../inventory/config/config.ts';
import { type ConfigFile, knownHostsOf, networksNamed } from '../inventory/config/config-file.ts';
import { historyPage } from '../inventory/history-page.ts';
import { type HostHistory, hostHistories, listHosts } from '../inventory/host-list.ts';
import { CHANGE_KINDS, HOST_STATES } from '../inventory/host-memory.ts';
import { hostNotes } from '../inventory/host-notes.ts';
import type { KnownHosts } from '../inventory/known-hosts.ts';
import { joinKnownHosts, type ListedHost } from '../inventory/known-hosts-join.ts';
import { type ListedHostFilter, listedHosts } from '../inventory/listed-hosts.ts';
import { metricsText } from '../inventory/metrics.ts';
import { type NetworkHistory, networkHistory } from '../inventory/network-history.ts';
import { type NetworkStatus, networkStatus } from '../inventory/network-status.ts';
import { nextRun } from '../inventory/schedule.ts';
import { type SiteStatus, siteStatuses } from '../inventory/site-agents.ts';
import type { Store } from '../inventory/store.ts';

/** By configuration; one that is read again begins without any. */
const keptKnownHosts = new WeakMap<
  ConfigFile,
  { readonly version: string; readonly known: Promise<KnownHosts | undefined> }
>();

/** A network of the configuration and its state. */
export interface NetworkOverview {
  readonly network: NetworkConfig;
  readonly status: NetworkStatus;
  /** When its next scan is due; undefined without a schedule. */
  readonly nextScan: Date | undefined;
  /** The site whose agents scan it; undefined for this machine. */
  readonly siteStatus: SiteStatus | undefined;
}

/** Names of networks; undefined for all of the configuration. */
type Names = readonly string[] | undefined;

/** Filters of hosts; without `networks` those of all networks. */
export type HostQuestion = Omit<ListedHostFilter, 'networks' | 'isAllNetworks'> & {
  readonly networks?: Names;
};

/** Filters of changes; without `kinds` those of all kinds. */
export type ChangeQuestion = Omit<ChangeFilter, 'kinds'> & {
  readonly kinds?: ChangeFilter['kinds'] | undefined;
};

/**
 * Answers from one configuration and its store, at once and without locks.
 * Every question throws EchosweepError INVENTORY_FAILED, and OPTION_INVALID for a network that is not configured.
 */
export class InventoryQuestions {
  private readonly store: Store;
  private readonly file: ConfigFile;
  private readonly now: () => Date;

  constructor(store: Store, file: ConfigFile, now = () => new Date()) {
    this.store = store;
    this.file = file;
    this.now = now;
  }

  /** The networks in the configuration's order. @param known of the configuration, as `knownHosts` reads them */
  status(names?: Names, known?: KnownHosts): NetworkOverview[] {
    const now = this.now();
    const sites = this.sites();
    return networksNamed(this.file, names).map((network) => ({
      network,
      status: networkStatus(this.store, network.name, now, known),
      nextScan: nextRun(network.schedule, now),
      siteStatus: sites.find(({ site }) => site === network.atSite?.name),
    }));
  }

  /** The sites whose agents scan networks, in the configuration's order. */
  sites(): SiteStatus[] {
    return siteStatuses(this.store, this.file.config.sites);
  }

  /** @param known of the configuration, as `knownHosts` reads them */
  hosts(question: HostQuestion, known: KnownHosts | undefined): ListedHost[] {
    return listedHosts(this.store, known, {
      ...question,
      networks: this.namesOf(question.networks),
      isAllNetworks: question.networks === undefined,
    });
  }

  /** The hosts that should be there: their file is read again if it has changed. @throws EchosweepError REPORT_INVALID */
  async knownHosts(): Promise<KnownHosts | undefined> {
    const { config, resolve } = this.file;
    if (config.knownHosts === undefined) return undefined;
    const version = await stat(resolve(config.knownHosts)).then(
      ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
      () => '',
    );
    const kept = keptKnownHosts.get(this.file);
    if (kept !== undefined && kept.version === version) return kept.known;
    const known = knownHostsOf(this.file);
    keptKnownHosts.set(this.file, { version, known });
    // The fault may be one that its version says nothing of, such as its permissions.
    known.catch(() => keptKnownHosts.delete(this.file));
    return known;
  }

  /** Oldest first. */
  changes({ kinds = CHANGE_KINDS, networks, since }: ChangeQuestion): InventoryChange[] {
    return listChanges(this.store, { since, kinds, networks: this.namesOf(networks) });
  }

  /** The history of an address in each network that has it. @param key as `readAddress` makes it */
  hostHistories(key: string, since: Date): HostHistory[] {
    return hostHistories(this.store, key, since);
  }

  /** The days of a network, and of each of its hosts. */
  networkHistory(name: string, since: Date): NetworkHistory {
    networksNamed(this.file, [name]);
    return networkHistory(this.store, name, since, this.now());
  }

  /**
   * A network and its history as a page for the browser.
   * @param known of the configuration, as `knownHosts` reads them
   * @returns undefined if the network was never scanned
   */
  networkPage(name: string, since: Date, known: KnownHosts | undefined): string | undefined {
    const [overview] = this.status([name], known);
    const { status } = overview!;
    if (status.lastScan === null) return undefined;
    const states = HOST_STATES.filter((state) => state !== 'unasked');
    return historyPage({
      network: name,
      hosts: joinKnownHosts(
        listHosts(this.store, { networks: [name], states }),
        known,
        hostNotes(this.store, [name]),
      ),
      status,
      history: this.networkHistory(name, since),
      changes: this.changes({ since, networks: [name] }),
    });
  }

  /** In the text format of Prometheus. */
  metrics(): string {
    const { networks, hostMetrics, sites } = this.file.config;
    return metricsText(this.store, networks, this.now(), hostMetrics, sites);
  }

  private namesOf(names: Names): readonly string[] {
    return networksNamed(this.file, names).map(({ name }) => name);
  }
}
