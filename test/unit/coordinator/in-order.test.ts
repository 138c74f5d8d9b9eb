/** Further work on blocks: several at once, given back in order and without delay. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from '../../../src/coordinator/in-order.ts';

/** Work that ends when the test says so. */
function work() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const begin = (item: number): Promise<string> => {
    begun.push(item);
    return new Promise((resolve) => ends.set(item, () => resolve(`done ${item}`)));
  };
  return { begun, begin, end: (item: number) => ends.get(item)!() };
}

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

/** Lets everything happen that waits for nothing outside. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('no more than the window is under way, and results keep the order', async () => {
  const { begun, begin, end } = work();
  const results = inOrder(numbers(4), begin, 2);
  const first = results.next();
  await settled();
  assert.deepEqual(begun, [0, 1]);
  end(1);
  await settled();
  assert.deepEqual(begun, [0, 1], 'the first is still under way');
  end(0);
  assert.equal((await first).value, 'done 0');
  assert.equal((await results.next()).value, 'done 1');
  const third = results.next();
  await settled();
  end(2);
  end(3);
  assert.equal((await third).value, 'done 2');
  assert.equal((await results.next()).value, 'done 3');
  assert.equal((await results.next()).done, true);
});

test('what is done leaves while the next is still to come', async () => {
  const { begin, end } = work();
  const slow = async function* (): AsyncGenerator<number> {
    yield 0;
    await new Promise(() => {});
  };
  const first = inOrder(slow(), begin, 2).next();
  await settled();
  end(0);
  assert.equal((await first).value, 'done 0');
});

test('an error of the source ends it', async () => {
  const failing = async function* (): AsyncGenerator<number> {
    yield 0;
    throw new Error('the source');
  };
  const results = inOrder(failing(), async (item) => item, 2);
  await assert.rejects(async () => {
    for await (const _ of results);
  }, /the source/);
});
