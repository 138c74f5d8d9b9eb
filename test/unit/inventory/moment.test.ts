/** Moments as people write them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMoment } from '../../../src/inventory/moment.ts';

const NOW = new Date('2026-03-04T05:06:07.089Z');

test('so long ago, or a date, in UTC unless it says otherwise', () => {
  const cases: [string, string][] = [
    ['90m', '2026-03-04T03:36:07.089Z'],
    ['12h', '2026-03-03T17:06:07.089Z'],
    ['7d', '2026-02-25T05:06:07.089Z'],
    ['2w', '2026-02-18T05:06:07.089Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T12:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
  ];
  for (const [text, moment] of cases) {
    assert.equal(readMoment(text, NOW, '--since').toISOString(), moment, text);
  }
});

test('anything else is refused', () => {
  for (const text of [
    '',
    '7',
    '-7d',
    'yesterday',
    '2026-13-01',
    '2026-02-31',
    '2026-02-29T12:00',
    '31.01.2026',
    '1e9d',
  ]) {
    assert.throws(() => readMoment(text, NOW, '--since'), {
      code: 'OPTION_INVALID',
      message: /^--since: ".*" is not a valid time: use 90m/,
    });
  }
});
