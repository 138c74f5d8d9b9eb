/** A Parquet report is read by DuckDB with real types, empty cells as NULL, and every text as it was. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Piece } from '../../../src/report/output.ts';
import { PARQUET } from '../../../src/report/parquet.ts';
import { figureColumn, textColumn } from '../../../src/report/record-shape.ts';
import type { Column } from '../../../src/results/column.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { ROW_FIELDS } from '../../../src/results/row-fields.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { duckdbRows } from './duckdb.ts';
import { runOf, settingsOf, silentHost, unsentHost, upHost } from './samples.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

let files = 0;

/** @returns the file as SQL names it */
function fileOf(pieces: readonly Piece[]): string {
  const path = join(FOLDER, `${files++}.parquet`);
  writeFileSync(path, Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))));
  return `'${path}'`;
}

/** @param pieces the rows as they arrive */
function reportOf(
  pieces: readonly Iterable<HostResult>[],
  columns?: readonly Column<HostResult>[],
  run = runOf(),
): string {
  const writer = PARQUET.rows(settingsOf({ columns }));
  const written = [writer.begin(run)];
  return fileOf([
    ...written,
    ...pieces.map((rows) => Buffer.from(writer.rows(rows) as Uint8Array)),
    writer.end(run),
  ]);
}

const TYPE_OF_KIND = {
  text: 'VARCHAR',
  word: 'VARCHAR',
  time: 'TIMESTAMP WITH TIME ZONE',
  list: 'DOUBLE[]',
} as const;

describe('the rows of a sweep', () => {
  test('have every field of the table, each with the type of its kind', async () => {
    const found = await duckdbRows(`DESCRIBE FROM ${reportOf([[upHost()]])}`);
    assert.deepEqual(
      found.map((column) => [column['column_name'], column['column_type']]),
      ROW_FIELDS.map(({ name, kind, decimals }) => [
        name,
        kind === 'figure' ? (decimals === 0 ? 'INTEGER' : 'DOUBLE') : TYPE_OF_KIND[kind],
      ]),
    );
  });

  test('have the values of the other reports, with as many decimals', async () => {
    const [row] = await duckdbRows(`FROM ${reportOf([[upHost({ mac: '00:00:5e:00:53:01' })]])}`);
    assert.deepEqual(row, {
      address: '192.0.2.1',
      hostname: null,
      status: 'up',
      reason: 'echo-reply',
      responder: null,
      icmp_type: null,
      icmp_code: null,
      sent: 3,
      received: 2,
      loss_pct: 33.3,
      duplicates: 0,
      rtt_min_ms: 0.412,
      rtt_avg_ms: 9.1,
      rtt_max_ms: 1044.001,
      rtt_stddev_ms: 2,
      ttl: 61,
      hops: 3,
      pattern: '!.!',
      started_at: '2026-03-04 05:06:07.089+00',
      mac: '00:00:5e:00:53:01',
      rtts_ms: [0.412, null, 1044.001],
      errno: null,
    });
  });

  test('are NULL where there is no value', async () => {
    const file = reportOf([[upHost(), silentHost(), unsentHost({ rttsMs: [] })]]);
    const rows = await duckdbRows(
      `SELECT rtt_avg_ms, ttl, loss_pct, started_at IS NULL AS unsent, rtts_ms, errno FROM ${file}`,
    );
    assert.deepEqual(rows, [
      {
        rtt_avg_ms: 9.1,
        ttl: 61,
        loss_pct: 33.3,
        unsent: false,
        rtts_ms: [0.412, null, 1044.001],
        errno: null,
      },
      {
        rtt_avg_ms: null,
        ttl: null,
        loss_pct: 100,
        unsent: false,
        rtts_ms: [null, null, null],
        errno: null,
      },
      { rtt_avg_ms: null, ttl: null, loss_pct: null, unsent: true, rtts_ms: [], errno: 'EINVAL' },
    ]);
  });

  test('keep the text of names, whatever it is', async () => {
    const names = [...HOSTILE_NAMES, 'naïve.example', '東京', '\u0000', '😀', "'; DROP TABLE x"];
    const file = reportOf([names.map((hostname) => upHost({ hostname }))]);
    const rows = await duckdbRows(`SELECT hostname FROM ${file}`);
    assert.deepEqual(
      rows.map(({ hostname }) => hostname),
      names,
    );
  });

  test('can be those of some columns, in another order', async () => {
    const columns = ['ttl', 'address'].map(
      (name) => ROW_FIELDS.find((field) => field.name === name) as Column<HostResult>,
    );
    assert.deepEqual(await duckdbRows(`FROM ${reportOf([[upHost()]], columns)}`), [
      { ttl: 61, address: '192.0.2.1' },
    ]);
  });

  test('can be none', async () => {
    for (const pieces of [[], [[]]]) {
      assert.deepEqual(await duckdbRows(`SELECT count(*) AS n FROM ${reportOf(pieces)}`), [
        { n: '0' },
      ]);
    }
  });
});

describe('a long report', () => {
  const ROWS = 300_000;
  const PIECE = 16_384;
  const addressOf = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;

  /** Every third host answers; pieces end anywhere in a page. */
  function* piecesOf(): Generator<HostResult[]> {
    for (let first = 0; first < ROWS; first += PIECE) {
      yield Array.from({ length: Math.min(PIECE, ROWS - first) }, (_, at) => {
        const i = first + at;
        const values = { address: addressOf(i), startedAt: new Date(i) };
        return i % 3 === 0
          ? upHost({ ...values, rttAvgMs: i / 1000, rttsMs: [i / 1000] })
          : silentHost(values);
      });
    }
  }

  test('has each row once, in order, in row groups that can be skipped by time', async () => {
    const file = reportOf([...piecesOf()]);
    const [total] = await duckdbRows(
      `SELECT count(*) AS hosts, count(rtt_avg_ms) AS up, sum(rtt_avg_ms) AS ms,
         count(*) FILTER (len(rtts_ms) = if(status = 'up', 1, 3)) AS lists,
         count(*) FILTER (epoch_ms(started_at) = file_row_number) AS in_order
       FROM read_parquet(${file}, file_row_number = true)`,
    );
    const sum = (ROWS / 3) * ((ROWS - 3) / 2 / 1000);
    assert.deepEqual(
      { ...total, ms: Math.round(Number(total!['ms'])) },
      {
        hosts: String(ROWS),
        up: String(ROWS / 3),
        ms: Math.round(sum),
        lists: String(ROWS),
        in_order: String(ROWS),
      },
    );
    const groups = await duckdbRows(
      `SELECT row_group_num_rows AS hosts, stats_min_value AS first, stats_max_value AS last, stats_null_count AS empty
       FROM parquet_metadata(${file}) WHERE path_in_schema = 'started_at' ORDER BY row_group_id`,
    );
    assert.equal(groups.length, 3);
    assert.deepEqual(groups[1], {
      hosts: '131072',
      first: '1970-01-01 00:02:11.072+00',
      last: '1970-01-01 00:04:22.143+00',
      empty: '0',
    });
  });

  test('is passed on as its row groups become complete', () => {
    const writer = PARQUET.rows(settingsOf());
    const octets = [...piecesOf()].map((rows) => writer.rows(rows).length);
    assert.equal(octets.filter((length) => length > 0).length, Math.floor(ROWS / 131_072));
  });
});

test('the file has the record of the run', async () => {
  const run = runOf({ partial: true, doubts: ["the canary's silence"] });
  const file = reportOf([[upHost()]], undefined, run);
  const [facts] = await duckdbRows(
    `SELECT decode(value) AS run FROM parquet_kv_metadata(${file}) WHERE decode(key) = 'echosweep.run'`,
  );
  const { version, targets, partial, doubts } = JSON.parse(String(facts!['run']));
  assert.deepEqual(
    { version, targets, partial, doubts },
    { version: '1.2.3', targets: 254, partial: true, doubts: ["the canary's silence"] },
  );
});

describe('lists of records', () => {
  interface Entry {
    readonly name: string;
    readonly addresses: number;
    readonly share: number | null;
  }

  const writer = PARQUET.records!<Entry>(
    {
      type: 'network',
      columns: [
        textColumn('name', '', ({ name }) => name),
        figureColumn('addresses', '', 0, ({ addresses }) => addresses),
        figureColumn('share', '', 1, ({ share }) => share),
        {
          ...textColumn<Entry>('before', '', () => null),
          put: ({ share }, to) => to.number(share, 3),
        },
      ],
    },
    settingsOf() as never,
  );

  test('have whole numbers of any size, and numbers among text as text', async () => {
    const file = fileOf([
      writer.begin(),
      Buffer.from(
        writer.rows([
          { name: 'a', addresses: 2 ** 40 + 7, share: 12.345 },
          { name: '', addresses: 2 ** 64, share: null },
        ]) as Uint8Array,
      ),
      writer.end(),
    ]);
    assert.deepEqual(await duckdbRows(`FROM ${file}`), [
      { name: 'a', addresses: '1099511627783', share: 12.3, before: '12.345' },
      { name: '', addresses: String(2n ** 63n - 1n), share: null, before: null },
    ]);
    const [type] = await duckdbRows(`SELECT typeof(addresses) AS type FROM ${file}`);
    assert.deepEqual(type, { type: 'BIGINT' });
  });
});
