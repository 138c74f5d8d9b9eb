/** Linux' tables of routes, and the local networks that they mean. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress } from '../../../../src/address.ts';
import { parseRoutes4, parseRoutes6 } from '../../../../src/host-network/linux/routes.ts';
import { onLinkRanges, refusedRanges } from '../../../../src/host-network/route.ts';
import { assertSoon } from '../../../machine-speed.ts';

const hasNeighbours = (name: string): boolean => name.startsWith('eth');

function shown(routes: Parameters<typeof onLinkRanges>[0]): string[] {
  return onLinkRanges(routes).map(
    ({ family, first, last }) => `${formatAddress(family, first)}-${formatAddress(family, last)}`,
  );
}

test('local networks are the connected ones, without what a more specific route sends elsewhere', () => {
  const table = `Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 FE02000A 0003 0 0 0 00000000 0 0 0
eth0 0002000A 00000000 0011 0 0 0 00FFFFFF 0 0 0
eth0 8002000A 01020A0A 0003 0 0 0 C0FFFFFF 0 0 0
tun0 0003000A 00000000 0001 0 0 0 00FFFFFF 0 0 0
eth1 0004000A 00000000 0201 0 0 0 00FFFFFF 0 0 0
eth1 0005000A 00000000 0000 0 0 0 00FFFFFF 0 0 0
`;
  assert.deepEqual(shown(parseRoutes4(table, hasNeighbours)), [
    '10.0.2.0-10.0.2.127',
    '10.0.2.192-10.0.2.255',
  ]);
});

test('an address is refused if no route leads to it, or the most specific one refuses', () => {
  const table = `Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
* 0000000A 00000000 0200 0 0 0 000000FF 0 0 0
eth0 0002000A FE02010A 0003 0 0 0 00FFFFFF 0 0 0
* 8002000A 00000000 0001 0 0 0 C0FFFFFF 0 0 0
eth0 00000080 FE02010A 0003 0 0 0 00000080 0 0 0
`;
  const routes = parseRoutes4(table, () => true);
  assert.deepEqual(shown(routes), []);
  const texts = refusedRanges(routes)
    .filter(({ family }) => family === 4)
    .map(({ first, last }) => `${formatAddress(4, first)}-${formatAddress(4, last)}`);
  assert.deepEqual(texts, [
    '10.0.2.128-10.0.2.191',
    '10.0.0.0-10.0.1.255',
    '10.0.3.0-10.255.255.255',
    '0.0.0.0-9.255.255.255',
    '11.0.0.0-127.255.255.255',
  ]);
});

test('with a default route no address is refused, and without any route all of them are', () => {
  const ofBoth = (routes: Parameters<typeof refusedRanges>[0]): string[] =>
    refusedRanges(routes).map(
      ({ family, first, last }) => `${formatAddress(family, first)}-${formatAddress(family, last)}`,
    );
  const all6 = `::-${'ffff:'.repeat(8).slice(0, -1)}`;
  assert.deepEqual(ofBoth([]), ['0.0.0.0-255.255.255.255', all6]);
  const byDefault = 'eth0 00000000 FE02000A 0003 0 0 0 00000000 0 0 0';
  assert.deepEqual(ofBoth(parseRoutes4(byDefault, hasNeighbours)), [all6]);
});

test('a route leads elsewhere wherever it begins, and in any order among those of both families', () => {
  const routes4 = parseRoutes4(
    `eth0 0002000A 8102000A 0003 0 0 0 80FFFFFF 0 0 0
eth0 0002000A 00000000 0001 0 0 0 00FFFFFF 0 0 0
eth0 8002000A 8102000A 0007 0 0 0 FFFFFFFF 0 0 0
eth0 F802000A 8102000A 0003 0 0 0 F8FFFFFF 0 0 0`,
    hasNeighbours,
  );
  // ::a00:2f0/124, the number of which lies between those.
  const between = `${'a0002f0'.padStart(32, '0')} 7c ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 00000001 eth0`;
  const routes6 = parseRoutes6(between, hasNeighbours);
  for (const routes of [
    [...routes4, ...routes6],
    [...routes6, ...routes4],
  ])
    assert.deepEqual(shown(routes).sort(), ['10.0.2.129-10.0.2.247', '::a00:2f0-::a00:2ff']);
});

test('a block list of 50,000 blackholes takes a moment', () => {
  const octet = (value: number): string => (value & 255).toString(16).padStart(2, '0');
  const lines = Array.from(
    { length: 50_000 },
    (_, i) => `* 00${octet(i)}${octet(i >> 8)}0A 00000000 0005 0 0 0 00FFFFFF 0 0 0`,
  );
  const routes = parseRoutes4(['Iface', ...lines].join('\n'), hasNeighbours);
  const startedAt = performance.now();
  assert.ok(refusedRanges(routes).length > 50_000);
  assertSoon(performance.now() - startedAt, 2000);
});

test('IPv6 routes are read the same way', () => {
  const nothing = '00000000000000000000000000000000';
  const line = (first: string, length: string, hop: string, flags: string, name: string): string =>
    `${first} ${length} ${nothing} 00 ${hop} 00000100 00000001 00000000 ${flags} ${name}`;
  const table = [
    line('20010db8000000000000000000000000', '40', nothing, '00450001', 'eth0'),
    line(
      '20010db8000000000000000000000080',
      '79',
      '20010db8000000000000000000000001',
      '00000003',
      'eth0',
    ),
    line(nothing, '00', '20010db80000000000000000000000fe', '00000003', 'eth0'),
    line('00000000000000000000000000000001', '80', nothing, '80200001', 'lo'),
    line('fd000000000000000000000000000007', '80', nothing, '00000001', 'eth0'),
    line('fd000000000000000000000000000008', '80', nothing, '00000000', 'eth0'),
    line('fd000000000000000000000000000009', '80', nothing, '00200201', 'lo'),
  ].join('\n');
  const routes = parseRoutes6(table, hasNeighbours);
  assert.deepEqual(shown(routes), [
    'fd00::7-fd00::7',
    '2001:db8::-2001:db8::7f',
    '2001:db8::100-2001:db8::ffff:ffff:ffff:ffff',
  ]);
  assert.deepEqual(
    routes.filter(({ refuses }) => refuses).map(({ first }) => formatAddress(6, first)),
    ['fd00::9'],
  );
});

test('a route has its gateway, its metric, and the addresses that its mask leaves', () => {
  const table = `Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 0102010B FE02010B 0003 0 0 100 00FFFFFF 0 0 0
`;
  const route = {
    interface: 'eth0',
    resolvesNeighbours: false,
    refuses: false,
  };
  assert.deepEqual(parseRoutes4(table, hasNeighbours), [
    {
      ...route,
      family: 4,
      first: 0x0b010200n,
      last: 0x0b0102ffn,
      prefixLength: 24,
      gateway: 0x0b0102fen,
      metric: 100,
    },
  ]);
  const gateway = 'fe800000000000000000000000000001';
  const line = (length: string): string =>
    `20010db8000000000000000000000001 ${length} ${'0'.repeat(32)} 00 ${gateway} 00000400 00000001 00000000 00000001 eth0`;
  assert.deepEqual(parseRoutes6([line('7c'), line('81')].join('\n'), hasNeighbours), [
    {
      ...route,
      family: 6,
      first: 0x20010db8n << 96n,
      last: (0x20010db8n << 96n) + 15n,
      prefixLength: 124,
      gateway: BigInt(`0x${gateway}`),
      metric: 1024,
    },
  ]);
});

test('text that is not a table has no routes', () => {
  for (const text of ['', '\n\n', 'nonsense here\n', 'a b c\nd e f\n', 'a b c d e f g h i j\n']) {
    assert.deepEqual(parseRoutes4(text, hasNeighbours), []);
    assert.deepEqual(parseRoutes6(text, hasNeighbours), []);
  }
});
