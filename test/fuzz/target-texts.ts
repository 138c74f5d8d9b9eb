/** What is promised of one target: read as what it means or refused in one line, whatever is written. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatAddress } from '../../src/address.ts';
import { NOT_PLAIN, plainIPv6, plainPrefix } from '../../src/targets/plain-prefix.ts';
import { LONGEST_PREFIX_WITH_EDGES } from '../../src/targets/subnet.ts';
import { type ParsedTarget, parseTarget } from '../../src/targets/target-spec.ts';
import { type FuzzProperty, processorMs, property, uint16 } from './property.ts';
import { assertRefusal, BITS, meant } from './target-samples.ts';

const PIECES = [
  ...['10.0.0.1', '255.255.255.255', '2001:db8::1', 'fe80::1', '::ffff:10.0.0.1', 'ff02::1'],
  ...['/', '/24', '/0', '/128', '/032', '-', '-99', '-1', '1'],
  ...['%', '%eth0', '%a-b', '.', ':', '::'],
  ...['a.example', 'xn--', '_', '\u0000', '\u202e', '\ud800', '\u2028', '١', '0x7f', '1e9', ' '],
];

const written = fc.oneof(
  fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 })), {
    maxLength: 6,
  }),
  meant.map(({ text }) => [text]),
);

/** Prefixes, right and nearly right. */
const prefixWritten = fc.oneof(
  fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat({ max: 130 }))
    .map(([address, length]) => `${address}/${length}`),
  fc.oneof(fc.ipV4(), fc.ipV6()),
  fc
    .array(fc.constantFrom('0', '1', '25', '5', '00', '.', '.', '.', '/', ':', '::', 'f', ' '), {
      maxLength: 12,
    })
    .map((pieces) => pieces.join('')),
);

/** An octet of a pattern with few numbers in it, and these numbers. */
const octetWritten = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 2 })), { minLength: 1, maxLength: 3 })
  .map((runs) => {
    const ends = runs.map(([from, more]) => [from, Math.min(255, from + more)] as const);
    const isIn = (octet: number) => ends.some(([from, to]) => from <= octet && octet <= to);
    return {
      text: ends.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(','),
      numbers: Array.from({ length: 256 }, (_, octet) => octet).filter(isIn),
    };
  });

export const TARGET_TEXTS: readonly FuzzProperty[] = [
  property(
    'whatever is written as a target is read or refused in one line, at once',
    2500,
    [written, uint16],
    (pieces, at) => {
      // Moved about, so that what is right in one place is tried in all.
      const text = [...pieces.slice(at % 3), ...pieces.slice(0, at % 3)].join('');
      const startedAt = processorMs();
      try {
        const target = parseTarget({ text, where: 'x' });
        if (target.kind === 'name') {
          assert.match(target.lookup, /^[a-z0-9_.-]{1,253}$/);
          assert.match(target.lookup, /(^|\.)(?!\d+$|0x[0-9a-f]*$)[^.]+$/);
          assert.doesNotMatch(target.name, /[\s,]/);
          return;
        }
        if (target.kind === 'pattern') {
          const { intervals } = target;
          const isAscending = intervals.every((bound, i) => i === 0 || intervals[i - 1]! <= bound);
          assert.ok(isAscending && intervals[0]! >= 0 && intervals.at(-1)! < 2 ** 32);
          return;
        }
        const { family, first, last, zone } = target.range;
        assert.ok(first <= last && first >= 0n && last < 1n << BigInt(BITS[family]));
        assert.ok(family === 6 || zone === '');
        // As a zone alone, `1-2` could be the end of a range.
        if (zone.includes('-')) return;
        const again = `${formatAddress(family, first)}-${formatAddress(family, last)}`;
        const suffix = zone === '' ? '' : `%${zone}`;
        const read = parseTarget({ text: again + suffix, where: 'x' });
        assert.deepEqual(read.kind === 'range' && read.range, target.range);
      } catch (error) {
        assertRefusal(error);
        assert.ok(error.message.length < 700);
      }
      assert.ok(processorMs() - startedAt < 200, 'it took too long');
    },
  ),
  property(
    'plain prefixes are read in lists as ip-cidr reads them one by one',
    3000,
    [prefixWritten],
    (text) => {
      const plain = plainPrefix(text);
      const ipv6 = plainIPv6(text);
      let target: ParsedTarget | undefined;
      try {
        target = parseTarget({ text, where: 'x' });
      } catch (error) {
        assertRefusal(error);
      }
      if (plain === NOT_PLAIN && ipv6 === undefined) {
        // What is left to the other reader is not a plain prefix for it either.
        const isPlain = /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){3}(\/(0|[1-9]\d*))?$/.test(text);
        assert.ok(target === undefined || !isPlain, text);
        return;
      }
      assert.ok(target?.kind === 'range', text);
      if (ipv6 !== undefined) {
        assert.deepEqual(ipv6, target.range);
        return;
      }
      const prefix = plain % 64;
      const size = 2 ** (32 - prefix);
      const first = Math.floor((plain - prefix) / 64 / size) * size;
      assert.deepEqual(
        [BigInt(first), BigInt(first + size - 1)],
        [target.range.first, target.range.last],
      );
      assert.equal(target.hasEdges, prefix <= LONGEST_PREFIX_WITH_EDGES);
    },
  ),
  property(
    'a pattern of octets holds the addresses that nmap would scan for it',
    800,
    [fc.tuple(octetWritten, octetWritten, octetWritten, octetWritten)],
    (octets) => {
      const text = octets.map((octet) => octet.text).join('.');
      if (!/[*,-]/.test(text)) return;
      const target = parseTarget({ text, where: 'x' });
      // `10.0.0.1-9` is a range to one reader and a pattern to the other.
      const bounds =
        target.kind === 'pattern'
          ? target.intervals
          : target.kind === 'range'
            ? [Number(target.range.first), Number(target.range.last)]
            : assert.fail('not addresses');
      const held: number[] = [];
      for (let i = 0; i < bounds.length; i += 2) {
        for (let value = bounds[i]!; value <= bounds[i + 1]!; value++) held.push(value);
      }
      const expected = octets.reduce<number[]>(
        (all, { numbers }) => all.flatMap((value) => numbers.map((octet) => value * 256 + octet)),
        [0],
      );
      assert.deepEqual(held, expected);
    },
  ),
];
