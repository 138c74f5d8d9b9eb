/** docs/csv.md held to the columns and records that reports are made of. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS } from '../../src/report/columns.ts';
import { FORMATS } from '../../src/report/formats.ts';
import { JSON_LINES } from '../../src/report/json-lines.ts';
import { runOf, settingsOf, upHost } from '../unit/report/samples.ts';
import { codeIn, sectionOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/csv.md');
const COLUMN_ROWS = tableOf(PAGE, 'Column');

test('every column is described, in the order of the schema and with its unit', () => {
  assert.deepEqual(
    COLUMN_ROWS.map(([name, , unit]) => [codeIn(name!), unit]),
    COLUMNS.map(({ name, unit }) => [name, unit]),
  );
});

test('every column is described in the words of the code', () => {
  COLUMNS.forEach(({ meaning }, i) => {
    const words = COLUMN_ROWS[i]![1]!;
    assert.ok(words.startsWith(meaning), `${words} should begin with: ${meaning}`);
  });
});

test('every field that a JSON Lines record has beside the columns is described', () => {
  const format = JSON_LINES.rows(settingsOf());
  const run = JSON.parse(format.begin(runOf())) as Record<string, unknown>;
  const host = JSON.parse(String(format.rows([upHost()]))) as Record<string, unknown>;
  const columns = COLUMNS.map(({ name }) => name);
  assert.deepEqual(fieldsOf('Host records'), without(Object.keys(host), ['type', ...columns]));
  assert.deepEqual(fieldsOf('Run records'), without(Object.keys(run), ['type', 'phase', 'schema']));
  const counters = tableOf(PAGE, 'Counter').map(([name]) => codeIn(name!));
  assert.deepEqual(counters, Object.keys(run['packets'] as object));
});

test('the ending of every format is named', () => {
  for (const { ending } of FORMATS) assert.ok(PAGE.includes(`\`${ending}\``), ending);
});

function fieldsOf(heading: string): string[] {
  return tableOf(sectionOf(PAGE, heading), 'Field').map(([name]) => codeIn(name!));
}

function without(names: readonly string[], left: readonly string[]): string[] {
  return names.filter((name) => !left.includes(name));
}
