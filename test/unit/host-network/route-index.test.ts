/** The index of routes agrees with a search through the whole table, also where the table is long. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../../../src/host-network/route.ts';
import { RouteIndex } from '../../../src/host-network/route-index.ts';
import { assertSoon } from '../../machine-speed.ts';

function routeOf(address: number, prefixLength: number, metric: number): Route {
  const size = 2 ** (32 - prefixLength);
  const first = BigInt(Math.floor(address / size) * size);
  return {
    family: 4,
    first,
    last: first + BigInt(size) - 1n,
    prefixLength,
    interface: 'eth0',
    resolvesNeighbours: false,
    gateway: 1n,
    metric,
  };
}

function longWay(routes: readonly Route[], address: bigint): Route | undefined {
  let best: Route | undefined;
  for (const route of routes) {
    if (address < route.first || address > route.last) continue;
    const isBetter =
      best === undefined ||
      route.prefixLength > best.prefixLength ||
      (route.prefixLength === best.prefixLength && route.metric < best.metric);
    if (isBetter) best = route;
  }
  return best;
}

test('it finds the route that a search through all of them finds', () => {
  // The same pseudo-random tables each time (Park and Miller, 1988).
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let table = 0; table < 200; table++) {
    // Half of them down to single addresses.
    const [hostBits, size] = table % 2 === 0 ? [28, 2 ** 24] : [6, 1];
    const routes = Array.from({ length: random(12) }, () =>
      routeOf(random(64) * size, 32 - hostBits + random(7), random(3)),
    );
    const index = new RouteIndex(routes);
    const borders = routes.flatMap(({ first, last }) => [first, last, last + 1n]);
    for (const address of [0n, ...borders, ...borders.map((each) => each + 77n)]) {
      assert.equal(index.routeTo(address), longWay(routes, address));
      const changes = index.changesIn(address, address + 2n ** 27n);
      for (const at of changes) assert.ok(at > address && at <= address + 2n ** 27n);
      // Between changes, one route applies.
      let since = address;
      for (const at of [...changes, address + 2n ** 27n + 1n]) {
        assert.equal(longWay(routes, at - 1n), longWay(routes, since));
        since = at;
      }
    }
  }
});

test('with 200,000 routes, finding one for each of as many addresses takes no time', () => {
  const routes = Array.from({ length: 200_000 }, (_, i) => routeOf(i * 2 ** 14, 18, 0));
  const startedAt = performance.now();
  const index = new RouteIndex(routes);
  for (const route of routes) assert.equal(index.routeTo(route.first + 5n), route);
  assertSoon(performance.now() - startedAt, 5000);
});
