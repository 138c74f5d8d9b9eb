/** Rows that leave as they become final, and sweeps that are stopped and resumed, with real packets. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSoon } from '../machine-speed.ts';
import { LAB } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import { echosweep, freshFolder, type Running, startEchosweep, until } from './run.ts';
import { untilSent } from './wire.ts';

const LIVE = LAB.live4.replace('/16', '/20');
/** Hosts that answer at once, and hosts that never do. */
const MIXED = [LAB.live4.replace('/16', '/27'), LAB.dropped4.replace('/24', '/27')];

const sortedLines = (text: string): string[] => text.trimEnd().split('\n').sort();
const recordsOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function linesSoFar({ process }: Running): () => string[] {
  let text = '';
  process.stdout!.on('data', (piece: string) => {
    text += piece;
  });
  return () => text.split('\n').slice(0, -1);
}

for (const engine of ['raw', 'dgram', 'system']) {
  labTest(
    `--stream with ${engine}: live hosts have their rows while silent ones are waited for`,
    async () => {
      const report = join(freshFolder(), 'report.csv');
      const running = startEchosweep([...MIXED, '--stream', '--engine', engine, '-o', report]);
      const lines = linesSoFar(running);
      await until('the live hosts have their rows', () => lines().length >= 31);
      assert.equal(running.process.exitCode, null);
      assert.ok(
        lines()
          .slice(1, 31)
          .every((line) => line.includes(',up,')),
      );
      const { code, stdout, stderr } = await running.finished;
      assert.equal(code, 0, stderr);
      const sorted = readFileSync(report, 'utf8');
      assert.deepEqual(sortedLines(stdout), sortedLines(sorted));
      assert.notEqual(stdout, sorted);
    },
  );
}

labTest('--stream writes JSON Lines between the two records of the run', async () => {
  const { code, stdout } = await echosweep([...MIXED, '--stream', '--format', 'jsonl', '-q']);
  assert.equal(code, 0);
  const records = recordsOf(stdout);
  assert.deepEqual([records[0].phase, records.at(-1).phase], ['start', 'end']);
  const addresses = records.slice(1, -1).map(({ address }) => address);
  assert.equal(addresses.length, 60);
  assert.equal(new Set(addresses).size, 60);
});

labTest('--stream over several workers loses no row to a slow reader', async () => {
  const running = startEchosweep([LAB.live4, '--rate', 'max', '-w', '2', '--stream', '-q']);
  running.process.stdout!.pause();
  await untilSent(2000);
  running.process.stdout!.resume();
  const { code, stdout } = await running.finished;
  assert.equal(code, 0);
  const addresses = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',', 1)[0]);
  assert.equal(addresses.length, 1 + 65_534);
  assert.equal(new Set(addresses).size, addresses.length);
});

labTest('--stream ends quietly when its reader has gone', async () => {
  const running = startEchosweep([LAB.live4, '--stream']);
  running.process.stdout!.once('data', () => running.process.stdout!.destroy());
  const { code, stderr, ms } = await running.finished;
  assert.equal(code, 0);
  assert.equal(stderr, '');
  assertSoon(ms, 20_000);
});

for (const name of ['report.csv', 'report.jsonl']) {
  labTest(`a sweep that SIGINT stopped is resumed from ${name}, in the same file`, async () => {
    const report = join(freshFolder(), name);
    const read = (): string => readFileSync(report, 'utf8');
    const stopped = startEchosweep([LIVE, '-o', report]);
    await untilSent(300);
    stopped.process.kill('SIGINT');
    assert.equal((await stopped.finished).code, 130);
    const rows = (text: string) =>
      text.split('\n').filter((line) => /10\.79\.\d+\.\d+["]?,.*up/.test(line));
    const before = rows(read());
    const resume = [LIVE, '--resume', report];
    const plan = await echosweep([...resume, '--dry-run']);
    const left = 4094 - before.length;
    assert.ok(plan.stdout.includes(`targets  ${left.toLocaleString('en')}\n`), plan.stdout);
    const { code, stderr } = await echosweep([
      ...resume,
      '--rate',
      '5000',
      '--expect-up',
      '4094',
      '-o',
      report,
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^4,094 targets in /);
    assert.ok(stderr.includes(`${left.toLocaleString('en')} sent`), stderr);
    const after = rows(read());
    assert.equal(after.length, 4094);
    assert.deepEqual(
      after.filter((row) => before.includes(row)),
      before,
    );
    if (name.endsWith('.jsonl')) {
      const last = recordsOf(read()).at(-1);
      assert.deepEqual(last.resumed, { report, rows: before.length });
      assert.equal(last.partial, false);
      assert.equal(last.statuses.up, 4094);
    }
    // A whole report leaves nothing to sweep, and can be read back as one.
    const again = join(freshFolder(), name);
    const whole = await echosweep([LIVE, '-q', '--resume', report, '-o', again]);
    assert.equal(whole.code, 0, whole.stderr);
    assert.deepEqual(rows(readFileSync(again, 'utf8')), after);
    const nothing = await echosweep([...resume, '--dry-run']);
    assert.match(nothing.stdout, /^time +0 ms /m);
  });
}

labTest('a report of other targets is not resumed, and stays as it was', async () => {
  const report = join(freshFolder(), 'report.csv');
  await echosweep([MIXED[0]!, '-q', '-o', report]);
  const before = readFileSync(report, 'utf8');
  const { code, stderr } = await echosweep([MIXED[1]!, '--resume', report, '-o', report]);
  assert.equal(code, 3);
  assert.match(stderr, /and 29 more are not among the targets/);
  assert.equal(readFileSync(report, 'utf8'), before);
});
