/** The pings of the systems: how each is called and read, and which one is here. */

import { execFile } from 'node:child_process';
import { platform } from 'node:os';
import { env } from 'node:process';
import type { Family } from '../address.ts';
import { parseBusybox } from './parse-busybox.ts';
import { parseIputils } from './parse-iputils.ts';
import { parseMacos } from './parse-macos.ts';
import { parseWindows } from './parse-windows.ts';
import type { PingParser } from './ping-report.ts';

/** What one process is to do. */
export interface PingRequest {
  readonly family: Family;
  /** Literal, with its zone if it has one. */
  readonly address: string;
  readonly count: number;
  readonly timeoutMs: number;
  readonly periodMs: number;
  readonly payloadBytes: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly dontFragment: boolean;
  readonly source?: string;
  readonly interface?: string;
}

export interface PingDialect {
  readonly name: 'iputils' | 'busybox' | 'macos' | 'windows';
  command(family: Family): string;
  arguments(request: PingRequest): string[];
  readonly parse: PingParser;
  /** How long after a probe the next one of the same process leaves at the latest, on a system with nothing else to do. */
  longestPauseMs(request: PingRequest): number;
  /** Options of ours that it does not support, by their long flags; also with what they do not go together. */
  readonly cannot: readonly string[];
}

/** Lines any one of which may make the engine work. */
export const SYSTEM_PING_REMEDIES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    'sudo apt-get install iputils-ping   (or the package of your system that has `ping`)',
    'sudo setcap cap_net_raw+ep "$(command -v ping)"   (where it may not open a socket)',
  ],
  darwin: ['export PATH="$PATH:/sbin"   (where macOS keeps its ping)'],
  win32: ['$env:Path += ";C:\\Windows\\System32"   (where Windows keeps its ping)'],
};

/** iputils refuses less to ordinary users (ping(8)). */
const IPUTILS_LEAST_INTERVAL_MS = 200;
/** Windows' ping waits so long after a probe that has ended, and takes no option for it. */
const WINDOWS_INTERVAL_MS = 1000;
const PROBE_TIMEOUT_MS = 5000;
const iputils: PingDialect = {
  name: 'iputils',
  command: () => 'ping',
  arguments: (request) => [
    `-${request.family}`,
    '-n',
    ...['-c', String(request.count)],
    ...['-W', String(request.timeoutMs / 1000)],
    ...['-s', String(request.payloadBytes)],
    ...option('-i', request.count > 1 ? iputilsIntervalMs(request) / 1000 : undefined),
    ...option('-t', request.ttl),
    ...option('-Q', request.tos),
    ...option('-I', request.source),
    ...option('-I', request.interface),
    ...(request.dontFragment ? ['-M', 'do'] : []),
    request.address,
  ],
  parse: parseIputils,
  longestPauseMs: iputilsIntervalMs,
  cannot: [],
};

/** Up to 2018 iputils reads its -W as a whole number: 1.9 as 1, and 0.8 as 0, which never ends. */
const iputilsOf2018: PingDialect = {
  ...iputils,
  arguments: (request) =>
    iputils.arguments({ ...request, timeoutMs: wholeSeconds(request) * 1000 }),
};
/** What it says to -V; since 2019, `ping from iputils`. */
const VERSION_UP_TO_2018 = /^ping utility, iputils/m;

const busybox: PingDialect = {
  name: 'busybox',
  command: () => 'ping',
  arguments: (request) => [
    `-${request.family}`,
    ...['-c', String(request.count)],
    ...['-W', String(wholeSeconds(request))],
    ...['-s', String(request.payloadBytes)],
    ...option('-i', request.count > 1 ? request.periodMs / 1000 : undefined),
    ...option('-t', request.ttl),
    ...option('-I', request.interface ?? request.source),
    request.address,
  ],
  parse: parseBusybox,
  longestPauseMs: ({ periodMs }) => periodMs,
  // Its -I takes an address or an interface, once.
  cannot: ['--tos', '--dont-fragment', '--source with --interface'],
};

/** Of macOS; ping6 has no timeout option, and the kill timer takes its place. */
const macos: PingDialect = {
  name: 'macos',
  command: (family) => (family === 4 ? 'ping' : 'ping6'),
  arguments: (request) => [
    '-n',
    ...['-c', String(request.count)],
    ...['-s', String(request.payloadBytes)],
    ...option('-i', request.count > 1 ? request.periodMs / 1000 : undefined),
    ...option('-S', request.source),
    ...(request.family === 4
      ? [
          ...['-W', String(Math.ceil(request.timeoutMs))],
          ...option('-m', request.ttl),
          ...option('-z', request.tos),
          ...option('-b', request.interface),
          ...(request.dontFragment ? ['-D'] : []),
        ]
      : [...option('-h', request.ttl), ...option('-I', request.interface)]),
    request.address,
  ],
  parse: parseMacos,
  longestPauseMs: ({ periodMs }) => periodMs,
  cannot: ['--tos with IPv6', '--dont-fragment with IPv6'],
};

const windows: PingDialect = {
  name: 'windows',
  command: () => 'ping',
  arguments: (request) => [
    `-${request.family}`,
    ...['-n', String(request.count)],
    ...['-w', String(Math.ceil(request.timeoutMs))],
    ...['-l', String(request.payloadBytes)],
    ...option('-i', request.ttl),
    ...option('-S', request.source),
    ...(request.dontFragment && request.family === 4 ? ['-f'] : []),
    request.address,
  ],
  parse: parseWindows,
  // It sends the next probe only when it has given up on the one before.
  longestPauseMs: ({ timeoutMs }) => timeoutMs + WINDOWS_INTERVAL_MS,
  // Its -v for the TOS is accepted and has no effect.
  cannot: ['--interface', '--tos'],
};

/** Finds out which ping this system has, by starting it; undefined if none can be started. */
export async function detectPing(): Promise<PingDialect | undefined> {
  if (platform() === 'win32') return (await says('ping', [])) === undefined ? undefined : windows;
  if (platform() !== 'linux') return (await says('ping', [])) === undefined ? undefined : macos;
  const words = await says('ping', ['-V']);
  if (words === undefined) return undefined;
  // BusyBox knows no -V and answers it with its usage, which begins with its name.
  if (/busybox/i.test(words)) return busybox;
  return VERSION_UP_TO_2018.test(words) ? iputilsOf2018 : iputils;
}

function iputilsIntervalMs({ periodMs }: PingRequest): number {
  return Math.max(IPUTILS_LEAST_INTERVAL_MS, periodMs);
}

/** The timeout of a ping that takes no part of a second. */
function wholeSeconds({ timeoutMs }: PingRequest): number {
  return Math.ceil(timeoutMs / 1000);
}

/** What a command prints; undefined if it is not there or may not be started. */
export function says(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = {
      timeout: PROBE_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      env: { ...env, LC_ALL: 'C' },
    } as const;
    try {
      execFile(command, args, options, (error, stdout, stderr) => {
        const isMissing = error !== null && (error as NodeJS.ErrnoException).code === 'ENOENT';
        resolve(isMissing ? undefined : `${stdout}${stderr}`);
      });
    } catch {
      // Node throws at once what the system refuses, such as EPERM for a file with capabilities that we cannot get.
      resolve(undefined);
    }
  });
}

function option(flag: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [flag, String(value)];
}
