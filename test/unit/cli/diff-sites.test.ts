/** `echosweep diff` of reports on several sites. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runJson } from '../../../src/report/json-lines.ts';
import { readCsv } from '../report/read-csv.ts';
import { runOf } from '../report/samples.ts';
import { diff, FOLDER, old, report } from './diff-run.ts';

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
