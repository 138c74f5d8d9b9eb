/** Alternative names of interfaces, as the kernel lists them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { indexIn } from '../../../../src/host-network/linux/alternative-names.ts';

/** struct rtattr and its data, padded. */
function attribute(type: number, data: Uint8Array): Buffer {
  const octets = Buffer.alloc((4 + data.length + 3) & ~3);
  octets.writeUInt16LE(4 + data.length, 0);
  octets.writeUInt16LE(type, 2);
  octets.set(data, 4);
  return octets;
}

const text = (name: string): Buffer => Buffer.from(`${name}\0`);

/** An entry of the table of interfaces: IFLA_IFNAME (3) and, nested, IFLA_PROP_LIST (52) of IFLA_ALT_IFNAME (53). */
function link(index: number, name: string, others: readonly string[]): Buffer {
  const list = Buffer.concat(others.map((other) => attribute(53, text(other))));
  const attributes = Buffer.concat([attribute(3, text(name)), attribute(0x8000 | 52, list)]);
  const message = Buffer.alloc(32 + attributes.length);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(16, 4);
  message.writeInt32LE(index, 20);
  message.set(attributes, 32);
  return message;
}

function partOf(...links: readonly Buffer[]): DataView {
  return new DataView(Uint8Array.from(Buffer.concat(links)).buffer);
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
