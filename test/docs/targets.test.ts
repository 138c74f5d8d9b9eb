/** docs/targets.md held to what targets and files of targets are read as. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { formatAddress } from '../../src/address.ts';
import { configText } from '../../src/cli/inventory/init.ts';
import { TargetCollector } from '../../src/targets/target-collector.ts';
import { readTargetFile } from '../../src/targets/target-file.ts';
import { codeIn, codeSpansOf, fencesOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/targets.md');

function addressesIn(collector: TargetCollector): string[] {
  collector.refuseWrong();
  return collector.ranges(false).map(({ family, first, last, zone }) => {
    const [from, to] = [formatAddress(family, first), formatAddress(family, last)];
    return `${from}${from === to ? '' : `-${to}`}${zone === '' ? '' : `%${zone}`}`;
  });
}

describe('what can be written', () => {
  for (const [written, addresses] of tableOf(PAGE, 'Written')) {
    test(`${written} is ${addresses}`, () => {
      const collector = new TargetCollector('sweep');
      collector.add({ text: codeIn(written!), where: 'docs' });
      assert.equal(addressesIn(collector).join(' '), codeIn(addresses!));
    });
  }
});

test('the words that are said to be refused are refused', () => {
  const paragraph = PAGE.split('\n\n').find((each) => each.startsWith('A word that cannot'))!;
  const words = codeSpansOf(paragraph).filter((word) => !/^(010|0\.0\.0\.0)$/.test(word));
  assert.ok(words.length > 2);
  for (const text of words) {
    const collector = new TargetCollector('sweep');
    collector.add({ text, where: 'docs' });
    assert.throws(() => collector.refuseWrong(), { code: 'TARGET_INVALID' }, text);
  }
});

test('init writes the networks that are said to be written, and the larger ones as comments', () => {
  const network = (family: 'IPv4' | 'IPv6', cidr: string) => [
    {
      address: cidr.split('/')[0]!,
      cidr,
      internal: false,
      family,
      netmask: '',
      mac: '',
      scopeid: 0,
    },
  ];
  const text = configText({
    eth0: network('IPv4', '10.1.0.1/20'),
    eth1: network('IPv4', '10.2.0.1/19'),
    eth2: network('IPv6', '2001:db8::1/120'),
  });
  assert.match(text, /^ {4}targets: \[10\.1\.0\.0\/20\]$/m);
  assert.match(text, /^ {2}# {3}targets: \[10\.2\.0\.0\/19\]$/m);
  assert.doesNotMatch(text, /2001:db8/);
  assert.match(PAGE, /IPv4 networks of this host .*, those larger than a \/20 as comments\./);
});

describe('files', () => {
  const samples = fencesOf(PAGE).filter(({ info }) => info.startsWith('text '));

  test('every format has a sample', () => assert.equal(samples.length, 9));

  for (const { info, code } of samples) {
    const name = info.slice('text '.length);
    test(`the sample of ${name} is recognised as that, and has targets`, async () => {
      const collector = new TargetCollector('sweep');
      const { format } = await readTargetFile(Readable.from([code]), 'sample', collector);
      assert.equal(format ?? 'plain list', name);
      const [first] = addressesIn(collector);
      assert.ok(first === '192.0.2.7' || (name === 'plain list' && first === '192.0.2.4'), first);
    });
  }
});
