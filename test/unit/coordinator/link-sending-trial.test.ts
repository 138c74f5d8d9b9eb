/** By which way requests would leave with `--send link`, on a host that a test scripts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tryLinkSending } from '../../../src/coordinator/link-sending-trial.ts';
import { maySendPast } from '../../../src/coordinator/ways-past.ts';
import {
  type HostNetwork,
  type LinkTables,
  NEIGHBOUR,
} from '../../../src/host-network/host-network.ts';
import type { Route } from '../../../src/host-network/route.ts';
import { UNKNOWN_NETWORK } from '../../../src/host-network/unknown-network.ts';
import { resolveSettings, type SweepOptions } from '../../../src/settings.ts';

/** 10.0.0.1. */
const GATEWAY = 0x0a000001n;
const DEFAULT_ROUTE: Route = {
  family: 4,
  first: 0n,
  last: 0xffffffffn,
  prefixLength: 0,
  interface: 'lan0',
  resolvesNeighbours: false,
  gateway: GATEWAY,
  metric: 0,
};

const PAST = "IPv4 to the gateway's MAC address on lan0, past routing and firewall";

/** A host with an IPv4 gateway that the system has resolved, and none for IPv6. */
const TABLES: LinkTables = {
  ethernets: () =>
    new Map([['lan0', { interfaceIndex: 4, mac: new Uint8Array(6), hasCarrier: true, mtu: 1500 }]]),
  indexOfAlternativeName: () => undefined,
  hasPolicyRules: () => false,
  hidesPaths: () => false,
  mayBypass: () => true,
  mayFilterDepartures: () => false,
  visitNeighbours: (family, visit) => {
    const view = new DataView(new ArrayBuffer(10));
    view.setUint32(0, Number(GATEWAY));
    if (family === 4) visit(view, 0, 4, NEIGHBOUR.confirmed, 4, 0);
  },
};

async function trial(
  tables: Partial<LinkTables>,
  options: Partial<SweepOptions> = {},
  mayListen = true,
) {
  const host: HostNetwork = {
    ...UNKNOWN_NETWORK,
    routes: () => [DEFAULT_ROUTE],
    loadLinkTables: async () => ({ ...TABLES, ...tables }),
  };
  const given = { targets: '127.0.0.1', source: '10.0.0.9', ...options } as const;
  return tryLinkSending(host, resolveSettings(given), mayListen);
}

test('past the system if a gateway leads there, and through it if none does', async () => {
  assert.deepEqual(await trial({}), [
    { works: true, detail: `${PAST}; auto does so at --rate max` },
    { works: false, detail: 'IPv6 through the system: no single gateway' },
  ]);
});

test('by itself not past a firewall', async () => {
  const [trialled] = await trial({ mayFilterDepartures: (family) => family === 4 });
  const detail = `${PAST}; auto does not: a firewall may have rules for what leaves`;
  assert.deepEqual(trialled, { works: true, detail });
});

test('what prevents it is named', async () => {
  const why = async (...how: Parameters<typeof trial>): Promise<string> =>
    (await trial(...how))[0]!.detail.replace('IPv4 through the system: ', '');
  assert.equal(await why({}, {}, false), 'no ring shows what leaves');
  assert.equal(await why({ hidesPaths: () => true }), 'no ring shows what leaves');
  assert.equal(
    await why({ mayBypass: () => false }),
    'more than the routes may decide how packets leave',
  );
  assert.equal(await why({ ethernets: () => new Map() }), 'lan0 is not an Ethernet');
  assert.equal(await why({}, { payloadBytes: 1473 }), 'requests exceed a frame');
  assert.equal(
    await why({ visitNeighbours: () => {} }),
    'the MAC address of 10.0.0.1 is not known yet',
  );
});

test('a sweep goes past the system by itself at full speed and with a canary', () => {
  const may = (options: Omit<SweepOptions, 'targets'>): boolean =>
    maySendPast(resolveSettings({ targets: '192.0.2.1', ...options }));
  const full = { ratePps: Number.POSITIVE_INFINITY };
  assert.ok(may(full));
  assert.ok(!may({ ratePps: 100_000 }));
  assert.ok(!may({ ...full, canary: false }));
  assert.ok(!may({ ...full, send: 'raw' }));
  assert.ok(may({ send: 'link', canary: false }));
});
