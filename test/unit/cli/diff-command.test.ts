/** `echosweep diff`: every kind of change, in every format, and the exit codes. */

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { diffCommand } from '../../../src/cli/diff-command.ts';
import { runJson } from '../../../src/report/json-lines.ts';
import { readCsv } from '../report/read-csv.ts';
import { runOf } from '../report/samples.ts';
import { fakeSurroundings, KeptStream } from './fakes.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

const HEADER = 'address,hostname,status,reason,rtt_avg_ms,started_at,mac';
const T = '2026-03-04T05:06:07.089Z';
const OLD = [
  `10.0.0.1,a.example,up,echo-reply,1.000,${T},02:00:00:00:00:01`,
  `10.0.0.2,,up,echo-reply,1.000,${T},02:00:00:00:00:02`,
  `10.0.0.3,,down,no-response,,${T},`,
  `10.0.0.4,,down,no-response,,${T},`,
  `10.0.0.5,,up,echo-reply,2.000,${T},`,
  `10.0.0.6,,up,echo-reply,2.000,${T},`,
];
const NEW = [
  `10.0.0.1,b.example,up,echo-reply,1.100,${T},02:00:00:00:00:01`,
  `10.0.0.2,,down,arp-failed,,${T},`,
  `10.0.0.3,"=evil(""\u0007"")",up,echo-reply,1.000,${T},02:00:00:00:00:09`,
  `10.0.0.4,,unreachable,admin-prohibited,,${T},`,
  `10.0.0.5,,up,echo-reply,20.000,${T},`,
];

function report(name: string, rows: readonly string[], header = HEADER): string {
  const path = join(FOLDER, name);
  writeFileSync(path, [header, ...rows, ''].join('\n'));
  return path;
}

/** The same report in JSON Lines, which says who answered: a router where the host is unreachable. */
function jsonLines(name: string, rows: readonly string[]): string {
  const [keys, ...hosts] = readCsv([HEADER, ...rows, ''].join('\n'));
  const lines = hosts.map((cells) => {
    const fields = keys!.map((key, i) => {
      const cell = cells[i]!;
      return [key, key === 'rtt_avg_ms' && cell !== '' ? Number(cell) : cell || null];
    });
    const host = Object.fromEntries(fields);
    const responder = host.status === 'unreachable' ? '192.0.2.254' : null;
    return JSON.stringify({ type: 'host', ...host, responder });
  });
  const path = join(FOLDER, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function diff(...args: string[]) {
  const stdout = new KeptStream();
  const surroundings = fakeSurroundings({ stdout });
  const code = await diffCommand.run(args, surroundings);
  return { code, stdout: stdout.text, stderr: surroundings.stderr.text };
}

const old = report('old.csv', OLD);
const latest = report('new.csv', NEW);

describe('diff', () => {
  test('does not call a host gone whose name did not resolve', async () => {
    const names = report('names.csv', [...NEW, `,a.example,error,name-unresolved,,,`].slice(1));
    const { code, stdout, stderr } = await diff(old, names, '--only', 'gone');
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /10\.0\.0\.1,/);
    assert.match(stdout, /10\.0\.0\.6,/);
    assert.match(stderr, /1 not compared/);
  });

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

  test('hosts that could not be asked are told apart, and columns that one report lacks', async () => {
    const error = report('error.csv', ['10.0.0.1,error,no-route'], 'address,status,reason');
    const { stdout, stderr } = await diff(old, error, '--only', 'reason-changed');
    assert.equal(stdout.split('\n').length, 2);
    assert.match(stderr, /note: 1 not compared because the newest sweep could not probe them\n/);
    assert.match(stderr, /note: not every report has hostname, rtt_avg_ms, mac, so nothing/);
  });

  test('hosts that a stopped sweep did not reach are neither gone nor new', async () => {
    const stopped = jsonLines('stopped.jsonl', NEW.slice(0, 4));
    appendFileSync(stopped, `${runJson('end', runOf({ partial: true }))}\n`);
    const reached = await diff(old, stopped, '--only', 'gone');
    assert.match(reached.stdout, /^address.*\n10\.0\.0\.2,,gone,.*\n$/);
    assert.match(
      reached.stderr,
      /\nnote: 2 not compared because a sweep was stopped before it reached them\n/,
    );
    const later = await diff(stopped, old, '--only', 'new,back');
    assert.match(later.stdout, /^address.*\n10\.0\.0\.2,,new,.*\n$/);
    assert.match(later.stderr, /\nnote: 2 not compared because a sweep was stopped/);
    const between = await diff(old, stopped, latest);
    assert.match(between.stdout, /^address.*\n10\.0\.0\.5,,slower,.*\n$/);
  });

  test('hosts that a killed sweep did not reach are neither gone nor new', async () => {
    const killed = jsonLines('killed.jsonl', NEW.slice(0, 4));
    appendFileSync(killed, `${runJson('start', runOf({ endedAt: null }))}\n`);
    const reached = await diff(old, killed, '--only', 'gone');
    assert.match(reached.stdout, /^address.*\n10\.0\.0\.2,,gone,.*\n$/);
    assert.match(reached.stderr, /\nnote: 2 not compared because a sweep was stopped before/);
    const later = await diff(killed, old, '--only', 'new,back');
    assert.match(later.stdout, /^address.*\n10\.0\.0\.2,,new,.*\n$/);
  });

  test('hosts that did not answer a sweep that doubts itself are neither gone nor new', async () => {
    const doubted = jsonLines('doubted.jsonl', NEW);
    const doubts = ['the gateway was silent; sweep again', 'a second doubt'];
    appendFileSync(doubted, `${runJson('end', runOf({ doubts }))}\n`);
    const newest = await diff(old, doubted);
    const certain = readCsv((await diff(old, jsonLines('certain.jsonl', NEW), '-q')).stdout);
    const ofSilent = certain.filter(([address]) => /^10\.0\.0\.[24]$/.test(address!));
    assert.deepEqual(
      ofSilent.map(([, , change]) => change),
      ['gone', 'reason-changed'],
    );
    const others = certain.filter((row) => !ofSilent.includes(row));
    assert.deepEqual(readCsv(newest.stdout), others);
    const note = 'note: 2 not compared because a sweep doubts that they were silent';
    assert.ok(newest.stderr.endsWith(`${note}\nnote: ${doubted}: ${doubts[0]}\n`), newest.stderr);
    const earlier = await diff(doubted, old, '-q', '--only', 'new,back');
    assert.doesNotMatch(earlier.stdout, /^10\.0\.0\.2,/m);
  });

  test('a doubt in a report cannot write to the terminal', async () => {
    const doubted = jsonLines('hostile.jsonl', NEW);
    appendFileSync(doubted, `${runJson('end', runOf({ doubts: ['\u001b]0;title\u0007a\nb'] }))}\n`);
    const { stderr } = await diff(old, doubted);
    assert.ok(stderr.endsWith(`\nnote: ${doubted}: \uFFFD]0;title\uFFFDa\uFFFDb\n`), stderr);
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

const UP = { status: 'up', reason: 'echo-reply' } as const;

describe('diff of sites', () => {
  const header = 'address,status,reason,site';
  const oldSites = report(
    'old-sites.csv',
    [
      '10.0.0.1,up,echo-reply,berlin',
      '10.0.0.2,down,no-response,berlin',
      '10.0.0.1,down,no-response,paris',
      '10.0.0.2,up,echo-reply,paris',
    ],
    header,
  );
  const newSites = report(
    'new-sites.csv',
    [
      '10.0.0.1,down,no-response,berlin',
      '10.0.0.2,down,no-response,berlin',
      '10.0.0.1,up,echo-reply,paris',
      '10.0.0.2,up,echo-reply,paris',
    ],
    header,
  );
  const columns = ['--columns', 'site,address,change'];

  test('compares each address with itself at the same site', async () => {
    const { stdout, stderr } = await diff(oldSites, newSites, ...columns);
    assert.equal(stdout, 'site,address,change\nberlin,10.0.0.1,gone\nparis,10.0.0.1,new\n');
    assert.equal(stderr, '2 changes: new 1, gone 1\n');
  });

  test('has the column site at its end, and reports without sites have none', async () => {
    const [withSites] = readCsv((await diff(oldSites, oldSites)).stdout);
    assert.equal(withSites!.at(-1), 'site');
    const [without] = readCsv((await diff(old, old)).stdout);
    assert.ok(!without!.includes('site'));
  });

  test('--site takes one, from reports of several, of one and of none', async () => {
    const alone = report(
      'alone.csv',
      ['10.0.0.1,down,no-response', '10.0.0.2,down,no-response'],
      'address,status,reason',
    );
    const one = ['--site', 'paris', ...columns];
    assert.match(
      (await diff(oldSites, newSites, ...one)).stdout,
      /change\nparis,10\.0\.0\.1,new\n$/,
    );
    assert.match((await diff(oldSites, alone, ...one)).stdout, /change\nparis,10\.0\.0\.2,gone\n$/);
    await assert.rejects(diff(oldSites, newSites, '--site', 'pariss'), {
      code: 'REPORT_INVALID',
      message: /no rows of the site "pariss": name berlin or paris$/,
    });
    const berlin = report('berlin.csv', ['10.0.0.1,up,echo-reply,berlin'], header);
    await assert.rejects(diff(berlin, berlin, '--site', 'paris'), { code: 'REPORT_INVALID' });
    assert.equal((await diff(alone, alone, ...one)).stdout, 'site,address,change\n');
  });

  test('a report without sites is compared with those of one site, never with those of two', async () => {
    const alone = report('alone.csv', ['10.0.0.1,up,echo-reply'], 'address,status,reason');
    const berlin = report('berlin.csv', ['10.0.0.1,down,no-response,berlin'], header);
    const { stdout } = await diff(alone, berlin, ...columns);
    assert.equal(stdout, 'site,address,change\nberlin,10.0.0.1,gone\n');
    await assert.rejects(diff(alone, newSites), {
      code: 'REPORT_INVALID',
      message:
        /new-sites\.csv: it has rows of the sites "berlin" and "paris": choose one with --site$/,
    });
  });

  test('a site of which the newest report has no row is not gone', async () => {
    const half = report('half.csv', ['10.0.0.1,up,echo-reply,berlin'], header);
    const { stdout, stderr } = await diff(oldSites, half, ...columns);
    assert.equal(stdout, 'site,address,change\n');
    assert.match(
      stderr,
      /^no changes\nnote: 1 not compared because the newest sweep could not probe/,
    );
    const none = report('none.csv', [], header);
    const noAgents = await diff(oldSites, none, ...columns);
    assert.equal(noAgents.stdout, 'site,address,change\n');
    assert.match(noAgents.stderr, /^no changes\nnote: 2 not compared/);
  });

  test('hosts are gone at a site that was swept whole, whatever is missing at another', async () => {
    const sites = [
      { site: 'berlin', targets: 1, missing: 0, agents: ['a1'] },
      { site: 'paris', targets: 2, missing: 1, agents: ['a1'] },
    ];
    const hosts = sites.map(({ site }) =>
      JSON.stringify({ ...UP, type: 'host', address: '10.0.0.3', site }),
    );
    const path = join(FOLDER, 'half-paris.jsonl');
    writeFileSync(
      path,
      `${[...hosts, runJson('end', runOf({ partial: true, sites }))].join('\n')}\n`,
    );
    const { stdout, stderr } = await diff(oldSites, path, '--only', 'gone', ...columns);
    assert.equal(stdout, 'site,address,change\nberlin,10.0.0.1,gone\n');
    assert.match(stderr, /\nnote: 1 not compared because a sweep was stopped before/);
  });

  test('a host without a row is gone if only one of the reports is of a site', async () => {
    const hosts = ['10.0.0.1,up,echo-reply', '10.0.0.2,up,echo-reply'];
    const atBerlin = (rows: readonly string[]): string[] => rows.map((row) => `${row},berlin`);
    const without = 'address,status,reason';
    const toNone = await diff(
      report('both-berlin.csv', atBerlin(hosts), header),
      report('one.csv', hosts.slice(0, 1), without),
      ...columns,
    );
    assert.equal(toNone.stdout, 'site,address,change\nberlin,10.0.0.2,gone\n');
    const fromNone = await diff(
      report('both.csv', hosts, without),
      report('one-berlin.csv', atBerlin(hosts.slice(0, 1)), header),
      ...columns,
    );
    assert.equal(fromNone.stdout, 'site,address,change\n,10.0.0.2,gone\n');
  });
});
