/** What a partial report leaves to be swept, and which reports are refused. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile as read } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { reportRequests } from '../../../src/cli/reports.ts';
import { type ResumedSweep, resumeFrom } from '../../../src/cli/resumed-sweep.ts';
import { openReports } from '../../../src/report/registry.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { unresolvedRow } from '../../../src/results/unresolved-row.ts';
import { resolveSettings } from '../../../src/settings.ts';
import { targetsOf } from '../../../src/sweep-targets.ts';
import type { TargetSet } from '../../../src/targets/target-set.ts';
import { runOf, silentHost, upHost } from '../report/samples.ts';
import { KeptStream } from './fakes.ts';

const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(folder, { recursive: true }));

const readFile = (path: string): Promise<string> => read(path, 'utf8');

const STDOUT = { stream: new KeptStream(), isTerminal: false, width: 80, colour: false };
const TARGETS = '192.0.2.0/29';
const HOSTS = [
  upHost({ address: '192.0.2.2' }),
  silentHost({ address: '192.0.2.3' }),
  upHost({ address: '192.0.2.6', hostname: '=cmd.example' }),
];

async function written(
  name: string,
  hosts: readonly HostResult[] = HOSTS,
  { args = [] as string[], run = {} as Partial<RunRecord> } = {},
): Promise<string> {
  const path = join(folder, name);
  const { command } = parseCommandLine([TARGETS, '-o', path, ...args]);
  const [sink] = await openReports(reportRequests(command, STDOUT), STDOUT);
  const record = runOf({ targets: 6, ...run });
  await sink!.begin({ ...record, endedAt: null, doubts: [] });
  await sink!.write(hosts);
  await sink!.end(record);
  return path;
}

async function resume(
  path: string,
  args: string[] = [],
  given: Partial<TargetSet> = {},
): Promise<ResumedSweep> {
  const { sweep, command } = parseCommandLine([TARGETS, ...args]);
  const settings = resolveSettings(sweep);
  const include = sweep.targets.map((text) => ({ text, where: 'target' }));
  const targets = { ...(await targetsOf({ include, exclude: [] }, sweep, settings)), ...given };
  return resumeFrom(path, targets, settings, reportRequests(command, STDOUT), STDOUT);
}

async function rowsOf({ earlier }: ResumedSweep): Promise<HostResult[]> {
  const rows: HostResult[] = [];
  for await (const { text: _, key: _key, ...row } of earlier.read() as AsyncIterable<
    HostResult & { text: string; key: string }
  >) {
    rows.push(row);
  }
  return rows;
}

const refused = (words: RegExp) => ({ code: 'REPORT_INVALID', message: words });

for (const [name, args] of [
  ['plain.csv', []],
  ['excel.csv', ['--csv-profile', 'excel', '--csv-delimiter', ';', '--csv-decimal', ',']],
  ['hosts.jsonl', []],
] as const) {
  test(`${name}: addresses without a row are left, and rows are taken over unchanged`, async () => {
    const path = await written(name, HOSTS, { args: [...args] });
    const resumed = await resume(path);
    const { ranges, count } = resumed.targets;
    assert.equal(count, 3);
    assert.deepEqual(
      ranges.map(({ first, last }) => [first & 255n, last & 255n]),
      [
        [1n, 1n],
        [4n, 5n],
      ],
    );
    assert.equal(resumed.earlier.rows, 3);
    assert.equal(resumed.earlier.up, 2);
    const again = await written(`again-${name}`, await rowsOf(resumed), { args: [...args] });
    const [before, after] = await Promise.all([path, again].map((each) => readFile(each)));
    assert.equal(after, before);
    await resumed.close();
  });
}

for (const name of ['names.csv', 'names.jsonl']) {
  test(`${name}: rows of names without an address are not taken over, but looked up again`, async () => {
    const names = ['now-found.example', 'still-lost.example'];
    const path = await written(name, [...HOSTS, ...names.map(unresolvedRow)], {
      run: { targets: 8 },
    });
    const unresolved = [{ name: names[1]!, where: 'target', reason: 'was not found' }];
    // The other name has an address now, which is among the targets anyway.
    const hostnames = new Map([['192.0.2.1', names[0]!]]);
    const resumed = await resume(path, [], { unresolved, hostnames });
    assert.deepEqual(resumed.targets.unresolved, unresolved);
    assert.equal(resumed.targets.count, 3);
    assert.equal(resumed.earlier.rows, 3);
    assert.deepEqual(
      (await rowsOf(resumed)).map(({ address }) => address),
      HOSTS.map(({ address }) => address),
    );
    await resumed.close();
  });
}

test('a report that is whole leaves nothing', async () => {
  const all = [1, 2, 3, 4, 5, 6].map((n) => silentHost({ address: `192.0.2.${n}` }));
  const resumed = await resume(await written('whole.csv', all));
  assert.equal(resumed.targets.count, 0);
  assert.deepEqual(resumed.targets.ranges, []);
  await resumed.close();
});

test('a host that did not get all probes of its count is swept again', async () => {
  const silent = silentHost({ address: '192.0.2.2' });
  const cut = upHost({ address: '192.0.2.3', pattern: '!!', sent: 2, received: 2 });
  const whole = upHost({ address: '192.0.2.4', pattern: '!!!', sent: 3, received: 3 });
  const resumed = await resume(await written('count.csv', [silent, cut, whole]), ['-c', '3']);
  assert.deepEqual(
    (await rowsOf(resumed)).map(({ address }) => address),
    ['192.0.2.2', '192.0.2.4'],
  );
  assert.equal(resumed.targets.count, 4);
  await resumed.close();
});

test('the doubts of the run that was stopped come with it', async () => {
  const run = { doubts: ['the clock stepped'], partial: true };
  const resumed = await resume(await written('doubt.jsonl', HOSTS, { run }));
  assert.deepEqual(resumed.earlier.run?.doubts, ['the clock stepped']);
  await resumed.close();
});

test('a row of another sweep is refused', async () => {
  const strangers = ['192.0.2.9', '192.0.2.10'].map((address) => silentHost({ address }));
  const path = await written('other.csv', [...HOSTS, ...strangers]);
  await assert.rejects(resume(path), refused(/192\.0\.2\.9 and 1 more are not among the targets/));
});

test('JSON Lines of a sweep of more or fewer targets is refused', async () => {
  const path = await written('more.jsonl', HOSTS, { run: { targets: 14 } });
  await assert.rejects(resume(path), refused(/the report of 14 targets, and these are 6/));
});

test('a report without what rows are counted by is refused, whatever columns are chosen', async () => {
  const columns = ['--columns', 'address,status'];
  const path = await written('narrower.csv', HOSTS, { args: columns });
  await assert.rejects(
    resume(path, columns),
    refused(/has no column reason, .*: resume a report that has them$/),
  );
});

test('a report without columns that the new one has is refused, and resumed with its own', async () => {
  const columns = ['--columns', 'address,status,reason,rtt_avg_ms'];
  const path = await written('narrow.csv', HOSTS, { args: columns });
  await assert.rejects(resume(path), refused(/no column hostname, /));
  for (const name of ['r.csv', 'r.txt', 'r.xlsx', 'r.parquet', 'r.md']) {
    const resumed = await resume(path, [...columns, '-o', join(folder, name)]);
    assert.equal(resumed.targets.count, 3);
    await resumed.close();
  }
});

test('a last line that is cut off is refused', async () => {
  const path = await written('cut.csv');
  writeFileSync(path, (await readFile(path)).slice(0, -5));
  await assert.rejects(resume(path), refused(/its last line is cut off/));
});

test('a compressed report is refused as one', async () => {
  const path = join(folder, 'report.csv.gz');
  writeFileSync(path, gzipSync(await readFile(await written('packed.csv'))));
  await assert.rejects(resume(path), refused(/it is compressed: unpack it first/));
});

const SAVED_AS: Readonly<Record<string, (text: string) => Buffer>> = {
  'with CR': (text) => Buffer.from(text.replaceAll('\n', '\r')),
  'with CR LF': (text) => Buffer.from(text.replaceAll('\n', '\r\n')),
  'as UTF-16 LE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'as UTF-16 BE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
};
for (const [how, saved] of Object.entries(SAVED_AS)) {
  test(`a whole report that was saved ${how} is resumed, and one that is cut off is not`, async () => {
    const path = await written(`saved ${how}.csv`);
    const octets = saved((await readFile(path)).replaceAll('\r\n', '\n'));
    writeFileSync(path, octets);
    const resumed = await resume(path);
    assert.equal(resumed.earlier.rows, HOSTS.length);
    await resumed.close();
    writeFileSync(path, octets.subarray(0, -6));
    await assert.rejects(resume(path), refused(/its last line is cut off/));
  });
}

test('a row whose reason is missing, or is that of another status, is refused', async () => {
  const header = 'address,status,reason\n192.0.2.1,down,no-response\n';
  for (const [row, words] of [
    ['192.0.2.2,up,', '192.0.2.2 is up with no reason'],
    ['192.0.2.2,up,no-response', '192.0.2.2 is up with the reason no-response'],
    ['192.0.2.2,unreachable,echo-reply', '192.0.2.2 is unreachable with the reason echo-reply'],
  ] as const) {
    const path = join(folder, 'reason.csv');
    writeFileSync(path, `${header}${row}\n`);
    const columns = ['--columns', 'address,status,reason'];
    await assert.rejects(resume(path, columns), refused(new RegExp(`: ${words}: remove that row`)));
  }
  const scan = join(folder, 'scan.xml');
  writeFileSync(
    scan,
    '<nmaprun><host><status state="up" reason="localhost-response"/><address addr="192.0.2.2"/></host></nmaprun>\n',
  );
  await assert.rejects(
    resume(scan, ['--columns', 'address,status,reason']),
    refused(/: 192\.0\.2\.2 is up with no reason/),
  );
});

test('rows in another order are refused', async () => {
  const path = await written('order.csv', [...HOSTS].reverse());
  await assert.rejects(resume(path), refused(/comes after/));
});

test('what cannot be read twice is refused', async () => {
  await assert.rejects(resume('/dev/null'), refused(/only a regular file/));
  await assert.rejects(resume(join(folder, 'missing.csv')), refused(/there is no such file/));
});

test('a pipe is refused at once, also if it has no writer', {
  skip: process.platform === 'win32',
}, async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  await assert.rejects(resume(path), refused(/only a regular file/));
});

test('a host that is up without a mark for any probe is swept again', async () => {
  const path = join(folder, 'no-marks.csv');
  writeFileSync(path, 'address,status,reason,pattern\n192.0.2.2,up,echo-reply,\n');
  const resumed = await resume(path, ['--columns', 'address,status,reason,pattern']);
  assert.equal(resumed.targets.count, 6);
  await resumed.close();
});
