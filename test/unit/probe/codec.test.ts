/** The parts that make and read packets: checksum, token, request, parser, reasons. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EchoRequestWriter, MIN_PAYLOAD_OCTETS, OFFSET } from '../../../src/probe/echo-request.ts';
import { errorReason } from '../../../src/probe/icmp-reason.ts';
import { KIND, PacketParser } from '../../../src/probe/packet-parser.ts';
import { TokenMaker } from '../../../src/probe/token.ts';
import { REASONS } from '../../../src/results/outcome.ts';
import { FORM } from '../../../src/transport/contract.ts';
import { checksumHolds, foldSum, internetChecksum } from '../../../src/wire/checksum.ts';
import { batchOf } from './received-slot.ts';

function viewOf(octets: readonly number[] | Uint8Array): DataView {
  return new DataView(Uint8Array.from(octets).buffer);
}

describe('the checksum', () => {
  test('of the example in RFC 1071 section 3 is what it says', () => {
    const view = viewOf([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
    assert.equal(internetChecksum(view, 0, 8), ~0xddf2 & 0xffff);
  });

  test('written into any message makes it hold, and no single changed bit goes unseen', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 300, size: 'max' }),
        fc.nat(),
        (octets, bit) => {
          const view = viewOf(octets);
          view.setUint16(2, 0);
          view.setUint16(2, internetChecksum(view, 0, octets.length));
          assert.ok(checksumHolds(view, 0, octets.length));
          const at = bit % (octets.length * 8);
          view.setUint8(at >> 3, view.getUint8(at >> 3) ^ (1 << (at & 7)));
          assert.ok(!checksumHolds(view, 0, octets.length));
        },
      ),
    );
  });

  test('folds any sum of a packet into 16 bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (sum) => {
        const folded = foldSum(sum);
        assert.ok(folded >= 0 && folded <= 0xffff);
        assert.equal(folded % 0xffff, sum % 0xffff);
      }),
    );
  });
});

/** HalfSipHash-2-4-64 as its authors describe it, on octets and with no regard for speed. */
function halfSipHash(key: readonly [number, number], message: Uint8Array): [number, number] {
  const rotate = (x: number, by: number): number => ((x << by) | (x >>> (32 - by))) >>> 0;
  const v = [
    key[0],
    (key[1] ^ 0xee) >>> 0,
    (0x6c796765 ^ key[0]) >>> 0,
    (0x74656462 ^ key[1]) >>> 0,
  ];
  const round = (): void => {
    v[0] = (v[0]! + v[1]!) >>> 0;
    v[1] = (rotate(v[1]!, 5) ^ v[0]) >>> 0;
    v[0] = rotate(v[0], 16);
    v[2] = (v[2]! + v[3]!) >>> 0;
    v[3] = (rotate(v[3]!, 8) ^ v[2]) >>> 0;
    v[0] = (v[0] + v[3]) >>> 0;
    v[3] = (rotate(v[3], 7) ^ v[0]) >>> 0;
    v[2] = (v[2] + v[1]) >>> 0;
    v[1] = (rotate(v[1], 13) ^ v[2]) >>> 0;
    v[2] = rotate(v[2], 16);
  };
  const padded = new Uint8Array((message.length & ~3) + 4);
  padded.set(message);
  padded[padded.length - 1] = message.length & 0xff;
  for (let at = 0; at < padded.length; at += 4) {
    const word = new DataView(padded.buffer).getUint32(at, true);
    v[3] = (v[3]! ^ word) >>> 0;
    round();
    round();
    v[0] = (v[0]! ^ word) >>> 0;
  }
  v[2] = (v[2]! ^ 0xee) >>> 0;
  for (let i = 0; i < 4; i++) round();
  const first = (v[1]! ^ v[3]!) >>> 0;
  v[1] = (v[1]! ^ 0xdd) >>> 0;
  for (let i = 0; i < 4; i++) round();
  return [first, (v[1] ^ v[3]!) >>> 0];
}

describe('the token', () => {
  test('of nothing under the key 00 … 07 is the published one', () => {
    const maker = new TokenMaker(0x03020100, 0x07060504);
    maker.tagWords([]);
    assert.deepEqual([maker.first, maker.second], [0x591f8d21, 0xc83cb8b9]);
  });

  test('is HalfSipHash-2-4-64 of its three words', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(word, word, word, word, word, (key0, key1, a, b, c) => {
        const maker = new TokenMaker(key0, key1);
        maker.tag(a, b, c);
        const message = new DataView(new ArrayBuffer(12));
        [a, b, c].forEach((value, i) => {
          message.setUint32(i * 4, value, true);
        });
        assert.deepEqual(
          [maker.first, maker.second],
          halfSipHash([key0, key1], new Uint8Array(message.buffer)),
        );
      }),
    );
  });
});

/** One echo request as the prober writes it. */
function request(
  family: 4 | 6,
  identifier: number,
  sequence: number,
  block: number,
  host: number,
  length: number,
): DataView {
  const view = new DataView(new ArrayBuffer(length));
  const writer = new EchoRequestWriter(family, identifier, new TokenMaker(1, 2), {
    view,
    stride: length,
    capacity: 1,
    packetLength: length,
  });
  writer.setTime(1.795e18 + 256e6);
  writer.write(0, sequence, block, host);
  return view;
}

const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });

test('a request is an echo request with a right checksum, its numbers and its time, whatever they are', () => {
  const length = fc.integer({ min: 8 + MIN_PAYLOAD_OCTETS, max: 1500 });
  fc.assert(
    fc.property(
      uint16,
      uint16,
      uint32,
      uint32,
      length,
      (identifier, sequence, block, host, octets) => {
        const view = request(4, identifier, sequence, block, host, octets);
        assert.deepEqual([view.getUint8(0), view.getUint8(1)], [8, 0]);
        assert.ok(checksumHolds(view, 0, octets));
        assert.equal(view.getUint16(OFFSET.identifier), identifier);
        assert.equal(view.getUint16(OFFSET.sequence), sequence);
        assert.equal(view.getUint32(OFFSET.block), block);
        assert.equal(view.getUint32(OFFSET.host), host);
        assert.equal(view.getUint32(OFFSET.seconds), 1_795_000_000);
        assert.equal(view.getUint32(OFFSET.nanoseconds), 256_000_000);
      },
    ),
  );
});

test('an IPv6 request leaves its checksum to the kernel, which knows the addresses', () => {
  const view = request(6, 1, 2, 3, 4, 64);
  assert.equal(view.getUint8(0), 128);
  assert.equal(view.getUint16(OFFSET.checksum), 0);
});

test('a request that comes back as a reply is read as it was written', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<4 | 6>(4, 6),
      uint16,
      uint16,
      uint32,
      uint32,
      (family, identifier, sequence, block, host) => {
        const view = request(family, identifier, sequence, block, host, 64);
        view.setUint8(0, family === 4 ? 0 : 129);
        view.setUint16(2, 0);
        view.setUint16(2, internetChecksum(view, 0, 64));
        const parser = new PacketParser(
          family,
          identifier,
          batchOf(new Uint8Array(view.buffer), FORM.icmpMessage),
        );
        assert.equal(parser.parse(0), KIND.reply);
        assert.deepEqual([parser.sequence, parser.block, parser.host], [sequence, block, host]);
      },
    ),
  );
});

test('every error of the contract has its reason, and no other type or code has one', () => {
  const reasons4 = [
    'net-unreach host-unreach proto-unreach port-unreach frag-needed source-route-failed net-unknown host-unknown',
    'host-isolated net-prohibited host-prohibited net-tos-unreach host-tos-unreach admin-prohibited',
    'precedence-violation precedence-cutoff',
  ]
    .join(' ')
    .split(' ');
  const reasons6 =
    'no-route admin-prohibited beyond-scope address-unreach port-unreach source-policy reject-route source-routing-error'.split(
      ' ',
    );
  const expected = new Map<string, string>([
    ...reasons4.map((reason, code): [string, string] => [`4/3/${code}`, reason]),
    ...reasons6.map((reason, code): [string, string] => [`6/1/${code}`, reason]),
    ['4/11/0', 'time-exceeded'],
    ['4/11/1', 'reassembly-exceeded'],
    ['6/2/0', 'packet-too-big'],
    ['6/3/0', 'time-exceeded'],
    ['6/3/1', 'reassembly-exceeded'],
    ...[0, 1, 2].flatMap((code): [string, string][] => [
      [`4/12/${code}`, 'parameter-problem'],
      [`6/4/${code}`, 'parameter-problem'],
    ]),
  ]);
  for (const family of [4, 6] as const) {
    for (let type = 0; type < 256; type++) {
      for (let code = 0; code < 256; code++) {
        const reason = REASONS[errorReason(family, type, code)];
        assert.equal(
          reason,
          expected.get(`${family}/${type}/${code}`),
          `${family}/${type}/${code}`,
        );
      }
    }
  }
});
