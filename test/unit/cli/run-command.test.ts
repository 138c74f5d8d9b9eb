/** What a link to the program means by its name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calledAs } from '../../../src/cli/run-command.ts';

test('a link named fping or fping6 runs fping, and any other name echosweep', () => {
  const args = ['-a', 'host'];
  assert.deepEqual(calledAs(['node', '/usr/bin/fping', ...args]), ['fping', ...args]);
  assert.deepEqual(calledAs(['node', '/usr/bin/fping6', ...args]), ['fping', '-6', ...args]);
  for (const name of ['echosweep', 'main.js', 'xfping'])
    assert.deepEqual(calledAs(['node', `/usr/bin/${name}`, ...args]), args);
});
