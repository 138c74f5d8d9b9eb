/** Alternative names of interfaces, as the kernel lists them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { indexIn } from '../../../../src/host-network/linux/alternative-names.ts';
import { attribute, message, partOf } from './netlink-messages.ts';

const text = (name: string): Buffer => Buffer.from(`${name}\0`);

/** An entry of the table of interfaces: IFLA_IFNAME (3) and, nested, IFLA_PROP_LIST (52) of IFLA_ALT_IFNAME (53). */
function link(index: number, name: string, others: readonly string[]): Buffer {
  const list = Buffer.concat(others.map((other) => attribute(53, text(other))));
  const attributes = Buffer.concat([attribute(3, text(name)), attribute(0x8000 | 52, list)]);
  // struct ifinfomsg.
  const fixed = Buffer.alloc(16);
  fixed.writeInt32LE(index, 4);
  return message(16, fixed, attributes);
}

describe('an alternative name', () => {
  const long = 'enp0s31f6-the-one-on-the-left-side';
  const parts = [
    partOf(link(1, 'lo', []), link(2, 'eth0', ['enp9s0', long])),
    partOf(link(7, 'wlan0', ['wlp2s0'])),
  ];

  test('is found with the index of its interface, however long it is', () => {
    assert.equal(indexIn(parts, 'enp9s0'), 2);
    assert.equal(indexIn(parts, long), 2);
    assert.equal(indexIn(parts, 'wlp2s0'), 7);
  });

  test('is not the name itself, nor part of another', () => {
    for (const name of ['eth0', 'enp9s', 'enp9s00', ''])
      assert.equal(indexIn(parts, name), undefined);
  });

  test('is not looked for behind the end of a truncated list', () => {
    const whole = link(2, 'eth0', ['enp9s0']);
    for (let octets = 0; octets < whole.length; octets++) {
      assert.equal(indexIn([partOf(whole.subarray(0, octets))], 'enp9s0'), undefined);
    }
  });
});
