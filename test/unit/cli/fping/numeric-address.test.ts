/** Addresses as fping reads them: in full, and in the short forms of inet_aton. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress } from '../../../../src/address.ts';
import { readNumericAddress } from '../../../../src/cli/fping/numeric-address.ts';

function read(text: string): string | undefined {
  const address = readNumericAddress(text);
  return address && formatAddress(address.family, address.value);
}

describe('an address of fping', () => {
  test('has octets, and in its last number all that are left', () => {
    for (const [written, address] of [
      ['192.0.2.7', '192.0.2.7'],
      ['10.79.1', '10.79.0.1'],
      ['10.79.65535', '10.79.255.255'],
      ['127.1', '127.0.0.1'],
      ['127.16777215', '127.255.255.255'],
      ['2130706433', '127.0.0.1'],
      ['4294967295', '255.255.255.255'],
      ['0', '0.0.0.0'],
      ['2001:db8::1', '2001:db8::1'],
    ] as const) {
      assert.equal(read(written), address, written);
    }
  });

  test('may have octal and hexadecimal numbers', () => {
    assert.equal(read('127.0.0.010'), '127.0.0.8');
    assert.equal(read('0x7F.0.0.0xa'), '127.0.0.10');
    assert.equal(read('0X7f000001'), '127.0.0.1');
    assert.equal(read('00.0.0.1'), '0.0.0.1');
  });

  test('is nothing else', () => {
    const others = [
      ...['', '.', '1.', '.1', '1..2', '1.2.3.4.5', '256.1', '1.256.1', '1.2.65536', '1.2.3.256'],
      ...[
        '1.16777216',
        '4294967296',
        '0x',
        '08',
        '1.2.3.0x100',
        '-1',
        '+1',
        '1 ',
        'a',
        '0xg',
        '1e3',
      ],
    ];
    for (const other of others) assert.equal(read(other), undefined, other);
  });
});
