/** The set that is swept: which addresses are in it, and how large it may be. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { TargetCollector } from '../../../src/targets/target-collector.ts';
import { readTargetFile } from '../../../src/targets/target-file.ts';
import { excluding, rangesOf, targetsOf } from './made-sets.ts';

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

  test('of a configuration are refused by their place, with what would be right there', async () => {
    const configuredAt = 'networks.office';
    await assert.rejects(targetsOf(['10.0.0.0/8'], { configuredAt }), {
      message:
        'networks.office: 16777214 addresses are a large sweep (above a /12): add yes: true to its sweep if you mean that',
    });
    await assert.rejects(
      targetsOf(['192.0.2.1'], { configuredAt, family: 6 }),
      /^EchosweepError: networks\.office: nothing .* or leave out ipv6: true$/,
    );
  });

  test('of a program are refused with its own options', async () => {
    const isOfProgram = true;
    await assert.rejects(
      targetsOf(['10.0.0.0/8'], { isOfProgram }),
      /: set allowLarge: true if you mean that$/,
    );
    await assert.rejects(
      targetsOf(['192.0.2.1'], { isOfProgram, family: 6 }),
      /leave out ipv6: true$/,
    );
    await assert.rejects(targetsOf([], { isOfProgram }), /no target: name a subnet, such as 192/);
  });

  test('of nothing is refused, and says why', async () => {
    await assert.rejects(targetsOf([]), /no target/);
    await assert.rejects(
      targetsOf(['192.0.2.0/24'], excluding('192.0.0.0/16')),
      /every address is excluded/,
    );
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

  test('knows an interface by its name and by its index, also in what is excluded', async () => {
    const indexes: Readonly<Record<string, number>> = { eth0: 3, '3': 3, uplink: 3, eth1: 4 };
    const zoneIndex = async (zone: string): Promise<number | undefined> => indexes[zone];
    const targets = ['fe80::7%eth0', 'fe80::7%3', 'fe80::8%uplink', 'fe80::7%eth1', 'fe80::7%away'];
    assert.deepEqual(await rangesOf(targets, { zoneIndex }), [
      'fe80::7%away',
      'fe80::7-fe80::8%eth0',
      'fe80::7%eth1',
    ]);
    const without = { ...excluding('fe80::7%3'), zoneIndex };
    assert.deepEqual(await rangesOf(['fe80::7-fe80::8%eth0'], without), ['fe80::8%eth0']);
    assert.deepEqual(await rangesOf(['fe80::7%eth1'], without), ['fe80::7%eth1']);
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
