/** What Windows' tables say about networks, read from tables that are laid out by hand as netioapi.h has them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  addressOctets,
  type Family,
  formatAddress,
  formatAddressBytes,
  parseAddress,
} from '../../../../src/address.ts';
import { NEIGHBOUR } from '../../../../src/host-network/host-network.ts';
import { onLinkRanges } from '../../../../src/host-network/route.ts';
import { RoutesToTargets } from '../../../../src/host-network/routes-to-targets.ts';
import { windowsNetwork } from '../../../../src/host-network/windows/windows-network.ts';
import type { NetworkTables } from '../../../../src/native/windows/network-tables.ts';

type Row = (row: DataView) => void;
/** By table, then by family in Windows' numbers. */
type Tables = Readonly<Partial<Record<string, Readonly<Partial<Record<number, readonly Row[]>>>>>>;

const OCTETS: Readonly<Record<string, number>> = {
  GetIfTable2: 1352,
  GetIpInterfaceTable: 168,
  GetIpForwardTable2: 104,
  GetIpNetTable2: 88,
};
const MAC = [0x02, 0, 0, 0, 0, 0x51] as const;
const UP = 1;
const LOWER_LAYER_DOWN = 7;

function tablesOf(tables: Tables): NetworkTables {
  return {
    read(name, family) {
      const rows = tables[name]?.[family];
      if (rows === undefined) return undefined;
      const table = new DataView(new ArrayBuffer(8 + rows.length * OCTETS[name]!));
      table.setUint32(0, rows.length, true);
      rows.forEach((write, n) => {
        write(new DataView(table.buffer, 8 + n * OCTETS[name]!, OCTETS[name]!));
      });
      return table;
    },
  };
}

function socketAddress(row: DataView, at: number, text: string): void {
  const { family, value } = parseAddress(text)!;
  row.setUint16(at, family === 4 ? 2 : 23, true);
  for (const [i, octet] of addressOctets(family, value).entries())
    row.setUint8(at + (family === 4 ? 4 : 8) + i, octet);
}

function interfaceRow(name: string, index: number, mac: readonly number[], status: number): Row {
  return (row) => {
    row.setUint32(8, index, true);
    for (const [i, letter] of [...name].entries())
      row.setUint16(28 + 2 * i, letter.charCodeAt(0), true);
    row.setUint32(1056, mac.length, true);
    for (const [i, octet] of mac.entries()) row.setUint8(1060 + i, octet);
    row.setUint32(1124, 1500, true);
    // Broadcast, or point to point.
    row.setUint32(1144, mac.length > 0 ? 2 : 3, true);
    row.setUint32(1156, status, true);
  };
}

function routeRow(
  prefix: string,
  index: number,
  { nextHop, metric = 0, isLoopback = false }: RouteDetails = {},
): Row {
  const [address, length] = prefix.split('/') as [string, string];
  return (row) => {
    row.setUint32(8, index, true);
    socketAddress(row, 12, address);
    row.setUint8(40, Number(length));
    socketAddress(row, 44, nextHop ?? (address.includes(':') ? '::' : '0.0.0.0'));
    row.setUint32(84, metric, true);
    row.setUint8(92, isLoopback ? 1 : 0);
  };
}

interface RouteDetails {
  readonly nextHop?: string;
  readonly metric?: number;
  readonly isLoopback?: boolean;
}

function metricRow(index: number, metric: number): Row {
  return (row) => {
    row.setUint32(16, index, true);
    row.setUint32(148, metric, true);
  };
}

function neighbourRow(address: string, state: number, mac: readonly number[], agoMs = 0): Row {
  return (row) => {
    socketAddress(row, 0, address);
    row.setUint32(28, 9, true);
    for (const [i, octet] of mac.entries()) row.setUint8(40 + i, octet);
    row.setUint32(72, mac.length, true);
    row.setUint32(76, state, true);
    row.setUint32(84, agoMs, true);
  };
}

const INTERFACES = {
  0: [
    interfaceRow('Loopback Pseudo-Interface 1', 1, [], UP),
    interfaceRow('VPN', 4, [], UP),
    interfaceRow('Büro-WLAN', 7, MAC, UP),
    interfaceRow('Ethernet', 9, [...MAC.slice(0, 5), 0x52], LOWER_LAYER_DOWN),
  ],
};
const ROUTES4 = [
  routeRow('0.0.0.0/0', 7, { nextHop: '192.0.2.254' }),
  routeRow('0.0.0.0/0', 9, { nextHop: '198.51.100.254' }),
  routeRow('127.0.0.0/8', 1, { isLoopback: true }),
  routeRow('192.0.2.0/24', 7, { metric: 256 }),
  routeRow('192.0.2.5/32', 7, { metric: 256 }),
  routeRow('192.0.2.255/32', 7, { metric: 256 }),
  routeRow('224.0.0.0/4', 7, { metric: 256 }),
  routeRow('255.255.255.255/32', 7, { metric: 256 }),
];

function network(tables: Tables) {
  return windowsNetwork(tablesOf({ GetIfTable2: INTERFACES, ...tables }));
}

describe('interfaces', () => {
  test('are known by the names that Node has for them', () => {
    const windows = network({});
    assert.equal(windows.interfaceIndex('Büro-WLAN'), 7);
    assert.equal(windows.interfaceIndex('Büro'), undefined);
  });

  test('are point-to-point if Windows says so', () => {
    const windows = network({});
    assert.deepEqual(
      ['VPN', 'Ethernet', 'none'].map((name) => windows.isPointToPoint(name)),
      [true, false, false],
    );
  });

  test('run if they are up, and have a carrier then', async () => {
    const windows = network({});
    assert.deepEqual(
      ['Büro-WLAN', 'Ethernet', 'none'].map((name) => windows.isRunning(name)),
      [true, false, false],
    );
    const ethernets = (await windows.loadLinkTables()).ethernets();
    assert.deepEqual([...ethernets.keys()], ['Büro-WLAN', 'Ethernet']);
    assert.deepEqual(ethernets.get('Büro-WLAN'), {
      interfaceIndex: 7,
      mac: Uint8Array.from(MAC),
      hasCarrier: true,
      mtu: 1500,
    });
    assert.equal(ethernets.get('Ethernet')!.hasCarrier, false);
  });
});

describe('routes', () => {
  test('lead to the gateway of the interface that Windows prefers', () => {
    for (const [metrics, gateway] of [
      [[metricRow(7, 50), metricRow(9, 25)], '198.51.100.254'],
      [[metricRow(7, 20), metricRow(9, 25)], '192.0.2.254'],
    ] as const) {
      const windows = network({
        GetIpForwardTable2: { 2: ROUTES4 },
        GetIpInterfaceTable: { 2: metrics },
      });
      const routes = new RoutesToTargets(undefined, windows.routes());
      const found = routes.gatewayTo(4, parseAddress('203.0.113.9')!.value)!;
      assert.equal(formatAddress(4, found.value), gateway);
    }
  });

  test('are read all the same if Windows shows no metrics of interfaces', () => {
    assert.equal(network({ GetIpForwardTable2: { 2: ROUTES4 } }).routes().length, 6);
  });

  test('make a local network of what is not an own address, broadcast or multicast', () => {
    const routes = network({ GetIpForwardTable2: { 2: ROUTES4 } }).routes();
    assert.deepEqual(
      onLinkRanges(routes).map(({ interface: name, first, last }) => [
        name,
        formatAddress(4, first),
        formatAddress(4, last),
      ]),
      [
        ['Büro-WLAN', '192.0.2.0', '192.0.2.4'],
        ['Büro-WLAN', '192.0.2.6', '192.0.2.254'],
      ],
    );
  });

  test('of IPv6 have their link-local gateway in the zone of the interface', () => {
    const rows = [
      routeRow('::/0', 7, { nextHop: 'fe80::1' }),
      routeRow('2001:db8::/64', 7),
      routeRow('2001:db8::5/128', 7),
      routeRow('fe80::/64', 7),
      routeRow('ff00::/8', 7),
    ];
    const routes = network({ GetIpForwardTable2: { 23: rows } }).routes();
    const targets = new RoutesToTargets(undefined, routes);
    const gateway = targets.gatewayTo(6, parseAddress('2001:db8:9::1')!.value);
    assert.deepEqual(gateway, {
      family: 6,
      value: parseAddress('fe80::1')!.value,
      zone: 'Büro-WLAN',
    });
    assert.equal(targets.gatewayTo(6, parseAddress('2001:db8::77')!.value), undefined);
    assert.equal(routes.length, 4);
  });

  test('are none if Windows does not show them', () => {
    assert.deepEqual(network({}).routes(), []);
  });
});

describe('neighbours', () => {
  async function visited(family: Family, rows: readonly Row[]): Promise<unknown[]> {
    const tables = network({ GetIpNetTable2: { [family === 4 ? 2 : 23]: rows } });
    const seen: unknown[] = [];
    (await tables.loadLinkTables()).visitNeighbours(
      family,
      (view, offset, index, state, macAt, agoMs) => {
        const mac = macAt < 0 ? null : view.getUint8(macAt + 5);
        seen.push([formatAddressBytes(family, view, offset), index, state, mac, agoMs]);
      },
    );
    return seen;
  }

  test('are shown with state, MAC address and age, the unresolved ones first', async () => {
    const none = [0, 0, 0, 0, 0, 0];
    const rows = [
      neighbourRow('192.0.2.1', 5, MAC, 1234),
      neighbourRow('192.0.2.2', 4, MAC, 99),
      neighbourRow('192.0.2.3', 1, none),
      neighbourRow('192.0.2.4', 0, none),
      neighbourRow('192.0.2.6', 6, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ];
    const ever = Number.POSITIVE_INFINITY;
    assert.deepEqual(await visited(4, rows), [
      ['192.0.2.3', 9, NEIGHBOUR.unresolved, null, ever],
      ['192.0.2.4', 9, NEIGHBOUR.unresolved, null, ever],
      ['192.0.2.1', 9, NEIGHBOUR.confirmed, 0x51, 1234],
      ['192.0.2.2', 9, NEIGHBOUR.unconfirmed, 0x51, ever],
      ['192.0.2.6', 9, NEIGHBOUR.permanent, null, ever],
    ]);
  });

  test('of IPv6 are read from where IPv6 has its address', async () => {
    assert.deepEqual(await visited(6, [neighbourRow('fe80::9', 5, MAC, 10)]), [
      ['fe80::9', 9, NEIGHBOUR.confirmed, 0x51, 10],
    ]);
  });

  test('may be unresolved in a number that Windows has room for', () => {
    assert.ok(network({}).neighbourLimit() < 256);
  });
});
