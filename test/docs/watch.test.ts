/** docs/watch.md held to the columns, keys and limits of the code. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SORT_LETTERS } from '../../src/watch/screen-state.ts';
import { WATCH_SHAPE } from '../../src/watch/watch-shape.ts';
import { MOST_WATCHED_HOSTS } from '../../src/watch/watched-hosts.ts';
import { grouped } from '../../src/words.ts';
import { codeIn, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/watch.md');

test('the columns of the report are those of its records, in their order', () => {
  assert.deepEqual(
    tableOf(PAGE, 'Column').map(([name, meaning]) => [codeIn(name!), meaning]),
    WATCH_SHAPE.columns.map(({ name, meaning }) => [name, meaning]),
  );
});

test('the keys that sort, and the most hosts, are those of the code', () => {
  const [sorting] = tableOf(PAGE, 'Key')[0]!;
  const letters = Object.values(SORT_LETTERS).map((letter) => `\`${letter}\``);
  assert.equal(sorting, letters.join(' '));
  assert.ok(PAGE.includes(`At most ${grouped(MOST_WATCHED_HOSTS)} hosts`));
});
