/** docs/targets.md held to what targets and files of targets are read as. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { formatAddress } from '../../src/address.ts';
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
