/** What `npm run release` finds in folders, and what becomes of it. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
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

describe('a package', {
  skip: process.platform === 'win32' ? 'the stand-in for npm is a script of a shell' : false,
}, () => {
  const project = join(folder, 'project');
  const place = join(project, '.cache/release/some-1.0.0/node_modules');
  const module = pathToFileURL(join(project, 'scripts/release/npm-package.mjs')).href;
  const env = { ...process.env, PATH: `${project}${delimiter}${process.env['PATH']}` };
  const args = [
    '--input-type=module',
    '-e',
    `(await import('${module}')).fetchPackage('some', '1.0.0')`,
  ];

  before(() => {
    cpSync(`${ROOT}scripts`, join(project, 'scripts'), { recursive: true });
    const npm = '#!/bin/sh\nmkdir -p "$3/node_modules/some" && sleep 0.3\n';
    const list = 'echo "{}" >"$3/node_modules/.package-lock.json"\necho call >>"$0.calls"\n';
    writeFileSync(join(project, 'npm'), npm + list, { mode: 0o755 });
  });
  beforeEach(() => {
    for (const name of ['.cache', 'npm.calls'])
      rmSync(join(project, name), { recursive: true, force: true });
  });
  const isWhole = (): boolean =>
    existsSync(join(place, '.package-lock.json')) && existsSync(join(place, 'some'));

  test('is fetched once', () => {
    for (let run = 0; run < 2; run++)
      assert.equal(spawnSync(process.execPath, args, { env }).status, 0);
    assert.ok(isWhole());
    assert.equal(readFileSync(join(project, 'npm.calls'), 'utf8'), 'call\n');
  });

  test('is fetched by several at once, who keep out of the way of each other', async () => {
    const children = Array.from({ length: 3 }, () => spawn(process.execPath, args, { env }));
    const codes = await Promise.all(children.map((child) => once(child, 'exit')));
    assert.deepEqual(
      codes.map(([code]) => code),
      [0, 0, 0],
    );
    assert.deepEqual(readdirSync(join(project, '.cache/release')), ['some-1.0.0']);
    assert.ok(isWhole());
  });
});
