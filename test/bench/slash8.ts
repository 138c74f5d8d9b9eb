/** A whole live /8 in one sweep: every host once, in order, in constant memory. */

import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Observation } from './figures.ts';
import { measure } from './measure.ts';
import { ECHOSWEEP, FINE_IF_CROWDED } from './programs.ts';
import { addressText, rangeOf } from './range.ts';

const RANGE = '10.0.0.0/8';
const SMOKE_RANGE = '10.0.0.0/24';
const DEADLINE_MS = 20 * 60_000;
/** Up to here the sweep is still filling its buffers. */
const WARM_SHARE = 0.1;

export async function observeSlash8(folder: string, isSmoke: boolean): Promise<Observation> {
  const range = rangeOf(isSmoke ? SMOKE_RANGE : RANGE);
  const report = join(folder, 'slash8.csv');
  const cost = await measure({
    command: [...ECHOSWEEP, range.text, '--rate', 'max', '--yes', '-o', report],
    outputFile: `${report}.out`,
    deadlineMs: DEADLINE_MS,
    fineExitCodes: isSmoke ? FINE_IF_CROWDED : [],
  });
  if (cost.failure !== undefined) throw new Error(`the sweep of ${range.text} ${cost.failure}`);

  let rows = 0;
  let outOfPlace = 0;
  let up = 0;
  let isHeader = true;
  for await (const line of createInterface({ input: createReadStream(report) })) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    // Rows ascend without a gap, so any row that is not the next address is missing, duplicated or out of place.
    const address = addressText(range.first + rows);
    if (!line.startsWith(`${address},`)) outOfPlace++;
    if (line.startsWith(`${address},,up,`)) up++;
    rows++;
  }
  const missing = range.hosts - rows;
  const warm = cost.memoryMiB.slice(Math.floor(cost.memoryMiB.length * WARM_SHARE));
  const [least, most] = [Math.min(...warm), Math.max(...warm)];
  const seconds = cost.wallMs / 1000;
  const figures: [string, string][] = [
    ['Hosts', range.hosts.toLocaleString('en')],
    ['Rows in the report', rows.toLocaleString('en')],
    ['Rows out of place', `${outOfPlace}`],
    ['Up', up.toLocaleString('en')],
    ['Time', `${seconds.toFixed(1)} s`],
    ['Probes per second', Math.round(range.hosts / seconds).toLocaleString('en')],
    [
      'CPU time, user and system',
      `${(cost.userMs / 1000).toFixed(1)} s and ${(cost.systemMs / 1000).toFixed(1)} s`,
    ],
    ['Report', `${(statSync(report).size / 1e9).toFixed(2)} GB`],
    ['Peak memory', `${cost.peakMiB?.toFixed(0)} MiB`],
    ['Memory after the first tenth', `${least.toFixed(0)}–${most.toFixed(0)} MiB`],
    ['Memory by tenths', tenths(cost.memoryMiB)],
  ];
  return {
    kind: 'observation',
    columns: ['What', 'Measured'],
    rows: figures,
    values: { missing: Math.abs(missing) + outOfPlace + (rows - up), growth: lateGrowth(warm) },
  };
}

function tenths(memoryMiB: readonly number[]): string {
  const at = Array.from({ length: 11 }, (_, i) => Math.round(((memoryMiB.length - 1) * i) / 10));
  return `${at.map((second) => memoryMiB[second]?.toFixed(0)).join(', ')} MiB`;
}

/** How much more memory the second half uses than the first, on average. */
function lateGrowth(memoryMiB: readonly number[]): number {
  const half = Math.ceil(memoryMiB.length / 2);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean(memoryMiB.slice(half)) / mean(memoryMiB.slice(0, half)) - 1;
}
