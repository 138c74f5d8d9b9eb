/** Which way packets go, by tables of routes as Linux writes them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress, parseAddress } from '../../../src/address.ts';
import { parseRoutes4, parseRoutes6 } from '../../../src/host-network/linux/routes.ts';
import { RoutesToTargets } from '../../../src/host-network/routes-to-targets.ts';
import type { AddressRange } from '../../../src/results/block-targets.ts';

const NOTHING = '0'.repeat(32);
const line6 = (first: string, length: string, hop: string, metric: string, name: string): string =>
  `${first} ${length} ${NOTHING} 00 ${hop} ${metric} 00000001 00000000 ${hop === NOTHING ? '00000001' : '00000003'} ${name}`;

const ROUTES = [
  // default by 10.0.2.254, and a worse one by 10.0.9.9; 10.0.2.0/24 connected; 10.1.0.0/16 by 10.0.2.1; 10.1.7.0/24 refused
  ...parseRoutes4(
    `Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth1 00000000 0909000A 0003 0 0 600 00000000 0 0 0
eth0 00000000 FE02000A 0003 0 0 100 00000000 0 0 0
eth0 0002000A 00000000 0001 0 0 100 00FFFFFF 0 0 0
eth2 0000010A 0102000A 0003 0 0 0 0000FFFF 0 0 0
* 0007010A 00000000 0201 0 0 0 00FFFFFF 0 0 0
`,
    () => true,
  ),
  ...parseRoutes6(
    [
      line6(NOTHING, '00', 'fe8000000000000000000000000000fe', '00000400', 'eth0'),
      line6('20010db8000000000000000000000000', '40', NOTHING, '00000100', 'eth0'),
      line6(
        '20010db8000100000000000000000000',
        '30',
        '20010db80000000000000000000000fe',
        '00000100',
        'eth1',
      ),
    ].join('\n'),
    () => true,
  ),
];

function range(first: string, last = first, zone = ''): AddressRange {
  const { family, value } = parseAddress(first)!;
  return { family, zone, first: value, last: parseAddress(last)!.value };
}

function gateway(ranges: readonly AddressRange[], interfaceName?: string): string | undefined {
  const found = new RoutesToTargets(interfaceName, ROUTES).firstGateway(ranges);
  if (found === undefined) return undefined;
  return formatAddress(found.family, found.value) + (found.zone === '' ? '' : `%${found.zone}`);
}

test('the gateway is that of the most specific route, of equals that with the least metric', () => {
  assert.equal(gateway([range('192.0.2.1')]), '10.0.2.254');
  assert.equal(gateway([range('10.1.2.3')]), '10.0.2.1');
  assert.equal(gateway([range('2001:db8:1::5')]), '2001:db8::fe');
});

test('a link-local gateway comes with its interface', () => {
  assert.equal(gateway([range('2001:db8:2::5')]), 'fe80::fe%eth0');
});

test('connected subnets, this host itself, refused networks and links have none', () => {
  for (const none of [
    range('10.0.2.0', '10.0.2.255'),
    range('127.0.0.1', '127.255.255.254'),
    range('::1'),
    range('10.1.7.1'),
    range('2001:db8::1'),
    range('fe80::1', 'fe80::1', 'eth0'),
  ])
    assert.equal(gateway([none]), undefined, formatAddress(none.family, none.first));
});

test('a range that begins on a connected subnet has the gateway of what lies beyond', () => {
  assert.equal(gateway([range('127.0.0.1'), range('10.0.2.200', '10.0.3.10')]), '10.0.2.254');
  assert.equal(gateway([range('10.0.2.0', '10.2.0.0')]), '10.0.2.254');
  assert.equal(gateway([range('10.1.7.200', '10.1.8.1')]), '10.0.2.1');
});

test('with an interface asked for, only its routes count', () => {
  assert.equal(gateway([range('192.0.2.1')], 'eth1'), '10.0.9.9');
  assert.equal(gateway([range('192.0.2.1')], 'eth2'), undefined);
});

test('the interfaces are those of every route that the targets take', () => {
  const way = new RoutesToTargets(undefined, ROUTES);
  const names = way.interfaces([range('10.0.0.0', '10.2.0.0'), range('fe80::1', 'fe80::1', 'wg0')]);
  assert.deepEqual([...names].sort(), ['*', 'eth0', 'eth2', 'wg0']);
  assert.deepEqual([...way.interfaces([range('127.0.0.1', '127.0.0.9')])], []);
  const numbered = new Map([['7', { index: 7, name: 'wg0' }]]);
  assert.deepEqual([...way.interfaces([range('fe80::1', 'fe80::1', '7')], numbered)], ['wg0']);
});

test('loopback addresses and what lies around them are stretches of their own', () => {
  const stretches = (first: string, last: string): string[] =>
    [...new RoutesToTargets(undefined, ROUTES).stretches([range(first, last)])].map(
      ({ family, address }) => formatAddress(family, address),
    );
  assert.deepEqual(stretches('126.255.255.255', '128.0.0.1'), [
    '126.255.255.255',
    '127.0.0.0',
    '128.0.0.0',
  ]);
  assert.deepEqual(stretches('127.0.0.0', '127.255.255.255'), ['127.0.0.0']);
  assert.deepEqual(stretches('126.0.0.0', '127.0.0.0'), ['126.0.0.0', '127.0.0.0']);
  assert.deepEqual(stretches('::', '2001:db8::'), ['::', '::1', '::2', '2001:db8::']);
});

test('routes of one family lead to no address of the other', () => {
  const [all6] = parseRoutes6(
    line6(NOTHING, '00', `${'0'.repeat(31)}7`, '00000400', 'eth0'),
    () => true,
  );
  const routes = new RoutesToTargets(undefined, [all6!]);
  assert.equal(routes.gatewayTo(6, 0xcb007101n)?.value, 7n);
  assert.equal(routes.gatewayTo(4, 0xcb007101n), undefined);
});

test('next hops are all gateways on the way, each once, with what is behind them and no loopback address', () => {
  const routes = new RoutesToTargets(undefined, ROUTES);
  const hops = routes.nextHops([range('10.0.2.9', '10.1.0.9'), range('192.0.2.1')]);
  assert.deepEqual(
    hops.map((hop) => [hop.interface, formatAddress(4, hop.gateway.value)]),
    [
      ['eth0', '10.0.2.254'],
      ['eth2', '10.0.2.1'],
    ],
  );
  const behind = (hop: number): string[] =>
    routes
      .rangesBehind([hops[hop]!])
      .map(
        ({ zone, first, last }) => `${formatAddress(4, first)}-${formatAddress(4, last)}${zone}`,
      );
  assert.deepEqual(behind(1), ['10.1.0.0-10.1.6.255', '10.1.8.0-10.1.255.255']);
  assert.deepEqual(behind(0), [
    '0.0.0.0-10.0.1.255',
    '10.0.3.0-10.0.255.255',
    '10.2.0.0-126.255.255.255',
    '128.0.0.0-255.255.255.255',
  ]);
  assert.deepEqual(routes.nextHops([range('fe80::1', 'fe80::1', 'eth0')]), [], 'on a link');
});

test('all targets are behind one gateway, or none is the only one', () => {
  const only = (...ranges: readonly AddressRange[]): bigint | undefined =>
    new RoutesToTargets(undefined, ROUTES).onlyNextHop(ranges)?.gateway.value;
  const near = range('10.1.0.0', '10.1.6.255');
  assert.equal(only(near), parseAddress('10.0.2.1')!.value);
  assert.equal(only(near, range('10.1.8.0', '10.1.255.255')), parseAddress('10.0.2.1')!.value);
  assert.equal(only(near, range('10.2.0.0')), undefined, 'two gateways');
  assert.equal(only(near, range('10.1.7.1')), undefined, 'refused');
  assert.equal(only(near, range('10.0.2.9')), undefined, 'connected');
  assert.equal(only(near, range('127.0.0.1')), undefined, 'loopback');
  assert.equal(only(range('fe80::1', 'fe80::1', 'eth0')), undefined, 'on a link');
  assert.equal(only(), undefined);
});

test('all targets that are not on a local network are reached through one interface, or none is the only one', () => {
  const only = (...ranges: readonly AddressRange[]): string | undefined =>
    new RoutesToTargets(undefined, ROUTES).onlyInterface(ranges);
  const far = range('192.0.2.1');
  assert.equal(only(far, range('198.51.100.1')), 'eth0');
  assert.equal(only(range('10.1.0.1'), range('10.0.2.9')), 'eth2', 'one of them is connected');
  assert.equal(only(far, range('10.1.0.1')), undefined, 'two interfaces');
  assert.equal(only(far, range('127.0.0.1')), undefined, 'one of them has no route');
  assert.equal(only(range('127.0.0.1')), undefined);
  assert.equal(only(range('10.0.2.9')), undefined, 'connected');
});

test('IPv6 routes that are equally good are rivals, unless they lead to the same router', () => {
  const rivals = (...routes: readonly string[]): boolean =>
    new RoutesToTargets(
      undefined,
      parseRoutes6(routes.join('\n'), () => true),
    ).hasRivals(6);
  const one = 'fe800000000000000000000000000001';
  const other = 'fe800000000000000000000000000002';
  assert.ok(!rivals(line6(NOTHING, '00', one, '00000400', 'eth0')));
  assert.ok(
    rivals(
      line6(NOTHING, '00', one, '00000400', 'eth0'),
      line6(NOTHING, '00', other, '00000400', 'eth0'),
    ),
  );
  assert.ok(
    !rivals(
      line6(NOTHING, '00', one, '00000400', 'eth0'),
      line6(NOTHING, '00', other, '00000800', 'eth0'),
    ),
    'one is better',
  );
  assert.ok(
    !rivals(
      line6('fe800000000000000000000000000000', '40', NOTHING, '00000100', 'eth0'),
      line6('fe800000000000000000000000000000', '40', NOTHING, '00000100', 'eth1'),
    ),
    'no routers',
  );
});

test('equally good routes of one family are no rivals in the other', () => {
  const two = (family: 4 | 6) =>
    [7n, 8n].map((gateway) => ({ ...ROUTES[1]!, family, gateway }) as const);
  const rivals = (family: 4 | 6) => new RoutesToTargets(undefined, two(family));
  assert.equal(rivals(6).hasRivals(6), true);
  assert.equal(rivals(6).hasRivals(4), false);
  assert.equal(rivals(4).hasRivals(6), false);
});
