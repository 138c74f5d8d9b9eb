/** `echosweep diff`: every kind of change, in every format, and the exit codes. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readCsv } from '../report/read-csv.ts';
import { diff, FOLDER, jsonLines, latest, NEW, OLD, old, report, T } from './diff-run.ts';

describe('diff', () => {
  test('tells every kind of change, in address order, as CSV', async () => {
    const { code, stdout, stderr } = await diff(old, latest);
    assert.deepEqual(readCsv(stdout), [
      [
        'address',
        'hostname',
        'change',
        'before',
        'after',
        'seen_at',
        'vendor_before',
        'vendor_after',
      ],
      ['10.0.0.1', 'b.example', 'name-changed', 'a.example', 'b.example', T, '', ''],
      ['10.0.0.2', '', 'gone', 'echo-reply', 'arp-failed', T, '', ''],
      ['10.0.0.3', `'=evil("\u0007")`, 'new', 'no-response', 'echo-reply', T, '', ''],
      ['10.0.0.4', '', 'reason-changed', 'no-response', 'admin-prohibited', T, '', ''],
      ['10.0.0.5', '', 'slower', '2.000', '20.000', T, '', ''],
      ['10.0.0.6', '', 'gone', 'echo-reply', '', '', '', ''],
    ]);
    assert.equal(code, 0);
    assert.equal(
      stderr,
      '6 changes: new 1, gone 2, name-changed 1, reason-changed 1, slower 1\n' +
        'note: 1 gone because the newest report has no row for them\n',
    );
  });

  test('takes JSON Lines, alone and next to CSV, known by what they hold', async () => {
    const wanted = await diff(old, latest);
    const jsonOld = jsonLines('old.jsonl', OLD);
    const jsonNew = jsonLines('new.txt', NEW);
    assert.deepEqual(await diff(jsonOld, jsonNew), wanted);
    // These CSV reports do not say who answered.
    const note = 'note: not every report has responder, so nothing is said about it\n';
    const mixed = { ...wanted, stderr: `${wanted.stderr}${note}` };
    assert.deepEqual(await diff(old, jsonNew), mixed);
    assert.deepEqual(await diff(jsonOld, latest), mixed);
  });

  test('names the line of JSON Lines that is wrong', async () => {
    const broken = join(FOLDER, 'broken.jsonl');
    writeFileSync(broken, '{"type":"host"}\n');
    await assert.rejects(diff(broken, latest), { code: 'REPORT_INVALID', message: /, line 1: / });
  });

  test('of a report and itself finds nothing', async () => {
    const { code, stdout, stderr } = await diff(old, old, '--fail-on-change');
    assert.deepEqual([code, stdout.split('\n').length, stderr], [0, 2, 'no changes\n']);
  });

  test('--fail-on-change makes a change exit code 1, of the kinds asked for', async () => {
    assert.equal((await diff(old, latest, '-q', '--fail-on-change')).code, 1);
    assert.equal((await diff(old, latest, '--fail-on-change', '--only', 'back')).code, 0);
  });

  test('an RTT has the decimal sign of the report, and is a number in JSON Lines', async () => {
    const only = ['-q', '--only', 'slower', '--columns', 'before,after'];
    const german = ['--csv-delimiter', ';', '--csv-decimal', ','];
    assert.equal(
      (await diff(old, latest, ...only, ...german)).stdout,
      'before;after\n2,000;20,000\n',
    );
    const { stdout } = await diff(old, latest, ...only, '--format', 'jsonl');
    const { before, after } = JSON.parse(stdout);
    assert.deepEqual([before, after], [2, 20]);
  });

  test('what is slower is the caller’s to say', async () => {
    const only = ['-q', '--only', 'slower'];
    assert.equal(
      (await diff(old, latest, ...only, '--slower-factor', '11')).stdout.split('\n').length,
      2,
    );
    assert.equal(
      (await diff(old, latest, ...only, '--slower-by', '18.5')).stdout.split('\n').length,
      2,
    );
    assert.equal(
      (await diff(old, latest, ...only, '--slower-by', '18')).stdout.split('\n').length,
      3,
    );
  });

  test('reports of other addresses are read in step', async () => {
    const rows = (...hosts: number[]) => hosts.map((host) => `10.0.1.${host},up,echo-reply`);
    const header = 'address,status,reason';
    const odd = report('odd.csv', rows(1, 3, 5, 10, 11), header);
    const low = report('low.csv', rows(1, 2, 3, 4, 10), header);
    const { stdout } = await diff(odd, low, '-q', '--columns', 'address,change');
    assert.equal(
      stdout,
      'address,change\n10.0.1.2,new\n10.0.1.4,new\n10.0.1.5,gone\n10.0.1.11,gone\n',
    );
  });

  test('earlier reports tell what is back from what is new', async () => {
    const { stdout } = await diff(latest, old, '-q', '--only', 'new,back');
    assert.deepEqual(
      readCsv(stdout)
        .slice(1)
        .map((row) => row.slice(0, 3)),
      [
        ['10.0.0.2', '', 'new'],
        ['10.0.0.6', '', 'new'],
      ],
    );
    const withMemory = await diff(old, latest, old, '-q', '--only', 'new,back');
    assert.deepEqual(
      readCsv(withMemory.stdout)
        .slice(1)
        .map((row) => row.slice(0, 3)),
      [
        ['10.0.0.2', '', 'back'],
        ['10.0.0.6', '', 'back'],
      ],
    );
  });

  test('writes every format, to several places at once', async () => {
    const [csv, jsonl, txt] = ['c.csv', 'c.jsonl', 'c.txt'].map((name) => join(FOLDER, name));
    const outputs = [csv!, jsonl!, txt!].flatMap((path) => ['-o', path]);
    const { stdout } = await diff(old, latest, ...outputs, '--csv-profile', 'excel');
    assert.equal(stdout, '');
    assert.match(
      readFileSync(csv!, 'utf8'),
      /^\uFEFFaddress,.*\r\n.*,2026-03-04 05:06:07\.089,,\r\n/,
    );
    const records = readFileSync(jsonl!, 'utf8')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    assert.deepEqual(records[0], {
      type: 'change',
      address: '10.0.0.1',
      hostname: 'b.example',
      change: 'name-changed',
      before: 'a.example',
      after: 'b.example',
      seen_at: T,
      vendor_before: null,
      vendor_after: null,
    });
    const table = readFileSync(txt!, 'utf8');
    assert.match(table, /^address {3}hostname {4}change {10}before {7}after {13}seen at\n/m);
    assert.ok(![...table].some((c) => c < ' ' && c !== '\n'), 'control characters in the table');
  });

  test('picks columns', async () => {
    const { stdout } = await diff(
      old,
      latest,
      '-q',
      '--columns',
      'change,address',
      '--only',
      'new',
    );
    assert.equal(stdout, 'change,address\nnew,10.0.0.3\n');
  });

  test('what is wrong is said before anything is read', async () => {
    const nowhere = join(FOLDER, 'none.csv');
    const wrong: [string[], RegExp][] = [
      [[old], /^diff takes <old\.\.\.> <new>: write echosweep diff/],
      [[nowhere, nowhere, '--only', 'more'], /^--only: "more" is not valid: use new, gone, back/],
      [[nowhere, nowhere, '--columns', 'x'], /^unknown column "x": use address/],
      [
        [nowhere, nowhere, '-o', 'x.pdf'],
        /the name x\.pdf does not show which format to write: end it in \.csv, .* or \.\w+, or give --format$/,
      ],
      [
        [nowhere, nowhere, '-o', 'x.html'],
        /^html is not available for this command: end x\.html in \.csv, \.jsonl, \.txt, .* or \.\w+$/,
      ],
      [
        [nowhere, nowhere, '--format', 'html'],
        /^--format: "html" is not valid: use csv, jsonl, table, .* or \w+$/,
      ],
      [[nowhere, nowhere, '--columns', 'address,address'], /^column "address" is given twice/],
      [[nowhere, nowhere, '-o', 'x.csv', '-o', './x.csv'], /two reports would go to/],
      [[nowhere, nowhere, '--slow'], /echosweep diff --help shows its options|did you mean/],
    ];
    for (const [args, message] of wrong) {
      await assert.rejects(diff(...args), { code: 'OPTION_INVALID', message }, args.join(' '));
    }
  });

  test('a report that turns out wrong leaves no half of an output', async () => {
    const broken = report('broken.csv', [...NEW, 'x,,up,,,,']);
    const out = join(FOLDER, 'half.csv');
    await assert.rejects(diff(old, broken, '-o', out), { code: 'REPORT_INVALID' });
    assert.throws(() => readFileSync(out), { code: 'ENOENT' });
  });

  test('its help is printed', async () => {
    const { code, stdout } = await diff('--help');
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: echosweep diff \[options\] <old\.\.\.> <new>\n/);
  });
});
