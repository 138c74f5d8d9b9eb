/** What it takes to read files with hundreds of thousands of lines: networks to sweep, and reports. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Observation } from './figures.ts';
import { type Cost, measure } from './measure.ts';
import { ECHOSWEEP } from './programs.ts';
import { addressText, rangeOf } from './range.ts';

const NETWORKS = 300_000;
const SMOKE_NETWORKS = 100;
const RANGE = '10.16.0.0/12';
const SMOKE_RANGE = '10.16.0.0/28';
const RUNS = 3;
const DEADLINE_MS = 120_000;

interface Reading {
  readonly what: string;
  readonly lines: number;
  readonly args: readonly string[];
}

export async function observeLargeFiles(folder: string, isSmoke: boolean): Promise<Observation> {
  const networks = isSmoke ? SMOKE_NETWORKS : NETWORKS;
  const range = rangeOf(isSmoke ? SMOKE_RANGE : RANGE);
  const list = join(folder, 'networks.txt');
  const report = join(folder, 'hosts.csv');
  const page = join(folder, 'hosts.html');
  writeFileSync(list, networkList(networks));
  await run(folder, [range.text, '--rate', 'max', '--yes', '-o', report]);
  const readings: readonly Reading[] = [
    { what: 'networks', lines: networks, args: ['-f', list, '--dry-run', '--yes'] },
    { what: 'map', lines: range.hosts, args: ['map', report] },
    { what: 'render', lines: range.hosts, args: ['render', report, '-o', page] },
    { what: 'diff', lines: 2 * range.hosts, args: ['diff', report, report] },
  ];
  const rows: string[][] = [];
  const values: Record<string, number> = {};
  for (const { what, lines, args } of readings) {
    const costs: Cost[] = [];
    while (costs.length < (isSmoke ? 1 : RUNS)) costs.push(await run(folder, args));
    const of = (value: (cost: Cost) => number): number => median(costs.map(value));
    const [wallMs, userMs] = [of((cost) => cost.wallMs), of((cost) => cost.userMs)];
    values[`${what} wall`] = wallMs / 1000;
    values[`${what} user`] = userMs / 1000;
    const peak = `${of(({ peakMiB = 0 }) => peakMiB).toFixed(0)} MiB`;
    rows.push([what, lines.toLocaleString('en'), seconds(wallMs), seconds(userMs), peak]);
  }
  const columns = ['What', 'Lines', 'Time', 'User CPU', 'Peak memory'];
  return { kind: 'observation', columns, rows, values };
}

async function run(folder: string, args: readonly string[]): Promise<Cost> {
  const command = [...ECHOSWEEP, ...args];
  const outputFile = join(folder, 'output.txt');
  const cost = await measure({ command, outputFile, deadlineMs: DEADLINE_MS });
  if (cost.failure !== undefined) throw new Error(`${command.join(' ')} ${cost.failure}`);
  return cost;
}

/** Small networks, in no order, with gaps between them. */
function networkList(count: number): string {
  const { first } = rangeOf('10.0.0.0/8');
  const lines = Array.from({ length: count }, (_, i) => {
    const block = (i * 7919) % 65_536;
    const place = Math.floor(i / 65_536) * 32;
    return `${addressText(first - 1 + block * 256 + place)}/${28 + (i % 4)}\n`;
  });
  return lines.join('');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
