/** What `npm run release` finds in folders, and what becomes of it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
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

test('a package that npm was killed at is fetched again', {
  skip: process.platform === 'win32' ? 'the stand-in for npm is a script of a shell' : false,
}, () => {
  const project = join(folder, 'project');
  cpSync(`${ROOT}scripts`, join(project, 'scripts'), { recursive: true });
  const half = join(project, '.cache/release/some-1.0.0/node_modules/some/package.json');
  mkdirSync(join(half, '..'), { recursive: true });
  writeFileSync(half, '{}');
  writeFileSync(join(project, 'npm'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const module = pathToFileURL(join(project, 'scripts/release/npm-package.mjs')).href;
  const fetch = `(await import('${module}')).fetchPackage('some', '1.0.0')`;
  const env = { ...process.env, PATH: `${project}${delimiter}${process.env['PATH']}` };
  const args = ['--input-type=module', '-e', fetch];
  const done = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  assert.match(done.stderr, /^install .* some@1[.]0[.]0$/m);
  assert.equal(existsSync(half), false);
});
