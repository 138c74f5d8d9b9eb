import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unlessAborted, untilAborted } from '../../src/pause.ts';

test('work that cannot be stopped ends for its caller when the signal comes, and not before', async () => {
  const never = new Promise<string>(() => {});
  const stop = new AbortController();
  const reason = new Error('enough');
  const ended = assert.rejects(unlessAborted(never, stop.signal), reason);
  stop.abort(reason);
  await ended;
  await assert.rejects(unlessAborted(never, stop.signal), reason);
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve('done'), signal), 'done');
  await assert.rejects(unlessAborted(Promise.reject(reason), signal), reason);
});

test('a wait ends with the work or with the signal, and only the work can fail it', async () => {
  const never = new Promise<void>(() => {});
  const stop = new AbortController();
  const waiting = untilAborted(never, stop.signal);
  stop.abort(new Error('enough'));
  await waiting;
  const { signal } = new AbortController();
  await untilAborted(Promise.resolve('done'), signal);
  const reason = new Error('broken');
  await assert.rejects(untilAborted(Promise.reject(reason), signal), reason);
});

test('what fails after the signal came bothers nothing', async () => {
  let fail = (_: Error): void => {};
  const work = new Promise<string>((_, reject) => {
    fail = reject;
  });
  const stopped = new Error('stopped');
  await assert.rejects(unlessAborted(work, AbortSignal.abort(stopped)), stopped);
  fail(new Error('late'));
  await new Promise(setImmediate);
});
