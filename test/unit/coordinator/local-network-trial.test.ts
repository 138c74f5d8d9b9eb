/** Whether a system keeps this program from its local networks, on a network that a test scripts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tryLocalNetwork } from '../../../src/coordinator/local-network-trial.ts';
import { EchosweepError } from '../../../src/errors.ts';
import {
  type HostNetwork,
  NEIGHBOUR,
  type NeighbourState,
} from '../../../src/host-network/host-network.ts';
import type { Route } from '../../../src/host-network/route.ts';
import { UNKNOWN_NETWORK } from '../../../src/host-network/unknown-network.ts';

/** 192.0.2.0/24, and its gateway 192.0.2.1. */
const NETWORK = 0xc0000200n;
const GATEWAY = NETWORK + 1n;
const NEIGHBOUR_ADDRESS = NETWORK + 9n;
const ROUTES: readonly Route[] = [
  { first: NETWORK, last: NETWORK + 255n, prefixLength: 24, gateway: 0n, resolves: true },
  { first: 0n, last: 0xffffffffn, prefixLength: 0, gateway: GATEWAY, resolves: false },
].map(({ resolves, ...route }) => ({
  ...route,
  family: 4,
  interface: 'en0',
  metric: 0,
  resolvesNeighbours: resolves,
}));

/** A host whose neighbour table has these. */
function hostWith(
  neighbours: readonly (readonly [address: bigint, state: NeighbourState])[],
  mayHideLocalNetworks = true,
): HostNetwork {
  return {
    ...UNKNOWN_NETWORK,
    mayHideLocalNetworks,
    routes: () => ROUTES,
    loadLinkTables: async () => ({
      ethernets: () => new Map(),
      indexOfAlternativeName: () => undefined,
      hasPolicyRules: () => false,
      hidesPaths: () => false,
      mayBypass: () => false,
      mayFilterDepartures: () => true,
      visitNeighbours: (_family, visit) => {
        for (const [address, state] of neighbours) {
          const view = new DataView(new ArrayBuffer(4));
          view.setUint32(0, Number(address));
          visit(view, 0, 4, state, -1, 0);
        }
      },
    }),
  };
}

const RESOLVED = hostWith([
  [GATEWAY, NEIGHBOUR.confirmed],
  [NETWORK + 8n, NEIGHBOUR.unresolved],
  [NEIGHBOUR_ADDRESS, NEIGHBOUR.confirmed],
]);

test('a neighbour that cannot be reached, though it is resolved, is hidden from us', async () => {
  const probed: bigint[] = [];
  const trial = await tryLocalNetwork(RESOLVED, async (address) => {
    probed.push(address);
    return 'EHOSTUNREACH';
  });
  assert.deepEqual(probed, [NEIGHBOUR_ADDRESS]);
  assert.equal(trial?.works, false);
  assert.match(trial!.detail, /local network privacy/);
  assert.match(trial!.remedies[0]!, /Privacy & Security > Local Network/);
});

test('a probe that leaves, or fails for another reason, hides nothing', async () => {
  for (const errno of [undefined, 'EHOSTDOWN']) {
    const trial = await tryLocalNetwork(RESOLVED, async () => errno);
    assert.deepEqual([trial?.isKnown, trial?.works], [true, true]);
  }
});

test('nothing is sent on a host that knows no neighbour but its gateway', async () => {
  const trial = await tryLocalNetwork(hostWith([[GATEWAY, NEIGHBOUR.confirmed]]), () =>
    assert.fail(),
  );
  assert.equal(trial?.isKnown, false);
});

test('nothing is sent on a system that hides nothing', async () => {
  const host = hostWith([[NEIGHBOUR_ADDRESS, NEIGHBOUR.confirmed]], false);
  assert.equal(await tryLocalNetwork(host, () => assert.fail()), undefined);
});

test('without an engine the question stays open', async () => {
  const refuse = async (): Promise<never> => {
    throw new EchosweepError('NO_ENGINE', 'koffi cannot be loaded here', 'install it');
  };
  const trial = await tryLocalNetwork(RESOLVED, refuse);
  assert.deepEqual([trial?.isKnown, trial?.detail], [false, 'koffi cannot be loaded here']);
});
