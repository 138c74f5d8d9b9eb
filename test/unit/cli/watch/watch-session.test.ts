/** A watch as a person without a screen sees it, with scripted rounds in place of packets. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { type WatchOptions, WatchSession } from '../../../../src/cli/watch/watch-session.ts';
import type { ReportRequest } from '../../../../src/report/registry.ts';
import type { HostResult } from '../../../../src/results/host-result.ts';
import type { RunRecord } from '../../../../src/results/run-record.ts';
import { resolveSettings } from '../../../../src/settings.ts';
import type { SweepJob } from '../../../../src/sweep-job.ts';
import { runOf, silentHost, upHost } from '../../report/samples.ts';
import {
  ClosedPipe,
  type FakeSurroundings,
  FullDisk,
  fakeSurroundings,
  KeptStream,
} from '../fakes.ts';

const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(folder, { recursive: true }));

const A = '192.0.2.1';
const TARGETS = {
  ranges: [],
  count: 1,
  hostnames: new Map(),
  excluded: [],
  unresolved: [],
  notes: [],
};

/** What a round does, by its number from 0; its rows, or what is different in its record. */
type Script = (round: number, job: SweepJob) => Promise<RoundEnd>;
interface RoundEnd extends Partial<RunRecord> {
  readonly rows?: readonly HostResult[];
}

const up = (): HostResult =>
  upHost({ address: A, sent: 1, received: 1, rttsMs: [2], pattern: '!' });
const gone = (): HostResult => silentHost({ address: A, sent: 1, rttsMs: [null], pattern: '.' });

/** Rounds in which the host replies where the pattern has `!`; the last one goes on. */
function pattern(marks: string): Script {
  return async (round) => ({ rows: [(marks[round] ?? marks.at(-1)) === '!' ? up() : gone()] });
}

let stdout: KeptStream;
let stderr: KeptStream;
let around: FakeSurroundings;
beforeEach(() => {
  stdout = new KeptStream();
  stderr = new KeptStream();
  around = fakeSurroundings({ stdout, stderr });
});

async function watch(
  script: Script,
  options: Partial<WatchOptions> = {},
  { surroundings = around, hasUnresolvedNames = false } = {},
): Promise<number> {
  let round = 0;
  let isUnderWay = false;
  let isClosed = false;
  const sweeps = {
    sweep: async (job: SweepJob): Promise<RunRecord> => {
      assert.ok(!isUnderWay && !isClosed, 'rounds overlap');
      isUnderWay = true;
      const { rows = [], ...ending } = await script(round++, job);
      await job.onRows(rows);
      isUnderWay = false;
      return runOf({ targets: 1, doubts: [], notes: [], partial: false, failure: null, ...ending });
    },
    close: async () => {
      isClosed = true;
    },
  };
  const session = new WatchSession(
    {
      intervalMs: 1,
      durationMs: Number.POSITIVE_INFINITY,
      rounds: Number.POSITIVE_INFINITY,
      downAfter: 2,
      sort: 'address',
      quiet: false,
      requests: [],
      mayReadKeys: true,
      ...options,
    },
    { settings: resolveSettings({ targets: A }), targets: TARGETS, command: 'echosweep watch' },
    surroundings,
    async () => sweeps,
  );
  const code = await session.run(hasUnresolvedNames);
  assert.ok(isClosed, 'sockets and threads are ended');
  return code;
}

const linesOf = (stream: KeptStream) => stream.text.split('\n').slice(0, -1);

function reportTo(path: string): ReportRequest {
  return { path, csvProfile: 'plain', csvDelimiter: ',', csvDecimal: '.' };
}

/** The cells of the one host in a report. */
function hostIn(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n')[1]!.split(',');
}

describe('a watch without a screen', () => {
  test('prints a line per change on stdout, and how it began and ended on stderr', async () => {
    assert.equal(await watch(pattern('!..!'), { rounds: 4 }), 0);
    assert.equal(linesOf(stdout).length, 2);
    assert.match(
      stdout.text,
      /^\S+Z 192\.0\.2\.1 went down \(no-response\)\n\S+Z 192\.0\.2\.1 came back after [\d.]+ m?s\n$/,
    );
    assert.deepEqual(
      linesOf(stderr).map((line) => line.replace(/ for [\d.]+ m?s/, ' for MS')),
      [
        '1 host: 1 up; one round every 1 ms, and a line for each change',
        '1 host watched for MS in 4 rounds: 1 up',
        '4 probes sent, 2 answered, 50.0 % loss; 2 changes',
      ],
    );
  });

  test('prints nothing but errors with -q', async () => {
    await watch(pattern('!..'), { rounds: 4, quiet: true });
    assert.deepEqual([stdout.text, stderr.text], ['', '']);
  });

  test('leaves stdout to a report that goes there', async () => {
    await watch(pattern('!..'), { rounds: 4, requests: [reportTo('-')] });
    assert.match(stdout.text, /^address,.*\n192\.0\.2\.1,,down,4,1,75\.0,.*\n$/);
    assert.match(stderr.text, / went down /);
  });

  test('ends when nothing reads its lines, unless a report is wanted', async () => {
    const unread = (): FakeSurroundings =>
      fakeSurroundings({ stdout: new ClosedPipe().on('error', () => {}), stderr });
    assert.equal(await watch(pattern('!..'), {}, { surroundings: unread() }), 0);
    const path = join(folder, 'unread.csv');
    const options = { rounds: 9, requests: [reportTo(path)] };
    await watch(pattern('!..'), options, { surroundings: unread() });
    assert.equal(hostIn(path)[3], '9');
    assert.doesNotMatch(stderr.text, /cannot write/);
  });

  test('has exit code 4 if its lines cannot be written, which costs no report', async () => {
    const path = join(folder, 'full.csv');
    for (const requests of [[], [reportTo(path)]]) {
      stderr.text = '';
      const full = new FullDisk().on('error', () => {});
      const surroundings = fakeSurroundings({ stdout: full, stderr });
      assert.equal(await watch(pattern('!..!..'), { rounds: 9, requests }, { surroundings }), 4);
      assert.equal(stderr.text.split('cannot write').length, 2);
    }
    assert.equal(hostIn(path)[3], '9');
  });
});

describe('the end', () => {
  test('comes after so much time', async () => {
    const ended = await watch(pattern('!'), { durationMs: 60, intervalMs: 10 });
    assert.equal(ended, 0);
    assert.match(stderr.text, / for [\d.]+ m?s in \d+ rounds?: 1 up/);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`by ${signal} gives exit code ${code}, with the report of the whole rounds`, async () => {
      const path = join(folder, `${signal}.csv`);
      const script: Script = async (round) => {
        if (round < 3) return { rows: [up()] };
        around.signals.emit(signal);
        return { rows: [gone()], partial: true };
      };
      assert.equal(await watch(script, { requests: [reportTo(path)] }), code);
      assert.deepEqual(hostIn(path).slice(2, 5), ['up', '3', '3']);
    });
  }

  test('in the first round reports what is known by then', async () => {
    const path = join(folder, 'first.csv');
    const script: Script = async () => {
      around.signals.emit('SIGINT');
      return { rows: [up()], partial: true };
    };
    assert.equal(await watch(script, { requests: [reportTo(path)] }), 130);
    assert.equal(hostIn(path)[3], '1');
  });

  test('comes at once while the next round is waited for', async () => {
    const script: Script = async () => {
      setImmediate(() => around.signals.emit('SIGINT'));
      return { rows: [up()] };
    };
    assert.equal(await watch(script, { intervalMs: 3_600_000 }), 130);
  });

  test('has exit code 2 if a name was left out, and 5 if a round was doubtful', async () => {
    assert.equal(await watch(pattern('!'), { rounds: 1 }, { hasUnresolvedNames: true }), 2);
    const doubtful: Script = async (round) => ({
      rows: [up()],
      doubts: round === 1 ? ['the clock stepped'] : [],
    });
    assert.equal(await watch(doubtful, { rounds: 3 }), 5);
    assert.match(stderr.text, /\nechosweep: the clock stepped\n/);
  });

  test('has exit code 4 if a round breaks off by itself, with the report', async () => {
    const path = join(folder, 'broken.csv');
    const broken: Script = async (round) =>
      round < 2 ? { rows: [up()] } : { partial: true, failure: 'the workers did not start' };
    assert.equal(await watch(broken, { requests: [reportTo(path)] }), 4);
    assert.match(stderr.text, /echosweep: the workers did not start\n/);
    assert.equal(hostIn(path)[3], '2');
  });

  test('has exit code 4 if a report cannot be written, which does not cost the other', async () => {
    const path = join(folder, 'kept.csv');
    const lost = join(folder, 'none', 'lost.csv');
    assert.equal(
      await watch(pattern('!'), { rounds: 1, requests: [reportTo(lost), reportTo(path)] }),
      4,
    );
    assert.match(stderr.text, /cannot write/);
    assert.equal(hostIn(path)[3], '1');
  });
});

test('a round that takes longer than the interval delays the others, which are not made up for', async () => {
  const intervalMs = 20;
  const starts: number[] = [];
  const firstIsSlow: Script = async (round) => {
    const startMs = performance.now();
    starts.push(startMs);
    while (round === 0 && performance.now() < startMs + 3.5 * intervalMs);
    return { rows: [up()] };
  };
  await watch(firstIsSlow, { rounds: 4, intervalMs });
  const gaps = starts.slice(1).map((at, i) => at - starts[i]!);
  assert.ok(gaps[0]! >= 3.5 * intervalMs, gaps.join());
  // A late timer shortens the gap after it; rounds that are made up for would leave none.
  assert.ok(gaps[1]! + gaps[2]! >= 1.3 * intervalMs, gaps.join());
});

test('SIGUSR1 prints the summary so far', async () => {
  const script: Script = async (round) => {
    if (round === 1) around.signals.emit('SIGUSR1');
    return { rows: [up()] };
  };
  await watch(script, { rounds: 2 });
  assert.match(stderr.text, /in 1 round: 1 up\n1 probe sent, 1 answered/);
});
