/** Text that a spreadsheet could take for a formula: neutral in a report, and the same again once read back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { neutralFormula, unguardedText } from '../../../src/report/spreadsheet-text.ts';

test('an apostrophe goes before what would start a formula, and before what looks as if it had one', () => {
  const cells = [
    ['=1+1', "'=1+1"],
    ["'=1+1", "''=1+1"],
    ["''@x", "'''@x"],
    ["'\tx", "''\tx"],
    ["o'hara", "o'hara"],
    ["'quoted'", "'quoted'"],
    ['a,=1', "a,'=1"],
    ["a,'=1", "a,''=1"],
  ] as const;
  for (const [text, cell] of cells) {
    assert.equal(neutralFormula(text), cell);
    assert.equal(unguardedText(cell), text);
  }
});

test('any text reads back as it was, and no part of its cell starts a formula', () => {
  const character = fc.constantFrom(
    "'",
    '=',
    '-',
    '\uFF1D',
    ',',
    ';',
    '"',
    '\t',
    '\n',
    ' ',
    '\u200B',
    'a',
  );
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
      const cell = neutralFormula(text);
      assert.equal(unguardedText(cell), text);
      assert.doesNotMatch(cell, /(?:^|[,;\t\n"])[\s\u200B]*[=\-\uFF1D]/u);
    }),
  );
});
