/** What the table of columns promises to `--columns` and to the documentation. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS, pickColumns } from '../../../src/report/columns.ts';

test('each column has a name of its own and a sentence', () => {
  assert.equal(new Set(COLUMNS.map((column) => column.name)).size, COLUMNS.length);
  for (const { meaning } of COLUMNS) assert.match(meaning, /^[A-Z`].*\.$/);
});

test('an unknown column is refused with the names of all', () => {
  assert.throws(() => pickColumns(['address', 'rtt'], COLUMNS), {
    code: 'OPTION_INVALID',
    message: /^unknown column "rtt": use address, hostname, .*, started_at, mac/,
  });
});

test('a column given twice and no columns at all are refused', () => {
  assert.throws(() => pickColumns(['ttl', 'ttl'], COLUMNS), {
    code: 'OPTION_INVALID',
    message: /twice/,
  });
  assert.throws(() => pickColumns([], COLUMNS), { code: 'OPTION_INVALID', message: /no columns/ });
});
