/** One host for each address, whichever networks have it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from '../../../../src/address.ts';
import type { InventoryHost } from '../../../../src/inventory/host-list.ts';
import { ipamHosts } from '../../../../src/inventory/ipam/ipam-hosts.ts';

function host(
  network: string,
  address: string,
  state: InventoryHost['state'],
  lastSeen = new Date(0),
): InventoryHost {
  const { key, text } = readAddress(address)!;
  return {
    ...{ network, key, address: text, state, lastSeen, hostname: network, mac: null },
    ...{ otherMac: null, status: 'up', reason: null, misses: 0, rttMs: null },
    ...{ firstSeen: null, lastChange: null },
  };
}

test('an address is present if one of its networks has it, by the latest sighting', () => {
  const later = new Date(5);
  const { hosts } = ipamHosts(
    [
      host('a', '192.0.2.9', 'gone'),
      host('a', '192.0.2.1', 'missing'),
      host('b', '192.0.2.1', 'gone', later),
      host('b', '192.0.2.9', 'up'),
      host('c', '192.0.2.1', 'up', later),
    ],
    new Set(['b']),
  );
  assert.deepEqual(
    hosts.map(({ address, hostname, isPresent, isDoubted }) => [
      address,
      hostname,
      isPresent,
      isDoubted,
    ]),
    [
      ['192.0.2.1', 'c', true, false],
      ['192.0.2.9', 'b', true, false],
    ],
  );
});

test('an address that is gone is doubted if any of its networks is', () => {
  const both = [host('a', '192.0.2.1', 'gone', new Date(9)), host('b', '192.0.2.1', 'gone')];
  for (const [doubted, isDoubted] of [
    [[], false],
    [['a'], true],
    [['b'], true],
  ] as const) {
    const { hosts } = ipamHosts(both, new Set(doubted));
    assert.deepEqual(
      hosts.map((each) => each.isDoubted),
      [isDoubted],
    );
  }
});

test('addresses with a zone are counted and left out', () => {
  const { hosts, zoned } = ipamHosts(
    [host('a', 'fe80::1%eth0', 'up'), host('a', '2001:db8::1', 'up')],
    new Set(),
  );
  assert.deepEqual([hosts.length, zoned], [1, 1]);
});
