/** The views that other programs read: their columns, their values, and that they can be read at any time. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { listChanges } from '../../../src/inventory/change-list.ts';
import { INVENTORY_CHANGE_SHAPE } from '../../../src/inventory/change-report.ts';
import { openDatabase } from '../../../src/inventory/database.ts';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import { CHANGE_KINDS, HOST_STATES } from '../../../src/inventory/host-memory.ts';
import { DAY_SHAPE, hostShape } from '../../../src/inventory/host-report.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { JSON_LINES } from '../../../src/report/json-lines.ts';
import type { RecordShape } from '../../../src/report/record-shape.ts';
import { modulePath } from '../../root.ts';
import { settingsOf } from '../report/samples.ts';
import { hourOf, silentAt, temporaryFolder, upAt, withStore, writeOffice } from './samples.ts';

/** Programs of other people rely on these: a list may only grow, at its end. Anything else makes a view of another name. */
const COLUMNS = {
  v1_hosts: [
    'address',
    'hostname',
    'state',
    'reason',
    'rtt_ms',
    'mac',
    'other_mac',
    'first_seen',
    'last_seen',
    'last_change',
    'network',
    'status',
    'misses',
    'usual_rtt_ms',
    'address_key',
    'note_name',
    'note_owner',
    'note',
    'note_tags',
    'note_known',
    'muted_until',
    'gone_after',
  ],
  v1_changes: [
    'address',
    'hostname',
    'change',
    'before',
    'after',
    'seen_at',
    'network',
    'address_key',
    'id',
    'responder',
    'acknowledged_at',
    'acknowledged_by',
  ],
  v1_days: [
    'network',
    'address',
    'day',
    'asked',
    'up',
    'up_pct',
    'rtt_min_ms',
    'rtt_avg_ms',
    'rtt_max_ms',
    'address_key',
  ],
} as const;
type View = keyof typeof COLUMNS;

const WRITER = modulePath('test/unit/inventory/scan-forever.ts');

function namesOf(view: View, { database }: Pick<Store, 'database'>): string[] {
  return database
    .prepare(`SELECT name FROM pragma_table_info('${view}') ORDER BY cid`)
    .all()
    .map(({ name }) => String(name));
}

/** Eight scans: one host is steady, one comes and goes, moves its name and its card, one never answers, one has two cards. */
function fill(store: Store): void {
  for (let n = 0; n < 8; n++) {
    const startedAt = new Date(hourOf(n).getTime() + 7 * n);
    writeOffice(store, n, [
      upAt('192.0.2.1', n, { rttAvgMs: n === 6 ? 99.1234 : 0.4567, startedAt }),
      n % 4 < 2
        ? upAt('192.0.2.2', n, { hostname: `name-${n}.example`, mac: `00:00:5e:00:53:0${n}` })
        : silentAt('192.0.2.2', n),
      silentAt('192.0.2.3', n),
      upAt('2001:db8::1', n, {
        status: 'up',
        reason: 'ndp-reply',
        rttAvgMs: null,
        mac: '00:00:5e:00:53:aa',
        otherMac: n > 3 ? '00:00:5e:00:53:bb' : null,
      }),
    ]);
  }
}

/** The records of a list as JSON Lines has them, with the columns that the view has too. */
function recordsOf<Entry>(
  shape: RecordShape<Entry>,
  entries: readonly Entry[],
  view: View,
): Record<string, unknown>[] {
  const lines = String(JSON_LINES.records!(shape, settingsOf() as never).rows(entries));
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => inView(JSON.parse(line) as Record<string, unknown>, view));
}

function inView(record: Readonly<Record<string, unknown>>, view: View): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => (COLUMNS[view] as readonly string[]).includes(name)),
  );
}

/** The rows of a view with the columns that the records have. */
function rowsOf(
  view: View,
  columns: readonly string[],
  { database }: Store,
): Record<string, unknown>[] {
  const order = view === 'v1_changes' ? 'id' : 'address_key';
  return database
    .prepare(`SELECT ${columns.join()} FROM ${view} ORDER BY ${order}`)
    .all()
    .map((row) => ({ ...row }));
}

for (const view of Object.keys(COLUMNS) as View[]) {
  test(`${view} has its columns, and further ones only after them`, () =>
    withStore((store) => {
      assert.deepEqual(namesOf(view, store), COLUMNS[view]);
    }));
}

test('the views say of hosts what the reports say, in the same words', () =>
  withStore((store) => {
    fill(store);
    const hosts = listHosts(store, { states: HOST_STATES });
    const records = recordsOf(
      hostShape([], []),
      hosts.map((host) => ({ ...host, host, known: null, fields: {}, note: null })),
      'v1_hosts',
    );
    assert.equal(records.length, 4);
    assert.deepEqual(rowsOf('v1_hosts', Object.keys(records[0]!), store), records);
    const shared = hostShape([], []).columns.map(({ name }) => name);
    assert.deepEqual(
      shared.filter((name) => !(COLUMNS.v1_hosts as readonly string[]).includes(name)),
      ['vendor', 'known', 'site', 'tags'],
    );
  }));

test('the views say of changes what the reports say; an RTT is text there', () =>
  withStore((store) => {
    fill(store);
    const changes = listChanges(store, { since: new Date(0), kinds: CHANGE_KINDS });
    const kinds = new Set(changes.map(({ kind }) => kind));
    for (const kind of ['back', 'conflict', 'gone', 'mac-changed', 'name-changed', 'slower']) {
      assert.ok(kinds.has(kind as 'gone'), kind);
    }
    const records = recordsOf(INVENTORY_CHANGE_SHAPE, changes, 'v1_changes').map((record) => ({
      ...record,
      before: record['before'] === null ? null : String(record['before']),
      after: record['after'] === null ? null : String(record['after']),
    }));
    const rows = rowsOf('v1_changes', Object.keys(records[0]!), store);
    assert.deepEqual(sortedByTime(rows), sortedByTime(records));
  }));

function sortedByTime(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

test('the views say of days what the reports say', () =>
  withStore((store) => {
    fill(store);
    const rows = hostHistories(store, upAt('192.0.2.1', 0).key, new Date(0)).flatMap(
      ({ host, days }) => days.map((day) => ({ host, day })),
    );
    const records = recordsOf(DAY_SHAPE, rows, 'v1_days');
    assert.deepEqual(
      rowsOf('v1_days', Object.keys(records[0]!), store).filter(
        ({ address }) => address === '192.0.2.1',
      ),
      records,
    );
    // Up all day by NDP, which measures nothing.
    const [silent] = rowsOf('v1_days', COLUMNS.v1_days, store).filter(
      ({ address }) => address === '2001:db8::1',
    );
    assert.deepEqual(
      [silent!['up'], silent!['up_pct'], silent!['rtt_min_ms'], silent!['rtt_avg_ms']],
      [8, 100, null, null],
    );
  }));

test('the views can be read while scans are written, each at one moment between two scans', async () => {
  const path = join(temporaryFolder(), 'inventory.db');
  const writer = spawn(process.execPath, [WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => writer.on('close', resolve));
  try {
    await nextLine(writer.stdout);
    // Without patience: a lock that it would have to wait for is an error.
    const database = await openDatabase(path, 0);
    const seen = new Set<number>();
    for (let i = 0; i < 20; i++) {
      await nextLine(writer.stdout);
      const [row] = database
        .prepare(
          `SELECT (SELECT count(DISTINCT asked) FROM (SELECT address, sum(asked) AS asked FROM v1_days GROUP BY address)) AS totals,
             (SELECT sum(asked) FROM v1_days WHERE address = '192.0.2.0') AS scans,
             (SELECT count(*) FROM v1_hosts) AS hosts, (SELECT count(*) FROM v1_changes) AS changes`,
        )
        .all();
      // Days of a host begin when it is first up, which is in one of the first three scans.
      assert.ok(Number(row!['totals']) <= 3);
      assert.equal(row!['hosts'], 250);
      seen.add(Number(row!['scans']));
    }
    assert.ok(seen.size > 10, `${seen.size} moments`);
    database.close();
  } finally {
    writer.kill('SIGKILL');
    await ended;
  }
});

function nextLine(stdout: NodeJS.ReadableStream): Promise<unknown> {
  return new Promise((resolve) => stdout.once('data', resolve));
}
