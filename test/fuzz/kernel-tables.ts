/** What is promised of the kernel's tables: netlink messages and the routes of /proc, right, spoilt or cut short. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Family } from '../../src/address.ts';
import { attributeAt, messagesIn } from '../../src/host-network/linux/netlink.ts';
import { parseRoutes4, parseRoutes6 } from '../../src/host-network/linux/routes.ts';
import { type NeighbourNetwork, onLinkRanges, type Route } from '../../src/host-network/route.ts';
import { mutations } from './octet-mutations.ts';
import { type FuzzProperty, octet, property, uint16, uint32 } from './property.ts';

const HEADER_OCTETS = 16;
const TYPE = 28;

const attribute = fc
  .tuple(fc.nat({ max: 5 }), fc.uint8Array({ maxLength: 20 }))
  .map(([type, data]) => {
    const length = 4 + data.length;
    const octets = [length & 0xff, length >> 8, type, 0, ...data];
    return [...octets, ...new Array<number>((4 - (length % 4)) % 4).fill(0)];
  });

const message = fc
  .tuple(fc.array(octet, { minLength: 12, maxLength: 12 }), fc.array(attribute, { maxLength: 4 }))
  .map(([fixed, attributes]) => {
    const body = [...fixed, ...attributes.flat()];
    const header = new Uint8Array(HEADER_OCTETS);
    const view = new DataView(header.buffer);
    view.setUint32(0, HEADER_OCTETS + body.length, true);
    view.setUint16(4, TYPE, true);
    return [...header, ...body];
  });

/** Lengths that no honest message has stand where lengths stand, now and then. */
const part = fc
  .tuple(
    fc.array(message, { maxLength: 4 }),
    mutations,
    fc.option(
      fc.tuple(
        fc.nat({ max: 3 }),
        fc.oneof(uint32, fc.constantFrom(0, 15, 16, 0x8000_0000, 0xffff_fffd)),
      ),
    ),
  )
  .map(([messages, mutate, lie]) => {
    const octets = mutate(Uint8Array.from(messages.flat()));
    const view = new DataView(octets.slice().buffer);
    if (lie !== null && view.byteLength >= 4) {
      const start = messages.slice(0, lie[0]).flat().length;
      view.setUint32(start + 4 <= view.byteLength ? start : 0, lie[1], true);
    }
    return new Uint8Array(view.buffer);
  });

const WORDS = ['eth0', 'lo', '0002000A', '00FFFFFF', '00000000', '0003', '0001', 'FFFFFFFF', '80'];
const HEX = [
  '20010db8000000000000000000000000',
  'fe80'.padEnd(32, '0'),
  '0'.repeat(32),
  '40',
  '00',
];
const tableLine = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...WORDS, ...HEX, 'ffffffff', '00000001') },
      fc.constantFrom('', '-1', 'x', 'NaN', '0x', 'zz', '1e9', 'ffffffffffff'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((words) => words.join(' '));
const table = fc.array(tableLine, { maxLength: 6 }).map((lines) => ['Iface', ...lines].join('\n'));

const SMALL = 6;
const HIGHEST = (1n << 32n) - 1n;
/** Routes over 64 addresses at the top of IPv4, where sums would run over. */
const route = fc
  .tuple(fc.nat({ max: 63 }), fc.nat({ max: SMALL }), fc.boolean())
  .map(([place, hostBits, resolvesNeighbours]): Route => {
    const first = ((HIGHEST - BigInt(place)) >> BigInt(hostBits)) << BigInt(hostBits);
    const last = first + (1n << BigInt(hostBits)) - 1n;
    const prefixLength = 32 - hostBits;
    const way = { interface: 'eth0', gateway: 0n, metric: 0 };
    return { family: 4, first, last, prefixLength, ...way, resolvesNeighbours };
  });

function assertSound(routes: readonly Route[], family: Family): void {
  const highest = family === 4 ? HIGHEST : (1n << 128n) - 1n;
  for (const { first, last, prefixLength } of routes) {
    assert.ok(first >= 0n && first <= last && last <= highest);
    assert.ok(Number.isInteger(prefixLength) && prefixLength >= 0);
  }
}

export const KERNEL_TABLES: readonly FuzzProperty[] = [
  property(
    'no netlink message, however long it says it is, leads out of its part or round in a circle',
    2500,
    [part, uint16],
    (octets, wanted) => {
      const part = new DataView(octets.buffer);
      let steps = 0;
      let least = 0;
      for (const { at, end } of messagesIn(part, TYPE, 12)) {
        assert.ok(++steps <= part.byteLength, 'round in a circle');
        assert.ok(at >= least + HEADER_OCTETS && at + 12 <= part.byteLength, 'out of the part');
        least = at;
        assert.ok(end <= part.byteLength);
        for (const size of [4, 6, 16]) {
          const found = attributeAt(part, at + 12, end, wanted % 6, size);
          if (found < 0) continue;
          assert.ok(found >= at + 12 + 4 && found + size <= end);
          assert.equal(part.getUint16(found - 2, true), wanted % 6);
        }
      }
    },
  ),
  property(
    'every whole netlink message is read',
    600,
    [fc.array(message, { maxLength: 4 })],
    (all) => {
      const octets = Uint8Array.from(all.flat());
      const found = [...messagesIn(new DataView(octets.buffer), TYPE, 12)];
      assert.equal(found.length, all.length);
    },
  ),
  property(
    'no table of routes, whatever stands in it, makes us fall or take in addresses that are none',
    2500,
    [table],
    (text) => {
      assertSound(
        parseRoutes4(text, () => true),
        4,
      );
      assertSound(
        parseRoutes6(text, () => true),
        6,
      );
    },
  ),
  property(
    'an address is on-link where the most specific of its routes is, and once',
    1200,
    [fc.array(route, { maxLength: 8 })],
    (routes) => {
      // Of two routes for the same addresses the kernel takes one; which, neither table tells.
      const byPrefix = new Map(routes.map((one) => [`${one.first}/${one.prefixLength}`, one]));
      const known = [...byPrefix.values()];
      const ranges = onLinkRanges(known);
      for (let address = HIGHEST - 63n; address <= HIGHEST; address++) {
        const holds = ({ first, last }: Route | NeighbourNetwork): boolean =>
          first <= address && address <= last;
        const best = known
          .filter(holds)
          .sort((a, b) => b.prefixLength - a.prefixLength)
          .at(0);
        const expected = best?.resolvesNeighbours === true ? 1 : 0;
        assert.equal(ranges.filter(holds).length, expected, `${address}`);
      }
    },
  ),
];
