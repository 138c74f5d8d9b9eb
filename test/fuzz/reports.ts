/** What is promised of reports whatever strangers call their hosts: read back as they were, and harmless to who looks at them. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { EchosweepError } from '../../src/errors.ts';
import { COLUMNS } from '../../src/report/columns.ts';
import { CSV } from '../../src/report/csv.ts';
import { filterSink } from '../../src/report/filter-sink.ts';
import { JSON_LINES } from '../../src/report/json-lines.ts';
import { NMAP_XML } from '../../src/report/nmap-xml.ts';
import type { ReportedHost } from '../../src/report/read-csv.ts';
import { openReport } from '../../src/report/read-report.ts';
import { TABLE } from '../../src/report/table.ts';
import type { HostResult } from '../../src/results/host-result.ts';
import { REASONS, STATUSES, type Status } from '../../src/results/outcome.ts';
import { safeText } from '../../src/words.ts';
import { readCsv } from '../unit/report/read-csv.ts';
import { runOf, settingsOf, textOf, upHost } from '../unit/report/samples.ts';
import { type FuzzProperty, octet, oneOf, property, uint16 } from './property.ts';

const character = fc.oneof(
  fc.constantFrom(...'=+-@\t\r\n",;|\'\\ \u0000\u001b\u0085\u009b\u2028\u202e\ufeff\uff1dab.'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const name = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(''));

const orNull = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(arbitrary, { freq: 4 });
const ms = orNull(fc.double({ min: 0, max: 1e7, noNaN: true }));

const host: fc.Arbitrary<HostResult> = fc
  .record({
    hostname: orNull(name),
    status: oneOf(STATUSES),
    reason: oneOf(REASONS),
    responder: orNull(oneOf(['10.0.0.9', '2001:db8::9'])),
    icmpType: orNull(octet),
    icmpCode: orNull(octet),
    sent: uint16,
    received: uint16,
    duplicates: uint16,
    lossPct: orNull(fc.double({ min: 0, max: 100, noNaN: true })),
    rttMinMs: ms,
    rttAvgMs: ms,
    rttMaxMs: ms,
    rttStddevMs: ms,
    ttl: orNull(fc.integer({ min: 1, max: 255 })),
    pattern: fc.stringMatching(/^[!.UE]{0,8}$/),
    startedAt: orNull(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })),
    errno: orNull(name),
    mac: orNull(oneOf(['02:00:00:00:00:07'])),
  })
  .map((values) => upHost(values));

const hosts = fc.array(host, { maxLength: 5 });

const layout = fc.record({
  csvProfile: oneOf(['plain', 'excel'] as const),
  csvDelimiter: oneOf([',', ';', '\t', '|', '§']),
  csvDecimal: oneOf(['.', ','] as const),
  columns: fc.option(fc.shuffledSubarray([...COLUMNS], { minLength: 1 }), { nil: undefined }),
});

/** What a spreadsheet may take for a formula, and what it skips on its way there. */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@\uFE62\uFE63\uFE66\uFE6B\uFF0B\uFF0D\uFF1D\uFF20]/u;

/** What a spreadsheet shows of a cell: the excel profile may write text as a formula that is one literal. */
function shownCell(cell: string, { csvProfile }: { readonly csvProfile: string }): string {
  const literal = csvProfile === 'excel' ? /^="((?:[^"]|"")*)"$/.exec(cell) : null;
  return literal === null ? cell : literal[1]!.replaceAll('""', '"');
}

/** Holds a cell against the value that it was written from. */
function assertCell(column: string, cell: string, host: HostResult, decimalComma: boolean): void {
  const { hostname } = host;
  if (column === 'hostname') {
    // An unpaired surrogate has no octets in UTF-8.
    const written = Buffer.from(hostname ?? '').toString();
    assert.equal(cell.replaceAll("'", ''), written.replaceAll("'", ''));
    assert.doesNotMatch(cell, FORMULA);
    assert.doesNotMatch(cell, /^[\t\r\n]/);
    return;
  }
  const value = heldValue(column, host);
  if (value === null) assert.equal(cell, '', column);
  else if (typeof value === 'number') {
    const read = Number(decimalComma ? cell.replace(',', '.') : cell);
    const decimals = column === 'loss_pct' ? 0.05 : column.startsWith('rtt') ? 0.0005 : 0;
    assert.ok(
      Math.abs(read - value) <= decimals + value * 1e-12,
      `${column}: ${cell} for ${value}`,
    );
  } else if (value instanceof Date) {
    const text = cell.replace(' ', 'T').replace(',', '.').replace(/Z?$/, 'Z');
    assert.equal(new Date(text).getTime(), value.getTime());
  } else assert.equal(cell, value, column);
}

function heldValue(column: string, host: HostResult): string | number | Date | null {
  const key = column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return (host as unknown as Record<string, string | number | Date | null>)[key] ?? null;
}

function nmapXmlOf(rows: readonly HostResult[]): string {
  const format = NMAP_XML.rows(settingsOf());
  const numbered = rows.map((row, i) => ({ ...row, address: `192.0.2.${i + 1}` }));
  return format.begin(runOf()) + textOf(format, numbered) + format.end(runOf());
}

async function hostsIn(text: string): Promise<ReportedHost[]> {
  const found: ReportedHost[] = [];
  const { batches } = await openReport('scan.xml', Readable.from([Buffer.from(text)]));
  for await (const batch of batches) found.push(...batch);
  return found;
}

export const REPORTS: readonly FuzzProperty[] = [
  property(
    'a CSV report is read back as it was by the letter of RFC 4180, and starts no formula',
    1200,
    [hosts, layout],
    (rows, chosen) => {
      const format = CSV.rows(settingsOf(chosen));
      const text = format.begin(runOf()) + textOf(format, rows) + format.end(runOf());
      assert.equal(text.startsWith('\ufeff'), chosen.csvProfile === 'excel');
      const [header, ...records] = readCsv(text.replace(/^\ufeff/, ''), chosen.csvDelimiter);
      const columns = (chosen.columns ?? COLUMNS).map((column) => column.name);
      assert.deepEqual(header, columns);
      assert.equal(records.length, rows.length);
      records.forEach((cells, i) => {
        assert.equal(cells.length, columns.length);
        columns.forEach((column, at) => {
          assertCell(column, shownCell(cells[at]!, chosen), rows[i]!, chosen.csvDecimal === ',');
        });
      });
    },
  ),
  property(
    'a JSON Lines report is one record a line by every reading, with every name as it was',
    1200,
    [hosts],
    (rows) => {
      const text = textOf(JSON_LINES.rows(settingsOf()), rows);
      assert.doesNotMatch(
        text.replaceAll('\n', ''),
        /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u,
      );
      const records = text.split('\n').slice(0, -1);
      assert.equal(records.length, rows.length);
      records.forEach((line, i) => {
        const record = JSON.parse(line);
        assert.equal(record.hostname, rows[i]!.hostname);
        assert.equal(record.errno, rows[i]!.errno);
        assert.equal(record.pattern, rows[i]!.pattern);
      });
    },
  ),
  property(
    'nmap’s XML is read back with every name, but for what XML cannot hold',
    600,
    [hosts],
    async (rows) => {
      const text = nmapXmlOf(rows);
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      const read = await hostsIn(text);
      assert.deepEqual(
        read.map(({ hostname }) => hostname),
        rows.map(({ hostname }) => {
          const names = hostname?.split(' ').filter((each) => each !== '') ?? [];
          const held = names
            .join(' ')
            .replace(/(?![\t\n\r\x7f-\x9f])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, '\ufffd');
          return held === '' ? null : held;
        }),
      );
    },
  ),
  property(
    'nmap’s XML that is damaged is read or refused in words',
    600,
    [
      hosts,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 0.1, noNaN: true }),
      name,
    ],
    async (rows, place, share, inserted) => {
      const text = nmapXmlOf(rows);
      const from = Math.floor(place * text.length);
      const damaged =
        text.slice(0, from) + inserted + text.slice(from + Math.floor(share * text.length));
      try {
        await hostsIn(damaged);
      } catch (error) {
        if (!(error instanceof EchosweepError)) throw error;
        assert.equal(error.code, 'REPORT_INVALID');
        assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
      }
    },
  ),
  property(
    'a table cannot be made to move the cursor, change colours or reorder a line',
    400,
    [hosts, fc.integer({ min: 20, max: 200 })],
    (rows, width) => {
      const format = TABLE.rows(settingsOf({ width, colour: false }));
      const text = format.begin(runOf()) + textOf(format, rows) + format.end(runOf());
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    },
  ),
  property('safe text is safe, and no longer than what it was made of', 600, [name], (text) => {
    assert.doesNotMatch(safeText(text), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    assert.ok(safeText(text).length <= text.length);
  }),
  property(
    'a report of some statuses has just the rows of those, in their order, as often as it is read',
    500,
    [hosts, fc.subarray([...STATUSES])],
    async (rows, only) => {
      const written: HostResult[][] = [];
      const nothing = async (): Promise<void> => {};
      const sink = filterSink(
        {
          begin: nothing,
          write: async (given) => void written.push([...given], [...given]),
          end: nothing,
          abort: nothing,
        },
        new Set<Status>(only),
      );
      await sink.write(rows);
      const expected = rows.filter(({ status }) => only.includes(status));
      assert.deepEqual(written, [expected, expected]);
    },
  ),
];
