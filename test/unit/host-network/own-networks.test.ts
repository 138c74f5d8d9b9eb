/** The networks that this host is connected to, from its interfaces. */

import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import { ownNetworks } from '../../../src/host-network/own-networks.ts';

function address(cidr: string, internal = false): NetworkInterfaceInfo {
  const [text] = cidr.split('/');
  const common = { address: text!, cidr, internal, mac: '02:00:00:00:00:01', netmask: '' };
  return cidr.includes(':')
    ? { ...common, family: 'IPv6', scopeid: 0 }
    : { ...common, family: 'IPv4' };
}

const HOST = { isPointToPoint: (name: string) => name.startsWith('tun') };
const subnets = (interfaces: Record<string, NetworkInterfaceInfo[]>, name?: string): string[] =>
  ownNetworks(interfaces, HOST, name).map(
    ({ subnet, interfaces: names }) => `${subnet} ${names.join()}`,
  );

test('each network is that of an address, once, with the interfaces that are in it', () => {
  assert.deepEqual(
    subnets({
      eth0: [address('192.0.2.7/24'), address('192.0.2.8/24'), address('198.51.100.9/28')],
      wlan0: [address('192.0.2.9/24')],
      eth1: [address('2001:db8::7/120')],
    }),
    ['192.0.2.0/24 eth0,wlan0', '198.51.100.0/28 eth0', '2001:db8::/120 eth1'],
  );
});

test('loopback, point-to-point links, single addresses and link-local IPv6 are left out', () => {
  assert.deepEqual(
    subnets({
      lo: [address('127.0.0.1/8', true), address('10.1.0.1/24', true), address('::1/128', true)],
      tun0: [address('192.0.2.1/24')],
      eth0: [
        ...['192.0.2.1/32', '192.0.2.2/31', '2001:db8::1/128', '2001:db8::2/127'].map((each) =>
          address(each),
        ),
        ...['fe80::1/64', 'febf::1/120'].map((each) => address(each)),
      ],
    }),
    [],
  );
});

test('an interface that was chosen is the only one', () => {
  const interfaces = { eth0: [address('192.0.2.1/24')], eth1: [address('198.51.100.1/24')] };
  assert.deepEqual(subnets(interfaces, 'eth1'), ['198.51.100.0/24 eth1']);
  assert.deepEqual(subnets(interfaces, 'eth2'), []);
});

test('an address without a mask makes no network', () => {
  assert.deepEqual(subnets({ eth0: [{ ...address('192.0.2.1/24'), cidr: null }] }), []);
});
