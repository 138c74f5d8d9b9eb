/** Late replies cast doubt on hosts that are reported as silent, and on no others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveredBlocks } from '../../../src/probe/delivered-blocks.ts';
import type { Counts } from '../../../src/probe/shared-state.ts';
import { blockOf, MS, sendDue, setupOf } from './blocks.ts';
import { block, makeProber, sharedState } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { reply, type Script } from './scripted-packets.ts';

/** Probes a host whose block is over long before that of the others, which keeps the sweep going for a second. */
function probeFirst(script: Script, isCanary = false): Counts {
  const net = new ScriptedNetwork(4, (request) =>
    request.address === '198.51.100.7' ? script(request) : [],
  );
  const probing = { timeoutMs: 100, retries: 0, ratePps: 20 };
  const shared = sharedState(net, probing);
  const prober = makeProber(net, shared, probing);
  const rest = { scopeId: 0, reach: 'routed' } as const;
  prober.addBlock({ number: 1, targets: block('198.51.100.7'), isCanary, ...rest }, () => {});
  prober.addBlock({ number: 2, targets: block('192.0.2.100', 20), ...rest }, () => {});
  while (prober.busy) net.wait(prober.step() / 1e6);
  return shared.counts();
}

test('a duplicate that comes after its block was delivered is late, and does not make its host a silent one', () => {
  const { late, lateToSilent } = probeFirst((request) => [
    reply(request),
    reply(request, { afterMs: 300 }),
  ]);
  assert.deepEqual([late, lateToSilent], [1, 0]);
});

test('a reply of a silent host that comes after its block was delivered counts as one', () => {
  const { late, lateToSilent } = probeFirst((request) => [reply(request, { afterMs: 300 })]);
  assert.deepEqual([late, lateToSilent], [1, 1]);
});

test('a slow canary is not a silent host', () => {
  const { lateToSilent } = probeFirst((request) => [reply(request, { afterMs: 300 })], true);
  assert.equal(lateToSilent, 0);
});

test('every host of a block is known by itself, until so many blocks have followed that it is forgotten', () => {
  const delivered = new DeliveredBlocks();
  const add = (number: number): void => {
    const added = blockOf(setupOf('198.51.100.0', 11, { number }));
    sendDue(added, 0);
    for (const host of [0, 8]) added.recordReply(host, 0, MS, true);
    added.hosts.notePresent(3);
    delivered.add(added);
  };
  add(1);
  const silent = Array.from({ length: 11 }, (_, host) => delivered.isSilent(1, host));
  assert.deepEqual(
    silent.flatMap((isSilent, host) => (isSilent ? [] : [host])),
    [0, 3, 8],
  );
  for (let number = 2; number <= 256; number++) add(number);
  assert.equal(delivered.isSilent(1, 1), true);
  add(257);
  assert.deepEqual([delivered.isSilent(1, 1), delivered.isSilent(2, 1)], [false, true]);
});
