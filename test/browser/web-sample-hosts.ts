/** The hosts of made-up networks, one by one and in lists. */

import type { Host, HostFacts, Page } from '../../src/web/page/answers.ts';
import {
  addressAt,
  chance,
  DAY,
  HOUR,
  isConflict,
  iso,
  NETWORKS,
  rttOf,
  type SampleNetwork,
  stateOf,
} from './web-sample-networks.ts';

const MAKERS = [
  ['00:1b:63', 'Apple, Inc.'],
  ['3c:d9:2b', 'Hewlett Packard'],
  ['b8:27:eb', 'Raspberry Pi Foundation'],
  ['00:0c:29', 'VMware, Inc.'],
  ['da:a1:19', '(local)'],
] as const;
const ROLES = ['printer', 'desk', 'camera', 'ap', 'nas', 'phone', 'meeting', 'lab'];

export class SampleHosts {
  private readonly names: readonly string[];
  private readonly now: number;

  /** @param names of the first hosts of `office` */
  constructor(names: readonly string[], now: number) {
    this.names = names;
    this.now = now;
  }

  host(network: SampleNetwork, i: number): HostFacts & { misses: number; last_change: null } {
    const state = stateOf(i, network);
    const isSeen = state !== 'silent';
    const [prefix, vendor] = MAKERS[Math.floor(chance(i, 7) * MAKERS.length)]!;
    const mac = `${prefix}:${[i >> 16, (i >> 8) & 255, i & 255].map(hex).join(':')}`;
    const role = ROLES[Math.floor(chance(i, 8) * ROLES.length)]!;
    const isOffice = network.name === 'office';
    const hostile = isOffice ? this.names[i] : undefined;
    const hasName = chance(i, 9) < 0.8;
    const hostname = hostile ?? (isSeen && hasName ? `${role}-${i}.${network.name}.example` : null);
    const hasConflict = isConflict(i, network);
    return {
      network: network.name,
      address: addressAt(i, network),
      hostname,
      state,
      reason: state === 'up' ? 'echo-reply' : 'arp-failed',
      mac: isSeen ? mac : null,
      vendor: isSeen ? vendor : null,
      other_mac: hasConflict ? 'b8:27:eb:9a:00:01' : null,
      rtt_ms: state === 'up' ? rttOf(i) : null,
      first_seen: isSeen ? iso(this.now - (20 + 300 * chance(i, 10)) * DAY) : null,
      last_seen: isSeen
        ? iso(this.now - (state === 'up' ? network.scannedAgo! : 9 * DAY * chance(i, 11)))
        : null,
      known: null,
      fields: hasConflict ? { room: '2.17', contract: 'PR-1182' } : {},
      note:
        hostile !== undefined || i === 41
          ? {
              name: hostile ?? 'Colour printer, second floor',
              owner: hostile ?? 'Facilities',
              note: hostile ?? 'Leased until 2028; the service number is on its side.',
              tags: ['printers'],
              known: true,
              muted_until: null,
              gone_after: null,
            }
          : null,
      names:
        hostname === null
          ? []
          : [
              { value: hostname, first_seen: null, last_seen: iso(this.now - HOUR) },
              {
                value: `old-${i}.example`,
                first_seen: null,
                last_seen: iso(this.now - 80 * DAY),
              },
            ],
      macs: [],
      addresses: hasConflict
        ? [{ value: '10.20.30.77', first_seen: null, last_seen: iso(this.now - 30 * DAY) }]
        : [],
      misses: 0,
      last_change: null,
      conflicts: hasConflict
        ? [{ macs: [mac, 'b8:27:eb:9a:00:01'], at: iso(this.now - 40 * HOUR) }]
        : [],
    };
  }

  /** As lists have it. */
  private listed(network: SampleNetwork, i: number): Host {
    const { misses: _, names, macs, addresses, conflicts, ...host } = this.host(network, i);
    return host;
  }

  /** Those in the states, and whose text has the query in it. */
  list(network: SampleNetwork, query: URLSearchParams): Page<Host> {
    const limit = Number(query.get('limit') ?? 100);
    const found = this.matching(network, query);
    const wanted = query.get('containing');
    const item = found.findIndex((i) => addressAt(i, network) === wanted);
    const from = item < 0 ? Number(query.get('offset') ?? 0) : item - (item % limit);
    const to = Math.min(found.length, from + limit);
    return {
      items: found.slice(from, to).map((i) => this.listed(network, i)),
      next: to < found.length ? String(to) : null,
      total: found.length,
    };
  }

  private matching(network: SampleNetwork, query: URLSearchParams): number[] {
    const states = query.get('state')?.split(',') ?? ['up', 'missing', 'gone', 'silent'];
    const text = query.get('q')?.toLowerCase();
    const matching = Array.from({ length: network.size }, (_, i) => i).filter((i) => {
      if (!states.includes(stateOf(i, network))) return false;
      if (text === undefined) return true;
      const { address, hostname, mac, vendor } = this.host(network, i);
      return [address, hostname, mac, vendor].some((field) => field?.toLowerCase().includes(text));
    });
    if (query.get('order') === 'desc') matching.reverse();
    return matching;
  }

  find(address: string): HostFacts[] {
    const found = NETWORKS.find(({ base, third, size }) => {
      const [a, b, c] = address.split('.');
      return `${a}.${b}` === base && Number(c) >= third && Number(c) < third + size / 256;
    });
    if (found === undefined) return [];
    const [, , c, d] = address.split('.').map(Number);
    return [this.host(found, (c! - found.third) * 256 + d!)];
  }
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
