/** Several reports of one sweep: a failed one does not cost the others, and a closed pipe is no failure. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { after, beforeEach, describe, test } from 'node:test';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { openAllReports, type Reports, reportRequests } from '../../../src/cli/reports.ts';
import { runOf, silentHost, upHost } from '../report/samples.ts';
import { ClosedPipe, FullDisk, KeptStream } from './fakes.ts';

const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(folder, { recursive: true }));

const RUN = runOf({ targets: 2 });
const ROWS = [upHost({ address: '192.0.2.1' }), silentHost({ address: '192.0.2.2' })];

let failures: string[];
beforeEach(() => {
  failures = [];
});

const optionsOf = (...args: string[]) => parseCommandLine(args).command;

function openTo(stream: Writable, ...args: string[]): Promise<Reports> {
  const stdout = { stream, isTerminal: false, width: 80, colour: false };
  return openAllReports(optionsOf(...args), stdout, (error) => failures.push(error.message));
}

async function writeAll(reports: Reports): Promise<void> {
  await reports.begin(RUN);
  await reports.write(ROWS);
  await reports.end(RUN);
}

const PIPE = { isTerminal: false };

describe('what is asked for', () => {
  test('without -o one report goes to standard output', () => {
    assert.deepEqual(
      reportRequests(optionsOf(), PIPE).map(({ path }) => path),
      ['-'],
    );
  });

  test('a map on the terminal takes the place of the table, but where no map is drawn there is a table', () => {
    const terminal = { isTerminal: true };
    assert.deepEqual(reportRequests(optionsOf('--live'), terminal), []);
    assert.equal(reportRequests(optionsOf('--live', '-q'), terminal)[0]!.path, '-');
  });

  test('every -o gets the filters and formats of the command line', () => {
    const args =
      '-o a.csv -o - --only up,down --columns address,ttl --format jsonl --csv-decimal ,';
    assert.deepEqual(reportRequests(optionsOf(...args.split(' ')), PIPE), [
      {
        path: 'a.csv',
        format: 'jsonl',
        only: new Set(['up', 'down']),
        columns: ['address', 'ttl'],
        csvProfile: 'plain',
        csvDelimiter: ',',
        csvDecimal: ',',
      },
      {
        path: '-',
        format: 'jsonl',
        only: new Set(['up', 'down']),
        columns: ['address', 'ttl'],
        csvProfile: 'plain',
        csvDelimiter: ',',
        csvDecimal: ',',
      },
    ]);
  });

  test('a tab can be written as a word', () => {
    assert.equal(reportRequests(optionsOf('--csv-delimiter', 'tab'), PIPE)[0]!.csvDelimiter, '\t');
    assert.equal(reportRequests(optionsOf('--csv-delimiter', ';'), PIPE)[0]!.csvDelimiter, ';');
  });
});

test('a file, another format of it and standard output are written together', async () => {
  const csv = join(folder, 'all.csv');
  const jsonl = join(folder, 'all.jsonl');
  const stdout = new KeptStream();
  await writeAll(await openTo(stdout, '-o', csv, '-o', jsonl, '-o', '-'));
  assert.equal(readFileSync(csv, 'utf8'), stdout.text);
  assert.equal(readFileSync(csv, 'utf8').split('\n').length, 4);
  assert.equal(readFileSync(jsonl, 'utf8').split('\n').length, 5);
  assert.deepEqual(failures, []);
});

describe('a report that fails', () => {
  test('is told once and given up; the others are finished', async () => {
    const csv = join(folder, 'survivor.csv');
    const reports = await openTo(new FullDisk(1), '-o', csv, '-o', '-');
    await reports.begin(RUN);
    await reports.write(ROWS);
    await reports.write(ROWS);
    await reports.end(RUN);
    assert.equal(failures.length, 1);
    assert.match(failures[0]!, /^cannot write the report to standard output: the disk is full/);
    assert.equal(readFileSync(csv, 'utf8').split('\n').length, 6);
  });

  test('and cannot be begun leaves no report and no temporary file', async () => {
    const place = mkdtempSync(join(folder, 'begin-'));
    writeFileSync(join(place, 'old.csv'), 'old');
    const reports = await openTo(new FullDisk(), '-o', join(place, 'old.csv'), '-o', '-');
    await assert.rejects(reports.begin(RUN), { code: 'OUTPUT_FAILED' });
    assert.deepEqual(readdirSync(place), ['old.csv']);
    assert.equal(readFileSync(join(place, 'old.csv'), 'utf8'), 'old');
  });
});

describe('a reader that has gone', () => {
  test('from standard output is no failure, and nobody is left', async () => {
    const reports = await openTo(new ClosedPipe());
    await writeAll(reports);
    assert.equal(reports.isAnyLeft, false);
    assert.deepEqual(failures, []);
  });

  test('leaves the files to be finished', async () => {
    const csv = join(folder, 'unread.csv');
    const reports = await openTo(new ClosedPipe(), '-o', '-', '-o', csv);
    await reports.begin(RUN);
    assert.equal(reports.isAnyLeft, true);
    await reports.write(ROWS);
    await reports.end(RUN);
    assert.equal(readFileSync(csv, 'utf8').split('\n').length, 4);
    assert.deepEqual(failures, []);
  });
});

test('given up, all leave what stood there before', async () => {
  const old = join(folder, 'kept.csv');
  const fresh = join(folder, 'fresh.jsonl');
  writeFileSync(old, 'old');
  const reports = await openTo(new KeptStream(), '-o', old, '-o', fresh);
  await reports.begin(RUN);
  await reports.write(ROWS);
  await reports.abort();
  await reports.abort();
  assert.equal(readFileSync(old, 'utf8'), 'old');
  assert.equal(existsSync(fresh), false);
});

describe('--stream', () => {
  test('writes CSV to standard output, also on a terminal, besides the files', () => {
    const requests = reportRequests(optionsOf('--stream', '-o', 'sorted.csv'), {
      isTerminal: true,
    });
    assert.deepEqual(
      requests.map(({ path, isStream = false }) => [path, isStream]),
      [
        ['-', true],
        ['sorted.csv', false],
      ],
    );
  });

  test('gets rows as they become final, and the files get them in order', async () => {
    const csv = join(folder, 'sorted.csv');
    const stdout = new KeptStream();
    const reports = await openTo(stdout, '--stream', '-o', csv);
    await reports.begin(RUN);
    await reports.writeFinal([...ROWS].reverse());
    await reports.write(ROWS);
    await reports.end(RUN);
    const lines = (text: string): string[] => text.trimEnd().split('\n');
    const [header, ...sorted] = lines(readFileSync(csv, 'utf8'));
    assert.deepEqual(lines(stdout.text), [header, ...sorted.reverse()]);
  });

  test('refuses formats whose rows depend on each other', () => {
    const args = ['--stream', '--format', 'table'];
    assert.throws(() => reportRequests(optionsOf(...args), PIPE), { code: 'OPTION_INVALID' });
  });
});
