/** Files of /proc: read whole, or not at all if they are too long or missing. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mayHaveText, readProcFile } from '../../../../src/host-network/linux/proc-file.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));
const PATH = join(FOLDER, 'route');

test('a file of several pieces is read whole', () => {
  const text = 'eth0\t0000A8C0\t00000000\n'.repeat(10_000);
  writeFileSync(PATH, text);
  const open = readdirSync('/proc/self/fd');
  assert.equal(readProcFile(PATH), text);
  assert.deepEqual(readdirSync('/proc/self/fd'), open);
});

test('a file that cannot be read may have text, and one that is not there has none', () => {
  writeFileSync(PATH, 'filter\n');
  assert.ok(mayHaveText(PATH));
  writeFileSync(PATH, '\n');
  assert.ok(!mayHaveText(PATH));
  assert.ok(!mayHaveText(join(FOLDER, 'none')));
  // A folder can be opened, and not read.
  assert.ok(mayHaveText(FOLDER));
});

test('a file that is too long is left out, as is one that is not there', () => {
  writeFileSync(PATH, 'x'.repeat(1001));
  assert.equal(readProcFile(PATH, 1001).length, 1001);
  assert.equal(readProcFile(PATH, 1000), '');
  assert.equal(readProcFile(join(FOLDER, 'none')), '');
});
