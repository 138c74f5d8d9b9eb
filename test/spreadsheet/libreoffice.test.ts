/** Reports opened by LibreOffice in English and in German: every text is shown as the report has it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CSV } from '../../src/report/csv.ts';
import { XLSX } from '../../src/report/xlsx.ts';
import { readCsv } from '../unit/report/read-csv.ts';
import { runOf, settingsOf, textOf, unsentHost, upHost } from '../unit/report/samples.ts';

/** Windows' identifiers, which LibreOffice's import takes. */
const LOCALES = [
  { name: 'English', tag: 'en-US', id: 1033, csvDelimiter: ',', csvDecimal: '.' },
  { name: 'German', tag: 'de-DE', id: 1031, csvDelimiter: ';', csvDecimal: ',' },
] as const;

const ADDRESSES = ['192.168.178.98', '192.168.178.100', '10.100.200.250', '2001:db8::1', '1::2'];
const HOSTNAMES = [
  ...['mar-5', '5.mai', '1e5', 'true', 'wahr', '#N/A', '12:30', '1.000', '31.12.2026'],
  ...[
    '3-4',
    'jan1',
    '0123',
    '12:34',
    '00:11:22',
    '1,5',
    '1/2',
    '5%',
    '1_000',
    '0x10',
    '2026-01-31',
  ],
];
/** Text in a workbook; CSV has to guard against it. */
const FORMULAS = ['+1', '-1', '=1+1', '@SUM(1)', "'quoted"];
const NAMES_AS_USUAL = ['a-b.example', 'r.example', 'localhost', 'a"b, 1;2', 'bücher.example'];

const NO_LIBREOFFICE = hasLibreOffice()
  ? false
  : 'no LibreOffice here: apt-get install libreoffice-calc';
const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

function hasLibreOffice(): boolean {
  try {
    execFileSync('soffice', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * The cells as LibreOffice shows them, row by row, with the delimiter of the file.
 * @param specialNumbers whether it looks for dates and the like, as its dialog calls it
 */
function shown(
  text: string,
  delimiter: string,
  locale: number,
  specialNumbers: boolean,
): string[][] {
  const file = join(FOLDER, 'report.csv');
  const opened = join(FOLDER, 'opened');
  mkdirSync(opened, { recursive: true });
  writeFileSync(file, text);
  const separator = delimiter.charCodeAt(0);
  execFileSync(
    'soffice',
    [
      `-env:UserInstallation=${pathToFileURL(join(FOLDER, 'profile')).href}`,
      '--headless',
      // Delimiter, quotes, UTF-8, first line, columns, locale, quoted fields as text, special numbers.
      `--infilter=CSV:${separator},34,76,1,,${locale},false,${specialNumbers}`,
      ...['--convert-to', `csv:Text - txt - csv (StarCalc):${separator},34,76,1,,0,false,true`],
      ...['--outdir', opened, file],
    ],
    { env: { ...process.env, HOME: FOLDER }, stdio: 'ignore', timeout: 120_000 },
  );
  return readCsv(readFileSync(join(opened, 'report.csv'), 'utf8'), delimiter);
}

/** A profile whose numbers and dates are those of the locale. */
function profileOf(tag: string): string {
  const folder = join(FOLDER, `profile-${tag}`);
  mkdirSync(join(folder, 'user'), { recursive: true });
  writeFileSync(
    join(folder, 'user/registrymodifications.xcu'),
    '<?xml version="1.0" encoding="UTF-8"?>' +
      '<oor:items xmlns:oor="http://openoffice.org/2001/registry">' +
      '<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">' +
      `<value>${tag}</value></prop></item></oor:items>`,
  );
  return pathToFileURL(folder).href;
}

/** The first rows of a workbook's first sheet: the type of each cell and what is shown in it, '' for an empty cell. */
function openedWorkbook(octets: Buffer, tag: string, rows: number): string[][] {
  const file = join(FOLDER, 'report.xlsx');
  writeFileSync(file, octets);
  const args = ['--headless', '--convert-to', 'fods', '--outdir', FOLDER, file];
  execFileSync('soffice', [`-env:UserInstallation=${profileOf(tag)}`, ...args], {
    env: { ...process.env, HOME: FOLDER },
    stdio: 'ignore',
    timeout: 120_000,
  });
  const sheet = readFileSync(join(FOLDER, 'report.fods'), 'utf8').split('<table:table ')[1]!;
  const all = [...sheet.matchAll(/<table:table-row [^>]*>(.*?)<\/table:table-row>/gs)];
  return all.slice(0, rows).map(([, row]) =>
    [...row!.matchAll(/<table:table-cell([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].flatMap(
      ([, attributes, content = '']) => {
        const repeated = Number(/columns-repeated="(\d+)"/.exec(attributes!)?.[1] ?? 1);
        const type = /office:value-type="(\w+)"/.exec(attributes!)?.[1];
        const text = content.replaceAll(/<[^>]*>/g, '').trim();
        const cell = type === undefined ? '' : `${type} ${unescaped(text)}`;
        return new Array<string>(Math.min(repeated, 30)).fill(cell);
      },
    ),
  );
}

function unescaped(xml: string): string {
  const characters: Record<string, string> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' };
  return xml.replaceAll(/&(\w+);/g, (_, name: string) => characters[name]!);
}

describe('LibreOffice', { skip: NO_LIBREOFFICE }, () => {
  for (const { name, tag, id, csvDelimiter, csvDecimal } of LOCALES) {
    for (const specialNumbers of [false, true]) {
      const how = specialNumbers ? ', even if it looks for dates,' : '';
      test(`in ${name}${how} shows addresses and names as they are`, () => {
        const hosts = [
          ...ADDRESSES.map((address) => upHost({ address, responder: address })),
          ...[...HOSTNAMES, ...NAMES_AS_USUAL].map((hostname) => upHost({ hostname })),
          upHost({ mac: '00:11:22:33:44:55' }),
        ];
        const format = CSV.rows(settingsOf({ csvProfile: 'excel', csvDelimiter, csvDecimal }));
        const [header, ...rows] = shown(
          format.begin(runOf()) + textOf(format, hosts),
          csvDelimiter,
          id,
          specialNumbers,
        );
        const columnsOf = (cells: readonly (string | null)[]): string[] =>
          cells.map((c) => c ?? '');
        const at = (column: string): number =>
          header!.findIndex((cell) => cell.replace('\uFEFF', '') === column);
        assert.deepEqual(
          rows.map((row) => ['address', 'hostname', 'responder', 'mac'].map((c) => row[at(c)])),
          hosts.map(({ address, hostname, responder, mac }) =>
            columnsOf([address, hostname, responder, mac]),
          ),
        );
        assert.deepEqual([...new Set(rows.map((row) => row[at('pattern')]))], ['!.!']);
      });
    }

    test(`in ${name} opens a workbook with text as text, numbers as numbers and times as dates`, () => {
      const names = [...HOSTNAMES, ...NAMES_AS_USUAL, ...FORMULAS];
      const hosts = names.map((hostname) => upHost({ address: '192.168.178.100', hostname }));
      const writer = XLSX.rows(settingsOf());
      const pieces = [writer.rows([...hosts, unsentHost()]), writer.end(runOf())];
      const octets = Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)));
      const [header, ...rows] = openedWorkbook(octets, tag, hosts.length + 2);
      const at = (column: string): number => header!.indexOf(`string ${column}`);
      const error = rows.pop()!;
      assert.deepEqual(
        rows.map((row) => [row[at('address')], row[at('hostname')]]),
        names.map((hostname) => ['string 192.168.178.100', `string ${hostname}`]),
      );
      const [row] = rows;
      assert.equal(row![at('rtt_avg_ms')], `float 9${csvDecimal}100`);
      assert.equal(row![at('sent')], 'float 3');
      assert.equal(row![at('started_at')], `date 2026-03-04 05:06:07${csvDecimal}089`);
      assert.deepEqual(
        ['hostname', 'rtt_avg_ms', 'ttl', 'started_at', 'mac'].map(
          (column) => error[at(column)] ?? '',
        ),
        ['', '', '', '', ''],
      );
    });
  }
});
