/** Spoils octets as networks and strangers do: bits turned, octets put in place of others, cut short, made longer, moved. */

import fc from 'fast-check';
import { octet, uint16 } from './property.ts';

type Mutation = (octets: Uint8Array) => Uint8Array;

/** Values at which lengths, types and counts change their meaning. */
const EDGES = [0, 1, 3, 4, 5, 7, 8, 11, 12, 15, 16, 0x3a, 0x2c, 0x7f, 0x80, 0xfe, 0xff] as const;

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(uint16, fc.nat({ max: 7 })).map(([at, bit]) =>
    changed((octets) => {
      octets[at % octets.length]! ^= 1 << bit;
    }),
  ),
  fc.tuple(uint16, fc.oneof(octet, fc.constantFrom(...EDGES))).map(([at, value]) =>
    changed((octets) => {
      octets[at % octets.length] = value;
    }),
  ),
  uint16.map((length) => (octets: Uint8Array) => octets.slice(0, length % (octets.length + 1))),
  fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((more) => (octets: Uint8Array) => Uint8Array.from([...octets, ...more])),
  fc
    .tuple(uint16, fc.uint8Array({ minLength: 1, maxLength: 24 }))
    .map(([at, more]) => (octets: Uint8Array) => {
      const place = at % (octets.length + 1);
      return Uint8Array.from([...octets.slice(0, place), ...more, ...octets.slice(place)]);
    }),
  fc.tuple(uint16, uint16, fc.integer({ min: 1, max: 16 })).map(([from, to, length]) =>
    changed((octets) => {
      octets.copyWithin(to % octets.length, from % octets.length, (from % octets.length) + length);
    }),
  ),
);

/** None to a few mutations, one after another. */
export const mutations: fc.Arbitrary<Mutation> = fc
  .array(mutation, { maxLength: 4 })
  .map((all) => (octets) => all.reduce((now, mutate) => mutate(now), octets));

function changed(change: (octets: Uint8Array) => void): Mutation {
  return (octets) => {
    const copy = octets.slice();
    if (copy.length > 0) change(copy);
    return copy;
  };
}
