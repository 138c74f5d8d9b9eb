/** What is promised of targets: read or refused, and the set of them held against one that is written out address by address. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { type Family, formatAddress, parseAddress } from '../../src/address.ts';
import { EchosweepError } from '../../src/errors.ts';
import { FoundTargets } from '../../src/targets/files/format.ts';
import { PLAIN_LIST } from '../../src/targets/files/plain-list.ts';
import { NOT_PLAIN, plainIPv6, plainPrefix } from '../../src/targets/plain-prefix.ts';
import { LONGEST_PREFIX_WITH_EDGES } from '../../src/targets/subnet.ts';
import { TargetCollector } from '../../src/targets/target-collector.ts';
import { readTargetFile } from '../../src/targets/target-file.ts';
import { buildTargetSet, type TargetSet } from '../../src/targets/target-set.ts';
import { type ParsedTarget, parseTarget } from '../../src/targets/target-spec.ts';
import type { PeekedText } from '../../src/text/peeked-text.ts';
import { type FuzzProperty, processorMs, property, uint16 } from './property.ts';

/** All targets lie here, where they meet each other, the edges of subnets, and what no sweep may ask. */
const BASES: Readonly<Record<Family, readonly bigint[]>> = {
  4: [0x0a00_0000n, 0xdfff_ff80n, 0n, 0xffff_ff80n],
  6: [0x2001_0db8n << 96n, (0xfeffn << 112n) | ((1n << 112n) - 128n), 0n],
};
const SPAN = 256;
const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** A target as it is written, with what it means by whoever wrote it. */
interface Meant {
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

const meant = fc.oneof(subnet, range, single);
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

/** Addresses as texts `family/value`. */
function members({ family, first, last }: Pick<Meant, 'family' | 'first' | 'last'>): string[] {
  return Array.from(
    { length: Number(last - first) + 1 },
    (_, i) => `${family}/${first + BigInt(i)}`,
  );
}

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

const PIECES = [
  ...['10.0.0.1', '255.255.255.255', '2001:db8::1', 'fe80::1', '::ffff:10.0.0.1', 'ff02::1'],
  ...[
    '/',
    '/24',
    '/0',
    '/128',
    '/032',
    '-',
    '-99',
    '%',
    '%eth0',
    '%a-b',
    '.',
    ':',
    '::',
    '1',
    '-1',
  ],
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

/** Pieces of the formats that are read; as Latin-1, so that the marks of encodings can be among them. */
const FILE_PIECES = [
  ...[
    '\n',
    '\r\n',
    '\r',
    ' ',
    ',',
    ';',
    '\t',
    '|',
    '"',
    '#',
    '#TYPE x',
    'sep=;\n',
    '\u00ef\u00bb\u00bf',
  ],
  ...['\u00ff\u00fe', '\u00fe\u00ff', '\u0000', 'P\u0000K', '\u001f\u008b', '\u00c3\u00a4'],
  ...[
    'address',
    'IP',
    'IPv4 Address',
    'prefix',
    'hostname',
    '10.0.0.1',
    '10.0.0.2/24',
    '::1',
    'host.example',
  ],
  ...[
    '<nmaprun>',
    '<host>',
    '<address addr="10.0.0.3" addrtype="ipv4"/>',
    '</host>',
    '</nmaprun>',
    '<!--',
    '-->',
  ],
  ...[
    '{"type":"host","address":"10.0.0.4"}',
    '{"type":"run"}',
    '{',
    'Host: 10.0.0.5 (',
    ')',
    'Status: Up',
  ],
  ...[
    'lease 10.0.0.6 {',
    '}',
    'address,hwaddr,',
    'address,duid,',
    '1700000000 aa:bb:cc:dd:ee:ff 10.0.0.7 n *',
  ],
];

/** Keeps the words of a list. */
class Recorder extends FoundTargets {
  readonly words: string[] = [];

  constructor() {
    super(new TargetCollector('sweep'), 'list');
  }

  override target(text: string): void {
    this.words.push(text);
  }
}

function peeked(text: string): PeekedText {
  return { head: text, whole: Readable.from([text]) };
}

export const TARGETS: readonly FuzzProperty[] = [
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
        assert.ok(error instanceof EchosweepError && error.code === 'TARGET_INVALID');
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
        if (!(error instanceof EchosweepError)) throw error;
        assert.equal(error.code, 'TARGET_INVALID');
        assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
        assert.ok(error.message.length < 700);
      }
      assert.ok(processorMs() - startedAt < 200, 'it took too long');
    },
  ),
  property(
    'no list of targets is lost a word, or given one, by its line ends and comments',
    1500,
    [
      fc.array(
        fc.tuple(
          // A hyphen between blanks makes a range.
          fc.stringMatching(/^[a-z0-9./:-]{1,12}$/).filter((word) => !/^-+$/.test(word)),
          fc.constantFrom(' ', ', ', '\t', '\n', '\r\n', '\r', ' #x, y\n', '\n\n'),
        ),
        { maxLength: 12 },
      ),
    ],
    async (words) => {
      const recorder = new Recorder();
      const text = words.map(([word, end]) => word + end).join('');
      await PLAIN_LIST.read(peeked(text), recorder);
      assert.deepEqual(
        recorder.words,
        words.map(([word]) => word),
      );
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
        assert.ok(error instanceof EchosweepError);
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
  property(
    'whatever a file of targets holds, it is read or refused in one line that names it',
    1500,
    [
      fc.array(
        fc.oneof(fc.constantFrom(...FILE_PIECES), fc.string({ unit: 'binary', maxLength: 4 })),
        { maxLength: 10 },
      ),
      fc.nat({ max: 40 }),
    ],
    async (pieces, cut) => {
      const octets = Buffer.from(pieces.join(''), 'latin1');
      const collector = new TargetCollector('sweep');
      const startedAt = processorMs();
      try {
        const chunks = [octets.subarray(0, cut), octets.subarray(cut)];
        await readTargetFile(Readable.from(chunks), 'a-file', collector);
        collector.refuseWrong();
        for (const range of collector.ranges(true)) assert.ok(range.first <= range.last);
      } catch (error) {
        if (!(error instanceof EchosweepError)) throw error;
        assert.equal(error.code, 'TARGET_INVALID');
        assert.match(error.message, /^a-file(, line \d+:)? /);
        assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
      }
      assert.ok(processorMs() - startedAt < 500, 'it took too long');
    },
  ),
];
