/**
 * What CSV schema 1 promises to programs and to spreadsheets. One test holds whole rows; the others name the columns that
 * they are about, so a column that is added at the end breaks that one.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COLUMNS, pickColumns } from '../../../src/report/columns.ts';
import { CSV } from '../../../src/report/csv.ts';
import type { FormatSettings } from '../../../src/report/format.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { readCsv } from './read-csv.ts';
import { runOf, settingsOf, silentHost, textOf, unsentHost, upHost } from './samples.ts';

function csvOf(
  rows: readonly HostResult[],
  settings: Partial<FormatSettings<HostResult>> = {},
): string {
  const format = CSV.rows(settingsOf(settings));
  return format.begin(runOf()) + textOf(format, rows) + format.end(runOf());
}

/** The cells of the only row of a report, by their columns' names. */
function cellsOf(
  host: HostResult,
  settings: Partial<FormatSettings<HostResult>> = {},
): Readonly<Record<string, string>> {
  const [names, cells] = readCsv(csvOf([host], settings), settings.csvDelimiter);
  return Object.fromEntries(names!.map((name, i) => [name.replace('\uFEFF', ''), cells![i]!]));
}

function hostnameCell(
  hostname: string,
  settings: Partial<FormatSettings<HostResult>> = {},
): string {
  return cellsOf(upHost({ hostname }), settings)['hostname']!;
}

describe('CSV schema 1', () => {
  test('is all columns in their order, a row per host, LF at each end', () => {
    const HEADER =
      'address,hostname,status,reason,responder,icmp_type,icmp_code,sent,received,loss_pct,duplicates,' +
      'rtt_min_ms,rtt_avg_ms,rtt_max_ms,rtt_stddev_ms,ttl,hops,pattern,started_at,mac';
    const unreachable = silentHost({
      address: '2001:db8::1',
      hostname: 'r1.example',
      status: 'unreachable',
      reason: 'admin-prohibited',
      responder: '2001:db8::ff',
      icmpType: 1,
      icmpCode: 1,
      pattern: 'U.U',
    });
    assert.equal(
      csvOf([upHost(), silentHost(), unreachable]),
      `${HEADER}\n` +
        '192.0.2.1,,up,echo-reply,,,,3,2,33.3,0,0.412,9.100,1044.001,2.000,61,3,!.!,2026-03-04T05:06:07.089Z,\n' +
        '192.0.2.2,,down,no-response,,,,3,0,100.0,0,,,,,,,...,2026-03-04T05:06:07.089Z,\n' +
        '2001:db8::1,r1.example,unreachable,admin-prohibited,2001:db8::ff,1,1,3,0,100.0,0,,,,,,,U.U,2026-03-04T05:06:07.089Z,\n',
    );
  });

  test('leaves a cell empty where there is no value, and never writes a 0 for it', () => {
    const cells = cellsOf(unsentHost());
    for (const name of ['hostname', 'responder', 'icmp_type', 'loss_pct', 'rtt_avg_ms', 'ttl']) {
      assert.equal(cells[name], '', name);
    }
    for (const name of ['hops', 'started_at', 'mac']) assert.equal(cells[name], '', name);
    for (const name of ['sent', 'received', 'duplicates']) assert.equal(cells[name], '0', name);
  });

  test('writes an ICMP code 0 as 0', () => {
    const cells = cellsOf(silentHost({ icmpType: 3, icmpCode: 0 }));
    assert.deepEqual([cells['icmp_type'], cells['icmp_code']], ['3', '0']);
  });

  test('of a sweep without rows is its header', () => {
    assert.equal(csvOf([]), `${COLUMNS.map(({ name }) => name).join()}\n`);
  });

  test('has the columns asked for, in the order asked for', () => {
    const columns = pickColumns(['status', 'address'], COLUMNS);
    assert.equal(csvOf([upHost()], { columns }), 'status,address\nup,192.0.2.1\n');
  });

  test('of one column shows a missing value as a quoted cell, not as an empty line', () => {
    const columns = pickColumns(['hostname'], COLUMNS);
    const rows = [upHost(), upHost({ hostname: 'a.example' })];
    assert.equal(csvOf(rows, { columns }), 'hostname\n""\na.example\n');
  });
});

describe('the excel profile', () => {
  test('begins with a byte order mark, ends lines in CRLF and writes a time that Excel reads', () => {
    const columns = pickColumns(['address', 'started_at'], COLUMNS);
    const bytes = Buffer.from(csvOf([upHost()], { columns, csvProfile: 'excel' }));
    assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    assert.equal(
      bytes.subarray(3).toString(),
      'address,started_at\r\n"=""192.0.2.1""",2026-03-04 05:06:07.089\r\n',
    );
  });

  test('ends a row with something to quote in CRLF as well', () => {
    const columns = pickColumns(['hostname', 'address'], COLUMNS);
    const text = csvOf([upHost({ hostname: 'a,b' })], { columns, csvProfile: 'excel' });
    assert.ok(text.endsWith('"=""a,b""","=""192.0.2.1"""\r\n'));
  });

  test('writes the time with the decimal comma of the locale that asked for one', () => {
    const columns = pickColumns(['address', 'started_at'], COLUMNS);
    const settings = { columns, csvProfile: 'excel', csvDecimal: ',', csvDelimiter: ';' } as const;
    assert.ok(csvOf([upHost()], settings).endsWith('"=""192.0.2.1""";2026-03-04 05:06:07,089\r\n'));
  });

  test('writes text that a locale could take for a number, a date or a truth value as a literal', () => {
    const excel = { csvProfile: 'excel' } as const;
    for (const name of ['mar-5', '5.mai', '1e5', '12:30', '½', 'true', 'wahr', '#N/A', '5%']) {
      assert.equal(hostnameCell(name, excel), `="${name}"`);
      assert.equal(hostnameCell(name), name);
    }
    assert.equal(hostnameCell('a"1', excel), '="a""1"');
    assert.equal(hostnameCell('r.example', excel), 'r.example');
    // Excel allows no longer literal.
    assert.equal(hostnameCell('7'.repeat(256), excel), '7'.repeat(256));
  });

  test('leaves figures and words as they are', () => {
    const cells = cellsOf(upHost(), { csvProfile: 'excel' });
    assert.deepEqual([cells['status'], cells['ttl'], cells['rtt_avg_ms']], ['up', '61', '9.100']);
    assert.equal(cells['pattern'], '!.!');
  });
});

describe('other locales', () => {
  test('a decimal comma stands in every fraction and in nothing else', () => {
    const names = ['address', 'loss_pct', 'rtt_max_ms', 'ttl', 'started_at'];
    const columns = pickColumns(names, COLUMNS);
    const text = csvOf([upHost()], { columns, csvDelimiter: ';', csvDecimal: ',' });
    assert.equal(text.split('\n')[1], '192.0.2.1;33,3;1044,001;61;2026-03-04T05:06:07.089Z');
  });

  test('a decimal comma under a comma as delimiter is quoted', () => {
    const columns = pickColumns(['loss_pct', 'rtt_max_ms'], COLUMNS);
    const text = csvOf([upHost()], { columns, csvDecimal: ',' });
    assert.equal(text.split('\n')[1], '"33,3","1044,001"');
  });

  for (const delimiter of [';', '|', '\t', '§']) {
    test(`${JSON.stringify(delimiter)} delimits`, () => {
      const cells = cellsOf(upHost({ hostname: `a${delimiter}b` }), { csvDelimiter: delimiter });
      assert.deepEqual(
        Object.keys(cells),
        COLUMNS.map(({ name }) => name),
      );
      assert.equal(cells['hostname'], `a${delimiter}b`);
    });
  }

  for (const delimiter of ['', ';;', '"', "'", '\n', '\r', '.', '5', ' ', '-', '!', 'a']) {
    test(`${JSON.stringify(delimiter)} is refused as a delimiter`, () => {
      assert.throws(() => CSV.rows(settingsOf({ csvDelimiter: delimiter })), {
        code: 'OPTION_INVALID',
        message: /--csv-delimiter: .* give one character/,
      });
    });
  }
});

describe('a host name', () => {
  const hostile = [
    ...['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '  =1', '\u00A0=1', '\u200B=1'],
    ...['\uFF1D1', '\uFF0B1', '\uFF0D1', '\uFF201', '\uFE66x', '\u0000=1', '\u202E=1'],
  ];
  for (const csvProfile of ['plain', 'excel'] as const) {
    test(`that a spreadsheet would take for a formula is text in the ${csvProfile} profile`, () => {
      for (const hostname of hostile) {
        assert.equal(hostnameCell(hostname, { csvProfile }), `'${hostname}`);
      }
    });
  }

  test('is no formula for a spreadsheet that splits rows at another delimiter, or ignores quotes', () => {
    assert.equal(hostnameCell("a;=cmd|' /C calc'!A0"), "a;'=cmd|' /C calc'!A0");
    assert.equal(hostnameCell('a\n =1'), "a\n' =1");
    assert.equal(hostnameCell('a",=1'), 'a",\'=1');
  });

  test('as DNS has them stays as it is', () => {
    const names = [
      'a-b.example',
      '_dmarc.example',
      'xn--bcher-kva.example',
      '3com',
      'bücher.example',
    ];
    for (const hostname of names) assert.equal(hostnameCell(hostname), hostname);
  });
});
