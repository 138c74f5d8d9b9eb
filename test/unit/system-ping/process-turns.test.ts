/** When processes may start. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessTurns } from '../../../src/system-ping/process-turns.ts';

const NEVER = new AbortController().signal;

test('however many may start at once, each starts in a turn of the event loop of its own', async () => {
  const turns = new ProcessTurns(100, Number.POSITIVE_INFINITY, NEVER);
  let turn = 0;
  let isCounting = true;
  const count = (): void => {
    turn++;
    if (isCounting) setImmediate(count);
  };
  setImmediate(count);
  const startedIn: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, () =>
      turns.run(async () => {
        startedIn.push(turn);
      }),
    ),
  );
  isCounting = false;
  assert.equal(new Set(startedIn).size, 20);
});

test('no more run at once than there are places', async () => {
  const turns = new ProcessTurns(3, Number.POSITIVE_INFINITY, NEVER);
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 10 }, () =>
      turns.run(async () => {
        most = Math.max(most, ++running);
        // Long enough for all places to be taken, since one process starts per turn.
        for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
        running--;
      }),
    ),
  );
  assert.equal(most, 3);
});
