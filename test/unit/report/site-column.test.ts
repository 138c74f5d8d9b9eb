/** The column of reports on several sites: at the end, in the formats that have a place for it, and nowhere else. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COLUMNS, pickColumns, withSite } from '../../../src/report/columns.ts';
import { FORMATS } from '../../../src/report/formats.ts';
import { checkReports, type ReportRequest } from '../../../src/report/registry.ts';
import { emptyResults } from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import { HostRows } from '../../../src/results/host-cursor.ts';
import { runOf, settingsOf, silentHost, textOf } from './samples.ts';

const TAKERS = FORMATS.filter(({ takesSites, isBinary }) => takesSites && !isBinary);
const STDOUT = { stream: process.stdout, isTerminal: false, width: 80, colour: false };

/** Two addresses of a block, as a site's agents found them. */
function rowsOf(site: string | null): HostRows {
  const targets = blockOfRanges([{ family: 4, first: 167772161n, last: 167772162n, zone: '' }]);
  return new HostRows(emptyResults(targets, 1), new Map(), 0, 2, site);
}

function request(format: string, hasSites: boolean): ReportRequest {
  const csv = { csvProfile: 'plain', csvDelimiter: ',', csvDecimal: '.' } as const;
  return { path: 'r.out', format, ...csv, hasSites };
}

describe('the column site', () => {
  test('is the last of a CSV on several sites, from rows of any kind', async () => {
    const { CSV } = await import('../../../src/report/csv.ts');
    const format = CSV.rows(settingsOf({ hasSites: true }));
    const header = format.begin(runOf()).trimEnd().split(',');
    assert.deepEqual(header, [...COLUMNS.map(({ name }) => name), 'site']);
    const lines = textOf(format, rowsOf('berlin')).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => line.split(',').at(-1)),
      ['berlin', 'berlin'],
    );
    const single = textOf(format, [silentHost({ site: 'paris' })]).trimEnd();
    assert.equal(single.split(',').at(-1), 'paris');
  });

  test('is not there in a sweep of one machine', async () => {
    for (const { load, name } of FORMATS.filter(({ isBinary }) => !isBinary)) {
      const format = (await load()).rows(settingsOf());
      const text = format.begin(runOf()) + textOf(format, rowsOf(null)) + format.end(runOf());
      assert.ok(!/"site"|,site\b|\bSITE\b/.test(text), name);
    }
  });

  for (const { name, load } of TAKERS) {
    test(`is shown by ${name}`, async () => {
      const format = (await load()).rows(settingsOf({ hasSites: true }));
      const text = format.begin(runOf()) + textOf(format, rowsOf('berlin')) + format.end(runOf());
      assert.match(text, /site/i);
      assert.equal(text.split('berlin').length, 3);
    });
  }

  test('can be picked and put anywhere, where there are sites', () => {
    const names = pickColumns(['site', 'address'], withSite(COLUMNS, true)).map(
      (each) => each.name,
    );
    assert.deepEqual(names, ['site', 'address']);
    assert.throws(() => pickColumns(['site'], COLUMNS), { code: 'OPTION_INVALID' });
  });

  test('is refused before anything is sent by the formats that have no place for it', async () => {
    for (const { name, takesSites } of FORMATS) {
      const check = checkReports([request(name, true)], STDOUT);
      if (takesSites) await check;
      else await assert.rejects(check, { code: 'OPTION_INVALID', message: /site/ });
      await checkReports([request(name, false)], STDOUT);
    }
  });
});
