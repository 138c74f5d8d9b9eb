/** Slips of the fingers: which words count as one, and which are words of their own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearWord } from '../../../src/cli/near-word.ts';

const WORDS = ['doctor', 'diff', 'map', 'inventory'];

for (const [given, meant] of [
  ['docter', 'doctor'],
  ['dcotor', 'doctor'],
  ['Doctor', 'doctor'],
  ['dif', 'diff'],
  ['mpa', 'map'],
  ['inventry', 'inventory'],
  ['invnetori', 'inventory'],
] as const) {
  test(`${given} is meant as ${meant}`, () => assert.equal(nearWord(given, WORDS), meant));
}

for (const given of ['router', 'nas', 'doc', 'dfif2', 'printer', '']) {
  test(`${given || 'nothing'} is a word of its own`, () => {
    assert.equal(nearWord(given, WORDS), undefined);
  });
}
