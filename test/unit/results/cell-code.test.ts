/** Octets that tell a host's story: what goes in comes out, as near as an octet can tell. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELL_EMPTY, cellCode, cellStory } from '../../../src/results/cell-code.ts';
import { REASONS } from '../../../src/results/outcome.ts';

test('every status and reason is told', () => {
  for (const reason of REASONS.filter((word) => word !== 'echo-reply')) {
    const status =
      reason === 'no-response' || reason === 'arp-failed'
        ? 'down'
        : reason === 'permission-denied' || reason === 'send-failed'
          ? 'error'
          : 'unreachable';
    assert.deepEqual(cellStory(cellCode(status, reason, null)), { status, reason, rttMs: null });
  }
  const own = { status: 'error', reason: 'no-route', rttMs: null } as const;
  assert.deepEqual(cellStory(cellCode('error', 'no-route', null)), own);
  for (const status of ['unreachable', 'down', 'error'] as const) {
    const story = { status, reason: null, rttMs: null };
    assert.deepEqual(cellStory(cellCode(status, null, null)), story);
  }
  assert.equal(cellStory(CELL_EMPTY), undefined);
});

test('round-trip times are told within 6 %, from 1 µs to 10 s', () => {
  for (let rttMs = 0.001; rttMs < 10_000; rttMs *= 1.07) {
    const told = cellStory(cellCode('up', 'echo-reply', rttMs))!.rttMs!;
    assert.ok(Math.abs(told / rttMs - 1) < 0.06, `${rttMs} became ${told}`);
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
