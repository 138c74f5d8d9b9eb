/** Texts kept once each. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InternedTexts } from '../../../src/results/interned-texts.ts';

test('a text keeps the index that it was given first', () => {
  const texts = new InternedTexts();
  assert.deepEqual(
    ['a', 'b', 'a', '', 'b'].map((text) => texts.indexOf(text)),
    [0, 1, 0, 2, 1],
  );
  assert.deepEqual(texts.texts, ['a', 'b', '']);
});

test('a text with a key of its own is found by it, and not before it was added', () => {
  const texts = new InternedTexts();
  assert.equal(texts.find(0xc0000201), -1);
  assert.equal(texts.add('192.0.2.1', 0xc0000201), 0);
  assert.equal(texts.find(0xc0000201), 0);
  assert.equal(texts.find(0xc0000202), -1);
  assert.deepEqual(texts.texts, ['192.0.2.1']);
});
