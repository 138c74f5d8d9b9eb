/** Every file of the project can be checked out on every system, and files that lists name exist. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../root.ts';
import { LEFT_OUT } from '../windows/left-out.ts';

/** What is made, not kept; hidden folders are git's and the tools'. */
const MADE = /^(\.[^/]+|node_modules|dist)\//;
/** Not in names of files on Windows. */
const FORBIDDEN = /[<>:"|?*]|[. ]$/;

test('no file has a name that Windows forbids, or one that differs from another by case alone', () => {
  const paths = ['.', 'docs', 'examples', 'man', 'scripts', 'src', 'test', 'workers']
    .flatMap((folder) =>
      readdirSync(`${ROOT}${folder}`, { recursive: folder !== '.' }).map(
        (name) => `${folder}/${String(name).replaceAll(sep, '/')}`,
      ),
    )
    .filter((path) => !MADE.test(path.replace(/^\.\//, '')));
  assert.ok(paths.length > 1000, `${paths.length} files only`);
  const forbidden = paths.filter((path) =>
    path.split('/').some((name) => FORBIDDEN.test(name) && name !== '.'),
  );
  assert.deepEqual(forbidden, []);
  const seen = new Map<string, string>();
  for (const path of paths) {
    const other = seen.get(path.toLowerCase());
    assert.ok(other === undefined, `${other} and ${path}`);
    seen.set(path.toLowerCase(), path);
  }
});

test('every test that is left out on Windows exists', () => {
  const paths = readdirSync(`${ROOT}test`, { recursive: true })
    .map((name) => String(name).replaceAll(sep, '/'))
    .filter((path) => path.endsWith('.test.ts'));
  for (const part of Object.keys(LEFT_OUT))
    assert.ok(
      paths.some((path) => path.startsWith(part)),
      part,
    );
});
