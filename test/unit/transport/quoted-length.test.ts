/** ICMP errors as macOS hands them over, with the quoted length in host order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { restoreQuotedLength } from '../../../src/transport/quoted-length.ts';
import { internetChecksum } from '../../../src/wire/checksum.ts';

/** Where the quoted header's total length is, behind an outer header of 20 octets. */
const QUOTED_LENGTH_AT = 20 + 8 + 2;

/** An error of this type in an IPv4 datagram, which quotes a packet of this length. */
function errorOnTheWire(type: number, quotedLength: number): Uint8Array {
  const octets = new Uint8Array(20 + 8 + 20 + 8);
  const view = new DataView(octets.buffer);
  view.setUint8(0, 0x45);
  view.setUint8(20, type);
  view.setUint8(28, 0x45);
  view.setUint16(QUOTED_LENGTH_AT, quotedLength);
  view.setUint8(28 + 9, 1);
  view.setUint16(22, internetChecksum(view, 20, octets.length - 20));
  return octets;
}

function restored(octets: Uint8Array): Uint8Array {
  const copy = octets.slice();
  restoreQuotedLength(new DataView(copy.buffer), 0, copy.length);
  return copy;
}

function swapped(octets: Uint8Array, at: number): Uint8Array {
  const copy = octets.slice();
  copy.set([octets[at + 1]!, octets[at]!], at);
  return copy;
}

test('a quoted length in host order is put back into that of the network', () => {
  for (const type of [3, 11, 12]) {
    for (const length of [84, 28, 1500, 0x1234]) {
      const wire = errorOnTheWire(type, length);
      assert.deepEqual(restored(swapped(wire, QUOTED_LENGTH_AT)), wire);
    }
  }
});

test('what is in the order of the network already stays as it is', () => {
  for (const type of [3, 11, 12]) {
    const wire = errorOnTheWire(type, 84);
    assert.deepEqual(restored(wire), wire);
  }
});

test('echo replies and redirects stay as they are, whatever their checksum', () => {
  for (const type of [0, 5]) {
    const changed = swapped(errorOnTheWire(type, 84), QUOTED_LENGTH_AT);
    assert.deepEqual(restored(changed), changed);
  }
});

test('nothing beyond the octets received is read or written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80, size: 'max' }), (octets) => {
      const after = restored(octets);
      const changed = [...after].flatMap((octet, at) => (octet === octets[at] ? [] : [at]));
      assert.ok(changed.length <= 2);
    }),
  );
});
