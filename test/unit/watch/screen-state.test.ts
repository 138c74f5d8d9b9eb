/** What each key does to the screen. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SORT_KEYS } from '../../../src/watch/host-order.ts';
import { SORT_LETTERS, stateAfter } from '../../../src/watch/screen-state.ts';
import { stateWith } from './samples.ts';

const ROOM = { lines: 10, hosts: 25 };
const after = (keys: readonly string[], state = stateWith()) =>
  keys.reduce((before, key) => stateAfter(before, key, ROOM), state);

test('a letter sorts, and once more turns the order round', () => {
  for (const sort of SORT_KEYS) {
    const other = stateWith({
      sort: sort === 'loss' ? 'rtt' : 'loss',
      isReversed: true,
      scrolled: 5,
    });
    const once = after([SORT_LETTERS[sort]], other);
    assert.deepEqual(once, { ...other, sort, isReversed: false, scrolled: 0 });
    assert.equal(after([SORT_LETTERS[sort]], once).isReversed, true);
    assert.equal(after([SORT_LETTERS[sort], SORT_LETTERS[sort]], once).isReversed, false);
  }
});

test('scrolling goes line by line, page by page and to the ends, and no further', () => {
  assert.equal(after(['down']).scrolled, 1);
  assert.equal(after(['down', 'down', 'up']).scrolled, 1);
  assert.equal(after(['up']).scrolled, 0);
  assert.equal(after(['pagedown']).scrolled, 10);
  assert.equal(after(['pagedown', 'pagedown']).scrolled, 15);
  assert.equal(after(['end']).scrolled, 15);
  assert.equal(after(['end', 'pageup']).scrolled, 5);
  assert.equal(after(['end', 'home']).scrolled, 0);
  assert.equal(stateAfter(stateWith(), 'down', { lines: 10, hosts: 3 }).scrolled, 0);
});

test('space pauses and goes on', () => {
  assert.equal(after(['space']).isPaused, true);
  assert.equal(after(['space', 'space']).isPaused, false);
});

test('s hides silent hosts and begins at the top', () => {
  const { hidesSilent, scrolled } = after(['end', 's']);
  assert.deepEqual([hidesSilent, scrolled], [true, 0]);
  assert.equal(after(['s', 's']).hidesSilent, false);
});

test('other keys change nothing', () => {
  const state = stateWith({ scrolled: 3 });
  for (const key of ['x', 'f1', 'return', '', 'constructor', 'toString']) {
    assert.equal(after([key], state), state, key);
  }
});
