/** ARP and NDP as they are asked and answered, by whoever is on the link. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Family } from '../../../src/address.ts';
import {
  HOP_LIMIT_AT,
  packetLength,
  prepareHeader,
  sealPacket,
} from '../../../src/wire/ip-header.ts';
import {
  addressToGroup,
  NeighbourReplyParser,
  prepareRequest,
  REQUEST_OCTETS,
  TARGET_AT,
} from '../../../src/wire/neighbour-messages.ts';

const OWN_MAC = [2, 0, 0, 0, 0, 1];
const MAC = [2, 0, 0, 0, 0, 7];
const OWN4 = [192, 0, 2, 1];
const HOST4 = [192, 0, 2, 7];
const OWN6 = [0x20, 1, 0x0d, 0xb8, ...new Array<number>(11).fill(0), 1];
const HOST6 = [0x20, 1, 0x0d, 0xb8, ...new Array<number>(9).fill(0), 0xaa, 0xbb, 0xcc];

function headerOf(family: Family, source: readonly number[], hopLimit = 255) {
  return {
    family,
    source: Uint8Array.from(source),
    hopLimit,
    trafficClass: 0,
    dontFragment: false,
  };
}

function arpReply(mac: readonly number[] = MAC, operation = 2): number[] {
  const start = [0, 1, 8, 0, 6, 4, 0, operation];
  return [...start, ...mac, ...HOST4, ...OWN_MAC, ...OWN4];
}

interface Advertisement {
  readonly type?: number;
  readonly code?: number;
  readonly hopLimit?: number;
  readonly options?: readonly number[];
  readonly spoil?: boolean;
}

function advertisement(given: Advertisement = {}): number[] {
  const { type = 136, code = 0, hopLimit = 255, spoil = false } = given;
  const message = [type, code, 0, 0, 0x60, 0, 0, 0, ...HOST6, ...(given.options ?? [2, 1, ...MAC])];
  const view = new DataView(new ArrayBuffer(40 + message.length));
  prepareHeader(view, 0, message.length, headerOf(6, HOST6, hopLimit));
  OWN6.forEach((octet, i) => {
    view.setUint8(24 + i, octet);
  });
  message.forEach((octet, i) => {
    view.setUint8(40 + i, octet);
  });
  sealPacket(6, view, 0, message.length);
  if (spoil) view.setUint16(42, view.getUint16(42) ^ 1);
  return [...new Uint8Array(view.buffer)];
}

/** What is read of octets: address and MAC, or nothing. */
function answerIn(family: Family, octets: readonly number[]): readonly number[][] | undefined {
  const bytes = Uint8Array.from([...octets, ...new Array<number>(40).fill(0)]);
  const parser = new NeighbourReplyParser(
    family,
    new DataView(bytes.buffer),
    Uint8Array.from(OWN_MAC),
  );
  if (!parser.parse(0, octets.length)) return undefined;
  const { addressAt, macAt } = parser;
  assert.ok(Math.max(addressAt + (family === 4 ? 4 : 16), macAt + 6) <= octets.length);
  return [
    [...bytes.subarray(addressAt, addressAt + (family === 4 ? 4 : 16))],
    [...bytes.subarray(macAt, macAt + 6)],
  ];
}

test('an ARP request has our MAC and IPv4 address, and asks for the target alone', () => {
  const view = new DataView(new ArrayBuffer(REQUEST_OCTETS[4]));
  prepareRequest(view, 0, Uint8Array.from(OWN_MAC), headerOf(4, OWN4));
  HOST4.forEach((octet, i) => {
    view.setUint8(TARGET_AT[4] + i, octet);
  });
  const start = [0, 1, 8, 0, 6, 4, 0, 1];
  assert.deepEqual(
    [...new Uint8Array(view.buffer)],
    [...start, ...OWN_MAC, ...OWN4, 0, 0, 0, 0, 0, 0, ...HOST4],
  );
});

test('an NDP request goes to the group of its target, with our MAC and a right checksum', () => {
  const view = new DataView(new ArrayBuffer(REQUEST_OCTETS[6]));
  prepareRequest(view, 0, Uint8Array.from(OWN_MAC), headerOf(6, OWN6));
  HOST6.forEach((octet, i) => {
    view.setUint8(TARGET_AT[6] + i, octet);
  });
  const groupMac = Uint8Array.of(0x33, 0x33, 0xff, 0, 0, 0);
  addressToGroup(view, 0, groupMac);
  const octets = [...new Uint8Array(view.buffer)];
  assert.deepEqual([...groupMac], [0x33, 0x33, 0xff, 0xaa, 0xbb, 0xcc]);
  const group = [0xff, 2, ...new Array<number>(9).fill(0), 1, 0xff, 0xaa, 0xbb, 0xcc];
  assert.deepEqual(octets.slice(8, 40), [...OWN6, ...group]);
  assert.equal(octets[HOP_LIMIT_AT[6]], 255);
  assert.deepEqual(octets.slice(40, 42), [135, 0]);
  assert.deepEqual(octets.slice(48), [...HOST6, 1, 1, ...OWN_MAC]);
  assert.equal(packetLength(6, view, 0, octets.length), octets.length);
});

describe('an answer', () => {
  test('says which address has which MAC address', () => {
    assert.deepEqual(answerIn(4, arpReply()), [HOST4, MAC]);
    assert.deepEqual(answerIn(4, [...arpReply(), ...new Array<number>(18).fill(0)]), [HOST4, MAC]);
    assert.deepEqual(answerIn(6, advertisement()), [HOST6, MAC]);
    const nonce = [14, 1, 1, 2, 3, 4, 5, 6];
    assert.deepEqual(answerIn(6, advertisement({ options: [...nonce, 2, 1, ...MAC] })), [
      HOST6,
      MAC,
    ]);
  });

  test('with a MAC address that no host has is none', () => {
    const group = [1, 0, 0x5e, 0, 0, 1];
    for (const mac of [
      group,
      new Array<number>(6).fill(0xff),
      new Array<number>(6).fill(0),
      OWN_MAC,
    ]) {
      assert.equal(answerIn(4, arpReply(mac)), undefined);
      assert.equal(answerIn(6, advertisement({ options: [2, 1, ...mac] })), undefined);
    }
  });

  test('of another hardware, protocol, length or operation is none', () => {
    for (const [at, octet] of [
      [1, 6],
      [2, 0x86],
      [4, 8],
      [5, 16],
      [7, 1],
    ] as const) {
      const octets = arpReply();
      octets[at] = octet;
      assert.equal(answerIn(4, octets), undefined, `octet ${at}`);
    }
    assert.equal(answerIn(4, arpReply().slice(0, 27)), undefined);
  });

  test('that RFC 4861 section 7.1.2 would have thrown away is none', () => {
    const wrong: readonly Advertisement[] = [
      { hopLimit: 254 },
      { code: 1 },
      { type: 135 },
      { spoil: true },
      { options: [] },
      { options: [2, 0, ...MAC] },
      { options: [1, 1, ...MAC] },
      { options: [2, 2, ...MAC] },
      { options: [2, 1, ...MAC, 14, 9, 0, 0, 0, 0, 0, 0] },
      { options: [2, 1, ...MAC, 2, 1, 2] },
    ];
    for (const given of wrong)
      assert.equal(answerIn(6, advertisement(given)), undefined, JSON.stringify(given));
  });

  test('is read from any octets without reaching beyond them', () => {
    for (const family of [4, 6] as const) {
      let answers = 0;
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 120, size: 'max' }),
          fc.boolean(),
          (noise, isSealed) => {
            const octets = [...noise];
            if (family === 4) octets.splice(0, 8, 0, 1, 8, 0, 6, 4, 0, 2);
            // Kinds and lengths of options that there are.
            const options = octets.map((octet, i) => (i % 8 < 2 ? 1 + (octet & 1) : octet));
            const packet = family === 6 && isSealed ? advertisement({ options }) : octets;
            const answer = answerIn(family, packet);
            if (answer === undefined) return;
            answers++;
            assert.ok((answer[1]![0]! & 1) === 0 && packet.join().includes(answer[1]!.join()));
          },
        ),
        { numRuns: 1000 },
      );
      assert.ok(answers > 0, `IPv${family}`);
    }
  });
});
