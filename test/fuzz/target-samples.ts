/** Targets as they are written, with what they mean, and how one is refused. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { type Family, formatAddress } from '../../src/address.ts';
import { EchosweepError } from '../../src/errors.ts';
import type { PeekedText } from '../../src/text/peeked-text.ts';

/** All targets lie here, where they meet each other, the edges of subnets, and what no sweep may ask. */
const BASES: Readonly<Record<Family, readonly bigint[]>> = {
  4: [0x0a00_0000n, 0xdfff_ff80n, 0n, 0xffff_ff80n],
  6: [0x2001_0db8n << 96n, (0xfeffn << 112n) | ((1n << 112n) - 128n), 0n],
};
const SPAN = 256;
export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** A target as text, and the addresses that it stands for. */
export interface Meant {
  readonly text: string;
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
  /** Whether its first and last address are no hosts'. */
  readonly hasEdges: boolean;
}

const place = fc
  .constantFrom<Family>(4, 4, 6)
  .chain((family) =>
    fc
      .tuple(fc.constantFrom(...BASES[family]), fc.nat({ max: SPAN - 1 }))
      .map(([base, offset]) => ({ family, value: base + BigInt(offset) })),
  )
  .filter(({ family, value }) => value < 1n << BigInt(BITS[family]));

const subnet = fc.tuple(place, fc.nat({ max: 8 })).map(([{ family, value }, hostBits]): Meant => {
  const first = (value >> BigInt(hostBits)) << BigInt(hostBits);
  return {
    text: `${formatAddress(family, value)}/${BITS[family] - hostBits}`,
    family,
    first,
    last: first + (1n << BigInt(hostBits)) - 1n,
    hasEdges: family === 4 && hostBits >= 2,
  };
});

const range = fc.tuple(place, fc.nat({ max: 40 }), fc.boolean()).map(([one, size, isShort]) => {
  const { family, value: first } = one;
  const highest = (1n << BigInt(BITS[family])) - 1n;
  const last = first + BigInt(size) > highest ? highest : first + BigInt(size);
  const end =
    isShort && family === 4 && last >> 8n === first >> 8n
      ? String(last & 0xffn)
      : formatAddress(family, last);
  const text = `${formatAddress(family, first)}-${end}`;
  return { text, family, first, last, hasEdges: false } satisfies Meant;
});

const single = place.map(
  ({ family, value }): Meant => ({
    text: formatAddress(family, value),
    family,
    first: value,
    last: value,
    hasEdges: false,
  }),
);

export const meant = fc.oneof(subnet, range, single);

/** Addresses as texts `family/value`. */
export function members({
  family,
  first,
  last,
}: Pick<Meant, 'family' | 'first' | 'last'>): string[] {
  return Array.from(
    { length: Number(last - first) + 1 },
    (_, i) => `${family}/${first + BigInt(i)}`,
  );
}

/** A text as the readers of files get it. */
export function peeked(text: string): PeekedText {
  return { head: text, whole: Readable.from([text]) };
}

/** Refused as a target is, in one line without anything that a terminal would obey. */
export function assertRefusal(error: unknown): asserts error is EchosweepError {
  if (!(error instanceof EchosweepError)) throw error;
  assert.equal(error.code, 'TARGET_INVALID');
  assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
}
