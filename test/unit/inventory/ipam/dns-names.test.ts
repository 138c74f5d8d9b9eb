/** Names from the network, held to what NetBox and phpIPAM take. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type NameRule,
  NETBOX_NAMES,
  nameFor,
  PHPIPAM_NAMES,
} from '../../../../src/inventory/ipam/dns-names.ts';
import { IpamNotes } from '../../../../src/inventory/ipam/ipam-notes.ts';
import { HOSTILE_NAMES } from '../../../browser/hostile-names.ts';

/** The chosen name, and the lines about it. */
function chosen(hostname: string | null, rule: NameRule) {
  const notes = new IpamNotes();
  const name = nameFor({ hostname, address: '192.0.2.1' }, rule, notes);
  return { name, notes: notes.lines };
}

test('the first name that the program takes is chosen, in lower case', () => {
  assert.deepEqual(chosen('bad! Good.Example other', NETBOX_NAMES), {
    name: 'good.example',
    notes: [],
  });
  assert.deepEqual(chosen(null, NETBOX_NAMES), { name: undefined, notes: [] });
  assert.equal(chosen('_srv._tcp.example.', NETBOX_NAMES).name, '_srv._tcp.example.');
  assert.equal(chosen('_srv._tcp.example', PHPIPAM_NAMES).name, undefined);
  assert.equal(chosen('a-b.example.', PHPIPAM_NAMES).name, 'a-b.example.');
  assert.equal(chosen(`${'a.'.repeat(127)}ab`, NETBOX_NAMES).name, undefined);
});

test('a host whose names the program does not take is noted with the first of them', () => {
  assert.deepEqual(chosen('bad! worse!', PHPIPAM_NAMES), {
    name: undefined,
    notes: ['without a name, since phpIPAM does not take it: 192.0.2.1 "bad!"'],
  });
});

test('no hostile name gets through', () => {
  for (const hostile of HOSTILE_NAMES) {
    for (const rule of [NETBOX_NAMES, PHPIPAM_NAMES]) {
      assert.match(chosen(hostile, rule).name ?? '', /^[\w.*-]*$/, hostile);
    }
  }
});
