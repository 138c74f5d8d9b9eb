/** Random octets: as many as wanted, never the same, wherever they come from. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, describe, test } from 'node:test';
import { randomOctets, randomUint32 } from '../../src/random-octets.ts';
import { randomIdentifier } from '../../src/transport/random-identifier.ts';

const { openSync, readSync } = fs;

afterEach(() => replace({ openSync, readSync }));

/** Has parts of `node:fs` replaced, also where they are imported already. */
function replace(parts: Partial<typeof fs>): void {
  Object.assign(fs, parts);
  syncBuiltinESMExports();
}

function assertRandom(): void {
  const drawn = Array.from({ length: 64 }, () => randomOctets(12));
  for (const octets of drawn) assert.equal(octets.length, 12);
  assert.equal(new Set(drawn.map((octets) => octets.toString('hex'))).size, drawn.length);
  // That one never changes by chance has a probability of 2^-504.
  for (let at = 0; at < 12; at++) assert.ok(new Set(drawn.map((octets) => octets[at])).size > 1);
}

describe('random octets', () => {
  test('differ each time', assertRandom);

  test('come from elsewhere if there is no device of them, or if it gives too few', () => {
    replace({
      openSync: () => {
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      },
    });
    assertRandom();
    replace({ openSync, readSync: () => 3 });
    assertRandom();
  });

  test('make numbers of 32 bits, and identifiers that are never 0', () => {
    const numbers = Array.from({ length: 256 }, randomUint32);
    assert.ok(numbers.some((number) => number >= 2 ** 31));
    assert.ok(numbers.some((number) => number < 2 ** 31));
    const fixed = (value: number) => (_: number, octets: NodeJS.ArrayBufferView) => {
      (octets as Buffer).fill(value);
      return octets.byteLength;
    };
    replace({ readSync: fixed(0) as typeof readSync });
    assert.equal(randomIdentifier(), 1);
    replace({ readSync: fixed(0xff) as typeof readSync });
    assert.equal(randomIdentifier(), 1);
  });
});
