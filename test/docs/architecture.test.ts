/** docs/architecture.md held to the rooms that there are. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../root.ts';
import { codeIn, tableOf, textOf } from './markdown.ts';

const ROOMS = tableOf(textOf('docs/architecture.md'), 'Room').map(([room]) => codeIn(room!));

test('every folder of sources is a room of the table, or holds the words that rooms share', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  assert.deepEqual(
    folders.filter((name) => !ROOMS.includes(name) && name !== 'results'),
    [],
  );
});

test('every room whose imports are checked is in the table', () => {
  const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
    readonly forbidden: readonly { readonly name: string; readonly from: { path?: string } }[];
  };
  const checked = forbidden
    .filter(({ name, from }) => name.endsWith('-imports') && exists(from.path))
    .map(({ name }) => name.replace(/-imports$/, ''));
  assert.ok(checked.length > 5);
  assert.deepEqual(
    checked.filter((room) => !ROOMS.includes(room)),
    [],
  );
});

/** The rules know of rooms that are still to come. */
function exists(path: string | undefined): boolean {
  const folder = /^\^(src\/[a-z-]+)\/$/.exec(path ?? '')?.[1];
  return folder === undefined || readdirSync(join(ROOT, 'src')).includes(folder.slice(4));
}
