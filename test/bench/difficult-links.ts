/** Local networks on which ARP is slow, hosts drop pings, or a router answers ARP for others. */

import { spawnSync } from 'node:child_process';
import { LAB_INTERFACES } from '../lab/address-plan.ts';
import { addressText, type Range, rangeOf } from './range.ts';

export interface LocalTrouble {
  readonly name: string;
  readonly range: Range;
  readonly isLive: (address: number) => boolean;
  /** Sets the network up anew for one run. @returns what takes it down */
  readonly begin: () => () => void;
}

/** Within the local network of the benchmark, 172.16.8.0/21. */
const RANGE = rangeOf('172.16.12.0/24');
const IN_LAN = '--net=/run/netns/lan';

const hostNumber = (address: number): number => address & 255;

export const LOCAL_TROUBLES: readonly LocalTrouble[] = [
  {
    name: 'deaf to ARP for 1.2 s',
    range: RANGE,
    isLive: (address) => hostNumber(address) <= 40,
    begin: () => {
      const removeHosts = addHosts(40);
      // Requests for an address are dropped for 1.2 s from the first one on.
      nft(`table arp slow {
        set known { type ipv4_addr; flags dynamic; size 4096; }
        set fresh { type ipv4_addr; flags dynamic, timeout; timeout 1200ms; size 4096; }
        chain in {
          type filter hook input priority 0
          arp operation request arp daddr ip @fresh drop
          arp operation request arp daddr ip != @known add @known { arp daddr ip } add @fresh { arp daddr ip } drop
        }
      }`);
      return () => {
        nft('delete table arp slow');
        removeHosts();
      };
    },
  },
  {
    name: 'half of the hosts drop pings',
    range: RANGE,
    isLive: (address) => hostNumber(address) <= 40,
    begin: () => {
      const removeHosts = addHosts(40);
      nft(`table ip wall {
        chain in {
          type filter hook input priority 0
          ip daddr 172.16.12.21-172.16.12.40 icmp type echo-request drop
        }
      }`);
      return () => {
        nft('delete table ip wall');
        removeHosts();
      };
    },
  },
  {
    name: 'a router answers ARP for all (proxy ARP)',
    range: RANGE,
    isLive: (address) => hostNumber(address) <= 40,
    begin: () => {
      inLan('ip', 'route', 'add', 'local', RANGE.text, 'dev', 'lo');
      nft(`table ip wall {
        chain in {
          type filter hook input priority 0
          ip daddr 172.16.12.41-172.16.12.255 icmp type echo-request drop
        }
      }`);
      return () => {
        nft('delete table ip wall');
        inLan('ip', 'route', 'del', 'local', RANGE.text, 'dev', 'lo');
        forgetNeighbours();
      };
    },
  },
];

/** Hosts with a MAC address each, from the first address of the range on. @returns what removes them */
function addHosts(count: number): () => void {
  // Each interface answers for its own address only.
  inLan('sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.rp_filter=0');
  const lines = Array.from({ length: count }, (_, i) => [
    `link add link client name host${i} type macvlan mode bridge`,
    `addr add ${addressText(RANGE.first + i)}/32 dev host${i}`,
    `link set host${i} up`,
  ]).flat();
  ipBatch(lines);
  return () => {
    ipBatch(Array.from({ length: count }, (_, i) => `link del host${i}`));
    inLan('sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=0');
    forgetNeighbours();
  };
}

function forgetNeighbours(): void {
  run('ip', ['neigh', 'flush', 'dev', LAB_INTERFACES.lan, 'nud', 'all']);
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
