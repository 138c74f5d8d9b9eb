/** Which targets are on local networks, and on which links we resolve them ourselves. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress, parseAddress } from '../../../src/address.ts';
import {
  type ConnectedNetworks,
  connectedNetworks,
  type LinkChoice,
} from '../../../src/host-network/connected-networks.ts';
import type { OwnAddress } from '../../../src/host-network/own-addresses.ts';
import type { Route } from '../../../src/host-network/route.ts';
import type { AddressRange } from '../../../src/results/block-targets.ts';

const ARP: LinkChoice = { arp: true };

function range(first: string, last = first, zone = ''): AddressRange {
  const { family, value } = parseAddress(first)!;
  return { family, zone, first: value, last: parseAddress(last)!.value };
}

/** A connected route, or one by a gateway. */
function route(network: string, prefixLength: number, interfaceName: string, hop?: string): Route {
  const { family, value: first } = parseAddress(network)!;
  const hostBits = BigInt((family === 4 ? 32 : 128) - prefixLength);
  return {
    family,
    first,
    last: first + (1n << hostBits) - 1n,
    prefixLength,
    interface: interfaceName,
    resolvesNeighbours: hop === undefined,
    gateway: hop === undefined ? 0n : parseAddress(hop)!.value,
    metric: 0,
  };
}

function own(text: string, prefixLength: number, interfaceName: string): OwnAddress {
  const { family, value } = parseAddress(text)!;
  const hostBits = BigInt((family === 4 ? 32 : 128) - prefixLength);
  return { interface: interfaceName, family, text, value, hostBits };
}

const LAN = route('192.0.2.0', 24, 'eth0');
const OURS = own('192.0.2.10', 24, 'eth0');

/** A line per range: its ends, and the index of its link. */
function shown({ ranges }: ConnectedNetworks): string[] {
  return ranges.map(({ family, first, last, link }) => {
    const ends = [first, last].map((end) => formatAddress(family, end)).join(' - ');
    return `${ends}: ${link === undefined ? 'system' : link.index}`;
  });
}

describe('a connected network', () => {
  test('is resolved by us, except for our own address and the network and broadcast addresses', () => {
    const networks = connectedNetworks([range('192.0.2.5')], ARP, [LAN], [OURS]);
    assert.deepEqual(shown(networks), [
      '192.0.2.0 - 192.0.2.0: system',
      '192.0.2.1 - 192.0.2.9: 0',
      '192.0.2.10 - 192.0.2.10: system',
      '192.0.2.11 - 192.0.2.254: 0',
      '192.0.2.255 - 192.0.2.255: system',
    ]);
    assert.deepEqual(networks.links, [
      { index: 0, family: 4, interface: 'eth0', source: '192.0.2.10' },
    ]);
  });

  test('does not matter if it has no target', () => {
    const networks = connectedNetworks([range('198.51.100.1')], ARP, [LAN], [OURS]);
    assert.deepEqual(networks, { ranges: [], links: [] });
  });

  test('has no network and broadcast address if it joins two hosts, or is IPv6', () => {
    const pair = route('192.0.2.0', 31, 'eth0');
    const mine = own('192.0.2.1', 31, 'eth0');
    assert.deepEqual(shown(connectedNetworks([range('192.0.2.0')], ARP, [pair], [mine])), [
      '192.0.2.0 - 192.0.2.0: 0',
      '192.0.2.1 - 192.0.2.1: system',
    ]);
    const net6 = route('2001:db8::', 126, 'eth0');
    const mine6 = own('2001:db8::1', 126, 'eth0');
    assert.deepEqual(shown(connectedNetworks([range('2001:db8::2')], ARP, [net6], [mine6])), [
      '2001:db8:: - 2001:db8::: 0',
      '2001:db8::1 - 2001:db8::1: system',
      '2001:db8::2 - 2001:db8::3: 0',
    ]);
    const four = route('192.0.2.0', 30, 'eth0');
    const last6 = own('2001:db8::2', 126, 'eth0');
    const both = [own('192.0.2.1', 30, 'eth0'), last6];
    const targets = [range('192.0.2.2'), range('2001:db8::3')];
    assert.deepEqual(shown(connectedNetworks(targets, ARP, [four, net6], both)), [
      '2001:db8:: - 2001:db8::1: 0',
      '2001:db8::2 - 2001:db8::2: system',
      '2001:db8::3 - 2001:db8::3: 0',
      '192.0.2.0 - 192.0.2.0: system',
      '192.0.2.1 - 192.0.2.1: system',
      '192.0.2.2 - 192.0.2.2: 1',
      '192.0.2.3 - 192.0.2.3: system',
    ]);
  });

  test('leaves our addresses on other interfaces to the system', () => {
    const addresses = [OURS, own('192.0.2.1', 32, 'lo')];
    const networks = connectedNetworks([range('192.0.2.5')], ARP, [LAN], addresses);
    assert.equal(shown(networks)[1], '192.0.2.1 - 192.0.2.1: system');
  });

  test('loses the addresses that a more specific route sends through a gateway', () => {
    const routes = [LAN, route('192.0.2.128', 25, 'eth0', '192.0.2.1')];
    const networks = connectedNetworks([range('192.0.2.0', '192.0.2.255')], ARP, routes, [OURS]);
    assert.equal(shown(networks).at(-1), '192.0.2.11 - 192.0.2.127: 0');
    assert.equal(networks.ranges.at(-1)!.link, networks.links[0]);
  });

  test('of two interfaces is that of the lower metric, or of the interface that was chosen', () => {
    const wired = { ...LAN, metric: 100 };
    const wireless = { ...route('192.0.2.0', 24, 'wlan0'), metric: 600 };
    const addresses = [OURS, own('192.0.2.11', 24, 'wlan0')];
    for (const routes of [
      [wired, wireless],
      [wireless, wired],
    ])
      for (const [choice, name] of [
        [ARP, 'eth0'],
        [{ ...ARP, interface: 'wlan0' }, 'wlan0'],
      ] as const) {
        const { ranges, links } = connectedNetworks(
          [range('192.0.2.5')],
          choice,
          routes,
          addresses,
        );
        assert.deepEqual(new Set(ranges.map((each) => each.interface)), new Set([name]));
        assert.deepEqual([ranges[0]!.first, ranges.at(-1)!.last], [LAN.first, LAN.last]);
        assert.deepEqual(
          links.map((link) => link.interface),
          [name],
        );
      }
  });

  test('of the chosen interface loses nothing to more specific routes of another one', () => {
    const routes = [LAN, route('192.0.2.0', 25, 'eth1'), route('192.0.2.128', 26, 'eth1')];
    const choice = { ...ARP, interface: 'eth0' };
    const targets = [range('192.0.2.0', '192.0.2.255')];
    assert.deepEqual(
      connectedNetworks(targets, choice, routes, [OURS]),
      connectedNetworks(targets, choice, [LAN], [OURS]),
    );
  });

  test('is still resolved from our address if a more specific route covers that', () => {
    const routes = [LAN, route('192.0.2.0', 28, 'eth1', '203.0.113.1')];
    const networks = connectedNetworks([range('192.0.2.99')], ARP, routes, [OURS]);
    assert.deepEqual(shown(networks), [
      '192.0.2.16 - 192.0.2.254: 0',
      '192.0.2.255 - 192.0.2.255: system',
    ]);
    // Its part outside our subnet might be of others.
    const larger = [route('192.0.0.0', 16, 'eth0'), route('192.0.2.8', 29, 'eth1', '203.0.113.1')];
    assert.deepEqual(
      shown(connectedNetworks([range('192.0.0.0', '192.0.255.255')], ARP, larger, [OURS])),
      ['192.0.0.0 - 192.0.2.7: system', '192.0.2.16 - 192.0.255.255: system'],
    );
  });
});

describe('resolving is left to the system', () => {
  const whole = ['192.0.2.0 - 192.0.2.255: system'];
  const plan = (choice: LinkChoice, addresses: readonly OwnAddress[]): string[] =>
    shown(connectedNetworks([range('192.0.2.5')], choice, [LAN], addresses));

  test('on request', () => assert.deepEqual(plan({ arp: false }, [OURS]), whole));

  test('if no address of ours is inside the network, on that interface', () => {
    assert.deepEqual(plan(ARP, []), whole);
    assert.deepEqual(plan(ARP, [own('198.51.100.10', 24, 'eth0')]), whole);
    assert.deepEqual(plan(ARP, [own('192.0.2.10', 24, 'eth1')]), whole);
  });

  test('if another interface or source address was chosen', () => {
    assert.deepEqual(plan({ arp: true, interface: 'eth1' }, [OURS]), whole);
    assert.deepEqual(plan({ arp: true, source4: '198.51.100.7' }, [OURS]), whole);
    assert.notDeepEqual(plan({ arp: true, interface: 'eth0', source6: '::1' }, [OURS]), whole);
    const targets = [range('2001:db8::5')];
    const routes = [route('2001:db8::', 64, 'eth0')];
    const ours6 = [own('2001:db8::9', 64, 'eth0')];
    const choice = { arp: true, source6: '2001:db8::7' };
    assert.deepEqual(connectedNetworks(targets, choice, routes, ours6).links, []);
  });
});

test('the chosen source address is the one that hosts are resolved from', () => {
  const addresses = [OURS, own('192.0.2.20', 24, 'eth0')];
  const choice = { arp: true, source4: '192.0.2.20' };
  const { links } = connectedNetworks([range('192.0.2.5')], choice, [LAN], addresses);
  assert.deepEqual(
    links.map(({ source }) => source),
    ['192.0.2.20'],
  );
});

test('networks of one interface and source share a link, others have one each', () => {
  const targets = [range('192.0.2.5'), range('198.51.100.5'), range('2001:db8::5')];
  const routes = [
    LAN,
    route('198.51.100.0', 24, 'eth1'),
    route('2001:db8::', 64, 'eth0'),
    route('192.0.2.128', 25, 'eth0', '192.0.2.1'),
    route('192.0.2.128', 26, 'eth0'),
  ];
  const addresses = [OURS, own('198.51.100.9', 24, 'eth1'), own('2001:db8::9', 64, 'eth0')];
  const { ranges, links } = connectedNetworks(
    [...targets, range('192.0.2.130')],
    ARP,
    routes,
    addresses,
  );
  assert.deepEqual(
    links.map(({ index, interface: name, source }) => `${index} ${name} ${source}`).sort(),
    ['0 eth0 2001:db8::9', '1 eth0 192.0.2.10', '2 eth1 198.51.100.9'],
  );
  const ofLan = ranges.filter(({ link }) => link?.source === '192.0.2.10');
  assert.ok(ofLan.some(({ first }) => formatAddress(4, first) === '192.0.2.128'));
  assert.ok(ofLan.some(({ first }) => formatAddress(4, first) === '192.0.2.1'));
});

test('a link-local target is on the local network of its zone, whatever the routes are', () => {
  const addresses = [own('fe80::9', 64, 'eth0'), own('fe80::8', 64, 'eth1')];
  const networks = connectedNetworks([range('fe80::5', 'fe80::5', 'eth1')], ARP, [], addresses);
  assert.deepEqual(
    networks.links.map(({ interface: name, source }) => `${name} ${source}`),
    ['eth1 fe80::8'],
  );
  assert.ok(networks.ranges.every(({ zone }) => zone === 'eth1'));
  const numbered = new Map([['3', { index: 3, name: 'eth1' }]]);
  const byIndex = connectedNetworks(
    [range('fe80::5', 'fe80::5', '3')],
    ARP,
    [],
    addresses,
    numbered,
  );
  assert.deepEqual(byIndex.links, networks.links);
  assert.ok(byIndex.ranges.every(({ zone }) => zone === '3'));
  const ours = { first: parseAddress('fe80::8')!.value, last: parseAddress('fe80::8')!.value };
  assert.deepEqual(
    networks.ranges.filter(({ link }) => link === undefined),
    [{ family: 6, zone: 'eth1', interface: 'eth1', ...ours }],
  );
  const routes = [route('fe80::', 64, 'eth0'), route('fe80::', 64, 'eth1')];
  const target = range('fe80::5', 'fe80::5', 'eth1');
  assert.deepEqual(connectedNetworks([target], ARP, routes, addresses), networks);
});

test('the system resolves whatever is beyond 16 links', () => {
  const numbers = Array.from({ length: 20 }, (_, i) => i);
  const networks = connectedNetworks(
    numbers.map((i) => range(`10.0.${i}.5`)),
    ARP,
    numbers.map((i) => route(`10.0.${i}.0`, 24, `eth${i}`)),
    numbers.map((i) => own(`10.0.${i}.1`, 24, `eth${i}`)),
  );
  assert.equal(networks.links.length, 16);
  assert.equal(shown(networks).filter((line) => line.endsWith('.255: system')).length, 20);
  assert.equal(shown(networks).filter((line) => /\.0 - .*\.255: system$/.test(line)).length, 4);
});
