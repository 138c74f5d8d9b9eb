/** Names from the network, held to what NetBox and phpIPAM take. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETBOX_NAMES, nameFor, PHPIPAM_NAMES } from '../../../../src/inventory/ipam/dns-names.ts';
import { HOSTILE_NAMES } from '../../../browser/hostile-names.ts';

test('the first name that the program takes is chosen, in lower case', () => {
  assert.deepEqual(nameFor('bad! Good.Example other', NETBOX_NAMES), {
    name: 'good.example',
    refused: undefined,
  });
  assert.deepEqual(nameFor('bad!', NETBOX_NAMES), { name: undefined, refused: 'bad!' });
  assert.deepEqual(nameFor(null, NETBOX_NAMES), { name: undefined, refused: undefined });
  assert.equal(nameFor('_srv._tcp.example.', NETBOX_NAMES).name, '_srv._tcp.example.');
  assert.equal(nameFor('_srv._tcp.example', PHPIPAM_NAMES).name, undefined);
  assert.equal(nameFor('a-b.example.', PHPIPAM_NAMES).name, 'a-b.example.');
  assert.equal(nameFor(`${'a.'.repeat(127)}ab`, NETBOX_NAMES).name, undefined);
});

test('no hostile name gets through', () => {
  for (const hostile of HOSTILE_NAMES) {
    for (const rule of [NETBOX_NAMES, PHPIPAM_NAMES]) {
      const { name } = nameFor(hostile, rule);
      assert.match(name ?? '', /^[\w.*-]*$/, hostile);
    }
  }
});
