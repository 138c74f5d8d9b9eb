/** Many readers of the same answer cost as much as one, and none of them reads an old one after a change. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SharedAnswers } from '../../../src/web/api/shared-answers.ts';

test('a question is answered once for all who wait for it, and for a while after', async () => {
  let nowMs = 0;
  let made = 0;
  const answers = new SharedAnswers(() => nowMs);
  const read = (): Promise<string> => answers.of('a', async () => String(++made));
  assert.deepEqual(await Promise.all([read(), read(), read()]), ['1', '1', '1']);
  nowMs = 999;
  assert.equal(await read(), '1');
  nowMs = 1_000;
  assert.equal(await read(), '2');
  answers.clear();
  assert.equal(await read(), '3');
});

test('a failure is not kept', async () => {
  const answers = new SharedAnswers(() => 0);
  await assert.rejects(
    answers.of('a', () => Promise.reject(new Error('no'))),
    /^Error: no$/,
  );
  assert.equal(await answers.of('a', async () => 'yes'), 'yes');
});

test('an answer that is too long to be kept takes no room', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const answers = new SharedAnswers(() => 0);
  const made: WeakRef<Promise<string>>[] = [];
  const make = (): Promise<string> => {
    const answer = Promise.resolve('x'.repeat(1024 * 1024 + 1));
    made.push(new WeakRef(answer));
    return answer;
  };
  await answers.of('a', make);
  await new Promise(setImmediate);
  collect();
  assert.equal(made[0]!.deref(), undefined);
});

test('few answers are kept', async () => {
  let made = 0;
  const answers = new SharedAnswers(() => 0);
  for (let i = 0; i < 200; i++) await answers.of(String(i), async () => String(++made));
  await answers.of('199', async () => String(++made));
  assert.equal(made, 200);
  await answers.of('0', async () => String(++made));
  assert.equal(made, 201);
});
