/** What the table promises to the person who reads it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { COLUMNS, pickColumns } from '../../../src/report/columns.ts';
import type { FormatSettings } from '../../../src/report/format.ts';
import { TABLE } from '../../../src/report/table.ts';
import { textWidth } from '../../../src/report/terminal-text.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { settingsOf, silentHost, textOf, upHost } from './samples.ts';

function tableOf(
  pieces: readonly (readonly HostResult[])[],
  settings: Partial<FormatSettings<HostResult>> = {},
): string[] {
  const format = TABLE.rows(settingsOf(settings));
  return pieces
    .map((rows) => textOf(format, rows))
    .join('')
    .split('\n')
    .slice(0, -1);
}

const named = upHost({ hostname: 'printer.example' });

describe('the table', () => {
  test('stands in columns, numbers to the right, with no blanks at the end of a line', () => {
    assert.deepEqual(tableOf([[named, silentHost()]]), [
      'address          hostname         status       reason       rtt avg ms  loss %  ttl  hops',
      '192.0.2.1        printer.example  up           echo-reply        9.100    33.3   61     3',
      '192.0.2.2                         down         no-response               100.0',
    ]);
  });

  test('shows names and responders only where there are any', () => {
    assert.match(tableOf([[upHost()]])[0]!, /^address +status/);
    assert.match(tableOf([[upHost({ responder: '192.0.2.9' })]])[0]!, / responder /);
  });

  test('prints its header once while the layout holds, and again where it changes', () => {
    const headers = (lines: string[]) => lines.filter((line) => line.startsWith('address')).length;
    assert.equal(headers(tableOf([[upHost()], [silentHost()], [upHost()]])), 1);
    const changed = tableOf([[upHost()], [upHost({ address: '2001:db8:1:2:3:4:5:6' })]]);
    assert.equal(headers(changed), 2);
    assert.equal(changed[2], '');
  });

  test('has the columns asked for, in the order asked for, empty or not', () => {
    const columns = pickColumns(['rtt_max_ms', 'hostname', 'started_at'], COLUMNS);
    assert.deepEqual(tableOf([[upHost()]], { columns }), [
      'rtt max ms  hostname  started at',
      '  1044.001            2026-03-04T05:06:07.089Z',
    ]);
  });

  test('keeps to the width of the terminal: shortens names, then leaves columns out', () => {
    const host = upHost({ hostname: 'a-long-name-for-a-printer.example', responder: '192.0.2.9' });
    const at = (width: number) => tableOf([[host]], { width });
    assert.match(at(120)[0]!, /hostname .* responder .* hops$/);
    assert.match(at(90)[1]!, /a-long-name-for.*…/);
    for (let width = 60; width < 120; width++) {
      for (const line of at(width)) assert.ok(textWidth(line) <= width, `${width}: ${line}`);
    }
    assert.equal(at(60)[0]!.includes('address'), true);
  });

  test('fits a terminal of 40 columns, and long IPv6 addresses one of 80', () => {
    const refused = silentHost({ status: 'unreachable', reason: 'admin-prohibited' });
    const long = '2001:db8:1111:2222:3333:4444:5555:6666';
    for (const [width, address] of [
      [40, '198.51.100.200'],
      [80, long],
      [60, long],
    ] as const) {
      for (const line of tableOf([[upHost(), { ...refused, address }]], { width })) {
        assert.ok(textWidth(line) <= width, `${width}: ${line}`);
      }
    }
  });

  test('colours the status only where colours are asked for, and aligns as without', () => {
    const plain = tableOf([[named, silentHost()]]);
    const coloured = tableOf([[named, silentHost()]], { colour: true });
    assert.notDeepEqual(coloured, plain);
    assert.deepEqual(coloured.map(stripVTControlCharacters), plain);
  });

  test('cannot be made to move the cursor or to reorder a line by a host name', () => {
    const row = tableOf([[upHost({ hostname: 'a\u001B[2J\u202Eb\nc\u009Bd' })]])[1]!;
    assert.match(row, /a\uFFFD\[2J\uFFFDb\uFFFDc\uFFFDd/);
  });

  test('aligns what stands behind wide characters', () => {
    const lines = tableOf([
      [upHost({ hostname: '打印机.example' }), upHost({ hostname: 'b.example' })],
    ]);
    const before = lines.map((line) => textWidth(line.slice(0, line.search(/status|up/))));
    assert.equal(new Set(before).size, 1);
  });
});
