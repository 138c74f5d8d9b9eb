/** A sweep as a person sees it, with a scripted sweep in place of packets. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { SweepSession } from '../../../src/cli/sweep-session.ts';
import { EchosweepError } from '../../../src/errors.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { resolveSettings } from '../../../src/settings.ts';
import type { SweepJob, SweepProgress } from '../../../src/sweep-job.ts';
import { runOf, silentHost, upHost } from '../report/samples.ts';
import { ClosedPipe, type FakeSurroundings, fakeSurroundings, KeptStream } from './fakes.ts';

const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(folder, { recursive: true }));

const ROWS = [upHost({ address: '192.0.2.1' }), silentHost({ address: '192.0.2.2' })];
const PROGRESS: SweepProgress = {
  targets: 4,
  done: 2,
  up: 1,
  sent: 4,
  received: 1,
  elapsedMs: 2000,
  ratePps: 2,
};
const TARGETS = {
  ranges: [],
  count: 4,
  hostnames: new Map(),
  excluded: [],
  unresolved: [],
  notes: [],
};

/** What a sweep does between its first and last call; `stopped` says whether it was asked to end. */
type Script = (job: SweepJob, stopped: () => boolean) => Promise<Partial<RunRecord> | undefined>;

const bothRows: Script = async (job) => {
  await job.onRows(ROWS);
  return undefined;
};

let stdout: KeptStream;
let stderr: KeptStream;
let surroundings: FakeSurroundings;
beforeEach(() => {
  stdout = new KeptStream();
  stderr = new KeptStream();
  surroundings = fakeSurroundings({ stdout, stderr });
});

function sweep(
  script: Script,
  { args = [] as string[], around = surroundings, hasUnresolvedNames = false } = {},
): Promise<number> {
  const { sweep: options, command } = parseCommandLine(['192.0.2.0/30', ...args]);
  const scripted = async (job: SweepJob): Promise<RunRecord> => {
    await job.onStart?.(runOf({ endedAt: null, targets: 4 }));
    const ending = await script(job, () => job.signal!.aborted);
    return runOf({
      targets: 2,
      statuses: { up: 1, unreachable: 0, down: 1, error: 0 },
      partial: job.signal!.aborted,
      ...ending,
    });
  };
  const planned = { settings: resolveSettings(options), targets: TARGETS, command: 'echosweep' };
  return new SweepSession(command, around, scripted).run(planned, hasUnresolvedNames);
}

const linesOf = (stream: KeptStream) => stream.text.split('\n').slice(0, -1);

function freshPlace(): string {
  const place = mkdtempSync(join(folder, 'place-'));
  writeFileSync(join(place, 'report.csv'), 'old');
  return join(place, 'report.csv');
}

describe('a sweep that runs to its end', () => {
  test('puts data on stdout, words on stderr, and ends with 0', async () => {
    assert.equal(await sweep(bothRows), 0);
    assert.match(linesOf(stdout)[0]!, /^address,hostname,status,/);
    assert.equal(linesOf(stdout).length, 3);
    assert.match(stderr.text, /^2 targets in /);
  });

  test('shows a table on a terminal', async () => {
    const terminal = new KeptStream({ isTTY: true });
    await sweep(bothRows, { around: fakeSurroundings({ stdout: terminal, stderr }) });
    assert.match(stripVTControlCharacters(terminal.text), /^address +status +reason/);
  });

  test('says nothing with -q', async () => {
    assert.equal(await sweep(bothRows, { args: ['-q'] }), 0);
    assert.equal(stderr.text, '');
    assert.equal(linesOf(stdout).length, 3);
  });

  test('with names left out ends with 2', async () => {
    assert.equal(await sweep(bothRows, { hasUnresolvedNames: true }), 2);
  });

  test('with fewer hosts up than expected says so and ends with 1', async () => {
    assert.equal(await sweep(bothRows, { args: ['-q', '--expect-up', '2'] }), 1);
    assert.deepEqual(linesOf(stderr), ['echosweep: 1 host up; --expect-up requires 2']);
    assert.equal(await sweep(bothRows, { args: ['--expect-up', '1'] }), 0);
  });

  test('with doubts ends with 5, and says them even with -q', async () => {
    const doubtful: Script = async () => ({ doubts: ['the clock stepped'] });
    assert.equal(await sweep(doubtful, { args: ['-q'] }), 5);
    assert.deepEqual(linesOf(stderr), ['echosweep: the result is doubtful: the clock stepped']);
  });

  test('with a refusal of the system that cost no row, ends with 4 and writes its report', async () => {
    const path = freshPlace();
    const refused: Script = async (job) => {
      await job.onRows(ROWS);
      return { failure: 'interface eth0 went away' };
    };
    assert.equal(await sweep(refused, { args: ['-q', '-o', path] }), 4);
    assert.deepEqual(linesOf(stderr), ['echosweep: interface eth0 went away']);
    assert.match(readFileSync(path, 'utf8'), /192\.0\.2\.2/);
  });
});

describe('a sweep that breaks off', () => {
  test('leaves a report of what it has learned, and exit code 4', async () => {
    const path = freshPlace();
    const broken: Script = async (job) => {
      await job.onRows(ROWS);
      return { failure: 'workers kept dying', partial: true };
    };
    assert.equal(await sweep(broken, { args: ['-q', '-o', path] }), 4);
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 1 + ROWS.length + 1);
    assert.deepEqual(readdirSync(join(path, '..')), ['report.csv']);
  });

  test('by an error leaves the old report and no other file, and passes the error on', async () => {
    const path = freshPlace();
    const failing: Script = async () => {
      throw new EchosweepError('SOCKET_FAILED', 'the socket failed', 'try again');
    };
    await assert.rejects(sweep(failing, { args: ['-o', path] }), { code: 'SOCKET_FAILED' });
    assert.equal(readFileSync(path, 'utf8'), 'old');
    assert.deepEqual(readdirSync(join(path, '..')), ['report.csv']);
    assert.deepEqual(surroundings.signals.eventNames(), [], 'the signals are given back');
  });

  test('before its reports are open touches nothing', async () => {
    const args = ['-o', join(folder, 'no-such-folder', 'report.csv')];
    const never: Script = () => assert.fail('something was sent');
    await assert.rejects(sweep(never, { args }), { code: 'OUTPUT_FAILED' });
  });
});

describe('signals', () => {
  for (const [name, code] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${name} ends the sweep with ${code} and a partial report`, async () => {
      const path = freshPlace();
      const stopped: Script = async (job, isStopped) => {
        await job.onRows(ROWS);
        surroundings.signals.emit(name);
        assert.equal(isStopped(), true);
      };
      assert.equal(await sweep(stopped, { args: ['-o', path] }), code);
      assert.match(readFileSync(path, 'utf8'), /192\.0\.2\.2/);
      assert.match(stderr.text, /^echosweep: stopping; /);
      assert.match(stderr.text, /partial/);
      assert.deepEqual(surroundings.signals.eventNames(), []);
    });
  }

  test('SIGINT while an error ends the sweep is still 130', async () => {
    const failing: Script = async () => {
      surroundings.signals.emit('SIGINT');
      throw new EchosweepError('WORKER_FAILED', 'a worker died', 'try again');
    };
    assert.equal(await sweep(failing, { args: ['-q'] }), 130);
    assert.deepEqual(linesOf(stderr), ['echosweep: a worker died: try again']);
  });

  test('a second SIGINT ends the process at once, and no temporary file stays', async () => {
    const path = freshPlace();
    let now = 0;
    const realNow = performance.now;
    performance.now = () => now;
    const stuck: Script = async () => {
      surroundings.signals.emit('SIGINT');
      now += 5000;
      surroundings.signals.emit('SIGINT');
      while (surroundings.exits.length === 0) await new Promise((turn) => setImmediate(turn));
      assert.deepEqual(readdirSync(join(path, '..')), ['report.csv']);
    };
    try {
      await sweep(stuck, { args: ['-o', path] });
    } finally {
      performance.now = realNow;
    }
    assert.deepEqual(surroundings.exits, [130]);
    assert.equal(readFileSync(path, 'utf8'), 'old');
  });

  test('SIGQUIT tells how far the sweep is, and it goes on', async () => {
    const asked: Script = async (job, isStopped) => {
      surroundings.signals.emit('SIGQUIT');
      job.onProgress?.(PROGRESS);
      surroundings.signals.emit('SIGUSR1');
      assert.equal(isStopped(), false);
    };
    assert.equal(await sweep(asked, { args: ['-q'] }), 0);
    assert.equal(linesOf(stderr)[0], 'echosweep: nothing sent yet');
    assert.match(linesOf(stderr)[1]!, /^echosweep: 2 of 4 hosts done \(50 %\), 1 up, /);
  });
});

describe('a closed pipe', () => {
  const around = () => fakeSurroundings({ stdout: new ClosedPipe(), stderr });

  test('stops the sweep quietly, with 0', async () => {
    let wasStopped = false;
    const script: Script = async (job, isStopped) => {
      await job.onRows(ROWS);
      wasStopped = isStopped();
    };
    const options = { args: ['--expect-up', '9'], around: around() };
    assert.equal(await sweep(script, options), 0);
    assert.equal(wasStopped, true);
    assert.equal(stderr.text, '');
  });

  test('does not stop it while a file is still to be written', async () => {
    const path = freshPlace();
    const script: Script = async (job, isStopped) => {
      await job.onRows(ROWS);
      assert.equal(isStopped(), false);
    };
    assert.equal(await sweep(script, { args: ['-o', '-', '-o', path], around: around() }), 0);
    assert.match(readFileSync(path, 'utf8'), /192\.0\.2\.2/);
  });
});

describe('the progress bar', () => {
  const onTerminal = (env: Record<string, string> = {}) => {
    stderr = new KeptStream({ isTTY: true, columns: 120 });
    return fakeSurroundings({ stdout, stderr, env });
  };
  const progressing: Script = async (job) => {
    job.onProgress?.(PROGRESS);
    await job.onRows(ROWS);
    job.onProgress?.(PROGRESS);
  };

  test('is shown on a terminal, and gone before the summary', async () => {
    await sweep(progressing, { around: onTerminal({ NO_COLOR: '1' }) });
    assert.match(stderr.text, /50 % {2}2\/4 hosts/);
    assert.ok(stderr.text.split('\u001b[2K').at(-1)!.startsWith('2 targets in '));
  });

  for (const [when, args, env] of [
    ['with -q', ['-q'], {}],
    ['with --no-progress', ['--no-progress'], {}],
    ['on a dumb terminal', [], { TERM: 'dumb' }],
  ] as const) {
    test(`is not shown ${when}`, async () => {
      await sweep(progressing, { args: [...args], around: onTerminal({ ...env }) });
      assert.doesNotMatch(stderr.text, /hosts {2}/);
    });
  }

  test('is not shown where stderr is no terminal', async () => {
    await sweep(progressing);
    assert.doesNotMatch(stderr.text, /hosts {2}/);
  });
});
