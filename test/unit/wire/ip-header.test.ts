/** The IP headers that we write and read where no kernel does it for us. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Family } from '../../../src/address.ts';
import { checksumHolds, internetChecksum } from '../../../src/wire/checksum.ts';
import {
  DESTINATION_AT,
  HOP_LIMIT_AT,
  IP_HEADER_OCTETS,
  packetLength,
  prepareHeader,
  SOURCE_AT,
  sealPacket,
} from '../../../src/wire/ip-header.ts';

const MESSAGE_OCTETS = 33;

/** A sealed packet at offset `at` of longer memory. */
function packet(family: Family, at = 0, trafficClass = 0xb8, dontFragment = true): DataView {
  const source = new Uint8Array(family === 4 ? 4 : 16).fill(0xc1);
  const view = new DataView(new ArrayBuffer(at + IP_HEADER_OCTETS[family] + MESSAGE_OCTETS + 20));
  prepareHeader(view, at, MESSAGE_OCTETS, {
    family,
    source,
    hopLimit: 7,
    trafficClass,
    dontFragment,
  });
  for (let i = 0; i < source.length; i++) view.setUint8(at + DESTINATION_AT[family] + i, 0xd0 + i);
  for (let i = 0; i < MESSAGE_OCTETS; i++)
    view.setUint8(at + IP_HEADER_OCTETS[family] + i, family === 4 ? i : 128 + i);
  sealPacket(family, view, at, MESSAGE_OCTETS);
  return view;
}

test('an IPv4 header says what was asked for, and its checksum holds', () => {
  const view = packet(4, 8);
  assert.equal(view.getUint16(8), 0x45b8);
  assert.equal(view.getUint16(10), 20 + MESSAGE_OCTETS);
  assert.equal(view.getUint16(14), 0x4000);
  assert.equal(view.getUint8(8 + HOP_LIMIT_AT[4]), 7);
  assert.equal(view.getUint8(17), 1);
  assert.equal(view.getUint32(8 + SOURCE_AT[4]), 0xc1c1c1c1);
  assert.equal(view.getUint32(8 + DESTINATION_AT[4]), 0xd0d1d2d3);
  assert.ok(checksumHolds(view, 8, 20));
  assert.equal(packet(4, 0, 0, false).getUint16(6), 0);
});

test('an IPv6 header says what was asked for, and the checksum covers the addresses', () => {
  const view = packet(6);
  assert.equal(view.getUint32(0), 0x6b800000);
  assert.equal(view.getUint16(4), MESSAGE_OCTETS);
  assert.equal(view.getUint8(6), 58);
  assert.equal(view.getUint8(HOP_LIMIT_AT[6]), 7);
  assert.equal(packetLength(6, view, 0, view.byteLength), 40 + MESSAGE_OCTETS);
  view.setUint8(DESTINATION_AT[6] + 15, 0);
  assert.equal(packetLength(6, view, 0, view.byteLength), 0);
});

for (const family of [4, 6] as const) {
  const whole = IP_HEADER_OCTETS[family] + MESSAGE_OCTETS;

  test(`IPv${family}: what is sealed is read back, without what fills the frame up`, () => {
    const view = packet(family, 16);
    assert.equal(packetLength(family, view, 16, whole), whole);
    assert.equal(packetLength(family, view, 16, whole + 20), whole);
    // Sealing again, for another destination, leaves nothing of the old checksum.
    view.setUint8(16 + DESTINATION_AT[family], 1);
    sealPacket(family, view, 16, MESSAGE_OCTETS);
    assert.equal(packetLength(family, view, 16, whole), whole);
  });

  test(`IPv${family}: what is cut short or altered in one bit is not taken`, () => {
    // IPv4's header checksum says nothing of the message, which ICMP's own covers.
    const covered = family === 4 ? IP_HEADER_OCTETS[4] : whole;
    fc.assert(
      fc.property(fc.nat({ max: covered * 8 - 1 }), (bit) => {
        // The traffic class, flow and hop limit of IPv6 are covered by nothing.
        fc.pre(family === 4 || ![0, 1, 2, 3, HOP_LIMIT_AT[6]].includes(bit >> 3));
        const view = packet(family);
        view.setUint8(bit >> 3, view.getUint8(bit >> 3) ^ (1 << (bit & 7)));
        assert.equal(packetLength(family, view, 0, whole), 0);
      }),
    );
    for (let length = 0; length < whole; length++)
      assert.equal(packetLength(family, packet(family), 0, length), 0);
  });

  test(`IPv${family}: whatever comes, no more is read than was received`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (octets) => {
        const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
        if (octets.length > 0) octets[0] = (family << 4) | (octets[0]! & 15);
        const length = packetLength(family, view, 0, octets.length);
        assert.ok(length >= 0 && length <= octets.length);
      }),
    );
  });
}

test('an IPv4 header that claims to be shorter than 20 octets is not taken', () => {
  const view = packet(4);
  view.setUint8(0, 0x44);
  view.setUint16(10, 0);
  view.setUint16(10, internetChecksum(view, 0, 16));
  assert.ok(checksumHolds(view, 0, 16));
  assert.equal(packetLength(4, view, 0, view.byteLength), 0);
});

test('what claims to come from where nobody can be is not taken', () => {
  const from4 = (source: number): number => {
    const view = packet(4);
    view.setUint32(SOURCE_AT[4], source);
    sealPacket(4, view, 0, MESSAGE_OCTETS);
    return packetLength(4, view, 0, view.byteLength);
  };
  for (const source of [0, 0x00010203, 0x7f000001, 0xe0000001, 0xefffffff, 0xffffffff])
    assert.equal(from4(source), 0, source.toString(16));
  for (const source of [0x01000001, 0xc0000207, 0xf0000001]) assert.notEqual(from4(source), 0);
  const from6 = (first: number, last: number): number => {
    const view = packet(6);
    for (let i = 0; i < 16; i++) view.setUint8(SOURCE_AT[6] + i, 0);
    view.setUint8(SOURCE_AT[6], first);
    view.setUint8(SOURCE_AT[6] + 15, last);
    sealPacket(6, view, 0, MESSAGE_OCTETS);
    return packetLength(6, view, 0, view.byteLength);
  };
  for (const [first, last] of [
    [0, 0],
    [0, 1],
    [0xff, 1],
  ] as const)
    assert.equal(from6(first, last), 0);
  for (const [first, last] of [
    [0x20, 0],
    [0, 2],
    [0xfe, 1],
  ] as const)
    assert.notEqual(from6(first, last), 0);
});
