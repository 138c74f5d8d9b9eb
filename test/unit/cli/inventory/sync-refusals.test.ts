/** `inventory sync netbox` where NetBox refuses a change, or does not make it: that change alone is reported as failed. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hostsUpTo, NetBoxInventory, netboxAndInventory } from './netbox-inventory.ts';

describe('what NetBox refuses', () => {
  test('one address that it refuses costs only itself', async () => {
    const { netbox, inventory } = await netboxAndInventory(hostsUpTo(3));
    // Another one creates the address between the reading and the writing.
    netbox.before = (request) => {
      if (request !== 'POST /api/extras/tags/') return;
      netbox.add({ address: '192.0.2.2/32', dns_name: 'faster.example' });
    };
    const { code, results, words } = await inventory.sync();
    assert.equal(code, 4);
    assert.deepEqual(results, [
      'created',
      'refused: address: Duplicate IP address found in global table: 192.0.2.2/32',
      'created',
    ]);
    assert.equal(
      words.at(-1),
      '2 created, 0 updated, 1 failed, 0 left alone, 0 unchanged, 0 of others agree',
    );
    // The next run finds it and leaves it alone.
    netbox.before = () => {};
    assert.equal((await inventory.sync()).code, 0);
  });

  test('without a permission it stops there, and does the rest', async () => {
    const { netbox, inventory } = await netboxAndInventory({ 1: {} });
    await inventory.sync();
    await inventory.scan({ 1: { hostname: 'one.example' }, 2: {}, 3: {} });
    netbox.permissions.delete('add ip');
    const { code, results } = await inventory.sync();
    assert.equal(code, 4);
    const refused = 'refused: You do not have permission to perform this action.';
    assert.deepEqual(results, ['updated', refused, refused]);
    netbox.permissions.delete('add tag');
    const other = await new NetBoxInventory(netbox.url, ', tag: other').scan({ 5: {} });
    const failed = await other.sync();
    assert.equal(failed.code, 4);
    assert.match(failed.words.at(-1)!, /the tag other cannot be created .*: create it in NetBox/);
    assert.equal(failed.results[0], 'not sent');
  });

  test('a change that it leaves out without a word is not believed', async () => {
    const { netbox, inventory } = await netboxAndInventory(hostsUpTo(2));
    await inventory.sync();
    netbox.protectedIds.add(1);
    await inventory.scan({ 1: { hostname: 'a.example' }, 2: { hostname: 'b.example' } });
    const { code, results } = await inventory.sync();
    assert.equal(code, 4);
    assert.deepEqual(results, ['refused: the token may not change it', 'updated']);
  });

  test('an address that a person takes over meanwhile is left alone', async () => {
    const { netbox, inventory } = await netboxAndInventory(hostsUpTo(2));
    await inventory.sync();
    await inventory.scan({ 1: { hostname: 'a.example' }, 2: { hostname: 'b.example' } });
    const reads = () =>
      netbox.requests.filter((each) => each === 'GET /api/ipam/ip-addresses/').length;
    const readsBefore = reads();
    netbox.before = () => {
      if (reads() === readsBefore + 2) netbox.addresses[0]!.tags = [];
    };
    const { code, results } = await inventory.sync();
    assert.equal(code, 0);
    assert.deepEqual(results, ['left alone: it has lost the tag echosweep', 'updated']);
    assert.equal(netbox.addresses[0]!.dns_name, '');
  });
});
