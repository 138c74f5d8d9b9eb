/** Names that are looked up once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RememberedNames } from '../../../src/names/remembered-names.ts';

function remembering() {
  const asked: string[] = [];
  const names = new RememberedNames({
    async namesOf(addresses) {
      asked.push(...addresses);
      const named = addresses.filter((address) => !/[89]$/.test(address));
      return {
        names: new Map(named.map((address) => [address, `host-${asked.length}.example`])),
        unanswered: addresses.filter((address) => address === '192.0.2.8'),
      };
    },
    close() {},
  });
  return { names, asked };
}

test('a name, or that there is none, is looked up once until it is forgotten', async () => {
  const { names, asked } = remembering();
  const first = await names.namesOf(['192.0.2.1', '192.0.2.9']);
  assert.deepEqual(await names.namesOf(['192.0.2.9', '192.0.2.1']), first);
  assert.deepEqual(asked, ['192.0.2.1', '192.0.2.9']);
  names.forget(['192.0.2.1']);
  await names.namesOf(['192.0.2.1', '192.0.2.9']);
  assert.deepEqual(asked, ['192.0.2.1', '192.0.2.9', '192.0.2.1']);
});

test('an address that no server answers is looked up and counted once', async () => {
  const { names, asked } = remembering();
  const found = [await names.namesOf(['192.0.2.8']), await names.namesOf(['192.0.2.8'])];
  assert.deepEqual(
    found.map(({ unanswered }) => unanswered),
    [['192.0.2.8'], []],
  );
  assert.deepEqual(asked, ['192.0.2.8']);
});
