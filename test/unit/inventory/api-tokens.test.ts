/** Tokens of programs as the inventory keeps them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToken, listTokens, revokeToken } from '../../../src/inventory/api-tokens.ts';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { aToken } from './samples.ts';

test('the number of a token never belongs to another one', async () => {
  const store = await openStore(IN_MEMORY);
  const first = addToken(store, 'x', aToken('first'));
  revokeToken(store, first);
  const second = addToken(store, 'y', aToken('second'));
  assert.ok(second > first);
  // Sent again, as after an answer that was lost.
  revokeToken(store, first);
  assert.deepEqual(
    listTokens(store).map(({ name }) => name),
    ['second'],
  );
  store.close();
});
