/** The addresses of a block, and the place of each in it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../../src/address.ts';
import {
  type AddressRange,
  addressText,
  blockOfRanges,
  indexOfAddress,
  writeAddress,
} from '../../../src/results/block-targets.ts';

describe('addresses', () => {
  test('of a block are found again at their place, and no others are', () => {
    const start = fc.bigInt({ min: 1n, max: (1n << 128n) - 10_000n });
    fc.assert(
      fc.property(
        fc.constantFrom<4 | 6>(4, 6),
        start,
        fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 6 }),
        (family, at, sizes) => {
          let first = family === 4 ? at % 0xfffff000n : at;
          const ranges = sizes.map((size): AddressRange => {
            const range = { family, zone: '', first, last: first + BigInt(size) };
            first = range.last + 2n;
            return range;
          });
          const block = blockOfRanges(ranges);
          const view = new DataView(new ArrayBuffer(16));
          for (let host = 0; host < block.count; host += 7) {
            writeAddress(block, host, view, 0);
            assert.equal(indexOfAddress(block, view, 0), host);
            assert.equal(parseAddress(addressText(block, host))!.family, family);
          }
          const last = blockOfRanges([{ family, zone: '', first, last: first }]);
          writeAddress(last, 0, view, 0);
          assert.equal(indexOfAddress(block, view, 0), -1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
