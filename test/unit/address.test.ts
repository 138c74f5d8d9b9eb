/** Addresses as text: read as the system reads them, written as RFC 5952 says. */

import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, parseAddress, readAddress } from '../../src/address.ts';

describe('addresses', () => {
  test('have zones that are names of interfaces, and nothing that a terminal or a mail would take for more', () => {
    for (const zone of ['eth0', 'vlan.7', '12', 'büro-lan'])
      assert.equal(readAddress(`fe80::1%${zone}`)?.text, `fe80::1%${zone}`);
    for (const zone of ['', 'a b', 'a\nb', '\u001b[31m', 'a\u202eb', 'a/b', 'a%b', 'a'.repeat(128)])
      assert.equal(readAddress(`fe80::1%${zone}`), undefined, JSON.stringify(zone));
  });

  test('are read as the system reads them, and written so that it reads them again', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20, size: 'max' })),
        (text) => {
          const address = parseAddress(text);
          const system = text.includes('%') ? 0 : isIP(text);
          assert.equal(address?.family ?? 0, system, text);
          if (address === undefined) return;
          const written = formatAddress(address.family, address.value);
          assert.deepEqual(parseAddress(written), address);
        },
      ),
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
});
