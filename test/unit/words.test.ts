/** Numbers and times as a person reads them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyOf, duration, grouped, plural, safeJson } from '../../src/words.ts';

test('counts have their thousands apart and the plural that they need', () => {
  assert.equal(grouped(1234567), '1,234,567');
  assert.equal(grouped(-123456), '-123,456');
  assert.equal(grouped(1234.5678), '1,234.5678');
  assert.equal(grouped(2n ** 64n), '18,446,744,073,709,551,616');
  assert.deepEqual(
    [0, 1, 2000].map((count) => plural(count, 'host')),
    ['0 hosts', '1 host', '2,000 hosts'],
  );
  assert.equal(plural(2, 'late reply', 'late replies'), '2 late replies');
});

test('durations have two parts at most, and no 60 seconds', () => {
  const cases: [number, string][] = [
    [0.4, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [59_900, '59.9 s'],
    [59_990, '1 min 00 s'],
    [66_000, '1 min 06 s'],
    [3_599_600, '1 h 00 min'],
    [3_900_000, '1 h 05 min'],
  ];
  for (const [ms, words] of cases) assert.equal(duration(ms), words);
});

test('choices are listed with an or before the last', () => {
  assert.deepEqual([['csv'], ['csv', 'jsonl'], ['csv', 'jsonl', 'table']].map(anyOf), [
    'csv',
    'csv or jsonl',
    'csv, jsonl or table',
  ]);
});

test('JSON is one line to every reader, and means the same', () => {
  const text = '\u0085\u2028\u202E\u009B1m';
  const json = safeJson({ text });
  assert.doesNotMatch(json, /[\u007F-\u009F\u2028-\u202E]/);
  assert.deepEqual(JSON.parse(json), { text });
});
