/**
 * The network that benchmarks sweep: plain routing and nothing else, so only the program and the kernel are measured.
 *
 *     client ──lab-r1── r1 ── hosts    two veth hops, routed; every address of a range answers by a local route (AnyIP)
 *       ├────lab-lan── lan             a local network: three hosts, the rest silent
 *       ├────lab-free── responder      every address answers, once the responder of XDP is loaded
 *       └ lo                           127.0.0.0/8: the kernel answers itself
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { LAB_INTERFACES } from '../lab/address-plan.ts';
import { assertPrivateNetwork } from '../lab/guard.ts';
import { buildNetwork, FORWARDING, type Place } from '../lab/network.ts';
import { addressNumber, addressText } from './range.ts';

/** The client's address towards r1. */
export const CLIENT = '172.16.1.1';
const ROUTER = '172.16.1.254';
const CLIENT_NETWORK = { prefix: 24, broadcast: '172.16.1.255' } as const;
/** 16,777,214 hosts that all answer. */
const LIVE = '10.0.0.0/8';
/** Thirteen of 256 answer, at a different place in each /24: 94.9 % are silent. */
const SPARSE = '172.17.0.0/16';
/** Every third address is silent. */
const THIRD_SILENT = '172.18.0.0/24';
const LAN_LIVE = ['172.16.8.1', '172.16.9.7', '172.16.11.77', '172.16.15.200'];

/** Which of the addresses that benchmarks sweep answer. */
export const IS_LIVE = {
  everyone: (): boolean => true,
  sparse: (address: number): boolean => sparsePlace(address) < 13,
  thirdSilent: (address: number): boolean => address % 3 !== 0,
  lan: (address: number): boolean => LAN_LIVE.some((live) => addressNumber(live) === address),
} as const;

/** Behind a link whose other end answers by itself. */
export const RESPONDER = {
  interface: 'lab-free',
  place: 'responder',
  peer: 'client',
  range: '100.64.0.0/12',
  smokeRange: '100.64.0.0/28',
} as const;
const RESPONDER_ADDRESS = '172.20.0.254';

const ROUTED = [LIVE, SPARSE, THIRD_SILENT];

const PLACES: readonly Place[] = [
  {
    addresses: {
      [LAB_INTERFACES.router]: [`${CLIENT}/${CLIENT_NETWORK.prefix}`],
      [LAB_INTERFACES.lan]: [`${LAN_LIVE[0]}/21`],
      [RESPONDER.interface]: ['172.20.0.1/24'],
    },
    routes: [
      ...ROUTED.map((range) => `${range} via ${ROUTER}`),
      `${RESPONDER.range} via ${RESPONDER_ADDRESS}`,
    ],
  },
  {
    name: 'r1',
    settings: FORWARDING,
    addresses: { client: [`${ROUTER}/${CLIENT_NETWORK.prefix}`], hosts: ['172.16.2.254/24'] },
    routes: ROUTED.map((range) => `${range} via 172.16.2.1`),
  },
  {
    name: 'hosts',
    addresses: { r1: ['172.16.2.1/24'] },
    routes: [
      '172.16.1.0/24 via 172.16.2.254',
      `local ${LIVE} dev lo`,
      ...answeringAmongSilence(SPARSE, IS_LIVE.sparse),
      ...answeringAmongSilence(THIRD_SILENT, IS_LIVE.thirdSilent),
    ],
  },
  {
    name: RESPONDER.place,
    addresses: { [RESPONDER.peer]: [`${RESPONDER_ADDRESS}/24`] },
    routes: [],
  },
  {
    name: 'lan',
    addresses: { client: LAN_LIVE.slice(1).map((address) => `${address}/21`) },
    routes: [],
  },
];

const LINKS = [
  `link add ${LAB_INTERFACES.router} type veth peer name client netns r1`,
  `link add ${LAB_INTERFACES.lan} type veth peer name client netns lan`,
  `link add ${RESPONDER.interface} type veth peer name ${RESPONDER.peer} netns ${RESPONDER.place}`,
  'link add name hosts netns r1 type veth peer name r1 netns hosts',
];

/** Makes the calling process's network the benchmark's client. @throws Error if the system refuses */
export function buildBenchNetwork(): void {
  buildNetwork(PLACES, LINKS);
  assertPrivateNetwork();
}

/**
 * Two unsolicited packets a second; every real network has more. masscan checks its clock only when a packet arrives, so
 * without any it never ends. They are broadcast, so the client does not answer.
 */
export function startStrayPackets(): ChildProcess {
  const ping = ['ping', '-b', '-q', '-i', '0.5', CLIENT_NETWORK.broadcast];
  return spawn('nsenter', ['--net=/run/netns/r1', ...ping], { stdio: 'ignore' });
}

/** The MAC address of r1, for programs that write Ethernet frames themselves. */
export function routerLinkAddress(): string {
  const shown = spawnSync('ip', ['-n', 'r1', '-json', 'link', 'show', 'client'], {
    encoding: 'utf8',
  });
  return (JSON.parse(shown.stdout) as { address: string }[])[0]!.address;
}

/** The position of an address among the 256 of its /24, counted from a start that differs from one /24 to the next. */
function sparsePlace(address: number): number {
  return ((address & 255) + 256 - (((address >>> 8) * 37) & 255)) & 255;
}

/** Routes for a range that is silent except for single addresses. */
function answeringAmongSilence(range: string, isLive: (address: number) => boolean): string[] {
  const [network, prefix] = range.split('/');
  const first = addressNumber(network!);
  const addresses = Array.from({ length: 2 ** (32 - Number(prefix)) }, (_, i) => first + i);
  const live = addresses.filter(isLive).map((address) => `local ${addressText(address)} dev lo`);
  return [`blackhole ${range}`, ...live];
}
