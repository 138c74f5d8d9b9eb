/** Tables in Markdown: the cells of a row stay in their row, and nothing in them is more than text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INVENTORY_CHANGE_SHAPE } from '../../../src/inventory/change-report.ts';
import { MARKDOWN, markdownText } from '../../../src/report/markdown.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { runOf, settingsOf, silentHost, textOf, upHost } from './samples.ts';

/** The cells of a row as the table extension of GitHub-flavoured Markdown splits it. */
function cellsOf(row: string): string[] {
  assert.doesNotMatch(row, /[\n\r]/);
  return row
    .replace(/^\| /, '')
    .replace(/ \|$/, '')
    .split(/(?<!(?<!\\)\\)\|/)
    .map((cell) => cell.trim());
}

/** The text that a cell shows: a code span, or an element whose text is written in references only. */
function shown(cell: string): string {
  const span = /^`([^`|\\]+)`$/.exec(cell);
  if (span !== null) return span[1]!;
  const element = /^<code>((?:[^!-/:-@[-`{-~]|&#\d+;)*)<\/code>$/.exec(cell);
  if (element !== null) {
    return element[1]!.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  }
  assert.match(cell, /^[\p{L}\p{N} .,%/()-]*$/u);
  return cell;
}

test('a sweep', () => {
  const writer = MARKDOWN.rows(settingsOf());
  assert.equal(
    writer.begin(runOf()) + textOf(writer, [upHost(), silentHost()]) + writer.end(runOf()),
    '| address | hostname | status | reason | responder | rtt avg ms | loss % | ttl | hops |\n' +
      '| --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: |\n' +
      '| 192.0.2.1 |  | up | echo-reply |  | 9.100 | 33.3 | 61 | 3 |\n' +
      '| 192.0.2.2 |  | down | no-response |  |  | 100.0 |  |  |\n',
  );
});

test('changes', () => {
  const { columns: _, ...settings } = settingsOf();
  const writer = MARKDOWN.records!(INVENTORY_CHANGE_SHAPE, { ...settings, columns: undefined });
  const change = {
    network: 'office',
    address: '192.0.2.1',
    hostname: 'a.example',
    kind: 'mac-changed',
    before: '00:00:5e:00:53:01',
    after: '02:00:5e:00:53:02',
    seenAt: new Date('2026-03-04T05:06:07.089Z'),
  } as const;
  const [heading, rule, row] = (writer.begin() + writer.rows([change])).split('\n');
  assert.equal(cellsOf(heading!).length, INVENTORY_CHANGE_SHAPE.columns.length);
  assert.match(rule!, /^\|( --- \|)+$/);
  assert.deepEqual(cellsOf(row!).slice(0, 6), [
    '192.0.2.1',
    'a.example',
    'mac-changed',
    '`00:00:5e:00:53:01`',
    '`02:00:5e:00:53:02`',
    '2026-03-04T05:06:07.089Z',
  ]);
});

test('hostile names are text in one cell', () => {
  const names = [
    ...HOSTILE_NAMES,
    'a|b',
    'a\\|b',
    '\\',
    '`',
    '``a',
    ' ',
    '@someone',
    'www.a.example',
  ];
  for (const name of [
    ...names,
    '**bold**',
    '[a](javascript:b)',
    ':ab:',
    'line\nbreak',
    '<b>|`\\',
  ]) {
    const writer = MARKDOWN.rows(settingsOf());
    const row = textOf(writer, [upHost({ hostname: name })]).slice(0, -1);
    const cells = cellsOf(row);
    assert.equal(cells.length, 9, row);
    const expected = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');
    assert.equal(shown(cells[1]!), expected, row);
  }
});

test('what a site would make a link or a picture of is code', () => {
  assert.equal(markdownText('www.a.example'), '`www.a.example`');
  assert.equal(markdownText('a.example www.b.example'), '`a.example www.b.example`');
  assert.equal(markdownText('printer (WWW.a.example)'), '`printer (WWW.a.example)`');
  assert.equal(markdownText('rack of GH-12'), '`rack of GH-12`');
  assert.equal(markdownText('@someone'), '`@someone`');
  assert.equal(markdownText('2001:db8:100:1::'), '`2001:db8:100:1::`');
  assert.equal(markdownText('printer-2.example'), 'printer-2.example');
});
