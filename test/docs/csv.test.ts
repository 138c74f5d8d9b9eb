/** docs/csv.md held to the columns and records that reports are made of. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportsDocument } from '../../src/cli/reports-doc.ts';
import { COLUMNS } from '../../src/report/columns.ts';
import { HTML } from '../../src/report/html.ts';
import { JSON_LINES } from '../../src/report/json-lines.ts';
import { runOf, settingsOf, upHost } from '../unit/report/samples.ts';
import { codeIn, sectionOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/csv.md');
test('its tables are as the code makes them; else run `npm run docs`', () => {
  assert.equal(PAGE, reportsDocument(PAGE));
});

test('every field that a JSON Lines record has besides the columns is described', () => {
  const format = JSON_LINES.rows(settingsOf());
  const run = JSON.parse(format.begin(runOf({ sites: [] }))) as Record<string, unknown>;
  const host = JSON.parse(String(format.rows([upHost()]))) as Record<string, unknown>;
  const columns = COLUMNS.map(({ name }) => name);
  assert.deepEqual(fieldsOf('Host records'), without(Object.keys(host), ['type', ...columns]));
  assert.deepEqual(fieldsOf('Run records'), without(Object.keys(run), ['type', 'phase', 'schema']));
  const counters = tableOf(PAGE, 'Counter').map(([name]) => codeIn(name!));
  assert.deepEqual(counters, Object.keys(run['packets'] as object));
});

test('the page of a /24 is as long as is said', () => {
  const html = HTML.rows(settingsOf());
  const hosts = Array.from({ length: 254 }, (_, i) =>
    upHost({
      address: `192.0.2.${i + 1}`,
      rttsMs: [(i * 37.77) % 90],
      startedAt: new Date(i * 997),
    }),
  );
  const page = html.begin(runOf()) + html.rows(hosts) + html.end(runOf());
  const [, said] = /page of a \/24 takes about (\d+) kB/.exec(PAGE)!;
  assert.ok(Math.abs(page.length / 1000 - Number(said)) < 8, `${page.length}`);
});

function fieldsOf(heading: string): string[] {
  return tableOf(sectionOf(PAGE, heading), 'Field').map(([name]) => codeIn(name!));
}

function without(names: readonly string[], left: readonly string[]): string[] {
  return names.filter((name) => !left.includes(name));
}
