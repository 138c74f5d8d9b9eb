/** The columns of an inventory's hosts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostShape } from '../../../src/inventory/host-report.ts';
import { CellText } from '../../../src/report/cell-text.ts';
import { listedHost } from './samples.ts';

test('the known hosts may call their columns what every object has', () => {
  const headings = ['constructor', '__proto__', 'tostring'];
  const columns = hostShape(headings, []).columns.filter(({ name }) => name.startsWith('known_'));
  const fields = Object.fromEntries(headings.map((heading) => [heading, 'a']));
  const host = { address: '192.0.2.1' };
  const cell = new CellText();
  const cellsOf = (entry: ReturnType<typeof listedHost>) =>
    columns.map((column) => cell.textOf(column, entry));
  assert.deepEqual(cellsOf(listedHost(host, fields)), ['a', 'a', 'a']);
  assert.deepEqual(cellsOf(listedHost(host)), [null, null, null]);
});
