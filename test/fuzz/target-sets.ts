/** What is promised of sets of targets, held against sets that are written out address by address. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Family, parseAddress } from '../../src/address.ts';
import { FoundTargets } from '../../src/targets/files/format.ts';
import { PLAIN_LIST } from '../../src/targets/files/plain-list.ts';
import { TargetCollector } from '../../src/targets/target-collector.ts';
import { buildTargetSet, type TargetSet } from '../../src/targets/target-set.ts';
import { type FuzzProperty, property } from './property.ts';
import { assertRefusal, type Meant, meant, members, peeked } from './target-samples.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'both.example': ['10.0.0.10', '2001:db8::10'],
  'many.example': ['10.0.0.200', '10.0.0.3', '10.0.0.200'],
  'odd.example': ['not an address', '10.0.0.77', ''],
};
const nameWritten = fc.constantFrom(...Object.keys(NAMES), 'none.example');

const asked = fc.record({
  include: fc.array(meant, { maxLength: 6 }),
  exclude: fc.array(meant, { maxLength: 4 }),
  names: fc.array(nameWritten, { maxLength: 2 }),
  includeEdges: fc.boolean(),
  family: fc.constantFrom<Family | undefined>(undefined, undefined, 4, 6),
  separators: fc.array(fc.constantFrom('\n', ' ', ',', '\r\n', '\t, \n', ' # , 10.9.9.9\n'), {
    minLength: 1,
    maxLength: 4,
  }),
});

type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never;

/** What no sweep may ask, by the book: RFC 1122 section 3.2.1.3, RFC 4291 sections 2.5.2 and 2.7. */
function isForbidden(member: string): boolean {
  const [family, digits] = member.split('/');
  const value = BigInt(digits!);
  if (value === 0n) return true;
  if (family === '4')
    return (value >= 0xe000_0000n && value < 0xf000_0000n) || value === 0xffff_ffffn;
  return value >> 120n === 0xffn;
}

function expectedMembers({ include, exclude, names, includeEdges, family }: Asked): Set<string> {
  const wanted = include.flatMap((target) => {
    const all = members(target);
    return target.hasEdges && !includeEdges ? all.slice(1, -1) : all;
  });
  const named = names.flatMap((name) =>
    (NAMES[name] ?? []).flatMap((text) => {
      const address = parseAddress(text);
      return address === undefined ? [] : `${address.family}/${address.value}`;
    }),
  );
  const out = new Set(exclude.flatMap(members));
  return new Set(
    [...wanted, ...named].filter(
      (member) =>
        !out.has(member) &&
        !isForbidden(member) &&
        (family === undefined || member.startsWith(`${family}/`)),
    ),
  );
}

/** Whether any of what is to be swept is refused by itself. */
function isRefused(targets: readonly Meant[]): boolean {
  return targets.some((target) => isBareMask(target) || members(target).every(isForbidden));
}

/** 255.255.255.0, 0.0.0.255 and their like, which nobody means as a host. */
function isBareMask({ family, first, last }: Meant): boolean {
  const bits = first.toString(2).padStart(32, '0');
  return family === 4 && first === last && /^(1{8,}0*|0{8,}1+)$/.test(bits);
}

async function build({ include, exclude, names, includeEdges, family, separators }: Asked) {
  const words = [...include.map(({ text }) => text), ...names];
  const list = words.map((word, i) => word + separators[i % separators.length]!).join('');
  const included = new TargetCollector('sweep');
  await PLAIN_LIST.read(peeked(list), new FoundTargets(included, 'list'));
  return buildTargetSet({
    include: included,
    exclude: exclude.map(({ text }) => ({ text, where: '--exclude' })),
    includeEdges,
    firstAddressOnly: false,
    confirmLarge: false,
    ...(family === undefined ? {} : { family }),
    resolve: async (name) => NAMES[name] ?? Promise.reject(new Error('not found')),
  });
}

function assertOrdered({ ranges }: TargetSet): void {
  ranges.forEach((range, i) => {
    assert.ok(range.first <= range.last);
    const before = ranges[i - 1];
    if (before === undefined || before.family < range.family) return;
    assert.ok(before.family === range.family && before.last < range.first, 'out of order');
  });
}

export const TARGET_SETS: readonly FuzzProperty[] = [
  property(
    'the set of targets is what one written out address by address is',
    1200,
    [asked],
    async (request) => {
      const expected = expectedMembers(request);
      let set: TargetSet;
      try {
        set = await build(request);
      } catch (error) {
        assertRefusal(error);
        const isNothing = expected.size === 0;
        assert.ok(isNothing || isRefused(request.include), error.message);
        return;
      }
      const held = set.ranges.flatMap((one) => members(one));
      assert.deepEqual(new Set(held), expected);
      assert.equal(held.length, expected.size);
      assert.equal(set.count, expected.size);
      assertOrdered(set);
    },
  ),
];
