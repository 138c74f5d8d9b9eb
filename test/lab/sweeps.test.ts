/** Sweeps of many hosts: none missing, none twice, in the order of their addresses, in bounded memory. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import { freshFolder, type RunOptions, startEchosweep } from './run.ts';
import type { RunSummary } from './sweep-report.ts';
import { countMatching } from './wire.ts';

const CSV_COLUMNS = 'address,status,reason';

interface LargeSweep {
  readonly lines: readonly string[];
  readonly run: RunSummary;
  /** Echo requests that arrived at the live hosts, by their kernel's count. */
  readonly arrived: number;
  /** Largest resident memory of the process. */
  readonly peakKb: number;
}

/** Sweeps without a limit of rate and reads what is needed of reports that are large. */
async function sweepAll(targets: string, options: string, how?: RunOptions): Promise<LargeSweep> {
  const folder = freshFolder();
  const [csv, jsonl] = [join(folder, 'report.csv'), join(folder, 'report.jsonl')];
  const args = [targets, '--rate', 'max', '--yes', '-q', ...options.split(' ')];
  let peakKb = 0;
  const body = async () => {
    const outputs = ['-o', csv, '-o', jsonl, '--columns', CSV_COLUMNS];
    const running = startEchosweep([...args, ...outputs], how);
    const watch = setInterval(() => {
      peakKb = Math.max(peakKb, peakOf(running.process.pid!));
    }, 20);
    const finished = await running.finished;
    clearInterval(watch);
    return finished;
  };
  const far = { hook: 'input', place: 'near' } as const;
  const { value, counts } = await countMatching(['icmp type echo-request'], body, far);
  assert.deepEqual([value.code, value.stderr], [0, '']);
  const [header, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n');
  assert.equal(header, CSV_COLUMNS);
  const records = readFileSync(jsonl, 'utf8').trimEnd();
  const run = JSON.parse(records.slice(records.lastIndexOf('\n') + 1)) as RunSummary;
  return { lines, run, arrived: counts[0]!, peakKb };
}

/** VmHWM of proc(5); 0 where the process has ended. */
function peakOf(pid: number): number {
  try {
    const match = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(match?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function* hostsOf(firstText: string, count: number): Generator<string> {
  const first = firstText.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
  for (let value = first; value < first + count; value++) {
    yield `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
  }
}

function assertAllUpInOrder(sweep: LargeSweep, first: string, count: number): void {
  const expected = [...hostsOf(first, count)].map((address) => `${address},up,echo-reply`);
  // Not one assertion over all: its message would be as long as the report.
  const wrong = expected.findIndex((line, i) => sweep.lines[i] !== line);
  assert.equal(wrong, -1, `row ${wrong} is ${sweep.lines[wrong]}, not ${expected[wrong]}`);
  assert.equal(sweep.lines.length, count);
  assert.equal(sweep.run.packets['received'], count);
  assert.equal(sweep.run.statuses['up'], count);
}

for (const [options, as] of [
  ['--engine raw --send raw -w 1', 'root'],
  ['--engine raw --send raw -w 3', 'root'],
  ['--engine raw -w 1', 'root'],
  ['--engine raw -w 3', 'root'],
  ['--engine dgram -w 2', 'ordinary-user'],
  ['--engine dgram -w 1 -r 1', 'root'],
] as const) {
  labTest(`a live /16 by ${options}: every host once, in order, each probe counted`, async () => {
    const swept = await sweepAll(LAB.live4, options, { as });
    assertAllUpInOrder(swept, '10.79.0.1', 65_534);
    assert.equal(swept.run.packets['sent'], swept.arrived);
    assert.deepEqual(swept.run.doubts, []);
    assert.equal(String(swept.run.workers), /-w (\d)/.exec(options)![1]);
  });
}

labTest('a sweep eight times as large takes no more memory', async () => {
  const small = await sweepAll('10.128.0.0/16', '--engine raw -w 2');
  const large = await sweepAll('10.136.0.0/13', '--engine raw -w 2');
  assertAllUpInOrder(large, '10.136.0.1', 2 ** 19 - 2);
  const growthKb = large.peakKb - small.peakKb;
  assert.ok(small.peakKb > 0);
  // The heap takes up to 75 MB more once it has been busy for some time, and then no more. Rows kept as objects, or as
  // text, would add some 100 octets each at the least: 45 MB.
  assert.ok(growthKb < 95_000, `${growthKb} kB more than ${small.peakKb} kB`);
});
