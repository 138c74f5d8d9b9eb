/** What is noted of interfaces and addresses that go away while a sweep runs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type InterfaceAddresses,
  InterfaceWatch,
} from '../../../src/host-network/interface-watch.ts';

const ETH0 = ['192.0.2.1', '2001:db8::1', '2001:db8::1234', 'fe80::1'];
const ALL: InterfaceAddresses = { eth0: ETH0, eth1: ['198.51.100.1'], lo: ['127.0.0.1'] };

/** What is noted if the system has these addresses for a moment, and then all of them again. */
function noted(meanwhile: InterfaceAddresses, isRunning = true): readonly (readonly string[])[] {
  let now = ALL;
  const watch = new InterfaceWatch(
    new Set(['eth0', 'eth1']),
    { isRunning: () => isRunning },
    () => now,
  );
  watch.look();
  assert.deepEqual([watch.lostInterfaces, watch.lostAddresses], [[], []]);
  now = meanwhile;
  watch.look();
  now = ALL;
  watch.look();
  return [watch.lostInterfaces, watch.lostAddresses];
}

test('an interface that was down is noted, though it came back', () => {
  assert.deepEqual(noted({ eth0: ETH0, lo: [] }, false), [['eth1'], []]);
});

test('an interface that has lost its only address is not down', () => {
  assert.deepEqual(noted({ eth0: ETH0, lo: [] }), [[], ['198.51.100.1']]);
});

test('an address that was lost is noted, and one of another interface is not', () => {
  assert.deepEqual(noted({ ...ALL, eth0: ETH0.slice(1), lo: [] }), [[], ['192.0.2.1']]);
});

test('temporary IPv6 addresses may go, as long as one is left', () => {
  assert.deepEqual(noted({ ...ALL, eth0: ['192.0.2.1', '2001:db8::5678', 'fe80::1'] }), [[], []]);
  assert.deepEqual(noted({ ...ALL, eth0: ['192.0.2.1', 'fe80::1'] }), [
    [],
    ['2001:db8::1', '2001:db8::1234'],
  ]);
});

test('a system that does not list its interfaces for a moment has lost none', () => {
  let reads = 0;
  const watch = new InterfaceWatch(new Set(['eth0', 'eth1']), { isRunning: () => false }, () => {
    reads++;
    if (reads === 2) throw new Error('EMFILE');
    return reads < 3 ? ALL : { ...ALL, eth1: [] };
  });
  watch.look();
  assert.deepEqual([watch.lostInterfaces, watch.lostAddresses], [[], []]);
  watch.look();
  assert.deepEqual([watch.lostInterfaces, watch.lostAddresses], [[], ['198.51.100.1']]);
});

test('a carrier that was lost and came back between two looks is noted by its count', () => {
  const losses: Record<string, number | undefined> = { eth0: 3, eth1: undefined };
  const host = { isRunning: () => true, carrierLosses: (name: string) => losses[name] };
  const watch = new InterfaceWatch(new Set(['eth0', 'eth1']), host, () => ALL);
  watch.look();
  assert.deepEqual(watch.lostInterfaces, []);
  losses['eth0'] = 4;
  losses['eth1'] = 1;
  watch.look();
  assert.deepEqual([watch.lostInterfaces, watch.lostAddresses], [['eth0'], []]);
});
