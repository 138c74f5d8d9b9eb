/** Dated file names of exports. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datedPath } from '../../../../src/cli/inventory/export.ts';

test('a file name takes the parts of a time', () => {
  const time = new Date('2026-03-04T05:06:07.089Z');
  assert.equal(datedPath('a-%Y-%m-%d_%H%M.csv', time), 'a-2026-03-04_0506.csv');
  assert.equal(datedPath('100%.csv', time), '100%.csv');
});
