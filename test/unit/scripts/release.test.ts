/** What `npm run release` refuses. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../../root.ts';

const folder = mkdtempSync(join(tmpdir(), 'release-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a folder that holds other files is left as it is', () => {
  const file = join(folder, 'mine.txt');
  writeFileSync(file, '');
  const script = `${ROOT}scripts/release/release.mjs`;
  const args = [script, '--dry-run', '--output', folder];
  const done = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(done.status, 3);
  assert.match(done.stderr, /^echosweep: .* holds something other than a release: /);
  assert.ok(existsSync(file));
});
