/** What follows from this host's own addresses. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  broadcastAddresses,
  type OwnAddress,
  withoutAddresses,
} from '../../../src/host-network/own-addresses.ts';

function own(text: string, value: bigint, hostBits: bigint): OwnAddress {
  return { interface: 'eth0', family: 4, text, value, hostBits };
}

test('the broadcast address of a network is its last, and point-to-point links have none', () => {
  const found = broadcastAddresses([
    own('192.0.2.77', 0xc000024dn, 6n),
    own('198.51.100.1', 0xc6336401n, 1n),
    own('203.0.113.5', 0xcb007105n, 0n),
    own('203.0.113.9', 0xcb007109n, 2n),
  ]);
  assert.deepEqual(
    found.map(({ text }) => text),
    ['192.0.2.127', '203.0.113.11'],
  );
});

test('own addresses are cut out of ranges, at their ends too', () => {
  const range = (first: bigint, last: bigint) => ({ family: 4, zone: '', first, last }) as const;
  const addresses = [own('0.0.0.1', 1n, 0n), own('0.0.0.5', 5n, 0n), own('0.0.0.30', 30n, 0n)];
  assert.deepEqual(withoutAddresses([range(1n, 9n), range(30n, 30n)], addresses), [
    range(2n, 4n),
    range(6n, 9n),
  ]);
});
