/** The smallest subnet that has an address. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from '../../../../src/address.ts';
import { configuredSubnets, readSubnet } from '../../../../src/cli/inventory/configured-subnets.ts';
import { parseConfig } from '../../../../src/inventory/config/config-file.ts';
import { subnetText } from '../../../../src/inventory/ipam/ipam-subnets.ts';

test('of nested subnets the smallest counts, and only subnets do', () => {
  const targets = [
    ...['10.0.0.0/8', '10.1.2.3/24', '10.1.2.128/255.255.255.128', '10.1.3.7', '192.0.2.9/32'],
    ...['198.51.100.1-198.51.100.9', 'host.example', '2001:db8::/64', '2001:db8::/120'],
  ];
  const config = parseConfig(JSON.stringify({ networks: { a: { targets } } }), 'c.yaml');
  const subnets = configuredSubnets(config.networks);
  const found = (address: string): string | undefined => {
    const subnet = subnets.of(readAddress(address)!.key);
    return subnet === undefined ? undefined : subnetText(subnet);
  };
  assert.equal(found('10.9.9.9'), '10.0.0.0/8');
  assert.equal(found('10.1.2.127'), '10.1.2.0/24');
  assert.equal(found('10.1.2.200'), '10.1.2.128/25');
  assert.equal(found('10.1.3.7'), '10.0.0.0/8');
  assert.equal(found('192.0.2.9'), '192.0.2.9/32');
  assert.equal(found('198.51.100.5'), undefined);
  assert.equal(found('2001:db8::1:0:0:1'), '2001:db8::/64');
  assert.equal(found('2001:db8::ff'), '2001:db8::/120');
});

test('text of other programs is a subnet or nothing', () => {
  assert.deepEqual(readSubnet('192.0.2.0/24'), { family: 4, first: 0xc0000200n, prefix: 24 });
  for (const text of ['', '192.0.2.1', '192.0.2.0/33', 'host.example/24', '1/2/3', '::/129']) {
    assert.equal(readSubnet(text), undefined, text);
  }
});
