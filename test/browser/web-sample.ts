/** Made-up networks in the words of the API, the same each time but for their dates. */

import type {
  Change,
  Host,
  HostFacts,
  Network,
  NetworkMap,
  Page,
  Span,
} from '../../src/web/page/answers.ts';
import { freshCells, mapOf, stripOf } from './web-sample-cells.ts';
import { changesUntil, spansUntil, useOf } from './web-sample-history.ts';
import { SampleHosts } from './web-sample-hosts.ts';
import { DAY, HOUR, iso, NETWORKS, type SampleNetwork, stateOf } from './web-sample-networks.ts';

export class WebSample {
  readonly now: number;
  private readonly names: readonly string[];
  private readonly made: SampleHosts;

  /** @param names of the first hosts of `office` */
  constructor(names: readonly string[] = [], now = Date.now()) {
    this.names = names;
    this.now = now;
    this.made = new SampleHosts(names, now);
  }

  named(name: string): SampleNetwork | undefined {
    return NETWORKS.find((network) => network.name === name);
  }

  /** One site whose agents are well, one with an agent in doubt, and one that is silent. */
  sites(): unknown[] {
    const heard = (agoMs: number): string => iso(this.now - agoMs);
    const agent = (name: string, doubts: readonly string[] = []) => ({
      agent: name,
      state: 'heard',
      version: '0.1.0',
      heard_at: heard(4000),
      clock_s: 0.1,
      chunks: 0,
      unsent: 0,
      doubts,
    });
    return [
      {
        site: 'berlin',
        state: 'heard',
        heard_at: heard(4000),
        networks: ['office'],
        agents: [agent('a1'), agent('a2')],
      },
      {
        site: 'paris',
        state: 'heard',
        heard_at: heard(4000),
        networks: ['datacentre'],
        agents: [agent('a1', ['its clock is 3.0 s ahead of ours'])],
      },
      {
        site: 'lima',
        state: 'silent',
        heard_at: heard(7_200_000),
        networks: ['branch'],
        agents: [],
      },
    ];
  }

  networks(): Network[] {
    return NETWORKS.map((network) => this.network(network));
  }

  network(network: SampleNetwork): Network {
    const { name, prefix, site, size, scannedAgo, doubt = null } = network;
    const states = { up: 0, missing: 0, gone: 0, silent: 0, unasked: 0 };
    if (scannedAgo !== null) for (let i = 0; i < size; i++) states[stateOf(i, network)]++;
    const ended = this.now - (scannedAgo ?? 0);
    return {
      name,
      targets: [prefix],
      site,
      hosts: {
        present: states.up,
        missing: states.missing,
        gone: states.gone,
        unscanned: scannedAgo === null ? null : 0,
        free: scannedAgo === null ? null : states.silent,
        new_7d: Math.floor(states.up / 60),
        conflicts: name === 'office' ? 1 : 0,
        unknown: name === 'cameras' ? 3 : 0,
        total: scannedAgo === null ? null : size,
      },
      used_pct: scannedAgo === null ? null : (100 * (size - states.silent)) / size,
      last_scan:
        scannedAgo === null
          ? null
          : {
              started_at: iso(ended - 20_000),
              ended_at: iso(ended),
              up: states.up,
              targets: size,
              partial: false,
              doubt,
              rtt_median_ms: 1.42,
              rtt_p95_ms: 6.8,
            },
      next_scan: iso(this.now + 48 * 60_000),
      running: null,
      requested: false,
      strip: stripOf(network),
    };
  }

  map(network: SampleNetwork): NetworkMap {
    return mapOf(network);
  }

  fresh(network: SampleNetwork, first: number, count: number): string {
    return freshCells(network, first, count);
  }

  hosts(network: SampleNetwork, query: URLSearchParams): Page<Host> {
    return this.made.list(network, query);
  }

  find(address: string): HostFacts[] {
    return this.made.find(address);
  }

  days(count: number): Span[] {
    return spansUntil(this.now, count, DAY);
  }

  hours(days: number): Span[] {
    return spansUntil(this.now, days * 24, HOUR);
  }

  use(network: SampleNetwork, days: number) {
    return useOf(network, days, this.now);
  }

  changes(): Change[] {
    return changesUntil(this.now, this.made, this.names);
  }
}
