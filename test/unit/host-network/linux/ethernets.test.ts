/** Ethernet interfaces, as the kernel lists them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ethernetsIn } from '../../../../src/host-network/linux/ethernets.ts';
import { attribute, message, partOf, uint32 } from './netlink-messages.ts';

const MAC = Buffer.from([2, 0, 0, 0, 0, 9]);
const LOWER_UP = 0x10000;
const NO_ARP = 0x80;

interface Link {
  readonly name?: Uint8Array;
  readonly mac?: Uint8Array;
  readonly flags?: number;
  readonly type?: number;
}

/** struct ifinfomsg: type u16 at 2, index i32 at 4, flags u32 at 8; then IFLA_IFNAME, IFLA_MTU and IFLA_ADDRESS. */
function link({
  name = Buffer.from('eth0\0'),
  mac = MAC,
  flags = LOWER_UP,
  type = 1,
}: Link): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt16LE(type, 2);
  fixed.writeInt32LE(7, 4);
  fixed.writeUInt32LE(flags, 8);
  return message(16, fixed, attribute(3, name), attribute(4, uint32(1500)), attribute(1, mac));
}

const namesOf = (...links: readonly Link[]): string[] => [
  ...ethernetsIn([partOf(...links.map(link))]).keys(),
];

describe('an Ethernet interface', () => {
  test('has an index, a MAC address, an MTU, and a carrier or none', () => {
    const wireless = link({ name: Buffer.from('wlan0\0'), flags: 0 });
    const found = ethernetsIn([partOf(link({})), partOf(wireless)]);
    const eth0 = { interfaceIndex: 7, mac: Uint8Array.from(MAC), hasCarrier: true, mtu: 1500 };
    assert.deepEqual(
      [...found],
      [
        ['eth0', eth0],
        ['wlan0', { ...eth0, hasCarrier: false }],
      ],
    );
  });

  test('may have any name that Linux takes', () => {
    for (const name of ['ü', 'büro-0', '接口0', 'a', 'fifteen-letters'])
      assert.deepEqual(namesOf({ name: Buffer.from(`${name}\0`) }), [name]);
  });

  test('does not include those without ARP, of other types, or without an address of six octets', () => {
    const others: readonly Link[] = [
      { flags: LOWER_UP | NO_ARP },
      { type: 772 },
      { type: 256 },
      { mac: Buffer.alloc(20) },
      { mac: Buffer.alloc(0) },
      { name: Buffer.from('\0') },
      { name: Buffer.alloc(17, 'x') },
    ];
    for (const other of others) assert.deepEqual(namesOf(other, {}), ['eth0']);
    assert.deepEqual(namesOf(...others), []);
  });

  test('of a truncated table is left out', () => {
    const whole = link({});
    for (let octets = 0; octets < whole.length; octets++)
      assert.equal(ethernetsIn([partOf(whole.subarray(0, octets))]).size, 0);
  });
});
