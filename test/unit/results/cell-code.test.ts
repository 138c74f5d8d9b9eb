/** Octets that sum a host up: what goes in comes out, as near as an octet can hold it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CELL_EMPTY,
  cellCode,
  cellCodeOfOutcome,
  cellStory,
} from '../../../src/results/cell-code.ts';
import { OUTCOMES, outcomeNumber, STATUSES } from '../../../src/results/outcome.ts';

test('every outcome has a code of its own, and one that says only the status', () => {
  const codes = new Set([CELL_EMPTY]);
  for (const { status, reason } of OUTCOMES) {
    const code = cellCode(status, reason, null);
    assert.deepEqual(cellStory(code), { status, reason, rttMs: null });
    assert.equal(cellCodeOfOutcome(outcomeNumber(status, reason)), code);
    codes.add(code);
  }
  for (const status of STATUSES) {
    const code = cellCode(status, null, null);
    assert.deepEqual(cellStory(code), { status, reason: null, rttMs: null });
    codes.add(code);
  }
  assert.equal(codes.size, 1 + OUTCOMES.length + STATUSES.length);
  for (const code of codes) assert.ok(code >= 0 && code <= 255, String(code));
});

test('an octet that is not a code stands for nothing', () => {
  assert.equal(cellStory(CELL_EMPTY), undefined);
  assert.equal(cellStory(255), undefined);
});

test('round-trip times are within 6 %, from 1 µs to 10 s', () => {
  for (let rttMs = 0.001; rttMs < 10_000; rttMs *= 1.07) {
    const seen = cellStory(cellCode('up', 'echo-reply', rttMs))!.rttMs!;
    assert.ok(Math.abs(seen / rttMs - 1) < 0.06, `${rttMs} became ${seen}`);
  }
  assert.equal(cellStory(cellCode('up', 'echo-reply', 0))!.rttMs, 0.001);
  assert.equal(cellStory(cellCode('up', 'echo-reply', 60_000))!.rttMs, 10_000);
  assert.equal(cellStory(cellCode('up', 'echo-reply', null))!.rttMs, null);
});

test('a status that is not that of its reason is kept, and the reason is not', () => {
  assert.deepEqual(cellStory(cellCode('error', 'no-response', null)), {
    status: 'error',
    reason: null,
    rttMs: null,
  });
});
