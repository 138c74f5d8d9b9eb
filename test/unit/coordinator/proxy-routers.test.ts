/** Routers that answer ARP for others: their addresses are not hosts that are up. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProxyRouters } from '../../../src/coordinator/proxy-routers.ts';
import { type BlockResults, emptyResults, MAC_OCTETS } from '../../../src/results/block-results.ts';
import { type Reason, reasonNumber, statusNumber } from '../../../src/results/outcome.ts';
import { block } from '../probe/probing.ts';
import { rowOf } from '../results/row-of.ts';

const ROUTER = '02:00:00:00:00:07';

/** Hosts that are up for these reasons, all by one MAC address. */
function answered(reasons: readonly Reason[]): BlockResults {
  const results = emptyResults(block('198.51.100.0', reasons.length), 1);
  const macs = new Uint8Array(reasons.length * MAC_OCTETS);
  reasons.forEach((reason, host) => {
    results.status[host] = statusNumber('up');
    results.reason[host] = reasonNumber(reason);
    macs.set([2, 0, 0, 0, 0, 7], host * MAC_OCTETS);
  });
  return { ...results, macs };
}

function outcomes(results: BlockResults): string[] {
  return Array.from({ length: results.targets.count }, (_, host) => {
    const { status, reason } = rowOf(results, host);
    return `${status} ${reason}`;
  });
}

const present = (count: number): Reason[] => new Array<Reason>(count).fill('arp-reply');

describe('a MAC address that answers ARP', () => {
  test('for seven addresses that answer no ping is a host with many addresses', () => {
    const routers = new ProxyRouters();
    const results = answered(present(7));
    routers.withdraw(results);
    assert.deepEqual(new Set(outcomes(results)), new Set(['up arp-reply']));
    assert.deepEqual(routers.macs, []);
  });

  test('for eight such addresses is a router, and those that answer pings stay up', () => {
    const routers = new ProxyRouters();
    const results = answered([...present(8), 'echo-reply']);
    routers.withdraw(results);
    assert.deepEqual(outcomes(results), [
      ...new Array<string>(8).fill('down no-response'),
      'up echo-reply',
    ]);
    assert.deepEqual(routers.macs, [ROUTER]);
  });

  test('for many addresses that answer pings is no router', () => {
    const routers = new ProxyRouters();
    routers.withdraw(answered(new Array<Reason>(20).fill('echo-reply')));
    assert.deepEqual(routers.macs, []);
  });

  test('is counted over all blocks, and once it is known as a router it remains one', () => {
    const routers = new ProxyRouters();
    const [first, second, third] = [
      answered(present(5)),
      answered(present(3)),
      answered(present(1)),
    ];
    for (const results of [first, second, third]) routers.withdraw(results);
    assert.deepEqual(new Set(outcomes(first)), new Set(['up arp-reply']));
    for (const results of [second, third])
      assert.deepEqual(new Set(outcomes(results)), new Set(['down no-response']));
  });

  test('leaves the row of a host open that answers no ping', () => {
    const results = answered(['arp-reply', 'echo-reply']);
    const mayWithdraw = [0, 1].map((host) => new ProxyRouters().mayWithdraw(results, host));
    assert.deepEqual(mayWithdraw, [true, false]);
  });
});
