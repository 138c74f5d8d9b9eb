/** What a sweep does when a signal stops it, or requests its progress. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSoon } from '../machine-speed.ts';
import { LAB } from './address-plan.ts';
import { rowsByAddress } from './csv.ts';
import { labTest } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { echosweep, freshFolder, type Running, start, startEchosweep, until } from './run.ts';
import { untilSent } from './wire.ts';

/** Sixteen seconds of work at the default rate. */
const LONG_SWEEP = LAB.live4.replace('/16', '/18');

/** A sweep that is sending, and writes a report in the place of an old one. */
async function startLongSweep(
  ...options: string[]
): Promise<Running & { folder: string; report: string }> {
  const folder = freshFolder();
  const report = join(folder, 'report.csv');
  writeFileSync(report, 'old\n');
  const running = startEchosweep([LONG_SWEEP, '-o', report, ...options]);
  await untilSent(300);
  return { ...running, folder, report };
}

for (const [signal, code] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  labTest(`${signal} ends a sweep with a report of what it covered`, async () => {
    const { process, finished, folder, report } = await startLongSweep();
    const killedAt = performance.now();
    process.kill(signal);
    const { code: exitCode, stderr } = await finished;
    const ms = performance.now() - killedAt;
    assert.equal(exitCode, code);
    assert.match(stderr, /^partial: /m);
    const rows = rowsByAddress(readFileSync(report, 'utf8'));
    assert.ok(rows.size > 50 && rows.size < 16_000, `${rows.size} rows`);
    assert.ok([...rows.values()].every((row) => row['status'] === 'up'));
    assert.deepEqual(readdirSync(folder), ['report.csv']);
    assertSoon(ms, 5000, 'stopping');
  });
}

labTest('the run record of a stopped sweep says that it is partial', async () => {
  const folder = freshFolder();
  const report = join(folder, 'report.jsonl');
  const { process, finished } = startEchosweep([LONG_SWEEP, '-q', '-o', report]);
  await untilSent(300);
  process.kill('SIGTERM');
  assert.equal((await finished).code, 143);
  const last = JSON.parse(readFileSync(report, 'utf8').trimEnd().split('\n').at(-1)!);
  assert.equal(last.phase, 'end');
  assert.equal(last.partial, true);
});

labTest(
  'a second SIGINT stops at once: no temporary file stays, and the old report does',
  async () => {
    const folder = freshFolder();
    const report = join(folder, 'report.csv');
    writeFileSync(report, 'old\n');
    const running = startEchosweep([LONG_SWEEP, '--engine', 'system', '-o', report]);
    await until('the report is begun', () => readdirSync(folder).length === 2);
    let said = '';
    running.process.stderr!.on('data', (text: string) => {
      said += text;
    });
    running.process.kill('SIGINT');
    await until('it is stopping', () => said.includes('stopping'));
    // Closer together they count as one keystroke.
    await sleep(130);
    running.process.kill('SIGINT');
    const { code, signal } = await running.finished;
    // A stop that takes longer than a second is ended by its signal, which shells call 130 too.
    assert.equal(code ?? signal, code === null ? 'SIGINT' : 130);
    assert.deepEqual(readdirSync(folder), ['report.csv']);
  },
);

for (const signal of ['SIGQUIT', 'SIGUSR1'] as const) {
  labTest(`${signal} prints how far the sweep is, and the sweep goes on`, async () => {
    const { process, finished, report } = await startLongSweep('--rate', '8000');
    // Half a second of it: progress is known about five times a second.
    await untilSent(4000);
    process.kill(signal);
    const { code, stderr } = await finished;
    assert.equal(code, 0);
    assert.match(stderr, /^echosweep: [\d,]+ of 16,382 hosts done \(\d+ %\)/m);
    assert.equal(rowsByAddress(readFileSync(report, 'utf8')).size, 16_382);
  });
}

labTest('the time left of a resumed sweep is that of the hosts that are left', async () => {
  const folder = freshFolder();
  const [report, resumed] = [join(folder, 'report.csv'), join(folder, 'resumed.csv')];
  const targets = LAB.live4.replace('/16', '/22');
  await echosweep([targets, '--rate', 'max', '-q', '-o', report]);
  const rows = readFileSync(report, 'utf8').split('\n').slice(0, 823);
  writeFileSync(report, `${rows.join('\n')}\n`);
  const options = ['--rate', '40', '--resume', report, '-o', resumed];
  const { process, finished } = startEchosweep([targets, ...options]);
  await untilSent(40);
  process.kill('SIGQUIT');
  const { code, stderr } = await finished;
  assert.equal(code, 0, stderr);
  const snapshot = /^echosweep: ([\d,]+) of 1,022 hosts done .* about (\d+):(\d\d) left$/m;
  const [, done, minutes, seconds] = snapshot.exec(stderr)!;
  const toDo = 1022 - Number(done!.replace(',', ''));
  assert.ok(60 * Number(minutes) + Number(seconds) >= Math.floor(toDo / 80), stderr);
});

labTest('Ctrl-C reaches no ping: no host seems silent that was not given its time', async () => {
  const report = join(freshFolder(), 'report.csv');
  const options = ['--engine', 'system', '-r', '0', '-t', '30000', '-q', '-o', report];
  // In a process group of its own, all of which gets the signal, as from a terminal.
  const { process, finished } = start([
    ...['setsid', LAB_NODE, `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`],
    ...[LAB.dropped4, ...options],
  ]);
  const pings = (): Process[] => processes().filter(({ parent }) => parent === process.pid);
  await until('many pings run', () => pings().length > 20);
  kill(-process.pid!, 'SIGINT');
  assert.equal((await finished).code, 130);
  assert.equal(rowsByAddress(readFileSync(report, 'utf8')).size, 0);
});

labTest("a stopped sweep by the system's ping leaves no ping behind", async () => {
  const { process, finished } = startEchosweep([LAB.dropped4, '--engine', 'system', '-q']);
  const pings = (): Process[] => processes().filter(({ parent }) => parent === process.pid);
  await until('pings run', () => pings().length > 0);
  const children = pings().map(({ pid }) => pid);
  process.kill('SIGTERM');
  assert.equal((await finished).code, 143);
  const isGone = (): boolean => !processes().some(({ pid }) => children.includes(pid));
  await until('every ping is gone', isGone, 2000);
});

labTest('SIGINT while the workers start ends the sweep like any other', async () => {
  for (const delayMs of [0, 20, 40, 60, 80, 100, 120, 150, 200]) {
    const folder = freshFolder();
    const report = join(folder, 'report.csv');
    const { process, finished } = startEchosweep([LONG_SWEEP, '-w', '4', '-o', report]);
    // The report is begun just before the workers are started.
    await until('the report is begun', () => readdirSync(folder).length === 1);
    await sleep(delayMs);
    process.kill('SIGINT');
    const { code, signal, stderr } = await finished;
    assert.deepEqual([code, signal], [130, null], `after ${delayMs} ms: ${stderr}`);
    assert.deepEqual(readdirSync(folder), ['report.csv']);
  }
});

interface Process {
  readonly pid: string;
  readonly parent: number;
}

/** Every process but the dead, by /proc/PID/stat (proc(5)): number, name in brackets, state, parent. */
function processes(): Process[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      const [, state, parent] = /^\d+ \(.*\) (\S) (\d+) /s.exec(statOf(pid)) ?? [];
      return state === undefined || state === 'Z' ? [] : [{ pid, parent: Number(parent) }];
    });
}

/** Empty if the process has ended since it was listed. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}
