/** Which gateways are there: they answer us or the system, or nothing has to be resolved to reach them. */

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { formatZonedAddress, parseAddress } from '../../../src/address.ts';
import type { BlockEngine } from '../../../src/coordinator/block-engine.ts';
import { GatewayCheck } from '../../../src/coordinator/gateway-check.ts';
import type { ConnectedNetworks } from '../../../src/host-network/connected-networks.ts';
import {
  type Ethernet,
  type LinkTables,
  NEIGHBOUR,
  type NeighbourState,
} from '../../../src/host-network/host-network.ts';
import type { LocalLink } from '../../../src/host-network/local-link.ts';
import type { NextHop } from '../../../src/host-network/routes-to-targets.ts';
import { prepareSharedState, SharedState } from '../../../src/probe/shared-state.ts';
import { emptyResults } from '../../../src/results/block-results.ts';
import { addressText } from '../../../src/results/block-targets.ts';
import type { Transport } from '../../../src/transport/contract.ts';
import { LAN, ScriptedLink } from '../probe/scripted-link.ts';
import { ScriptedNetwork } from '../probe/scripted-network.ts';
import { octetsOf, silence } from '../probe/scripted-packets.ts';

const ROUTER = '10.0.2.254';
const OTHER = '10.0.2.253';
const MAC = [2, 0, 0, 0, 0, 1];
const ETH0 = 2;
const ETH1 = 5;

const ethernet = (interfaceIndex: number): Ethernet => ({
  interfaceIndex,
  mac: Uint8Array.from(MAC),
  hasCarrier: true,
  mtu: 1500,
});
const ETHERNETS = new Map([
  ['eth0', ethernet(ETH0)],
  ['eth1', ethernet(ETH1)],
]);

const hop = (address: string, name = 'eth0', zone = ''): NextHop => ({
  gateway: { ...parseAddress(address)!, zone },
  interface: name,
});

function networksOf(first: string, last: string): ConnectedNetworks {
  const { family, value } = parseAddress(first)!;
  const link: LocalLink = { index: LAN, family, interface: 'eth0', source: first };
  const range = { family, zone: '', first: value, last: parseAddress(last)!.value };
  return { ranges: [{ ...range, interface: 'eth0', link }], links: [link] };
}
const NETWORKS = networksOf('10.0.2.0', '10.0.2.255');

/** Each reading of the clock is this much later, so that nothing takes long. */
const TICK_MS = 400;

interface World {
  readonly entries?: readonly Entry[];
  readonly networks?: ConnectedNetworks;
  readonly mayPing?: boolean;
  readonly isStopped?: boolean;
  /** Without one, the system has to resolve all. */
  readonly socket?: ScriptedLink;
  /** What the system's table says of a gateway this long after it was pinged. */
  readonly afterPing?: (waitedMs: number) => readonly Entry[];
}

type Entry = readonly [address: string, interfaceIndex: number, state: NeighbourState];

/** Checks the gateways. @returns which of them are not there, and what was pinged */
async function check(t: TestContext, hops: readonly NextHop[], world: World) {
  const { networks = NETWORKS, mayPing = true, socket } = world;
  let nowMs = 0;
  let pingedMs = Number.NaN;
  t.mock.method(performance, 'now', () => {
    nowMs += TICK_MS;
    return nowMs;
  });
  const shared = new SharedState(
    prepareSharedState({ ratePps: 1000, neighbourCap: 100, nowNs: 0 }),
  );
  if (world.isStopped === true) shared.stop();
  const entries = (): readonly Entry[] =>
    (Number.isNaN(pingedMs) ? undefined : world.afterPing?.(nowMs - pingedMs)) ??
    world.entries ??
    [];
  const tables = {
    visitNeighbours: (family, visit) => {
      for (const [address, index, state] of entries()) {
        if (parseAddress(address)!.family !== family) continue;
        visit(new DataView(Uint8Array.from(octetsOf(address)).buffer), 0, index, state, -1, 0);
      }
    },
  } as LinkTables;
  const pinged: (readonly [address: string, scopeId: number])[] = [];
  const engine = {
    probe: async ({ targets, scopeId, isCanary }) => {
      // Else it would wait for the hosts of the sweep.
      assert.equal(isCanary, true);
      pinged.push([addressText({ ...targets, zone: '' }, 0), scopeId]);
      pingedMs = nowMs;
      const results = emptyResults(targets, 1);
      results.sent[0] = 1;
      return results;
    },
  } as BlockEngine;
  const gateways = new GatewayCheck(tables, ETHERNETS, networks, shared, mayPing);
  await gateways.ask(hops, socket && ({ neighbourSockets: [socket] } as unknown as Transport));
  const missing = await gateways.unresolved(engine);
  await gateways.settle();
  assert.equal(gateways.packets.sent, pinged.length);
  return { missing: missing.map(({ gateway }) => formatZonedAddress(gateway)), pinged };
}

/** @param answers whether the n-th request (from 0) for an address is answered */
function link(answers: (address: string, nth: number) => boolean): ScriptedLink {
  return new ScriptedLink(new ScriptedNetwork(4, silence), (address, nth) =>
    answers(address, nth) ? [{ mac: MAC, afterMs: 0 }] : [],
  );
}

describe('by requests of ours', () => {
  test('a gateway that answers one of three is there, and one that answers none is not', async (t) => {
    for (const answersAt of [0, 1, 2, 3]) {
      const socket = link((_, nth) => nth === answersAt);
      const { missing, pinged } = await check(t, [hop(ROUTER)], { socket });
      assert.deepEqual([missing, pinged], [answersAt === 3 ? [ROUTER] : [], []]);
      const requests = Array(Math.min(answersAt + 1, 3)).fill(ROUTER);
      assert.deepEqual(
        socket.requests.map(({ address }) => address),
        requests,
      );
    }
  });

  test('a reply counts for the gateway that sent it, whichever check reads it', async (t) => {
    const socket = link((address, nth) => address === ROUTER && nth === 0);
    socket.answer(OTHER, MAC);
    assert.deepEqual((await check(t, [hop(ROUTER), hop(OTHER)], { socket })).missing, []);
    const alone = link((address) => address === OTHER);
    const { missing } = await check(t, [hop(OTHER), hop(ROUTER)], { socket: alone });
    assert.deepEqual(missing, [ROUTER]);
  });

  test('none is sent to a gateway whose MAC address was configured', async (t) => {
    const socket = link(() => false);
    const { missing, pinged } = await check(t, [hop(ROUTER)], {
      socket,
      entries: [[ROUTER, ETH0, NEIGHBOUR.permanent]],
    });
    assert.deepEqual([missing, pinged, socket.requests], [[], [], []]);
  });

  test('what prevents sending says nothing about the gateway', async (t) => {
    const socket = link(() => false);
    socket.refuses = () => 'ENETDOWN';
    assert.deepEqual((await check(t, [hop(ROUTER)], { socket })).missing, []);
  });

  test('no more than 16 gateways are tried', async (t) => {
    const socket = link(() => false);
    const hops = Array.from({ length: 20 }, (_, i) => hop(`10.0.2.${i + 1}`));
    assert.equal((await check(t, hops, { socket })).missing.length, 16);
  });
});

describe('by the system', () => {
  const onEth0 = (state: NeighbourState): Entry[] => [[ROUTER, ETH0, state]];

  test('a gateway is resolved where we have no socket for its link', async (t) => {
    const socket = link(() => assert.fail('sent on another link'));
    for (const [address, name] of [
      [ROUTER, 'eth1'],
      ['192.0.2.254', 'eth0'],
    ] as const) {
      const { pinged } = await check(t, [hop(address, name)], { socket });
      assert.deepEqual(pinged, [[address, 0]]);
    }
  });

  test('it is there once the system has resolved it, for which that takes 3.1 s', async (t) => {
    const { unresolved, confirmed } = NEIGHBOUR;
    for (const [givesUp, expected] of [
      [false, []],
      [true, [ROUTER]],
    ] as const) {
      const { missing, pinged } = await check(t, [hop(ROUTER)], {
        afterPing: (ms) => onEth0(ms < 3100 || givesUp ? unresolved : confirmed),
      });
      assert.deepEqual([missing, pinged], [expected, [[ROUTER, 0]]]);
    }
  });

  test('it is not resolved by what has its address on another interface', async (t) => {
    const { unresolved, confirmed } = NEIGHBOUR;
    const { missing } = await check(t, [hop(ROUTER)], {
      entries: [...onEth0(unresolved), [ROUTER, ETH1, confirmed], [OTHER, ETH0, confirmed]],
    });
    assert.deepEqual(missing, [ROUTER]);
  });

  test('one that it never tried to resolve is there', async (t) => {
    assert.deepEqual(await check(t, [hop(ROUTER)], {}), { missing: [], pinged: [[ROUTER, 0]] });
  });

  test('nothing is pinged that is resolved, needs no ARP, or must not be pinged', async (t) => {
    const nothing = { missing: [], pinged: [] };
    const resolved = onEth0(NEIGHBOUR.unconfirmed);
    const entries = onEth0(NEIGHBOUR.unresolved);
    assert.deepEqual(await check(t, [hop(ROUTER)], { entries: resolved }), nothing);
    assert.deepEqual(await check(t, [hop(ROUTER)], { entries, mayPing: false }), nothing);
    assert.deepEqual(await check(t, [hop(ROUTER, 'wg0')], { entries }), nothing);
  });

  test('a link-local gateway is pinged by its interface', async (t) => {
    const { pinged } = await check(t, [hop('fe80::1', 'eth1', 'eth1')], {});
    assert.deepEqual(pinged, [['fe80::1', ETH1]]);
  });
});

test('a sweep that is stopped waits for no gateway, and calls none missing', async (t) => {
  const entries: Entry[] = [[OTHER, ETH0, NEIGHBOUR.unresolved]];
  const socket = link(() => false);
  const hops = [hop(ROUTER), hop(OTHER)];
  for (const world of [{ socket }, { entries }])
    assert.deepEqual((await check(t, hops, { ...world, isStopped: true })).missing, []);
  assert.equal(socket.requests.length, hops.length);
});
