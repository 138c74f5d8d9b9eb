/** The races: over which hosts, and by which programs. */

import { IS_LIVE } from './network.ts';
import type { Job, ProgramName } from './programs.ts';

export interface RaceScenario {
  readonly title: string;
  /** What a reader needs to know to interpret the figures. */
  readonly about: string;
  readonly range: string;
  /** A few of the same hosts, to check that everything still runs. */
  readonly smokeRange: string;
  readonly isLive: (address: number) => boolean;
  readonly job: Pick<Job, 'pace' | 'over' | 'retries'>;
  /** Those that are installed run in this order, round after round. */
  readonly entrants: readonly ProgramName[];
}

export const RACES = {
  'live-24': {
    title: 'A live /24, full speed, routed',
    about: 'Mostly the time that each program takes to start and end.',
    range: '10.1.0.0/24',
    smokeRange: '10.1.0.0/28',
    isLive: IS_LIVE.everyone,
    job: { pace: 'max', over: 'router' },
    entrants: ['echosweep', 'bare loop', 'fping', 'nmap', 'zmap', 'masscan'],
  },
  'live-16': {
    title: 'A live /16, full speed, routed',
    about: 'Every address answers immediately, over two routed hops.',
    range: '10.2.0.0/16',
    smokeRange: '10.2.0.0/28',
    isLive: IS_LIVE.everyone,
    job: { pace: 'max', over: 'router' },
    entrants: ['echosweep', 'bare loop', 'fping', 'nmap', 'zmap', 'masscan'],
  },
  'live-12': {
    title: 'A live /12, full speed, routed',
    about: 'As above. nmap is left out because it would take minutes.',
    range: '10.16.0.0/12',
    smokeRange: '10.16.0.0/28',
    isLive: IS_LIVE.everyone,
    job: { pace: 'max', over: 'router' },
    entrants: ['echosweep', 'echosweep --send raw', 'bare loop', 'fping', 'zmap', 'masscan'],
  },
  'loopback-12': {
    title: 'A live /12, full speed, over loopback',
    about:
      'The kernel answers inside the call that sends, so little but the programs themselves is measured. zmap and masscan write Ethernet frames and cannot take part.',
    range: '127.16.0.0/12',
    smokeRange: '127.16.0.0/28',
    isLive: IS_LIVE.everyone,
    job: { pace: 'max', over: 'loopback' },
    entrants: ['echosweep', 'bare loop', 'fping'],
  },
  'silent-16': {
    title: 'A /16 with 94.9 % of its hosts silent, full speed, routed',
    about:
      'One retry for programs that support it; zmap and masscan probe once and cannot distinguish loss from silence. The time depends mostly on how long each program waits.',
    range: '172.17.0.0/16',
    smokeRange: '172.17.0.0/28',
    isLive: IS_LIVE.sparse,
    job: { pace: 'max', over: 'router', retries: 1 },
    entrants: ['echosweep', 'fping', 'nmap', 'zmap', 'masscan'],
  },
  'third-silent-24': {
    title: 'A /24 with a third of its hosts silent, at defaults, routed',
    about:
      'Each program with its defaults. zmap and masscan wait 8 and 10 seconds for late replies.',
    range: '172.18.0.0/24',
    smokeRange: '172.18.0.0/28',
    isLive: IS_LIVE.thirdSilent,
    job: { pace: 'defaults', over: 'router' },
    entrants: ['echosweep', 'echosweep --patience quick', 'fping', 'nmap', 'zmap', 'masscan'],
  },
  single: {
    title: 'A single address, at defaults, routed',
    about:
      'How long you wait for the result of one host, compared with the time that Node takes to start.',
    range: '10.3.2.1',
    smokeRange: '10.3.2.1',
    isLive: IS_LIVE.everyone,
    job: { pace: 'defaults', over: 'router' },
    entrants: ['echosweep', 'node -e 0', 'fping', 'ping', 'nmap'],
  },
  'lan-21': {
    title: 'A sparse connected /21, on a local network',
    about:
      'Four of 2,046 hosts are live, including this host itself; the others do not answer ARP. One retry.',
    range: '172.16.8.0/21',
    smokeRange: '172.16.8.0/28',
    isLive: IS_LIVE.lan,
    job: { pace: 'defaults', over: 'lan', retries: 1 },
    entrants: ['echosweep', 'echosweep --arp-rate 5000', 'fping', 'nmap'],
  },
} as const satisfies Readonly<Record<string, RaceScenario>>;
