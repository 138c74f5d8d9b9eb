/** A workbook has real types, really empty cells and text that is never read as anything else. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import type { RecordWriter, RowWriter } from '../../../src/report/format.ts';
import { figureColumn, textColumn } from '../../../src/report/record-shape.ts';
import { MOST_SHEET_ENTRIES } from '../../../src/report/xlsx/sheet-limit.ts';
import { XLSX } from '../../../src/report/xlsx.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { runOf, settingsOf, silentHost, unsentHost, upHost } from './samples.ts';

type Parts = Readonly<Record<string, string>>;

const octetsOf = (piece: ReturnType<RowWriter['rows']>): Buffer => Buffer.from(piece as string);

function partsOf(pieces: readonly Buffer[]): Parts {
  const files = Object.entries(unzipSync(Buffer.concat(pieces)));
  return Object.fromEntries(files.map(([path, octets]) => [path, strFromU8(octets)]));
}

function workbookOf(rows: readonly HostResult[], run: Partial<RunRecord> = {}): Parts {
  const writer = XLSX.rows(settingsOf());
  return partsOf([octetsOf(writer.rows(rows)), octetsOf(writer.end(runOf(run)))]);
}

function hostsOf(...rows: readonly HostResult[]): string {
  return workbookOf(rows)['xl/worksheets/sheet1.xml']!;
}

/** What a cell holds, as the file has it. */
function cellOf(sheet: string, at: string): string | undefined {
  return new RegExp(`<c r="${at}"[^>]*>(.*?)</c>`, 's').exec(sheet)?.[1];
}

const textIn = (text: string): string => `<is><t xml:space="preserve">${text}</t></is>`;

describe('the sheet of hosts', () => {
  test('has numbers as numbers, times as dates, and names and addresses as text', () => {
    const sheet = hostsOf(upHost({ hostname: '1e5' }));
    assert.equal(cellOf(sheet, 'A2'), textIn('192.0.2.1'));
    assert.equal(cellOf(sheet, 'B2'), textIn('1e5'));
    assert.equal(cellOf(sheet, 'H2'), '<v>3</v>');
    assert.equal(cellOf(sheet, 'M2'), '<v>9.100</v>');
    const days = Number(/<v>(.*)<\/v>/.exec(cellOf(sheet, 'S2')!)![1]);
    assert.equal(
      new Date(Date.UTC(1899, 11, 30) + Math.round(days * 86_400_000)).toISOString(),
      '2026-03-04T05:06:07.089Z',
    );
  });

  test('has no cell where there is no value, also in rows of errors', () => {
    const sheet = hostsOf(silentHost(), unsentHost());
    for (const at of ['B2', 'L2', 'P2', 'T2', 'J3', 'S3']) {
      assert.equal(cellOf(sheet, at), undefined, at);
    }
    assert.equal(cellOf(sheet, 'C3'), textIn('error'));
  });

  test('has no formulas, whatever a host is called', () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', "'x", '=HYPERLINK("http://192.0.2.1")'];
    const sheet = hostsOf(...names.map((hostname) => upHost({ hostname })));
    assert.ok(!sheet.includes('<f>'));
    assert.equal(cellOf(sheet, 'B2'), textIn('=1+1'));
    assert.equal(cellOf(sheet, 'B7'), textIn('=HYPERLINK(&quot;http://192.0.2.1&quot;)'));
  });

  test('escapes what XML cannot hold, and text that looks like such an escape', () => {
    const sheet = hostsOf(upHost({ hostname: 'a<b>&\u0000\r_x000D_ é' }));
    assert.equal(cellOf(sheet, 'B2'), textIn('a&lt;b&gt;&amp;_x0000__x000D__x005F_x000D_ é'));
  });

  test('cuts text that is longer than a cell of Excel can be', () => {
    const sheet = hostsOf(upHost({ hostname: 'a'.repeat(40_000) }));
    assert.equal(cellOf(sheet, 'B2'), textIn('a'.repeat(32_767)));
  });

  test('has a frozen header, filters over all rows and a width for each column', () => {
    const book = workbookOf([upHost(), silentHost()]);
    const sheet = book['xl/worksheets/sheet1.xml']!;
    assert.match(sheet, /<pane ySplit="1" topLeftCell="A2" [^>]*state="frozen"\/>/);
    assert.match(sheet, /<\/sheetData><autoFilter ref="A1:T3"\/><\/worksheet>$/);
    assert.equal(sheet.match(/<col /g)!.length, 20);
    assert.match(book['xl/workbook.xml']!, />'Hosts'!\$A\$1:\$T\$3</);
  });

  test('is whole without any rows', () => {
    const sheet = hostsOf();
    assert.equal(cellOf(sheet, 'A1'), textIn('address'));
    assert.match(sheet, /<autoFilter ref="A1:T1"\/>/);
  });

  test('is named first, then the summary and the run', () => {
    const names = [...workbookOf([])['xl/workbook.xml']!.matchAll(/<sheet name="(\w+)"/g)];
    assert.deepEqual(
      names.map(([, name]) => name),
      ['Hosts', 'Summary', 'Run'],
    );
  });
});

test('the summary counts by status and reason, and repeats doubts', () => {
  const sheet = workbookOf([], { doubts: ['the uplink failed'] })['xl/worksheets/sheet2.xml']!;
  assert.equal(cellOf(sheet, 'A2'), textIn('up'));
  assert.equal(cellOf(sheet, 'C2'), '<v>12</v>');
  assert.equal(cellOf(sheet, 'D2'), '<v>4.7</v>');
  assert.equal(cellOf(sheet, 'B3'), textIn('echo-reply'));
  assert.ok(sheet.includes(textIn('the uplink failed')));
});

test('the sheet of the run has the fields of the run record, one a row', () => {
  const sheet = workbookOf([])['xl/worksheets/sheet3.xml']!;
  assert.equal(cellOf(sheet, 'A3'), textIn('command'));
  assert.equal(cellOf(sheet, 'B3'), textIn('echosweep 192.0.2.0/24'));
  assert.match(sheet, /packets[.]sent<\/t><\/is><\/c><c r="B\d+" s="4"><v>762<\/v>/);
});

test('a list of records is a sheet named after them', () => {
  const shape = {
    type: 'late-visit',
    columns: [
      textColumn<number>('name', '', () => '0123'),
      figureColumn<number>('seconds', '', 3, (seconds) => seconds),
    ],
  };
  const writer: RecordWriter<number> = XLSX.records!(shape, {
    ...settingsOf(),
    columns: undefined,
  });
  const book = partsOf([octetsOf(writer.rows([1.5])), octetsOf(writer.end())]);
  assert.match(book['xl/workbook.xml']!, /<sheets><sheet name="Late-visits"[^>]*\/><\/sheets>/);
  // Without quotes the name would be a difference, and the sheet without its filters.
  assert.match(book['xl/workbook.xml']!, /hidden="1">'Late-visits'!\$A\$1:\$B\$2</);
  const sheet = book['xl/worksheets/sheet1.xml']!;
  assert.equal(cellOf(sheet, 'A2'), textIn('0123'));
  assert.equal(cellOf(sheet, 'B2'), '<v>1.500</v>');
});

test('a sheet takes as many rows as Excel can open, and refuses the next', () => {
  const column = figureColumn<number>('n', '', 0, (n) => n);
  const settings = { ...settingsOf(), columns: undefined };
  const writer = XLSX.records!({ type: 'number', columns: [column] }, settings);
  const entries = new Array<number>(MOST_SHEET_ENTRIES).fill(1);
  writer.rows(entries);
  assert.throws(() => writer.rows([1]), { code: 'OUTPUT_FAILED', message: /use another format/ });
});
