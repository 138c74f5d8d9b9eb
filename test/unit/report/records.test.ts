/** Lists of records have the cells of a sweep's rows: the same decimals, times, quotes and guards in every format. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECORD_FORMATS } from '../../../src/report/formats.ts';
import {
  figureColumn,
  type RecordShape,
  textColumn,
  timeColumn,
} from '../../../src/report/record-shape.ts';
import { settingsOf } from './samples.ts';

interface Visit {
  readonly name: string | null;
  readonly seconds: number | null;
  readonly visitors: number;
  readonly at: Date;
}

const SHAPE: RecordShape<Visit> = {
  type: 'visit',
  columns: [
    textColumn('name', '', ({ name }) => name),
    figureColumn('seconds', '', 3, ({ seconds }) => seconds),
    figureColumn('visitors', '', 0, ({ visitors }) => visitors),
    timeColumn('at', '', ({ at }) => at),
  ],
};
const AT = new Date('2026-03-04T05:06:07.089Z');
const VISITS: readonly Visit[] = [
  { name: '=cmd()', seconds: 1.5, visitors: 2 ** 40, at: AT },
  { name: null, seconds: null, visitors: 0, at: AT },
];

async function written(format: string, settings: Parameters<typeof settingsOf>[0] = {}) {
  const { load } = RECORD_FORMATS.find(({ name }) => name === format)!;
  const { columns: _, ...rest } = settingsOf(settings);
  const writer = (await load()).records!(SHAPE, { ...rest, columns: undefined });
  return writer.begin() + Buffer.from(writer.rows(VISITS)).toString();
}

test('CSV', async () => {
  assert.equal(
    await written('csv'),
    'name,seconds,visitors,at\n' +
      "'=cmd(),1.500,1099511627776,2026-03-04T05:06:07.089Z\n" +
      ',,0,2026-03-04T05:06:07.089Z\n',
  );
});

test('CSV for Excel with a decimal comma', async () => {
  const excel = { csvProfile: 'excel', csvDelimiter: ';', csvDecimal: ',' } as const;
  assert.equal(
    await written('csv', excel),
    '\uFEFFname;seconds;visitors;at\r\n' +
      "'=cmd();1,500;1099511627776;2026-03-04 05:06:07,089\r\n" +
      ';;0;2026-03-04 05:06:07,089\r\n',
  );
});

test('JSON Lines, numbers without zeros at the end', async () => {
  const at = '"at":"2026-03-04T05:06:07.089Z"';
  assert.equal(
    await written('jsonl'),
    `{"type":"visit","name":"=cmd()","seconds":1.5,"visitors":1099511627776,${at}}\n` +
      `{"type":"visit","name":null,"seconds":null,"visitors":0,${at}}\n`,
  );
});

test('a table', async () => {
  assert.equal(
    await written('table'),
    'name    seconds       visitors  at\n' +
      '=cmd()    1.500  1099511627776  2026-03-04 05:06:07\n' +
      '                             0  2026-03-04 05:06:07\n',
  );
});
