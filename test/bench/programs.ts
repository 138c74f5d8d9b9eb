/** Every program that the benchmark runs: how to get its version, its command line for a job, and how to parse its output. */

import { spawnSync } from 'node:child_process';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { LAB_INTERFACES } from '../lab/address-plan.ts';
import { modulePath, ROOT } from '../root.ts';
import { CLIENT, routerLinkAddress } from './network.ts';
import { addressText, type Range } from './range.ts';

/** A task for a program. */
export interface Job {
  readonly range: Range;
  /** `max`: as fast as it can. `defaults`: with its default options. */
  readonly pace: 'max' | 'defaults';
  /** Retries for silent hosts, for programs that support them; undefined means each program's default. */
  readonly retries?: number;
  /** Through a router, over loopback, or to hosts on a local network. */
  readonly over: 'router' | 'loopback' | 'lan';
  /** The report file, for programs that do not write to standard output. */
  readonly reportFile: string;
}

export interface Program {
  /** Prints the version, which is the pattern's first group. If there is no match, the program is not installed. */
  readonly version: readonly [command: readonly string[], pattern: RegExp];
  /** Undefined if it cannot do the job. */
  command(job: Job): readonly string[] | undefined;
  /** The host that a line of its output reports, or undefined. */
  readonly hostOf?: (line: string) => string | undefined;
  /** For a program that only counts: the number that it printed. */
  readonly countOf?: (text: string) => number;
  readonly writesTo?: 'file';
  /** Exit codes other than 0 that mean success. */
  readonly fineExitCodes?: readonly number[];
  /** How long it waits at the end on our request; by default it would wait longer. */
  readonly idleMs?: (job: Job) => number;
}

/** As it is installed. */
const MAIN = `${ROOT}dist/src/bin/echosweep.cjs`;
/** The words before echosweep's arguments. */
export const ECHOSWEEP = [process.execPath, MAIN] as const;
/** All programs of a smoke run share the machine; echosweep ends with this if that makes its result doubtful. */
export const FINE_IF_CROWDED = [EXIT.doubtful] as const;
const BARE_LOOP = modulePath('test/bench/bare-loop.ts');
/** The machine's description already has the version of Node. */
const NODE_VERSION = [[process.execPath, '--version'], /^v()/] as const;
/** zmap's sockets limit it, so it can be given a higher rate than it can send. */
const ZMAP_RATE = '10000000';
/** masscan drops what it cannot send; above about this rate it does so more often than not. */
const MASSCAN_RATE = '150000';
/** zmap and masscan wait 8 and 10 seconds for late replies by default. */
const COOLDOWN_S = 1;
/** fping numbers its probes with 16 bits and ends if they run out within ten seconds, so more hosts need several processes. */
const FPING_PROBES = 65_000;
const FPING_LOOP = 'while [ $# -gt 0 ]; do fping -a -q -i 0 $0 -g $1 $2; shift 2; done';

export const PROGRAMS = {
  echosweep: echosweep(),
  'echosweep --send raw': echosweep('--send', 'raw'),
  'echosweep --patience quick': echosweep('--patience', 'quick'),
  'echosweep --arp-rate 5000': echosweep('--arp-rate', '5000'),

  'bare loop': {
    version: NODE_VERSION,
    command: ({ range }) => [process.execPath, BARE_LOOP, range.text],
    countOf: Number,
  },

  'node -e 0': {
    version: NODE_VERSION,
    command: () => [process.execPath, '-e', '0'],
  },

  fping: {
    version: [['fping', '--version'], /Version (\S+)/],
    command: (job) => {
      if (job.pace === 'max') return fpingAtFullSpeed(job);
      const { range } = job;
      return [
        ...['fping', '-a', '-q', ...retryOption('-r', job)],
        ...(range.hosts === 1 ? [range.text] : ['-g', range.text]),
      ];
    },
    hostOf: wholeLine,
    // Some hosts did not answer.
    fineExitCodes: [1],
  },

  nmap: {
    version: [['nmap', '--version'], /^Nmap version (\S+)/],
    command: (job) => [
      // No names: there is no name server.
      ...['nmap', '-sn', '-n', '-oG', job.reportFile],
      ...(job.pace === 'max' ? ['-PE', '-T5', ...retryOption('--max-retries', job)] : []),
      job.range.text,
    ],
    writesTo: 'file',
    hostOf: (line) => /^Host: (\S+) .*Status: Up/.exec(line)?.[1],
  },

  zmap: {
    version: [['zmap', '--version'], /^zmap (\S+)/],
    command: (job) => {
      if (job.over !== 'router') return undefined;
      return [
        ...['zmap', '-q', '--disable-syslog', '-M', 'icmp_echoscan', '-b', '/dev/null'],
        ...['-i', LAB_INTERFACES.router, '-S', CLIENT, '-G', routerLinkAddress()],
        ...(job.pace === 'max' ? ['-r', ZMAP_RATE, '-c', `${COOLDOWN_S}`] : []),
        ...['-o', job.reportFile, job.range.text],
      ];
    },
    writesTo: 'file',
    hostOf: wholeLine,
    idleMs: cooldown,
  },

  masscan: {
    version: [['masscan', '--version'], /^Masscan version (\S+)/m],
    command: (job) => {
      if (job.over !== 'router') return undefined;
      return [
        ...['masscan', '--ping', '-e', LAB_INTERFACES.router, '--adapter-ip', CLIENT],
        ...['--router-mac', routerLinkAddress().replaceAll(':', '-')],
        ...(job.pace === 'max' ? ['--rate', MASSCAN_RATE, '--wait', `${COOLDOWN_S}`] : []),
        ...['-oL', job.reportFile, job.range.text],
      ];
    },
    writesTo: 'file',
    hostOf: (line) => /^open icmp 0 (\S+)/.exec(line)?.[1],
    idleMs: cooldown,
  },

  ping: {
    version: [['ping', '-V'], /iputils[ -](\S+)/],
    command: ({ range }) => (range.hosts === 1 ? ['ping', '-n', '-c1', range.text] : undefined),
    hostOf: (line) => /bytes from ([\d.]+):/.exec(line)?.[1],
  },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof PROGRAMS;

/** With options of ours that stand for another trade. */
function echosweep(...options: readonly string[]): Program {
  return {
    version: [[...ECHOSWEEP, '--version'], /(\S+)\s*$/],
    command: (job) => [
      ...ECHOSWEEP,
      job.range.text,
      ...(job.pace === 'max' ? ['--rate', 'max'] : []),
      ...retryOption('-r', job),
      ...options,
      '-o',
      job.reportFile,
    ],
    writesTo: 'file',
    hostOf: (line) => /^([^,]+),[^,]*,up,/.exec(line)?.[1],
  };
}

/** Whether a program is echosweep, with whatever options. */
export function isOurs(name: string): boolean {
  return name.startsWith('echosweep');
}

const versions = new Map<ProgramName, string | undefined>();

/** Runs a program once to get its version. @returns undefined if it is not installed */
export function versionOf(name: ProgramName): string | undefined {
  if (!versions.has(name)) versions.set(name, runForVersion(name));
  return versions.get(name);
}

function runForVersion(name: ProgramName): string | undefined {
  const [[file, ...args], pattern]: Program['version'] = PROGRAMS[name].version;
  const printed = spawnSync(file!, args, { encoding: 'utf8' });
  return pattern.exec(`${printed.stdout ?? ''}${printed.stderr ?? ''}`)?.[1];
}

/** The command line for readers, without this run's paths and MAC addresses. */
export function commandText(command: readonly string[], job: Job): string {
  const plain: Readonly<Record<string, string>> = {
    [process.execPath]: 'node',
    [MAIN]: 'echosweep',
    [BARE_LOOP]: 'bare-loop.js',
    [job.reportFile]: 'report.csv',
    [job.range.text]: 'RANGE',
    [routerLinkAddress()]: 'MAC',
    [routerLinkAddress().replaceAll(':', '-')]: 'MAC',
    [CLIENT]: 'SOURCE',
    [LAB_INTERFACES.router]: 'INTERFACE',
  };
  if (command.includes(FPING_LOOP)) {
    const options = ['fping -a -q -i 0', ...retryOption('-r', job), '-g FIRST LAST'].join(' ');
    return `${options}, one after the other for each ${fpingPart(job)} hosts`;
  }
  return command
    .map((word) => plain[word] ?? word)
    .join(' ')
    .replace('node echosweep', 'echosweep');
}

function fpingAtFullSpeed(job: Job): readonly string[] {
  const { range } = job;
  const options = retryOption('-r', job);
  const part = fpingPart(job);
  if (range.hosts <= part) return ['fping', '-a', '-q', '-i', '0', ...options, '-g', range.text];
  const parts: string[] = [];
  for (let first = range.first; first <= range.last; first += part) {
    parts.push(addressText(first), addressText(Math.min(range.last, first + part - 1)));
  }
  return ['sh', '-c', FPING_LOOP, options.join(' '), ...parts];
}

function fpingPart({ range, retries = 0 }: Job): number {
  const most = Math.floor(FPING_PROBES / (1 + retries));
  // A live /16 just fits.
  return range.hosts <= 0xffff && retries === 0 ? range.hosts : most;
}

function retryOption(flag: string, { retries }: Job): string[] {
  return retries === undefined ? [] : [flag, `${retries}`];
}

function wholeLine(line: string): string | undefined {
  return line;
}

function cooldown({ pace }: Job): number {
  return pace === 'max' ? COOLDOWN_S * 1000 : 0;
}
