/** docs/integrations/storage.md: every query gives the answer that it is said to give, and every column is described. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { ScannedHost } from '../../src/inventory/host-writer.ts';
import { writeScan } from '../../src/inventory/scan-writer.ts';
import { openStore } from '../../src/inventory/store.ts';
import { PARQUET } from '../../src/report/parquet.ts';
import { RULES, recordOf, silentAt, upAt } from '../unit/inventory/samples.ts';
import { duckdbRows } from '../unit/report/duckdb.ts';
import { runOf, settingsOf, silentHost, upHost } from '../unit/report/samples.ts';
import { codeIn, codeSpansOf, fencesOf, sectionOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/integrations/storage.md');
const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
const DATABASE = join(FOLDER, 'echosweep.db');
const MS_A_DAY = 86_400_000;

/** In the order of the page. */
const queriesFor = (program: 'duckdb' | 'sqlite'): string[] =>
  fencesOf(PAGE)
    .filter(({ info }) => info === `sql ${program}`)
    .map(({ code }) => code);

/** Seven scans on the day before yesterday: so they are of one day and one month whenever this runs. */
const DAY = Math.floor(Date.now() / MS_A_DAY) - 2;
const FLAPS = [true, false, false, true, false, false, true];

async function fillInventory(): Promise<void> {
  const store = await openStore(DATABASE);
  for (let n = 0; n < FLAPS.length; n++) {
    const startedAt = new Date(DAY * MS_A_DAY + n * 3_600_000);
    const endedAt = new Date(startedAt.getTime() + 1500);
    const hosts: ScannedHost[] = [
      upAt('192.0.2.1', n, { hostname: 'steady.example', rttAvgMs: 2.5 }),
      FLAPS[n] ? upAt('192.0.2.2', n) : silentAt('192.0.2.2', n),
      n < 3 ? silentAt('192.0.2.3', n) : upAt('192.0.2.3', n, { rttAvgMs: 40 }),
      silentAt('192.0.2.20', n),
      silentAt('192.0.2.4', n),
    ];
    writeScan(store, {
      network: 'office',
      record: recordOf(n, { startedAt, endedAt }),
      hosts: hosts.map((host) => ({ ...host, startedAt })),
      rules: RULES,
    });
  }
  store.close();
}

function fillSweeps(): void {
  mkdirSync(join(FOLDER, 'sweeps'));
  for (const [name, partial] of [
    ['2026-03-04', false],
    ['2026-03-05', true],
  ] as const) {
    const writer = PARQUET.rows(settingsOf());
    const run = runOf({ partial, doubts: partial ? ['the canary was silent'] : [] });
    const pieces = [
      writer.begin(run),
      writer.rows([upHost(), partial ? silentHost() : upHost({ address: '192.0.2.2' })]),
      writer.end(run),
    ].map((piece) => Buffer.from(piece as string));
    writeFileSync(join(FOLDER, 'sweeps', `${name}.parquet`), Buffer.concat(pieces));
  }
}

await fillInventory();
fillSweeps();

test('the queries of the database answer what they are said to answer', async () => {
  const store = await openStore(DATABASE);
  const answers = queriesFor('sqlite').map((sql) => store.database.prepare(sql).all());
  store.close();
  const [free, fresh, flapping, slowest, months] = answers.map((rows) =>
    rows.map((row) => Object.values(row)),
  );
  const at = (hour: number) => new Date(DAY * MS_A_DAY + hour * 3_600_000).toISOString();
  assert.deepEqual(free, [
    ['office', '192.0.2.4', 'silent', null],
    ['office', '192.0.2.20', 'silent', null],
  ]);
  assert.deepEqual(fresh, [[at(3), 'office', '192.0.2.3', null]]);
  assert.deepEqual(flapping, [['office', '192.0.2.2', null, 2, at(6)]]);
  assert.deepEqual(slowest, [
    ['office', '192.0.2.3', 40, 40],
    ['office', '192.0.2.1', 2.5, 2.5],
    ['office', '192.0.2.2', 1, 1],
  ]);
  const month = at(0).slice(0, 7);
  assert.deepEqual(months, [
    ['office', '192.0.2.1', month, 100],
    ['office', '192.0.2.2', month, 42.86],
    ['office', '192.0.2.3', month, 100],
  ]);
});

test('the queries of Parquet files answer what they are said to answer', async () => {
  const answers = [];
  for (const sql of queriesFor('duckdb')) {
    answers.push(await duckdbRows(sql.replaceAll("'sweeps/", `'${FOLDER}/sweeps/`)));
  }
  const [statuses, hosts, probes, runs] = answers;
  assert.deepEqual(statuses, [
    { status: 'up', reason: 'echo-reply', hosts: '3' },
    { status: 'down', reason: 'no-response', hosts: '1' },
  ]);
  assert.deepEqual(hosts, [
    { address: '192.0.2.2', sweeps: '2', up_pct: 50, rtt_ms: 9.1, p95_ms: 9.1 },
    { address: '192.0.2.1', sweeps: '2', up_pct: 100, rtt_ms: 9.1, p95_ms: 9.1 },
  ]);
  assert.deepEqual(
    probes!.slice(0, 3).map((row) => [row['rtt_ms'], row['mark']]),
    [
      [0.412, '!'],
      [null, '.'],
      [1044.001, '!'],
    ],
  );
  assert.equal(probes!.length, 9);
  assert.deepEqual(
    runs!.map(({ file, ...run }) => [String(file).slice(-18), run]),
    [
      ['2026-03-04.parquet', { version: '1.2.3', targets: 254, partial: false, doubts: '[]' }],
      [
        '2026-03-05.parquet',
        { version: '1.2.3', targets: 254, partial: true, doubts: '["the canary was silent"]' },
      ],
    ],
  );
});

const sqlite = spawnSync('sqlite3', ['--version']).status === 0;

describe('the commands that query the database work as they are copied', { skip: !sqlite }, () => {
  const commands = fencesOf(PAGE).filter(({ code }) => code.startsWith('sqlite3 '));
  const run = (command: string): string => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: FOLDER });
    assert.equal(status, 0, String(stderr));
    return String(stdout);
  };

  test('as a table', () => {
    const rows = run(commands[0]!.code).split('\n').slice(3, -2);
    assert.deepEqual(
      rows.map((row) => row.split('│')[1]!.trim()),
      ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.20'],
    );
  });

  test('as a CSV', () => {
    writeFileSync(join(FOLDER, 'query.sql'), queriesFor('sqlite')[0]!);
    run(commands[1]!.code);
    assert.equal(
      readFileSync(join(FOLDER, 'hosts.csv'), 'utf8').replaceAll('\r', ''),
      'network,address,state,last_seen\noffice,192.0.2.4,silent,\noffice,192.0.2.20,silent,\n',
    );
  });

  test('as a copy', () => {
    run(codeSpansOf(PAGE).find((code) => code.includes('.backup'))!);
    const copied = run("sqlite3 copy.db 'SELECT count(*) FROM v1_hosts'");
    assert.equal(copied, '5\n');
  });
});

test('each column of each view is described, in its order', async () => {
  const store = await openStore(DATABASE);
  for (const view of ['v1_hosts', 'v1_changes', 'v1_days']) {
    const columns = store.database
      .prepare(`SELECT name FROM pragma_table_info('${view}') ORDER BY cid`)
      .all();
    assert.deepEqual(
      tableOf(sectionOf(PAGE, view), 'Column').map(([name]) => codeIn(name!)),
      columns.map(({ name }) => name),
    );
  }
  store.close();
});
