/** How evenly a sweep holds its rate, from the interface's packet counter while the sweep runs. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_INTERFACES } from '../lab/address-plan.ts';
import type { Observation } from './figures.ts';
import { measure } from './measure.ts';
import { ECHOSWEEP, FINE_IF_CROWDED } from './programs.ts';

interface Sample {
  readonly atMs: number;
  readonly packets: number;
}

/** Long enough for fifty windows or more. */
const SWEEPS = [
  { ratePps: 1000, range: '10.4.0.0/20' },
  { ratePps: 10_000, range: '10.4.0.0/16' },
  { ratePps: 50_000, range: '10.4.0.0/14' },
] as const;
const SMOKE_SWEEPS = [{ ratePps: 1000, range: '10.4.0.0/23' }] as const;
const WORKERS = [1, 2] as const;
const WINDOW_MS = 100;
const SAMPLE_EVERY_MS = 2;
const DEADLINE_MS = 60_000;
/** Requests that resolve the gateway, which leave while the sweep is still being set up. */
const BEFORE_PROBES = 2;

export async function observeSteadiness(folder: string, isSmoke: boolean): Promise<Observation> {
  const rows: string[][] = [];
  let worstMean = 0;
  let worstWindow = 0;
  for (const { ratePps, range } of isSmoke ? SMOKE_SWEEPS : SWEEPS) {
    for (const workers of isSmoke ? [2] : WORKERS) {
      const options = ['--rate', `${ratePps}`, '--workers', `${workers}`];
      const samples = await sampleWhile(folder, [range, ...options], isSmoke);
      const { meanPps, slowestPps, fastestPps } = ratesOf(samples);
      const off = (pps: number): number => pps / ratePps - 1;
      worstMean = Math.max(worstMean, Math.abs(off(meanPps)));
      worstWindow = Math.max(worstWindow, Math.abs(off(slowestPps)), Math.abs(off(fastestPps)));
      rows.push([
        ratePps.toLocaleString('en'),
        `${workers}`,
        ...[meanPps, slowestPps, fastestPps].map((pps) => signedPercent(off(pps))),
      ]);
    }
  }
  const columns = ['Requested rate', 'Workers', 'Whole sweep', 'Slowest 100 ms', 'Fastest 100 ms'];
  return { kind: 'observation', columns, rows, values: { worstMean, worstWindow } };
}

async function sampleWhile(
  folder: string,
  args: readonly string[],
  isSmoke: boolean,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const timer = setInterval(() => samples.push(sample()), SAMPLE_EVERY_MS);
  try {
    const { failure } = await measure({
      command: [...ECHOSWEEP, ...args, '-o', join(folder, 'steady.csv')],
      outputFile: join(folder, 'steady.out'),
      deadlineMs: DEADLINE_MS,
      fineExitCodes: isSmoke ? FINE_IF_CROWDED : [],
    });
    if (failure !== undefined) throw new Error(`echosweep ${args.join(' ')} ${failure}`);
  } finally {
    clearInterval(timer);
  }
  return samples;
}

/** Reading the counter takes time, so the sample is dated to the middle of the read. */
function sample(): Sample {
  const before = performance.now();
  const line = readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .find((each) => each.trimStart().startsWith(`${LAB_INTERFACES.router}:`))!;
  // After the name: eight columns of received traffic, then octets and packets sent (proc_pid_net(5)).
  const packets = Number(
    line
      .slice(line.indexOf(':') + 1)
      .trim()
      .split(/\s+/)[9],
  );
  return { atMs: (before + performance.now()) / 2, packets };
}

/** Between the first and the last probe; a window runs from one sample to the first that is 100 ms later. */
function ratesOf(samples: readonly Sample[]): {
  meanPps: number;
  slowestPps: number;
  fastestPps: number;
} {
  const begin = samples.findIndex(({ packets }) => packets > samples[0]!.packets + BEFORE_PROBES);
  const end = samples.findIndex(({ packets }) => packets === samples.at(-1)!.packets);
  const busy = samples.slice(begin, end + 1);
  const windows: number[] = [];
  for (let from = 0, to = 0; to < busy.length; from++) {
    while (to < busy.length && busy[to]!.atMs - busy[from]!.atMs < WINDOW_MS) to++;
    if (to < busy.length) windows.push(ppsBetween(busy[from]!, busy[to]!));
  }
  return {
    meanPps: ppsBetween(busy[0]!, busy.at(-1)!),
    slowestPps: Math.min(...windows),
    fastestPps: Math.max(...windows),
  };
}

function ppsBetween(from: Sample, to: Sample): number {
  return ((to.packets - from.packets) / (to.atMs - from.atMs)) * 1000;
}

function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(2)} %`;
}
