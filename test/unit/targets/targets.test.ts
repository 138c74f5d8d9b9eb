/** What a person writes as a target, and what is swept for it. */

import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../../../src/address.ts';
import { EchosweepError } from '../../../src/errors.ts';
import type { AddressRange } from '../../../src/results/block-targets.ts';
import {
  addressText,
  blockOfRanges,
  indexOfAddress,
  writeAddress,
} from '../../../src/results/block-targets.ts';
import { countAddresses, mergeRanges, subtractRanges } from '../../../src/targets/interval-set.ts';
import { TargetCollector } from '../../../src/targets/target-collector.ts';
import { readTargetFile } from '../../../src/targets/target-file.ts';
import { buildTargetSet, type TargetRequest } from '../../../src/targets/target-set.ts';
import { parseTarget } from '../../../src/targets/target-spec.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'both.example': ['192.0.2.10', '2001:db8::10'],
  'xn--mnchen-3ya.example': ['192.0.2.12'],
  'garbage.example': ['not an address', '', '192.0.2.11'],
};

async function targetsOf(
  include: readonly string[],
  changes: Partial<TargetRequest> = {},
): ReturnType<typeof buildTargetSet> {
  return buildTargetSet({
    include: include.map((text) => ({ text, where: 'command line' })),
    exclude: [],
    includeEdges: false,
    firstAddressOnly: false,
    confirmLarge: false,
    resolve: async (name) => {
      const found = NAMES[name];
      if (found === undefined) throw new Error('not found');
      return found;
    },
    ...changes,
  });
}

async function rangesOf(
  include: readonly string[],
  changes: Partial<TargetRequest> = {},
): Promise<string[]> {
  const { ranges } = await targetsOf(include, changes);
  return ranges.map(({ family, first, last, zone }) => {
    const [from, to] = [formatAddress(family, first), formatAddress(family, last)];
    return `${from}${from === to ? '' : `-${to}`}${zone === '' ? '' : `%${zone}`}`;
  });
}

const excluding = (...texts: string[]): Partial<TargetRequest> => ({
  exclude: texts.map((text) => ({ text, where: '--exclude' })),
});

describe('a target', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['192.0.2.5/24', ['192.0.2.1-192.0.2.254']],
    ['192.0.2.0/30', ['192.0.2.1-192.0.2.2']],
    ['192.0.2.0/31', ['192.0.2.0-192.0.2.1']],
    ['192.0.2.7/32', ['192.0.2.7']],
    ['192.0.2.1-192.0.2.99', ['192.0.2.1-192.0.2.99']],
    ['192.0.2.1-99', ['192.0.2.1-192.0.2.99']],
    ['2001:db8::/120', ['2001:db8::-2001:db8::ff']],
    ['2001:db8::1-2001:db8::f', ['2001:db8::1-2001:db8::f']],
    ['2001:db8::192.0.2.9/124', ['2001:db8::c000:200-2001:db8::c000:20f']],
    ['fe80::1%eth0', ['fe80::1%eth0']],
    ['fe80::%eth-0.5/126', ['fe80::-fe80::3%eth-0.5']],
    ['both.example', ['192.0.2.10', '2001:db8::10']],
    ['garbage.example', ['192.0.2.11']],
    ['255.0.0.0/28', ['255.0.0.1-255.0.0.14']],
    ['192.0.2.0/255.255.255.0', ['192.0.2.1-192.0.2.254']],
    ['192.0.2.7/255.255.255.255', ['192.0.2.7']],
    ['192.0.2.0/0.0.0.255', ['192.0.2.1-192.0.2.254']],
    ['192.0.2.*', ['192.0.2.0-192.0.2.255']],
    ['192.0.2.1,5,9', ['192.0.2.1', '192.0.2.5', '192.0.2.9']],
    ['192.0.2.1,192.0.2.5, 192.0.2.8/30', ['192.0.2.1', '192.0.2.5', '192.0.2.9-192.0.2.10']],
    ['10.0-1.0.3-5', ['10.0.0.3-10.0.0.5', '10.1.0.3-10.1.0.5']],
    ['10.0.0-3.*', ['10.0.0.0-10.0.3.255']],
    ['10.0.0.250-', ['10.0.0.250-10.0.0.255']],
    ['192.0.2.1 - 192.0.2.9', ['192.0.2.1-192.0.2.9']],
    ['192.0.2.1–9', ['192.0.2.1-192.0.2.9']],
    ['fe80::/126%eth0', ['fe80::-fe80::3%eth0']],
    ['fe80::1%enp0s31f6-the-one-on-the-left', ['fe80::1%enp0s31f6-the-one-on-the-left']],
    ['BOTH.example.', ['192.0.2.10', '2001:db8::10']],
    ['münchen.example', ['192.0.2.12']],
    ['MÜNCHEN.example', ['192.0.2.12']],
  ];
  for (const [text, expected] of cases) {
    test(`${text} is ${expected.join(' and ')}`, async () => {
      assert.deepEqual(await rangesOf([text]), expected);
    });
  }

  const wrong = [
    '10.0.0',
    '10.0.0.256',
    '1.2.3.4.5',
    '300',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '/24',
  ];
  const moreWrong = [
    '10.0.0.9-3',
    '10.0.0.1-x',
    '10.0.0.1-300',
    '10.0.0.1-2001:db8::1',
    '::ffff:10.0.0.1',
    'fe80::1',
    'ff02::1',
  ];
  const mostWrong = [
    '224.0.0.0/4',
    '0.0.0.0',
    'a..b',
    '-host',
    'ho st',
    ':::',
    '1::2::3',
    '10.0.0.1%eth0',
    'ho\u0007st',
    '',
  ];
  for (const text of [...wrong, ...moreWrong, ...mostWrong]) {
    test(`${JSON.stringify(text)} is refused in one line that names the place`, async () => {
      await assert.rejects(targetsOf([text]), (error) => {
        assert.ok(error instanceof EchosweepError && error.code === 'TARGET_INVALID');
        assert.match(error.message, /^command line: "[^\n]*$/);
        return true;
      });
    });
  }

  const advised: readonly (readonly [string, RegExp])[] = [
    ['192.0.2.1:80', /has a port: give the host without the port: write 192\.0\.2\.1$/],
    ['web.example:443', /without the port: write web\.example$/],
    ['[2001:db8::1]:443', /without the port: write 2001:db8::1$/],
    ['[2001:db8::1]', /has brackets: write 2001:db8::1$/],
    ['https://me@web.example:8080/a?b', /is a URL: give the host alone: write web\.example$/],
    ['web.example/index.html', /has a path: give the host alone: write web\.example$/],
    ['me@web.example', /has a user name: give the host alone: write web\.example$/],
    ['00:00:5e:00:53:01', /is a MAC address: give the IP address/],
    ['00-00-5E-00-53-01', /is a MAC address/],
    ['10.0.0/24', /is not a subnet: write all four numbers .* such as 10\.0\.0\.0\/24$/],
    ['10/\u0000', /such as 10\.0\.0\.0$/],
    ['10/8', /such as 10\.0\.0\.0\/8$/],
    ['10.0.*.0/24', /mixes a pattern with a prefix length/],
    ['192.0.2.0/255.0.255.0', /has a netmask with gaps/],
    ['192.0.2.0/0.0.0.0', /write the prefix length, \/0 or \/32$/],
    ['2001:db8::/255.255.0.0', /needs a prefix length from 0 to 128 after the slash/],
    ['255.255.255.0', /is a netmask, not a host/],
    ['192.168.001.010', /has leading zeros.*write 192\.168\.1\.10 if you mean that$/],
    ['10.0.0.1,300', /is not a pattern of addresses/],
    ['10.0.0.9-1,3', /has the range 9-1, which ends before it begins/],
    ['*.*.*.1', /is 16777216 separate runs of addresses/],
    ['1.2.3', /is not an address: write four numbers/],
    ['999.1.1.1', /is not an address/],
    ['0x7f.1', /is not an address/],
    ['0x7f000001', /is not an address/],
    ['１０.０.０.１', /is not an address/],
    ['router.10', /is not an address/],
    ['--rate', /is not a target/],
    ['what?', /is not a target/],
    ['a\u202eb.example', /is not a target/],
    [`${'a'.repeat(64)}.example`, /is too long for a host name/],
    [`${'abcdefg.'.repeat(32)}example`, /is too long for a host name/],
    ['example..', /is not a target/],
    ['.', /is not a target/],
    ['_._', /is not a target/],
    ['1.2.3.4.5', /is not an address/],
    ['😀.example', /is not a target/],
    ['a b.example', /is not a target/],
  ];
  for (const [text, message] of advised) {
    test(`${JSON.stringify(text)} is refused with advice, and nothing is looked up`, async () => {
      const resolve = (name: string) => assert.fail(`${name} was looked up`);
      await assert.rejects(targetsOf([text], { resolve }), { code: 'TARGET_INVALID', message });
    });
  }

  test('may be the plain name of a host', async () => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return ['192.0.2.1'];
    };
    const names = ['localhost', 'printer', 'Srv_01', 'a-b', '3com.example', 'x'];
    await targetsOf(names, { resolve });
    assert.deepEqual(asked, ['localhost', 'printer', 'srv_01', 'a-b', '3com.example', 'x']);
  });

  test('however long, is refused at once', () => {
    const startedAt = performance.now();
    for (const piece of ['-', '1.', ':', '%', '/', 'a', '0', '10.0.0.1-']) {
      assert.throws(() => parseTarget({ text: piece.repeat(20_000), where: 'x' }), EchosweepError);
    }
    assert.ok(performance.now() - startedAt < 2000);
  });
});

describe('a set', () => {
  test('holds every address once, IPv4 before IPv6, without what is excluded', async () => {
    const set = await rangesOf(
      ['2001:db8::/126', '192.0.2.0/25', '192.0.2.64/26', '192.0.2.0'],
      excluding('192.0.2.32/27', 'both.example'),
    );
    assert.deepEqual(set, [
      '192.0.2.0-192.0.2.9',
      '192.0.2.11-192.0.2.31',
      '192.0.2.64-192.0.2.126',
      '2001:db8::-2001:db8::3',
    ]);
  });

  test('keeps the edges of subnets where that is asked for', async () => {
    assert.deepEqual(await rangesOf(['192.0.2.0/24'], { includeEdges: true }), [
      '192.0.2.0-192.0.2.255',
    ]);
  });

  test('of a family leaves out the other', async () => {
    assert.deepEqual(await rangesOf(['both.example', '192.0.2.1'], { family: 6 }), [
      '2001:db8::10',
    ]);
    await assert.rejects(
      targetsOf(['192.0.2.1'], { family: 6 }),
      /no target .* has an IPv6 address/,
    );
  });

  test('above a /12 wants to be confirmed, and above 2^32 is refused', async () => {
    assert.equal((await targetsOf(['10.0.0.0/12'])).count, 2 ** 20 - 2);
    await assert.rejects(targetsOf(['10.0.0.0/11']), /2097150 addresses.*--yes/);
    assert.equal((await targetsOf(['10.0.0.0/8'], { confirmLarge: true })).ranges.length, 1);
    await assert.rejects(targetsOf(['2001:db8::/107']), /2097152 addresses.*--yes/);
    await assert.rejects(
      targetsOf(['::/0'], { confirmLarge: true }),
      /more than a sweep can probe/,
    );
  });

  test('of nothing is refused, and says why', async () => {
    await assert.rejects(targetsOf([]), /no target/);
    await assert.rejects(
      targetsOf(['192.0.2.0/24'], excluding('192.0.0.0/16')),
      /every address is excluded/,
    );
  });

  test('knows the names that were asked for, and those that did not resolve', async () => {
    const { hostnames, unresolved, count } = await targetsOf([
      'both.example',
      'none.example',
      '192.0.2.10',
    ]);
    assert.deepEqual(
      [...hostnames],
      [
        ['192.0.2.10', 'both.example'],
        ['2001:db8::10', 'both.example'],
      ],
    );
    assert.deepEqual(unresolved, [
      { name: 'none.example', where: 'command line', reason: 'does not resolve: not found' },
    ]);
    assert.equal(count, 2);
    assert.deepEqual(await rangesOf(['both.example'], { firstAddressOnly: true }), ['192.0.2.10']);
  });

  test('is not made if a name to exclude does not resolve, and says how many do not', async () => {
    const asking = targetsOf(['192.0.2.0/24'], excluding('none.example', 'never.example'));
    await assert.rejects(asking, {
      code: 'TARGET_INVALID',
      message:
        /^--exclude: "none\.example" cannot be excluded, since it does not resolve.* \(and 1 more like it\)/,
    });
  });

  test('keeps names with all that was asked for, in order, for an address that has several', async () => {
    const resolve = async () => ['192.0.2.10'];
    const names = ['www2.example', 'www1.example', 'WWW2.example', 'münchen.example'];
    const { hostnames, count } = await targetsOf(names, { resolve });
    assert.equal(count, 1);
    assert.equal(hostnames.get('192.0.2.10'), 'www2.example www1.example münchen.example');
  });

  const useless: readonly (readonly [readonly string[], string])[] = [
    [['0.0.0.0', '::'], 'resolves to 0.0.0.0, ::, which cannot be probed: no host can have it'],
    [
      ['224.0.0.1'],
      'resolves to 224.0.0.1, which cannot be probed: multicast goes to many hosts at once',
    ],
    [
      ['fe80::1'],
      'resolves to fe80::1, which cannot be probed: it is link-local and does not name an interface',
    ],
    [
      ['::ffff:10.0.0.1'],
      'resolves to ::ffff:10.0.0.1, which cannot be probed: it is an IPv4 address written as IPv6',
    ],
    [[], 'has no address'],
  ];
  for (const [addresses, reason] of useless) {
    test(`keeps a name that ${reason.split(':')[0]}, with the reason`, async () => {
      const resolve = async () => addresses;
      const { unresolved, count } = await targetsOf(['blocked.example', '192.0.2.1'], { resolve });
      assert.deepEqual(unresolved, [{ name: 'blocked.example', where: 'command line', reason }]);
      assert.equal(count, 1);
    });
  }

  test('notes which addresses of a swept name cannot be probed', async () => {
    const resolve = async () => ['0.0.0.0', '192.0.2.10', 'fe80::1'];
    const { notes, unresolved, count } = await targetsOf(['web.example'], { resolve });
    assert.deepEqual([count, unresolved], [1, []]);
    assert.deepEqual(notes, [
      'web.example also resolves to 0.0.0.0, fe80::1, which cannot be probed: no host can have it',
    ]);
    const many = Array.from({ length: 1000 }, (_, i) => `n${i}.example`);
    assert.equal((await targetsOf(many, { resolve })).notes.at(-1), 'and 990 more names like it');
  });

  test('tells a name that does not exist from a resolver that does not reply', async () => {
    const reasonFor = async (code: string) => {
      const resolve = () => Promise.reject(Object.assign(new Error(code), { code }));
      return (await targetsOf(['a.example'], { resolve })).unresolved[0]!.reason;
    };
    assert.equal(await reasonFor('ENOTFOUND'), 'does not resolve');
    assert.match(await reasonFor('EAI_AGAIN'), /the resolver did not reply/);
  });

  test('leaves out whatever is excluded, and takes any exclusion', async () => {
    for (const text of [
      '224.0.0.0/4',
      '255.255.255.255',
      '::',
      'fe80::/10',
      'ff00::/8',
      '::ffff:0:0/96',
      '255.255.255.0',
    ]) {
      assert.deepEqual(await rangesOf(['127.0.0.0/28'], excluding(text)), ['127.0.0.1-127.0.0.14']);
    }
    assert.deepEqual(await rangesOf(['10.0.0.0/30'], excluding('::ffff:10.0.0.1')), ['10.0.0.2']);
    assert.deepEqual(await rangesOf(['fe80::/126%eth0'], excluding('fe80::1', 'fe80::2%eth1')), [
      'fe80::%eth0',
      'fe80::2-fe80::3%eth0',
    ]);
    await assert.rejects(
      targetsOf(['10.0.0.0/29'], excluding('10.0.0.*,10.0.0.3')),
      /every address is excluded/,
    );
    assert.deepEqual(await rangesOf(['10.0.0.0/29'], excluding('10.0.0.1,3-6')), ['10.0.0.2']);
  });

  test('asks for each name once, and for 32 at most at a time', async () => {
    const asked: string[] = [];
    let now = 0;
    let most = 0;
    const resolve = async (name: string): Promise<string[]> => {
      asked.push(name);
      most = Math.max(most, ++now);
      await new Promise((next) => setImmediate(next));
      now--;
      return ['192.0.2.1'];
    };
    const names = Array.from({ length: 100 }, (_, i) => `host-${i}.example`);
    await targetsOf([...names, ...names], { resolve });
    assert.deepEqual(asked, names);
    assert.equal(most, 32);
  });

  test('of 300,000 subnets from a file is made in seconds', async () => {
    const lines = Array.from(
      { length: 300_000 },
      (_, i) => `10.${(i >> 8) & 255}.${i & 255}.0/${24 + (i % 8)} # ${i}`,
    );
    const startedAt = performance.now();
    const include = new TargetCollector('sweep');
    await readTargetFile(Readable.from([lines.join('\n')]), 'subnets.txt', include);
    const { ranges } = await targetsOf([], { include, confirmLarge: true });
    assert.ok(ranges.length > 60_000);
    assert.ok(performance.now() - startedAt < 20_000);
  });
});

/** Ranges over a universe small enough to write out. */
const smallRange: fc.Arbitrary<AddressRange> = fc
  .record({
    family: fc.constantFrom<4 | 6>(4, 6),
    zone: fc.constantFrom('', 'a', 'b'),
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
        for (const [i, range] of left.entries()) {
          const before = left[i - 1];
          if (before === undefined) continue;
          assert.ok(
            before.family < range.family ||
              (before.family === range.family && before.first <= range.first),
          );
        }
      },
    ),
  );
});

describe('addresses', () => {
  test('are read as the system reads them, and written so that it reads them again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20 })), (text) => {
        const address = parseAddress(text);
        const system = text.includes('%') ? 0 : isIP(text);
        assert.equal(address?.family ?? 0, system, text);
        if (address === undefined) return;
        const written = formatAddress(address.family, address.value);
        assert.deepEqual(parseAddress(written), address);
      }),
      { numRuns: 3000 },
    );
  });

  test('of IPv6 are written as RFC 5952 wants', () => {
    const written = (text: string): string => formatAddress(6, parseAddress(text)!.value);
    assert.equal(written('2001:0DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
    assert.equal(written('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1');
    assert.equal(written('0:0:0:0:0:0:0:0'), '::');
    assert.equal(written('::ffff:c000:201'), '::ffff:192.0.2.1');
  });

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
