/** The excel profile, opened by LibreOffice in English and in German: every text is shown as the report has it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CSV } from '../../src/report/csv.ts';
import { readCsv } from '../unit/report/read-csv.ts';
import { runOf, settingsOf, textOf, upHost } from '../unit/report/samples.ts';

/** Windows' identifiers, which LibreOffice's import takes. */
const LOCALES = [
  { name: 'English', id: 1033, csvDelimiter: ',', csvDecimal: '.' },
  { name: 'German', id: 1031, csvDelimiter: ';', csvDecimal: ',' },
] as const;

const ADDRESSES = ['192.168.178.98', '192.168.178.100', '10.100.200.250', '2001:db8::1', '1::2'];
const HOSTNAMES = ['mar-5', '5.mai', '1e5', 'true', 'wahr', '#N/A', '12:30', '1.000', '31.12.2026'];
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

describe('LibreOffice', { skip: NO_LIBREOFFICE }, () => {
  for (const { name, id, csvDelimiter, csvDecimal } of LOCALES) {
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
  }
});
