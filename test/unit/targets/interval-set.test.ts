/** Intervals, merged and subtracted as sets of addresses are. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, orderOfKey, readAddress } from '../../../src/address.ts';
import type { AddressRange } from '../../../src/results/block-targets.ts';
import { countAddresses, mergeRanges, subtractRanges } from '../../../src/targets/interval-set.ts';

/** Ranges over a universe small enough to write out. */
const smallRange: fc.Arbitrary<AddressRange> = fc
  .record({
    family: fc.constantFrom<4 | 6>(4, 6),
    zone: fc.constantFrom('', 'a', 'ab', 'b'),
    first: fc.bigInt({ min: 0n, max: 60n }),
    size: fc.bigInt({ min: 0n, max: 20n }),
  })
  .map(({ family, zone, first, size }) => ({
    family,
    zone: family === 4 ? '' : zone,
    first,
    last: first + size,
  }));

function members(ranges: readonly AddressRange[]): string[] {
  return ranges.flatMap(({ family, zone, first, last }) =>
    Array.from(
      { length: Number(last - first) + 1 },
      (_, i) => `${family}/${zone}/${first + BigInt(i)}`,
    ),
  );
}

/** As the rows of a report are, by which `diff` and `--resume` go. */
function assertInOrder(ranges: readonly AddressRange[]): void {
  const places = ranges.flatMap(({ family, zone, first, last }) =>
    [first, last].map((value) => {
      const text = formatAddress(family, value) + (zone === '' ? '' : `%${zone}`);
      return orderOfKey(readAddress(text)!.key);
    }),
  );
  assert.deepEqual(places, [...places].sort());
}

test('merging and subtracting are what they are for sets', () => {
  fc.assert(
    fc.property(
      fc.array(smallRange, { maxLength: 12 }),
      fc.array(smallRange, { maxLength: 12 }),
      (kept, removed) => {
        const merged = mergeRanges(kept);
        assert.deepEqual(new Set(members(merged)), new Set(members(kept)));
        assert.equal(BigInt(members(merged).length), countAddresses(merged));
        assert.equal(new Set(members(merged)).size, members(merged).length);
        const left = subtractRanges(merged, removed);
        const gone = new Set(members(removed));
        assert.deepEqual(
          new Set(members(left)),
          new Set(members(kept).filter((one) => !gone.has(one))),
        );
        assert.equal(new Set(members(left)).size, members(left).length);
        assertInOrder(merged);
        assertInOrder(left);
      },
    ),
  );
});
