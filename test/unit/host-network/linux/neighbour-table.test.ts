/** The kernel's neighbour table: which states its entries have, and what is left out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressValueAt, type Family, formatAddress } from '../../../../src/address.ts';
import { NEIGHBOUR } from '../../../../src/host-network/host-network.ts';
import { visitNeighboursIn } from '../../../../src/host-network/linux/neighbour-table.ts';
import { attribute, message, partOf, uint32 } from './netlink-messages.ts';

const MAC = Buffer.from([2, 0, 0, 0, 0, 9]);
const REACHABLE = 0x02;

interface Entry {
  readonly address?: Uint8Array;
  readonly state?: number;
  readonly mac?: Uint8Array;
  /** In hundredths of a second. */
  readonly age?: number;
}

/** struct ndmsg: interface i32 at 4, state u16 at 8; then NDA_DST, NDA_LLADDR and NDA_CACHEINFO. */
function entry({
  address = Buffer.from([10, 0, 0, 1]),
  state = REACHABLE,
  mac,
  age,
}: Entry): Buffer {
  const fixed = Buffer.alloc(12);
  fixed.writeInt32LE(3, 4);
  fixed.writeUInt16LE(state, 8);
  return message(
    28,
    fixed,
    attribute(1, address),
    ...(mac === undefined ? [] : [attribute(2, mac)]),
    ...(age === undefined ? [] : [attribute(3, Buffer.concat([uint32(age), Buffer.alloc(12)]))]),
  );
}

function visited(family: Family, ...parts: readonly DataView[]): unknown[][] {
  const seen: unknown[][] = [];
  visitNeighboursIn(parts, family, (view, at, index, state, macAt, agoMs) => {
    const mac = macAt < 0 ? null : Buffer.from(view.buffer, macAt, 6).toString('hex');
    seen.push([formatAddress(family, addressValueAt(view, at, family)), index, state, mac, agoMs]);
  });
  return seen;
}

test('an entry has its address, interface, state, MAC address and age', () => {
  assert.deepEqual(visited(4, partOf(entry({ mac: MAC, age: 150 }))), [
    ['10.0.0.1', 3, NEIGHBOUR.confirmed, '020000000009', 1500],
  ]);
  const address = Buffer.from('fe800000000000000000000000000001', 'hex');
  assert.deepEqual(visited(6, partOf(entry({ address }))), [
    ['fe80::1', 3, NEIGHBOUR.confirmed, null, Number.POSITIVE_INFINITY],
  ]);
});

test('the states of the kernel are those that matter to a sweep', () => {
  const states = [
    [0x01, NEIGHBOUR.unresolved],
    [0x20, NEIGHBOUR.unresolved],
    [0x02, NEIGHBOUR.confirmed],
    [0x04, NEIGHBOUR.unconfirmed],
    [0x08, NEIGHBOUR.unconfirmed],
    [0x10, NEIGHBOUR.unconfirmed],
    [0x40, NEIGHBOUR.permanent],
    [0x80, NEIGHBOUR.permanent],
    [0x00, NEIGHBOUR.unconfirmed],
  ] as const;
  for (const [bits, state] of states)
    assert.equal(visited(4, partOf(entry({ state: bits })))[0]![2], state, `${bits}`);
});

test('unresolved entries come first, whichever part they are in', () => {
  const at = (last: number, state: number): Buffer =>
    entry({ address: Buffer.from([10, 0, 0, last]), state });
  const seen = visited(4, partOf(at(1, 2), at(2, 1)), partOf(at(3, 0x80), at(4, 0x20)));
  assert.deepEqual(
    seen.map(([address]) => address),
    ['10.0.0.2', '10.0.0.4', '10.0.0.1', '10.0.0.3'],
  );
});

test('the MAC address of a group, or one that is none, is not shown', () => {
  for (const mac of [Buffer.alloc(6, 0xff), Buffer.from([1, 0, 94, 0, 0, 1]), Buffer.alloc(4)])
    assert.equal(visited(4, partOf(entry({ mac })))[0]![3], null);
});

test('entries of the other family and truncated ones are left out', () => {
  assert.deepEqual(visited(6, partOf(entry({}))), []);
  const whole = entry({ mac: MAC, age: 1 });
  for (let octets = 0; octets < whole.length; octets++)
    assert.deepEqual(visited(4, partOf(whole.subarray(0, octets))), []);
});
