/** `echosweep render` and `echosweep map`: from either kind of report, to either place, and what they refuse. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mapCommand } from '../../../src/cli/map-command.ts';
import { renderCommand } from '../../../src/cli/render-command.ts';
import { CSV } from '../../../src/report/csv.ts';
import { JSON_LINES } from '../../../src/report/json-lines.ts';
import { runOf, settingsOf, silentHost, upHost } from '../report/samples.ts';
import { fakeSurroundings, KeptStream } from './fakes.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
// Windows removes a file only once it is closed, which streams do a little later.
after(() => rmSync(FOLDER, { recursive: true, maxRetries: 5 }));

const HOSTS = [upHost(), silentHost()];
const CSV_FILE = join(FOLDER, 'report.csv');
const JSON_LINES_FILE = join(FOLDER, 'report.jsonl');
const csv = CSV.rows(settingsOf());
writeFileSync(CSV_FILE, csv.begin(runOf()) + Buffer.from(csv.rows(HOSTS) as Uint8Array).toString());
const jsonl = JSON_LINES.rows(settingsOf());
const RUN = runOf({ targets: 2, statuses: { up: 1, unreachable: 0, down: 1, error: 0 } });
const START = jsonl.begin(runOf({ ...RUN, endedAt: null }));
writeFileSync(JSON_LINES_FILE, `${START}${jsonl.rows(HOSTS)}${jsonl.end(RUN)}`);

describe('render', () => {
  test('makes a page of CSV and of JSON Lines, in a file or on standard output', async () => {
    for (const report of [CSV_FILE, JSON_LINES_FILE]) {
      const stdout = new KeptStream();
      const place = join(FOLDER, 'page.html');
      assert.equal(await renderCommand.run([report, '-o', place], fakeSurroundings({ stdout })), 0);
      assert.equal(stdout.text, '');
      assert.equal(await renderCommand.run([report], fakeSurroundings({ stdout })), 0);
      assert.equal(stdout.text, readFileSync(place, 'utf8'));
      assert.match(stdout.text, /<p id="totals">1 of 2 addresses answers/);
    }
  });

  test('refuses a terminal, and a place whose name is no page', async () => {
    const terminal = fakeSurroundings({ stdout: new KeptStream({ isTTY: true }) });
    const wrong = { code: 'OPTION_INVALID' };
    await assert.rejects(renderCommand.run([CSV_FILE], terminal), wrong);
    await assert.rejects(renderCommand.run([CSV_FILE, '-o', 'x.pdf'], terminal), {
      ...wrong,
      message: 'only pages are written here: end x.pdf in .html',
    });
    await assert.rejects(renderCommand.run([], terminal), wrong);
  });

  test('leaves nothing where the report is none', async () => {
    const place = join(FOLDER, 'none.html');
    const around = fakeSurroundings();
    const report = join(FOLDER, 'none.csv');
    await assert.rejects(renderCommand.run([report, '-o', place], around), {
      code: 'REPORT_INVALID',
    });
    assert.ok(!readdirSync(FOLDER).includes('none.html'));
  });
});

describe('a report on two sites', () => {
  const settings = settingsOf({ hasSites: true });
  const hosts = [...HOSTS.map((host) => ({ ...host, site: 'berlin' })), upHost({ site: 'paris' })];
  const sites = [
    { site: 'berlin', targets: 2, missing: 0, agents: ['a1'] },
    { site: 'paris', targets: 2, missing: 1, agents: ['a1'] },
  ];
  const run = runOf({
    targets: 4,
    statuses: { up: 2, unreachable: 0, down: 1, error: 0 },
    partial: true,
    sites,
  });
  const format = JSON_LINES.rows(settings);
  const file = join(FOLDER, 'sites.jsonl');
  writeFileSync(
    file,
    format.begin({ ...run, endedAt: null }) + String(format.rows(hosts)) + format.end(run),
  );

  test('has a map for each, or of one', async () => {
    const drawn = async (...args: string[]): Promise<string> => {
      const stdout = new KeptStream();
      assert.equal(await mapCommand.run([file, ...args], fakeSurroundings({ stdout })), 0);
      return stdout.text;
    };
    assert.match(
      await drawn(),
      /^berlin:\n[\s\S]*\n192\.0\.2\.0 +▂·\n[\s\S]*\n\nparis:\n[\s\S]*\n192\.0\.2\.0 +▂\n/,
    );
    const paris = await drawn('--site', 'paris');
    assert.match(paris, /^paris:\n/);
    assert.doesNotMatch(paris, /berlin/);
    await assert.rejects(drawn('--site', 'rome'), {
      code: 'REPORT_INVALID',
      message: /sites\.jsonl: it has no rows of the site "rome": name berlin or paris$/,
    });
  });

  test('has a page of each, named after it', async () => {
    const page = async (site: string): Promise<string> => {
      const stdout = new KeptStream();
      await renderCommand.run([file, '--site', site], fakeSurroundings({ stdout }));
      return stdout.text;
    };
    const berlin = await page('berlin');
    assert.match(berlin, /<title>berlin · /);
    assert.match(berlin, /<p id="totals">1 of 2 addresses answers/);
    assert.match(await page('paris'), /<title>paris · /);
    await assert.rejects(renderCommand.run([file], fakeSurroundings()), {
      code: 'REPORT_INVALID',
      message: /rows of the sites "berlin" and "paris": choose one with --site$/,
    });
  });
});

describe('map', () => {
  test('is the same of CSV and of JSON Lines', async () => {
    for (const report of [CSV_FILE, JSON_LINES_FILE]) {
      const stdout = new KeptStream();
      assert.equal(await mapCommand.run([report], fakeSurroundings({ stdout })), 0);
      assert.match(stdout.text, /\n192\.0\.2\.0 +▂·\n/);
    }
  });

  test('comes from standard input as well, in either format', async () => {
    for (const report of [CSV_FILE, JSON_LINES_FILE]) {
      const stdout = new KeptStream();
      const stdin = readFileSync(report, 'utf8');
      assert.equal(await mapCommand.run(['-'], fakeSurroundings({ stdin, stdout })), 0);
      assert.match(stdout.text, /\n192\.0\.2\.0 +▂·\n/);
    }
    await assert.rejects(mapCommand.run(['-'], fakeSurroundings({ stdin: 'address;state\n' })), {
      code: 'REPORT_INVALID',
      message: /^standard input: its header has no status/,
    });
  });

  test('is told by what a file holds, not by its name', async () => {
    const stdout = new KeptStream();
    const log = join(FOLDER, 'sweep.log');
    writeFileSync(log, readFileSync(JSON_LINES_FILE));
    assert.equal(await mapCommand.run([log], fakeSurroundings({ stdout })), 0);
    assert.match(stdout.text, /\n192\.0\.2\.0 +▂·\n/);
    writeFileSync(log, gzipSync(readFileSync(CSV_FILE)));
    await assert.rejects(mapCommand.run([log], fakeSurroundings()), {
      message: /sweep\.log: it is compressed: unpack it first/,
    });
  });

  test('of no hosts is a word about that', async () => {
    const around = fakeSurroundings({ stdin: 'address,status\n' });
    assert.equal(await mapCommand.run(['-'], around), 0);
    assert.match(around.stderr.text, /^echosweep: standard input: the report has no hosts/);
  });
});
