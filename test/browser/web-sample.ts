/** Made-up networks in the words of the API, the same each time but for their dates. */

import { cellCode } from '../../src/results/cell-code.ts';
import type {
  Change,
  Host,
  HostFacts,
  HostState,
  Network,
  NetworkMap,
  Span,
} from '../../src/web/page/answers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAKERS = [
  ['00:1b:63', 'Apple, Inc.'],
  ['3c:d9:2b', 'Hewlett Packard'],
  ['b8:27:eb', 'Raspberry Pi Foundation'],
  ['00:0c:29', 'VMware, Inc.'],
  ['da:a1:19', '(local)'],
] as const;
const ROLES = ['printer', 'desk', 'camera', 'ap', 'nas', 'phone', 'meeting', 'lab'];

/** Deterministic, from 0 to 1. */
function chance(host: number, salt: number): number {
  let x = Math.imul(host + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** A network of consecutive addresses. */
export interface SampleNetwork {
  readonly name: string;
  readonly prefix: string;
  readonly site: string | null;
  /** First two octets. */
  readonly base: string;
  readonly third: number;
  readonly size: number;
  /** Share of the addresses in use. */
  readonly use: number;
  readonly scannedAgo: number | null;
  readonly doubt?: string;
}

const NETWORKS: readonly SampleNetwork[] = [
  {
    name: 'office',
    prefix: '10.20.30.0/24',
    site: 'Berlin',
    base: '10.20',
    third: 30,
    size: 256,
    use: 0.62,
    scannedAgo: 12 * 60_000,
  },
  {
    name: 'datacentre',
    prefix: '10.64.0.0/16',
    site: 'Frankfurt',
    base: '10.64',
    third: 0,
    size: 65_536,
    use: 0.31,
    scannedAgo: 47 * 60_000,
  },
  {
    name: 'cameras',
    prefix: '10.20.31.0/25',
    site: 'Berlin',
    base: '10.20',
    third: 31,
    size: 128,
    use: 0.96,
    scannedAgo: 3 * HOUR,
    doubt: '3 % of the replies were dropped by this host',
  },
  {
    name: 'branch',
    prefix: '10.31.0.0/22',
    site: 'Hamburg',
    base: '10.31',
    third: 0,
    size: 1024,
    use: 0.4,
    scannedAgo: null,
  },
];

function stateOf(i: number, { use }: SampleNetwork): HostState {
  // Neighbours are alike: subnets fill from their beginning.
  const block = i >> 6;
  const here = use * (0.55 + 0.9 * chance(block, 1)) * (i % 64 < 40 ? 1.15 : 0.6);
  const luck = chance(i, 2);
  if (luck < here) return chance(i, 3) < 0.035 ? 'missing' : 'up';
  return chance(i, 4) < 0.045 ? 'gone' : 'silent';
}

function rttOf(i: number): number {
  return 0.3 + 6 * chance(i >> 6, 5) ** 3 + 2 * chance(i, 6) ** 4;
}

export class WebSample {
  readonly now: number;
  private readonly names: readonly string[];

  /** @param names of the first hosts of `office` */
  constructor(names: readonly string[] = [], now = Date.now()) {
    this.names = names;
    this.now = now;
  }

  named(name: string): SampleNetwork | undefined {
    return NETWORKS.find((network) => network.name === name);
  }

  /** One site whose agents are well, one with an agent in doubt, and one that is silent. */
  sites(): unknown[] {
    const heard = (agoMs: number): string => new Date(this.now - agoMs).toISOString();
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
              started_at: this.iso(ended - 20_000),
              ended_at: this.iso(ended),
              up: states.up,
              targets: size,
              partial: false,
              doubt,
              rtt_median_ms: 1.42,
              rtt_p95_ms: 6.8,
            },
      next_scan: this.iso(this.now + 48 * 60_000),
      running: null,
      requested: false,
      strip: base64(strip(this.stripCodes(network))),
    };
  }

  map(network: SampleNetwork): NetworkMap {
    if (network.scannedAgo === null) return { runs: [], cells: '', states: '', total: 0 };
    return {
      runs: [[this.address(network, 0), network.size]],
      cells: base64(this.codes(network)),
      states: base64(this.states(network)),
      total: network.size,
    };
  }

  /** The cells of addresses as a scan finds them. */
  fresh(network: SampleNetwork, first: number, count: number): string {
    return base64(this.codes(network).subarray(first, first + count));
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
    const isConflict = isOffice && i === 41;
    return {
      network: network.name,
      address: this.address(network, i),
      hostname,
      state,
      reason: state === 'up' ? 'echo-reply' : 'arp-failed',
      mac: isSeen ? mac : null,
      vendor: isSeen ? vendor : null,
      other_mac: isConflict ? 'b8:27:eb:9a:00:01' : null,
      rtt_ms: state === 'up' ? rttOf(i) : null,
      first_seen: isSeen ? this.iso(this.now - (20 + 300 * chance(i, 10)) * DAY) : null,
      last_seen: isSeen
        ? this.iso(this.now - (state === 'up' ? network.scannedAgo! : 9 * DAY * chance(i, 11)))
        : null,
      known: null,
      fields: isConflict ? { room: '2.17', contract: 'PR-1182' } : {},
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
              { value: hostname, first_seen: null, last_seen: this.iso(this.now - HOUR) },
              {
                value: `old-${i}.example`,
                first_seen: null,
                last_seen: this.iso(this.now - 80 * DAY),
              },
            ],
      macs: [],
      addresses: isConflict
        ? [{ value: '10.20.30.77', first_seen: null, last_seen: this.iso(this.now - 30 * DAY) }]
        : [],
      misses: 0,
      last_change: null,
      conflicts: isConflict
        ? [{ macs: [mac, 'b8:27:eb:9a:00:01'], at: this.iso(this.now - 40 * HOUR) }]
        : [],
    };
  }

  /** As lists have it. */
  private listed(network: SampleNetwork, i: number): Host {
    const { misses: _, names, macs, addresses, conflicts, ...host } = this.host(network, i);
    return host;
  }

  /** Those in the states, and whose text has the query in it. */
  hosts(network: SampleNetwork, query: URLSearchParams): { items: Host[]; total: number } {
    const states = query.get('state')?.split(',') ?? ['up', 'missing', 'gone', 'silent'];
    const text = query.get('q')?.toLowerCase();
    const offset = Number(query.get('offset') ?? 0);
    const limit = Number(query.get('limit') ?? 100);
    const isFiltered = text !== undefined || query.has('state');
    if (!isFiltered && query.get('sort') === null) {
      const count = Math.max(0, Math.min(limit, network.size - offset));
      const items = Array.from({ length: count }, (_, i) => this.listed(network, offset + i));
      return { items, total: network.size };
    }
    const matching = Array.from({ length: network.size }, (_, i) => i).filter((i) => {
      if (!states.includes(stateOf(i, network))) return false;
      if (text === undefined) return true;
      const { address, hostname, mac, vendor } = this.host(network, i);
      return [address, hostname, mac, vendor].some((field) => field?.toLowerCase().includes(text));
    });
    if (query.get('order') === 'desc') matching.reverse();
    return {
      items: matching.slice(offset, offset + limit).map((i) => this.listed(network, i)),
      total: matching.length,
    };
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

  days(count: number): Span[] {
    return this.spans(count, DAY);
  }

  hours(days: number): Span[] {
    return this.spans(days * 24, HOUR);
  }

  use(network: SampleNetwork, days: number) {
    const today = Math.floor(this.now / DAY);
    return Array.from({ length: days }, (_, i) => ({
      day: new Date((today - days + 1 + i) * DAY).toISOString().slice(0, 10),
      used: Math.floor(
        network.size * network.use * (0.7 + (0.25 * i) / days + ((i + 2) % 7 < 5 ? 0.06 : 0)),
      ),
      rtt_median_ms: 1.2 + 0.5 * chance(i, 12),
      rtt_p95_ms: 6,
      scans: 24,
      targets: network.size,
      changes: {},
    }));
  }

  changes(): Change[] {
    const kinds = [
      ['new', 'notice', null, null],
      ['gone', 'alarm', null, null],
      ['back', 'info', null, null],
      ['conflict', 'alarm', '00:1b:63:00:00:29', 'b8:27:eb:9a:00:01'],
      ['name-changed', 'notice', 'desk-7.office.example', 'desk-7b.office.example'],
      ['moved', 'notice', '10.20.30.91', '10.20.30.18'],
      ['slower', 'info', '0.84', '14.2'],
      ['reason-changed', 'info', 'no-response', 'host-unreach'],
      ['mac-changed', 'notice', '00:1b:63:00:00:11', '3c:d9:2b:00:00:11'],
    ] as const;
    return Array.from({ length: 160 }, (_, i) => {
      const [kind, severity, before, after] = kinds[Math.floor(chance(i, 13) * kinds.length)]!;
      const network = NETWORKS[Math.floor(chance(i, 14) * 3)]!;
      const number = i < this.names.length ? i : Math.floor(chance(i, 15) * network.size);
      const host = this.host(i < this.names.length ? NETWORKS[0]! : network, number);
      const isRead = i > 22;
      return {
        id: 1000 - i,
        network: host.network,
        address: host.address,
        hostname: host.hostname,
        change: kind,
        severity,
        before,
        after,
        seen_at: this.iso(this.now - (0.4 + i * 2.1) * HOUR),
        reason: kind === 'gone' ? 'host-unreach' : null,
        responder: kind === 'gone' || kind === 'reason-changed' ? '10.20.30.1' : null,
        acknowledged_at: isRead ? this.iso(this.now - i * HOUR) : null,
        acknowledged_by: isRead ? 'ada' : null,
      };
    });
  }

  private spans(count: number, length: number): Span[] {
    const last = Math.floor(this.now / length);
    return Array.from({ length: count }, (_, i) => {
      const at = last - count + 1 + i;
      const isOut = chance(at, 16) < 0.012;
      const isLossy = chance(at, 17) < 0.07;
      const asked = length === DAY ? 24 : 1;
      const up = isOut ? 0 : isLossy && length === DAY ? 22 : asked;
      const hour = new Date(at * length).getUTCHours();
      const busy = length === HOUR && hour > 7 && hour < 18 ? 1.7 : 1;
      const median = busy * (1.1 + 0.35 * chance(at, 18));
      const none = up === 0;
      return {
        from: this.iso(at * length),
        asked,
        up,
        sent: asked,
        received: up,
        jitter_ms: null,
        loss_pct: none ? 100 : isLossy ? 20 : 0,
        rtt_min_ms: none ? null : median * 0.72,
        rtt_median_ms: none ? null : median,
        rtt_p95_ms: none ? null : median * (1.4 + 0.9 * chance(at, 19) ** 2),
        rtt_max_ms: none ? null : median * (2.2 + 2 * chance(at, 20)),
      };
    });
  }

  private codes(network: SampleNetwork): Uint8Array {
    if (network.scannedAgo === null) return new Uint8Array(0);
    return Uint8Array.from({ length: network.size }, (_, i) => codeOf(i, network));
  }

  private states(network: SampleNetwork): Uint8Array {
    if (network.scannedAgo === null) return new Uint8Array(0);
    return Uint8Array.from({ length: network.size }, (_, i) => {
      if (network.name === 'office' && i === 41) return ADDRESS_STATES.indexOf('conflict');
      return ADDRESS_STATES.indexOf(stateOf(i, network));
    });
  }

  private stripCodes(network: SampleNetwork): Uint8Array {
    return this.states(network).map((octet) => STRIP_CODES[octet]!);
  }

  private address({ base, third }: SampleNetwork, i: number): string {
    return `${base}.${third + (i >> 8)}.${i & 255}`;
  }

  private iso(at: number): string {
    return new Date(at).toISOString();
  }
}

/** As the API numbers them, in the words of hosts. */
const ADDRESS_STATES = ['unasked', 'silent', '', 'up', '', 'missing', 'gone', 'conflict'];

/** By number of the state: not scanned, free, missing, gone, and what answers. */
const STRIP_CODES = [
  0,
  cellCode('down', null, null),
  0,
  cellCode('up', null, null),
  0,
  cellCode('unreachable', null, null),
  cellCode('error', null, null),
  cellCode('up', null, null),
];

function codeOf(i: number, network: SampleNetwork): number {
  switch (stateOf(i, network)) {
    case 'up':
      return cellCode('up', 'echo-reply', rttOf(i));
    case 'missing':
    case 'gone':
      return cellCode('down', 'no-response', null);
    default:
      return cellCode('down', 'arp-failed', null);
  }
}

/** At most 256 cells, each as the first of its share. */
function strip(codes: Uint8Array): Uint8Array {
  const step = Math.max(1, Math.ceil(codes.length / 256));
  return codes.filter((_, i) => i % step === 0);
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
