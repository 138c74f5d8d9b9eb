/** What opening the reports of a sweep promises: the right format, all or none, before the first probe. */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { FORMATS } from '../../../src/report/formats.ts';
import {
  openReports,
  type ReportRequest,
  refuseTooManyEntries,
  type StandardOutput,
} from '../../../src/report/registry.ts';
import { anyOf } from '../../../src/words.ts';
import { runOf, silentHost, upHost } from './samples.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function requestOf(path: string, values: Partial<ReportRequest> = {}): ReportRequest {
  return { path, csvProfile: 'plain', csvDelimiter: ',', csvDecimal: '.', ...values };
}

function collectingStdout(values: Partial<StandardOutput> = {}): {
  stdout: StandardOutput;
  text: () => string;
} {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return {
    stdout: { stream, isTerminal: false, width: 80, colour: false, ...values },
    text: () => chunks.join(''),
  };
}

const { stdout: nowhere } = collectingStdout();

async function reportOf(request: ReportRequest, values?: Partial<StandardOutput>): Promise<string> {
  const { stdout, text } = collectingStdout(values);
  const [sink] = await openReports([request], stdout);
  await sink!.begin(runOf());
  await sink!.write([upHost(), silentHost()]);
  await sink!.end(runOf());
  return request.path === '-' ? text() : readFileSync(request.path, 'utf8');
}

describe('the format of a report', () => {
  const firstWord = {
    csv: /^address,/,
    jsonl: /^\{"type":"run"/,
    table: /^address {2}/,
    html: /^<!doctype html>/,
    xlsx: /^PK/,
    parquet: /^PAR1/,
    'nmap-xml': /^<\?xml .*\n<!DOCTYPE nmaprun>\n<nmaprun /,
    gnmap: /^# echosweep .*\nHost: /,
    markdown: /^\| address \|/,
    ecs: /^\{"@timestamp":/,
    syslog: /^<30>1 /,
    influx: /^ping,url=/,
    'file-sd': /^\[\n\{"targets":/,
    'zabbix-lld': /^\[\n\{"\{#IP\}":/,
    ansible: /^\{"_meta":/,
  };

  test('is what the ending of its path says, in any case', async () => {
    assert.match(await reportOf(requestOf(join(folder, 'r.csv'))), firstWord.csv);
    assert.match(await reportOf(requestOf(join(folder, 'R.JSONL'))), firstWord.jsonl);
    assert.match(await reportOf(requestOf(join(folder, 'r.txt'))), firstWord.table);
  });

  test('is what --format says, whatever the ending', async () => {
    for (const { name } of FORMATS) {
      const request = requestOf(join(folder, `${name}.csv`), { format: name });
      assert.match(await reportOf(request), firstWord[name as keyof typeof firstWord]);
    }
  });

  test('is a table on a terminal and CSV in a pipe, where nothing else is said', async () => {
    assert.match(await reportOf(requestOf('-'), { isTerminal: true }), firstWord.table);
    assert.match(await reportOf(requestOf('-')), firstWord.csv);
  });

  test('says truly whether lists other than hosts can be had in it', async () => {
    for (const { name, takesRecords, load } of FORMATS) {
      assert.equal((await load()).records !== undefined, takesRecords, name);
    }
  });

  test('says truly whether it is a list of hosts, and then lists those that are up', async () => {
    for (const { name, listsHosts = false, ending, load } of FORMATS) {
      assert.equal((await load()).hosts !== undefined, listsHosts, name);
      if (!listsHosts) continue;
      const path = join(folder, `r${ending}`);
      assert.doesNotMatch(await reportOf(requestOf(path)), /192\.0\.2\.2/);
      const silent = await reportOf(requestOf(path, { only: new Set(['down']) }));
      assert.match(silent, /192\.0\.2\.2/);
      assert.doesNotMatch(silent, /192\.0\.2\.1/);
    }
  });

  test('is what the longest ending of its path says', async () => {
    for (const { name, ending } of FORMATS) {
      const text = await reportOf(requestOf(join(folder, `r.csv${ending}`)));
      assert.match(text, firstWord[name as keyof typeof firstWord]);
    }
  });

  test('that a terminal cannot show is refused there, not in a pipe', async () => {
    const request = requestOf('-', { format: 'xlsx' });
    const terminal = collectingStdout({ isTerminal: true }).stdout;
    await assert.rejects(openReports([request], terminal), {
      code: 'OPTION_INVALID',
      message: /a terminal cannot show xlsx: give -o FILE\.xlsx/,
    });
    assert.match(await reportOf(request), firstWord.xlsx);
  });

  test('that has no room for all hosts is refused, and the others are not', () => {
    const requests = [requestOf(join(folder, 'r.csv')), requestOf(join(folder, 'r.xlsx'))];
    refuseTooManyEntries(1_048_575, requests, nowhere);
    refuseTooManyEntries(1_048_576, requests.slice(0, 1), nowhere);
    assert.throws(() => refuseTooManyEntries(1_048_576, requests, nowhere), {
      code: 'OPTION_INVALID',
      message:
        /^xlsx has room for 1,048,575 rows and a header, not for 1,048,576 rows: use another format/,
    });
  });

  test('that cannot be told is refused with those that can', async () => {
    await assert.rejects(openReports([requestOf(join(folder, 'r.ods'))], nowhere), {
      code: 'OPTION_INVALID',
      message:
        /the name .*r\.ods does not show which format to write: end it in \.csv, \.jsonl, .* or \.\S+, or give --format/,
    });
    await assert.rejects(openReports([requestOf('-', { format: 'xml' })], nowhere), {
      code: 'OPTION_INVALID',
      message: `unknown format "xml": use ${anyOf(FORMATS.map(({ name }) => name))}`,
    });
    await assert.rejects(openReports([requestOf('')], nowhere), { code: 'OPTION_INVALID' });
  });
});

describe('a report', () => {
  test('has the rows of the statuses asked for', async () => {
    const text = await reportOf(
      requestOf('-', { only: new Set(['down']), columns: ['address', 'status'] }),
    );
    assert.equal(text, 'address,status\n192.0.2.2,down\n');
  });

  test('in a file is neither coloured nor cut to the terminal', async () => {
    const terminal = { isTerminal: true, width: 40, colour: true };
    const text = await reportOf(requestOf(join(folder, 'r.txt')), terminal);
    assert.match(text, /^address +status +reason +rtt avg ms +loss % +ttl +hops\n/);
  });

  test('of more rows than are written at once has each of them once, in order', async () => {
    const path = join(folder, 'r.csv');
    const [sink] = await openReports([requestOf(path, { columns: ['address', 'sent'] })], nowhere);
    const hosts = Array.from({ length: 2500 }, (_, i) => upHost({ sent: i }));
    await sink!.begin(runOf());
    await sink!.write(hosts);
    await sink!.end(runOf());
    const lines = readFileSync(path, 'utf8').split('\n');
    assert.deepEqual(
      lines.slice(1, -1).map((line) => Number(line.split(',')[1])),
      hosts.map((host) => host.sent),
    );
  });
});

describe('several reports', () => {
  test('are opened all or not at all', async () => {
    const good = requestOf(join(folder, 'r.csv'));
    const bad = requestOf(join(folder, 'no', 'r.csv'));
    await assert.rejects(openReports([good, bad], nowhere), { code: 'OUTPUT_FAILED' });
    assert.deepEqual(readdirSync(folder), []);
  });

  test('are checked before any is opened: a wrong option is told before a bad path', async () => {
    const badPath = requestOf(join(folder, 'no', 'r.csv'));
    const badColumn = requestOf(join(folder, 'r.jsonl'), { columns: ['rtt'] });
    await assert.rejects(openReports([badPath, badColumn], nowhere), { code: 'OPTION_INVALID' });
  });

  test('may not share a place', async () => {
    const twice = [requestOf(join(folder, 'r.csv')), requestOf(`${folder}/./r.csv`)];
    await assert.rejects(openReports(twice, nowhere), {
      code: 'OPTION_INVALID',
      message: /^two reports would go to .*r\.csv: give each a place of its own$/,
    });
    await assert.rejects(openReports([requestOf('-'), requestOf('/dev/stdout')], nowhere), {
      message: /^two reports would go to standard output/,
    });
  });

  test('may not share a place that links lead to', async () => {
    symlinkSync(folder, join(folder, 'same'));
    symlinkSync('old.csv', join(folder, 'latest.txt'));
    writeFileSync(join(folder, 'old.csv'), '');
    for (const pair of [
      ['old.csv', 'latest.txt'],
      ['latest.txt', 'same/old.csv'],
      ['new.csv', 'same/new.csv'],
    ]) {
      const requests = pair.map((name) => requestOf(join(folder, name)));
      await assert.rejects(openReports(requests, nowhere), { message: /^two reports would go to/ });
    }
  });

  test('given up leave nothing', async () => {
    const paths = ['r.csv', 'r.jsonl'].map((name) => join(folder, name));
    const sinks = await openReports(
      paths.map((path) => requestOf(path)),
      nowhere,
    );
    for (const sink of sinks) {
      await sink.begin(runOf());
      await sink.write([upHost()]);
      await sink.abort();
    }
    assert.equal(existsSync(paths[0]!), false);
    assert.deepEqual(readdirSync(folder), []);
  });
});
