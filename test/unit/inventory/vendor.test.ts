/** The maker of a network card, told from its address. */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { vendorOf } from '../../../src/inventory/vendor.ts';

const REGISTERED = createRequire(import.meta.url)('oui-data') as Record<string, string>;

test('an address tells who made it, by the longest prefix that is registered', () => {
  assert.equal(vendorOf('00:00:00:12:34:56'), 'XEROX CORPORATION');
  for (const length of [7, 9]) {
    const [prefix, owner] = Object.entries(REGISTERED).find(
      ([key, words]) =>
        key.length === length &&
        !words.startsWith('IEEE') &&
        (Number.parseInt(key[1]!, 16) & 2) === 0,
    )!;
    const mac = prefix.padEnd(12, '0').toLowerCase().match(/../g)!.join(':');
    assert.equal(vendorOf(mac), owner.split('\n')[0], mac);
  }
});

test('no block that was only cut up is called a maker, and nobody is made up', () => {
  const cut = Object.entries(REGISTERED).filter(
    ([key, words]) => key.length === 6 && words.startsWith('IEEE Registration Authority'),
  );
  assert.ok(cut.length > 100);
  for (const [prefix] of cut) {
    const mac = `${prefix}FFFFFF`.match(/../g)!.join(':');
    assert.notEqual(vendorOf(mac), 'IEEE Registration Authority');
  }
  assert.equal(vendorOf('fc:ff:ff:ff:ff:ff'), null);
  assert.equal(vendorOf(null), null);
});

test('addresses that machines make up are nobody’s', () => {
  assert.equal(vendorOf('02:00:00:00:00:01'), '(local)');
  assert.equal(vendorOf('da:a1:19:00:00:01'), '(local)');
});
