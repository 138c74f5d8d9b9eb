/** docs/performance.md held to the figures that were kept, and to the scenarios that there are. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figures } from '../bench/figures.ts';
import { withFigures } from '../bench/page.ts';
import { headingsOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/performance.md');
const FIGURES = JSON.parse(textOf('test/bench/figures.json')) as Figures;

test('the page says what the kept figures say', () => {
  assert.equal(withFigures(PAGE, FIGURES), PAGE);
});

test('the page names the machine in general words, and has a table for each scenario kept', () => {
  assert.match(FIGURES.machine, /^\d+ cores? \(.+\), \d+ GiB, Linux [\d.]+, Node [\d.]+$/);
  assert.ok(headingsOf(PAGE).length > Object.keys(FIGURES.scenarios).length);
});
