/** Hosts behind a gateway that cannot be resolved are errors of the gateway, and no others are. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../../src/address.ts';
import { CutOffHosts } from '../../../src/coordinator/cut-off-hosts.ts';
import type { Route } from '../../../src/host-network/route.ts';
import { RoutesToTargets } from '../../../src/host-network/routes-to-targets.ts';
import { type BlockResults, emptyResults } from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import {
  type Reason,
  reasonNumber,
  type Status,
  statusNumber,
} from '../../../src/results/outcome.ts';
import { rowOf } from '../results/row-of.ts';

const GATEWAY = '192.0.2.254';
const numberOf = (address: string): bigint => parseAddress(address)!.value;
const DEFAULT_ROUTE: Route = {
  family: 4,
  first: 0n,
  last: 0xffffffffn,
  prefixLength: 0,
  interface: 'eth0',
  resolvesNeighbours: false,
  gateway: numberOf(GATEWAY),
  metric: 0,
};
const LOCAL_ROUTE: Route = {
  ...DEFAULT_ROUTE,
  first: numberOf('192.0.2.0'),
  last: numberOf('192.0.2.255'),
  prefixLength: 24,
  resolvesNeighbours: true,
  gateway: 0n,
};
const routes = new RoutesToTargets(undefined, [DEFAULT_ROUTE, LOCAL_ROUTE]);

function blockFrom(first: string, outcomes: readonly (readonly [Status, Reason])[]): BlockResults {
  const value = numberOf(first);
  const last = value + BigInt(outcomes.length - 1);
  const results = emptyResults(blockOfRanges([{ family: 4, zone: '', first: value, last }]), 1);
  outcomes.forEach(([status, reason], host) => {
    results.status[host] = statusNumber(status);
    results.reason[host] = reasonNumber(reason);
  });
  return results;
}

function shown(results: BlockResults): string[] {
  return Array.from({ length: results.targets.count }, (_, host) => {
    const { status, reason, responder } = rowOf(results, host);
    return `${status} ${reason} ${responder ?? ''}`.trim();
  });
}

test('a block that is not probed has its gateway in every row', () => {
  const cutOff = new CutOffHosts(routes, []);
  const { targets } = blockFrom('198.51.100.1', [
    ['up', 'echo-reply'],
    ['up', 'echo-reply'],
  ]);
  const liveCells = new Uint8Array(2);
  const results = cutOff.unprobed({ targets, scopeId: 0, reach: 'cut-off', liveCells });
  assert.deepEqual(shown(results), Array(2).fill(`error gateway-unresolved ${GATEWAY}`));
  assert.deepEqual(cutOff.gateways, [GATEWAY]);
  assert.ok(liveCells.every((cell) => cell !== 0));
});

test('where our own system gives up on a gateway, the hosts behind it that are silent are cut off too', () => {
  const cutOff = new CutOffHosts(routes, []);
  const found = blockFrom('198.51.100.1', [
    ['down', 'arp-failed'],
    ['down', 'no-response'],
  ]);
  assert.deepEqual(
    shown(cutOff.correct(found)),
    Array(2).fill(`error gateway-unresolved ${GATEWAY}`),
  );
});

test('a gateway that was given up once is so for the hosts of later blocks, until one of them answers', () => {
  const cutOff = new CutOffHosts(routes, []);
  cutOff.correct(blockFrom('198.51.100.1', [['down', 'arp-failed']]));
  const silent = blockFrom('198.51.100.2', [['down', 'no-response']]);
  assert.deepEqual(shown(cutOff.correct(silent)), [`error gateway-unresolved ${GATEWAY}`]);
  const answering = blockFrom('198.51.100.3', [
    ['up', 'echo-reply'],
    ['down', 'no-response'],
  ]);
  assert.deepEqual(shown(cutOff.correct(answering)), ['up echo-reply', 'down no-response']);
  const later = blockFrom('198.51.100.5', [['down', 'no-response']]);
  assert.deepEqual(shown(cutOff.correct(later)), ['down no-response']);
  assert.deepEqual(cutOff.gateways, [GATEWAY]);
});

test('silent hosts stay as they are if somebody behind the gateway answered', () => {
  const found = blockFrom('198.51.100.1', [
    ['down', 'arp-failed'],
    ['down', 'no-response'],
    ['up', 'echo-reply'],
  ]);
  assert.deepEqual(shown(new CutOffHosts(routes, []).correct(found)), [
    `error gateway-unresolved ${GATEWAY}`,
    'down no-response',
    'up echo-reply',
  ]);
});

/** The last of three hosts from 198.51.100.1 on is behind a gateway of its own. */
const OTHER_ROUTE: Route = {
  ...DEFAULT_ROUTE,
  first: numberOf('198.51.100.3'),
  last: numberOf('198.51.100.3'),
  prefixLength: 32,
  gateway: numberOf('192.0.2.253'),
};
const twoGateways = new RoutesToTargets(undefined, [DEFAULT_ROUTE, LOCAL_ROUTE, OTHER_ROUTE]);

test('hosts behind another gateway stay as they are, and so does one that could not be sent to', () => {
  const found = blockFrom('198.51.100.1', [
    ['down', 'arp-failed'],
    ['error', 'permission-denied'],
    ['down', 'no-response'],
  ]);
  assert.deepEqual(shown(new CutOffHosts(twoGateways, []).correct(found)), [
    `error gateway-unresolved ${GATEWAY}`,
    'error permission-denied',
    'down no-response',
  ]);
});

test('each row names the gateway of its own host, and other rows keep who answered there', () => {
  const found = blockFrom('198.51.100.1', [
    ['down', 'arp-failed'],
    ['unreachable', 'time-exceeded'],
    ['down', 'arp-failed'],
  ]);
  found.responder[1] = 1;
  const cutOff = new CutOffHosts(twoGateways, []);
  assert.deepEqual(shown(cutOff.correct({ ...found, responders: ['203.0.113.7'] })), [
    `error gateway-unresolved ${GATEWAY}`,
    'unreachable time-exceeded 203.0.113.7',
    'error gateway-unresolved 192.0.2.253',
  ]);
  assert.deepEqual(cutOff.gateways, [GATEWAY, '192.0.2.253']);
});

test('hosts of a local network, and hosts whose gateway is not known, are not cut off', () => {
  for (const [first, ruled] of [
    ['192.0.2.1', []],
    ['198.51.100.1', [4]],
  ] as const) {
    const cutOff = new CutOffHosts(routes, ruled);
    const found = blockFrom(first, [['down', 'arp-failed']]);
    assert.deepEqual(shown(cutOff.correct(found)), ['down arp-failed']);
    assert.deepEqual(cutOff.gateways, []);
  }
});

test('if routes are not the whole picture, the system says which gateway a host that failed is behind', () => {
  const other = { family: 4, value: numberOf('192.0.2.253'), zone: '' } as const;
  const isBehind = (address: bigint): boolean => address !== numberOf('198.51.100.3');
  const cutOff = new CutOffHosts(routes, [4], (_, address) =>
    isBehind(address) ? other : undefined,
  );
  const found = blockFrom('198.51.100.1', [
    ['down', 'arp-failed'],
    ['down', 'no-response'],
    ['down', 'arp-failed'],
    ['up', 'echo-reply'],
  ]);
  assert.deepEqual(
    [0, 1, 2, 3].map((host) => cutOff.mayCorrect(found, host)),
    [true, false, true, false],
  );
  assert.deepEqual(shown(cutOff.correct(found)), [
    'error gateway-unresolved 192.0.2.253',
    'down no-response',
    'down arp-failed',
    'up echo-reply',
  ]);
  assert.deepEqual(cutOff.gateways, ['192.0.2.253']);
});

test('a gateway that has no name is that to one of its hosts', () => {
  const cutOff = new CutOffHosts(routes, [4], () => 'unknown');
  const found = blockFrom('198.51.100.1', [
    ['down', 'arp-failed'],
    ['down', 'arp-failed'],
  ]);
  assert.deepEqual(shown(cutOff.correct(found)), Array(2).fill('error gateway-unresolved'));
  assert.deepEqual(cutOff.gateways, ['to 198.51.100.1']);
});

test('the row of a silent host may change only if there is a known gateway in front of it', () => {
  const mayCorrect = (first: string, status: Status, ruled: readonly 4[] = []): boolean =>
    new CutOffHosts(routes, ruled).mayCorrect(blockFrom(first, [[status, 'no-response']]), 0);
  assert.equal(mayCorrect('198.51.100.1', 'down'), true);
  assert.equal(mayCorrect('198.51.100.1', 'up'), false);
  assert.equal(mayCorrect('192.0.2.1', 'down'), false);
  assert.equal(mayCorrect('198.51.100.1', 'down', [4]), false);
});
