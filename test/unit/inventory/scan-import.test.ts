/** Reports of earlier sweeps become scans: oldest first, by the times in them, and never before a younger scan. */

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listHosts } from '../../../src/inventory/host-list.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { earlierScans, importScan } from '../../../src/inventory/scan-import.ts';
import { latestScan } from '../../../src/inventory/scan-writer.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { JSON_LINES } from '../../../src/report/json-lines.ts';
import { MASSCAN, NMAP_LAN } from '../report/nmap-samples.ts';
import { runOf, settingsOf, textOf, upHost } from '../report/samples.ts';
import { hourOf, RULES, temporaryFolder } from './samples.ts';

const FOLDER = temporaryFolder();

/** A report of 192.0.2.1, .2, …: `+` up, `-` silent, `x` not sent; each host is probed a second after the one before. */
function reportOf(name: string, hour: number, marks: string): string {
  const rows = [...marks].map((mark, i) => {
    const time = new Date(hourOf(hour).getTime() + i * 1000).toISOString();
    const address = `192.0.2.${i + 1}`;
    if (mark === '+') return `${address},up,echo-reply,1.000,${time}`;
    return mark === '-' ? `${address},down,no-response,,${time}` : `${address},error,send-failed,,`;
  });
  const path = join(FOLDER, name);
  writeFileSync(path, ['address,status,reason,rtt_avg_ms,started_at', ...rows, ''].join('\n'));
  return path;
}

/** A report of 192.0.2.1, which was up. */
function linesReportOf(name: string, hour: number, doubts: readonly string[]): string {
  const run = runOf({ doubts });
  const format = JSON_LINES.rows(settingsOf());
  const rows = textOf(format, [upHost({ startedAt: hourOf(hour) })]);
  const path = join(FOLDER, name);
  writeFileSync(path, `${format.begin({ ...run, endedAt: null })}${rows}${format.end(run)}`);
  return path;
}

test('reports come oldest first, whatever their names and the order they are given in', async () => {
  const paths = [reportOf('a.csv', 2, '+'), reportOf('b.csv', 0, '+'), reportOf('c.csv', 1, '+')];
  const scans = await earlierScans(paths);
  assert.deepEqual(
    scans.map(({ startedAt }) => startedAt),
    [hourOf(0), hourOf(1), hourOf(2)],
  );
  assert.equal((await scans[0]!.read()).path, paths[1]);
});

test('a report is read again when its turn comes: not all are in memory', async () => {
  const path = reportOf('gone.csv', 0, '+');
  const [scan] = await earlierScans([path]);
  rmSync(path);
  await assert.rejects(scan!.read(), { code: 'REPORT_INVALID' });
});

test('a report without times is refused', async () => {
  const path = reportOf('timeless.csv', 0, 'xx');
  await assert.rejects(earlierScans([path]), {
    code: 'REPORT_INVALID',
    message: /timeless\.csv: none of its rows has a started_at: take a report with this column$/,
  });
});

test('a report is a scan from its first to its last time, of as many targets as it has rows', async () => {
  const store = await openStore(join(FOLDER, 'one.db'));
  const [scan] = await earlierScans([reportOf('one.csv', 0, '+-+')]);
  const { changes, isFirst } = importScan(store, 'office', await scan!.read(), RULES);
  assert.deepEqual([changes, isFirst], [[], true]);
  const { lastScan, lastScanMs, targets, hosts } = networkStatus(store, 'office', hourOf(1));
  assert.deepEqual([lastScan, lastScanMs, targets], [hourOf(0), 2000, 3]);
  assert.deepEqual([hosts.up, hosts.silent], [2, 1]);
  store.close();
});

test('a report in JSON Lines is a scan too, and is no more trusted than its run was', async () => {
  const store = await openStore(join(FOLDER, 'lines.db'));
  for (const { read } of await earlierScans([
    reportOf('lines.csv', 0, '++'),
    linesReportOf('whole.jsonl', 1, []),
    linesReportOf('doubted.jsonl', 2, ['the canary did not reply']),
  ])) {
    importScan(store, 'office', await read(), RULES);
  }
  const { lastScan, doubt } = networkStatus(store, 'office', hourOf(3));
  assert.deepEqual([lastScan, doubt], [hourOf(2), 'the canary did not reply']);
  store.close();
});

test('hosts that a later report has no row for stay as they were', async () => {
  const store = await openStore(join(FOLDER, 'part.db'));
  for (const { read } of await earlierScans([
    reportOf('whole.csv', 0, '++'),
    reportOf('part.csv', 1, '-'),
  ])) {
    importScan(store, 'office', await read(), RULES);
  }
  assert.deepEqual(
    listHosts(store, {}).map(({ address, state }) => [address, state]),
    [
      ['192.0.2.1', 'missing'],
      ['192.0.2.2', 'up'],
    ],
  );
  store.close();
});

test('a report that is not younger than the latest scan is refused, and nothing of it is kept', async () => {
  const store = await openStore(join(FOLDER, 'late.db'));
  const [old, young] = await earlierScans([
    reportOf('old.csv', 0, '+'),
    reportOf('young.csv', 1, '+'),
  ]);
  importScan(store, 'office', await young!.read(), RULES);
  for (const scan of [old!, young!]) {
    const read = await scan.read();
    assert.throws(() => importScan(store, 'office', read, RULES), {
      code: 'REPORT_INVALID',
      message: /is not younger than the latest scan of office: import reports before the first/,
    });
  }
  assert.deepEqual(latestScan(store, 'office'), hourOf(1));
  // Another network has a history of its own.
  assert.ok(importScan(store, 'branch', await old!.read(), RULES).isFirst);
  store.close();
});

test('scans of nmap and masscan are scans of the network as well', async () => {
  const paths = [join(FOLDER, 'mass.xml'), join(FOLDER, 'lan.xml')];
  writeFileSync(paths[0]!, MASSCAN);
  writeFileSync(paths[1]!, NMAP_LAN);
  const store = await openStore(join(FOLDER, 'nmap.db'));
  for (const scan of await earlierScans(paths))
    importScan(store, 'office', await scan.read(), RULES);
  const { hosts, lastScan } = networkStatus(store, 'office', hourOf(1));
  assert.deepEqual([hosts.up, hosts.silent], [4, 1]);
  assert.deepEqual(lastScan, new Date('2026-11-28T09:25:40Z'));
  const macs = listHosts(store, {}).flatMap(({ mac }) => mac ?? []);
  assert.deepEqual(macs, ['56:7c:4a:f1:6e:95']);
  store.close();
});

test('of a report on two sites, the rows of one are a scan, which is whole if its site is', async () => {
  const run = runOf({
    partial: true,
    sites: [
      { site: 'berlin', targets: 2, missing: 0, agents: ['a1'] },
      { site: 'paris', targets: 2, missing: 1, agents: ['a1'] },
    ],
  });
  const format = JSON_LINES.rows(settingsOf({ hasSites: true }));
  const hosts = ['berlin', 'paris'].map((site) => upHost({ startedAt: hourOf(0), site }));
  const path = join(FOLDER, 'sites.jsonl');
  const rows = textOf(format, hosts);
  writeFileSync(path, `${format.begin({ ...run, endedAt: null })}${rows}${format.end(run)}`);
  const store = await openStore(join(FOLDER, 'sites.db'));
  for (const site of ['berlin', 'paris']) {
    const [scan] = await earlierScans([path], site);
    importScan(store, `${site}-lan`, await scan!.read(), RULES);
    const { targets, partial } = networkStatus(store, `${site}-lan`, hourOf(1));
    assert.deepEqual([targets, partial], [1, site === 'paris']);
  }
  store.close();
  await assert.rejects(earlierScans([path]), { message: /choose one with --site$/ });
  await assert.rejects(earlierScans([path], 'rome'), { message: /name berlin or paris$/ });
});
