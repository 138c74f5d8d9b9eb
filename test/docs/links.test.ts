/** Every link leads somewhere. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../root.ts';
import { anchorOf, documents, headingsOf, linksOf, textOf } from './markdown.ts';

for (const path of documents()) {
  test(`every link in ${path} leads to a file and a heading that are there`, () => {
    const links = linksOf(textOf(path)).filter((target) => !/^https:/.test(target));
    assert.deepEqual(
      links.filter((target) => !isThere(path, target)),
      [],
    );
  });
}

test('the documents are found, and their links', () => {
  assert.ok(documents().includes('README.md'));
  assert.ok(linksOf(textOf('README.md')).length > 5);
});

test('every picture is shown', () => {
  const shown = documents().flatMap((path) =>
    linksOf(textOf(path)).map((link) => posix.join(posix.dirname(path), link)),
  );
  const pictures = readdirSync(join(ROOT, 'docs/pictures')).map((name) => `docs/pictures/${name}`);
  assert.deepEqual(
    pictures.filter((path) => !shown.includes(path)),
    [],
  );
});

function isThere(from: string, link: string): boolean {
  const [file, anchor] = link.split('#');
  const path = file === '' ? from : posix.join(posix.dirname(from), file!);
  if (!existsSync(posix.join(ROOT, path))) return false;
  return anchor === undefined || headingsOf(textOf(path)).map(anchorOf).includes(anchor);
}
