/** macOS' tables of interfaces, routes and neighbours, octet by octet as net/route.h, net/if.h and net/if_dl.h lay them out. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, formatAddressBytes } from '../../../../src/address.ts';
import { ConfirmationTimes } from '../../../../src/host-network/darwin/confirmation-times.ts';
import {
  ethernetsOf,
  type InterfaceEntry,
  interfacesIn,
} from '../../../../src/host-network/darwin/interface-list.ts';
import { visitNeighboursIn } from '../../../../src/host-network/darwin/neighbour-table.ts';
import { routesIn } from '../../../../src/host-network/darwin/routes.ts';
import { NEIGHBOUR } from '../../../../src/host-network/host-network.ts';
import { onLinkRanges } from '../../../../src/host-network/route.ts';
import { RoutesToTargets } from '../../../../src/host-network/routes-to-targets.ts';

/** Octets in hexadecimal; blanks are for the reader. */
function octets(...parts: readonly string[]): Buffer {
  return Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
}

function tableOf(...messages: readonly Buffer[]): DataView {
  return new DataView(Uint8Array.from(Buffer.concat(messages)).buffer);
}

const zeros = (count: number): string => '00'.repeat(count);

/** if_msghdr: length 132, version 5, RTM_IFINFO, RTA_IFP, flags, index; if_data has the MTU; then the link's address. */
function interfaceMessage(flags: string, index: string, mtu: string, link: string): Buffer {
  return octets('8400 05 0e 10000000', flags, index, '0000', zeros(8), mtu, zeros(84), link);
}
// UP, BROADCAST, RUNNING and MULTICAST; `en0` is 3 octets of name, then 6 of MAC address.
const EN0 = interfaceMessage(
  '63880000',
  '0400',
  'dc050000',
  '14 12 0400 06 03 06 00 656e30 3c0754 010203 000000',
);
const LO0 = interfaceMessage(
  '49800000',
  '0100',
  '00400000',
  '14 12 0100 18 03 00 00 6c6f30 000000 000000 000000',
);
// POINTOPOINT and no MAC address.
const UTUN4 = interfaceMessage(
  '51800000',
  '0a00',
  '64050000',
  '14 12 0a00 01 05 00 00 7574756e34 0000000000 0000',
);
const INTERFACES = tableOf(LO0, EN0, UTUN4);

/** rt_msghdr: length, version 5, RTM_GET, index, flags, addresses; expiry at 48. */
function routeMessage(
  index: string,
  flags: string,
  bits: string,
  addresses: readonly string[],
  expiry = '00000000',
): Buffer {
  const body = octets(...addresses);
  const message = octets('0000 05 04', index, '0000', flags, bits, zeros(32), expiry, zeros(40));
  const whole = Buffer.concat([message, body]);
  whole.writeUInt16LE(whole.length);
  return whole;
}
const in4 = (address: string): string => `10 02 0000 ${address} ${zeros(8)}`;
const in6 = (address: string): string => `1c 1e 0000 00000000 ${address} 00000000`;
const link = (mac: string): string =>
  `14 12 0400 06 00 ${mac === '' ? '00' : '06'} 00 ${mac.padEnd(12, '0')} ${zeros(6)}`;

// 192.0.2.1 is c0000201.
const ROUTES = tableOf(
  // UP, GATEWAY, STATIC: default by 192.0.2.1; the mask of a default route has no octets.
  routeMessage('0400', '03080000', '07000000', [in4('00000000'), in4('c0000201'), '00 000000']),
  // The same for sockets of utun4 alone (IFSCOPE), by a link.
  routeMessage('0a00', '01080001', '07000000', [in4('00000000'), link(''), '00 000000']),
  // UP, CLONING: 192.0.2.0/24 on the link; its mask has 7 octets, padded to 8.
  routeMessage('0400', '01010000', '07000000', [in4('c0000200'), link(''), '07 00 0000 ffffff 00']),
  // A neighbour (LLINFO, HOST, WASCLONED) is no route.
  routeMessage('0400', '05040200', '03000000', [in4('c0000205'), link('aabbccddeeff')]),
  // 127/8 on lo0.
  routeMessage('0100', '01010000', '07000000', [
    in4('7f000000'),
    in4('7f000001'),
    '05 00 0000 ff 000000',
  ]),
  // 198.51.100.0/24 is rejected.
  routeMessage('0100', '09080000', '07000000', [
    in4('c6336400'),
    in4('7f000001'),
    '07 00 0000 ffffff 00',
  ]),
  // IPv6 default by fe80::1 on en0: the kernel keeps the index in the second pair of octets.
  routeMessage('0400', '03080000', '07000000', [
    in6(zeros(16)),
    in6('fe80 0004 000000000000000000000001'),
    '00 000000',
  ]),
  // 2001:db8::/64 on the link: 16 octets of mask.
  routeMessage('0400', '01010000', '07000000', [
    in6('20010db8000000000000000000000000'),
    link(''),
    '10 00 0000 00000000 ffffffffffffffff',
  ]),
);

const NEIGHBOURS4 = tableOf(
  // Resolved, and expires at 1,700,001,200 s.
  routeMessage('0400', '05040200', '03000000', [in4('c0000205'), link('aabbccddeeff')], 'b0f55365'),
  // Not resolved: no MAC address.
  routeMessage('0400', '05040200', '03000000', [in4('c0000206'), link('')]),
  // Static.
  routeMessage('0400', '050c0000', '03000000', [in4('c0000207'), link('aabbccddee07')]),
  // Hidden from this program.
  routeMessage('0400', '05040200', '03000000', [in4('c0000208'), link('020000000000')], 'b0f55365'),
  // Of this host (LOCAL), of a group (MULTICAST), and a broadcast address.
  routeMessage('0100', '05042000', '03000000', [in4('c0000209'), link('3c0754010203')]),
  routeMessage('0400', '05048000', '03000000', [in4('e00000fb'), link('01005e0000fb')]),
  routeMessage('0400', '05044000', '03000000', [in4('c00002ff'), link('ffffffffffff')]),
  // Groups known by their flag alone, or by their MAC address alone.
  routeMessage('0400', '05048000', '03000000', [in4('e00000fc'), link('')]),
  routeMessage('0400', '05044000', '03000000', [in4('c00002fe'), link('')]),
  routeMessage('0400', '05040200', '03000000', [in4('c00002fd'), link('03bf0a0a0a0a')]),
);
const NEIGHBOURS6 = tableOf(
  routeMessage('0400', '05040200', '03000000', [
    in6('fe80 0004 0000 0000 0000 0000 0000 0009'.replaceAll(' ', '')),
    link('aabbccddee09'),
  ]),
);

const NOW_MS = 1_700_000_000_000;
const interfaces = interfacesIn(INTERFACES);

describe('interfaces', () => {
  test('have their name, index and MAC address, with or without an IP address', () => {
    const shown = ({ name, index, mtu, mac }: InterfaceEntry): unknown[] => [
      name,
      index,
      mtu,
      Buffer.from(mac).toString('hex'),
    ];
    assert.deepEqual(interfaces.map(shown), [
      ['lo0', 1, 16384, ''],
      ['en0', 4, 1500, '3c0754010203'],
      ['utun4', 10, 1380, ''],
    ]);
  });

  test('are Ethernets if they broadcast and have a MAC address', () => {
    const ethernets = ethernetsOf(interfaces);
    assert.deepEqual([...ethernets.keys()], ['en0']);
    assert.equal(ethernets.get('en0')!.hasCarrier, true);
    const named = (flags: string, name: string): Buffer =>
      interfaceMessage(
        flags,
        '0500',
        'dc050000',
        `14 12 0500 06 03 06 00 ${Buffer.from(name).toString('hex')} 3c0754 010204 000000`,
      );
    // UP and BROADCAST without RUNNING, as with the cable out; then with NOARP, and POINTOPOINT in its place.
    const others = ethernetsOf(
      interfacesIn(
        tableOf(named('23880000', 'en1'), named('e3880000', 'en2'), named('71880000', 'en3')),
      ),
    );
    assert.deepEqual(
      [...others].map(([name, { hasCarrier }]) => [name, hasCarrier]),
      [['en1', false]],
    );
  });
});

describe('routes', () => {
  const routes = routesIn(ROUTES, interfaces);

  test('have their network, gateway and interface', () => {
    const shown = routes.map(({ family, first, prefixLength, gateway, metric, ...route }) => [
      `${formatAddress(family, first)}/${prefixLength}`,
      gateway === 0n ? '' : formatAddress(family, gateway),
      route.interface,
      metric,
    ]);
    assert.deepEqual(shown, [
      ['0.0.0.0/0', '192.0.2.1', 'en0', 0],
      ['0.0.0.0/0', '', 'utun4', 1],
      ['192.0.2.0/24', '', 'en0', 0],
      ['127.0.0.0/8', '', 'lo0', 0],
      ['198.51.100.0/24', '', 'lo0', 0],
      ['::/0', 'fe80::1', 'en0', 0],
      ['2001:db8::/64', '', 'en0', 0],
    ]);
  });

  test('refuse what is rejected, and nothing else', () => {
    const refusing = routes.filter(({ refuses }) => refuses);
    assert.deepEqual(
      refusing.map(({ family, first }) => formatAddress(family, first)),
      ['198.51.100.0'],
    );
  });

  test('show which networks are local', () => {
    const local = onLinkRanges(routes).map(
      (range) => `${formatAddress(range.family, range.first)} ${range.interface}`,
    );
    assert.deepEqual(local.sort(), ['192.0.2.0 en0', '2001:db8:: en0']);
  });

  test('lead to a gateway, link-local ones on their interface', () => {
    const toTargets = new RoutesToTargets(undefined, routes);
    assert.deepEqual(toTargets.gatewayTo(4, 0xcb007101n), {
      family: 4,
      value: 0xc0000201n,
      zone: '',
    });
    assert.equal(toTargets.gatewayTo(4, 0xc0000205n), undefined);
    assert.equal(toTargets.gatewayTo(6, 0x20010db9n << 96n)?.zone, 'en0');
  });
});

describe('neighbours', () => {
  function visited(table: DataView, family: 4 | 6, times = new ConfirmationTimes()): unknown[] {
    const seen: unknown[] = [];
    visitNeighboursIn(table, family, times, NOW_MS, (view, at, index, state, macAt, ageMs) => {
      const mac = macAt < 0 ? '' : Buffer.from(view.buffer, macAt, 6).toString('hex');
      seen.push([formatAddressBytes(family, view, at), index, state, mac, ageMs]);
    });
    return seen;
  }
  const EARLIER = Number.POSITIVE_INFINITY;

  test('are shown unresolved first, without this host and groups', () => {
    assert.deepEqual(visited(NEIGHBOURS4, 4), [
      ['192.0.2.6', 4, NEIGHBOUR.unresolved, '', EARLIER],
      ['192.0.2.5', 4, NEIGHBOUR.confirmed, 'aabbccddeeff', EARLIER],
      ['192.0.2.7', 4, NEIGHBOUR.permanent, 'aabbccddee07', EARLIER],
      ['192.0.2.8', 4, NEIGHBOUR.confirmed, '', EARLIER],
    ]);
  });

  test('of a link have their address without its index', () => {
    assert.deepEqual(visited(NEIGHBOURS6, 6), [
      ['fe80::9', 4, NEIGHBOUR.confirmed, 'aabbccddee09', EARLIER],
    ]);
  });
});

describe('a neighbour was confirmed', () => {
  /** One look that sees these neighbours, each with the time until it expires. @returns their ages */
  function look(
    times: ConfirmationTimes,
    seen: Readonly<Record<string, number | undefined>>,
  ): number[] {
    times.begin();
    const ages = Object.entries(seen).map(([key, remainingMs]) => times.note(key, remainingMs));
    times.end();
    return ages;
  }
  const EARLIER = Number.POSITIVE_INFINITY;

  test('before the first look that shows it, at an unknown time', () => {
    let nowMs = 0;
    const times = new ConfirmationTimes(() => nowMs);
    assert.deepEqual(look(times, { a: 600_000, b: undefined }), [EARLIER, EARLIER]);
    nowMs = 5_000;
    assert.deepEqual(look(times, { a: 595_000, b: undefined }), [EARLIER, EARLIER]);
  });

  test('when it is new, or is given more time', () => {
    let nowMs = 0;
    const times = new ConfirmationTimes(() => nowMs);
    look(times, { a: 600_000 });
    nowMs = 1_000;
    assert.deepEqual(look(times, { a: 1_200_000, b: undefined }), [0, 0]);
    nowMs = 3_000;
    assert.deepEqual(look(times, { a: 1_198_000, b: undefined }), [2_000, 2_000]);
  });

  test('not because its expiry is rounded another way, however often', () => {
    let nowMs = 0;
    const times = new ConfirmationTimes(() => nowMs);
    look(times, { a: 600_000 });
    for (let looks = 1; looks < 100; looks++) {
      nowMs = looks * 500;
      const rounded = 600_000 - nowMs + (looks % 3) * 1_000;
      assert.deepEqual(look(times, { a: rounded }), [EARLIER]);
    }
  });

  test('again if it was gone in between', () => {
    let nowMs = 0;
    const times = new ConfirmationTimes(() => nowMs);
    look(times, { a: undefined });
    look(times, {});
    nowMs = 10;
    assert.deepEqual(look(times, { a: undefined }), [0]);
  });
});

test('no octets, however damaged, make the readers throw', () => {
  const visit = (): void => {};
  fc.assert(
    fc.property(
      fc.constantFrom(INTERFACES, ROUTES, NEIGHBOURS4, NEIGHBOURS6),
      fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { maxLength: 8 }),
      fc.nat(1000),
      (table, changes, length) => {
        const damaged = new Uint8Array(table.buffer).slice(0, length);
        for (const [at, octet] of changes) if (at < damaged.length) damaged[at] = octet;
        const view = new DataView(damaged.buffer);
        interfacesIn(view);
        routesIn(view, interfaces);
        for (const family of [4, 6] as const)
          visitNeighboursIn(view, family, new ConfirmationTimes(), NOW_MS, visit);
      },
    ),
    { numRuns: 2_000 },
  );
});
