/** Local networks on which ARP is slow, hosts drop pings, or a router answers ARP for others. */

import { spawnSync } from 'node:child_process';
import { LAB_INTERFACES } from '../lab/address-plan.ts';
import { addressText, rangeOf } from './range.ts';

export interface LocalTrouble {
  readonly name: string;
  /** An nft table of the local network. */
  readonly table: string;
  readonly rules: string;
  /** Whether a router answers ARP for every address. */
  readonly hasProxy?: true;
}

/** Within the local network of the benchmark, 172.16.8.0/21. */
export const LOCAL_RANGE = rangeOf('172.16.12.0/24');
const LIVE_HOSTS = 40;
const IN_LAN = '--net=/run/netns/lan';

/** Whether there is a host at an address of the range. */
export const isLocalHost = (address: number): boolean => (address & 255) <= LIVE_HOSTS;

export const LOCAL_TROUBLES: readonly LocalTrouble[] = [
  {
    name: 'deaf to ARP for 1.2 s',
    table: 'arp slow',
    // Requests for an address are dropped for 1.2 s from the first one on.
    rules: `
      set known { type ipv4_addr; flags dynamic; size 4096; }
      set fresh { type ipv4_addr; flags dynamic, timeout; timeout 1200ms; size 4096; }
      chain in {
        type filter hook input priority 0
        arp operation request arp daddr ip @fresh drop
        arp operation request arp daddr ip != @known add @known { arp daddr ip } add @fresh { arp daddr ip } drop
      }`,
  },
  {
    name: 'half of the hosts drop pings',
    table: 'ip wall',
    rules: droppingPingsTo('172.16.12.21-172.16.12.40'),
  },
  {
    name: 'a router answers ARP for all (proxy ARP)',
    table: 'ip wall',
    rules: droppingPingsTo('172.16.12.41-172.16.12.255'),
    hasProxy: true,
  },
];

function droppingPingsTo(range: string): string {
  return `
      chain in {
        type filter hook input priority 0
        ip daddr ${range} icmp type echo-request drop
      }`;
}

/** Sets the local network up for one run. @returns what removes it */
export function beginTrouble({ table, rules, hasProxy }: LocalTrouble): () => void {
  const removeHosts = hasProxy === true ? answerForAll() : addHosts(LIVE_HOSTS);
  nft(`table ${table} {${rules}
  }`);
  return () => {
    nft(`delete table ${table}`);
    removeHosts();
    run('ip', ['neigh', 'flush', 'dev', LAB_INTERFACES.lan, 'nud', 'all']);
  };
}

/** @returns what ends it */
function answerForAll(): () => void {
  const route = [LOCAL_RANGE.text, 'dev', 'lo'];
  inLan('ip', 'route', 'add', 'local', ...route);
  return () => inLan('ip', 'route', 'del', 'local', ...route);
}

/** Hosts with a MAC address each, from the first address of the range on. @returns what removes them */
function addHosts(count: number): () => void {
  // Each interface answers for its own address only.
  inLan('sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.rp_filter=0');
  const lines = Array.from({ length: count }, (_, i) => [
    `link add link client name host${i} type macvlan mode bridge`,
    `addr add ${addressText(LOCAL_RANGE.first + i)}/32 dev host${i}`,
    `link set host${i} up`,
  ]).flat();
  ipBatch(lines);
  return () => {
    ipBatch(Array.from({ length: count }, (_, i) => `link del host${i}`));
    inLan('sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=0');
  };
}

function ipBatch(lines: readonly string[]): void {
  run('nsenter', [IN_LAN, 'ip', '-batch', '-'], `${lines.join('\n')}\n`);
}

function nft(words: string): void {
  run('nsenter', [IN_LAN, 'nft', '-f', '-'], `${words}\n`);
}

function inLan(...command: string[]): void {
  run('nsenter', [IN_LAN, ...command]);
}

function run(file: string, args: readonly string[], input = ''): void {
  const done = spawnSync(file, args, { input, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${file} ${args.join(' ')}: ${done.stderr}`);
}
