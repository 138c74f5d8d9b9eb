/** What text on a terminal promises: safe, measured, cut and wrapped right. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutText, paint, textWidth, wrapWords } from '../../../src/report/terminal-text.ts';
import { safeText } from '../../../src/words.ts';

test('width counts cells, not code units', () => {
  const widths: [string, number][] = [
    ['abc', 3],
    ['bücher', 6],
    ['bu\u0308cher', 6],
    ['打印机', 6],
    ['ﾌﾟ', 1],
    ['프린터', 6],
    ['🖨️🎉', 3],
    ['…', 1],
    ['a\u00A0b – ©', 7],
  ];
  for (const [text, width] of widths) assert.equal(textWidth(text), width, text);
});

test('cut text has the width asked for or less, and says that it is cut', () => {
  assert.equal(cutText('printer', 7), 'printer');
  assert.equal(cutText('printers', 7), 'printe…');
  assert.equal(cutText('打印机', 4), '打…');
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).map(safeText),
      fc.integer({ min: 1, max: 20 }),
      (text, width) => {
        assert.ok(textWidth(cutText(text, width)) <= width);
      },
    ),
  );
});

test('wrapped lines keep every word in order and stay inside the width', () => {
  assert.deepEqual(wrapWords('one two three', 8), ['one two', 'three']);
  assert.deepEqual(wrapWords('unbreakable', 4), ['unbreakable']);
  assert.deepEqual(wrapWords('', 4), ['']);
  assert.deepEqual(wrapWords('a b', Number.POSITIVE_INFINITY), ['a b']);
});

test('paint leaves text alone unless colour is asked for', () => {
  assert.equal(paint('up', 'up', false), 'up');
  assert.equal(paint('up', 'up', true), '\u001B[32mup\u001B[39m');
});
