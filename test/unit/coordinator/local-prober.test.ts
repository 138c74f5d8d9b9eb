/** Probing on the coordinator's own thread: how it ends. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockNumbers } from '../../../src/coordinator/block-engine.ts';
import { LocalProber } from '../../../src/coordinator/local-prober.ts';
import { makeSchedule } from '../../../src/probe/schedule.ts';
import { block, sharedState } from '../probe/probing.ts';
import { ScriptedNetwork } from '../probe/scripted-network.ts';

test('sockets that fail are closed all the same', async () => {
  const net = new ScriptedNetwork(4, () => []);
  let isClosed = false;
  net.close = () => {
    isClosed = true;
  };
  net.socket.receive = () => {
    throw new Error('the socket is broken');
  };
  const setup = {
    schedule: makeSchedule({ count: 1, retries: 0, timeoutMs: 10, backoff: 1, periodMs: 0 }),
    orderSeed: undefined,
    key: [1, 2, 3],
    ownAddresses: [],
    worker: 0,
  } as const;
  const prober = new LocalProber(net, sharedState(net, {}), setup, new BlockNumbers());
  const planned = { targets: block('192.0.2.7'), scopeId: 0, reach: 'routed' } as const;
  await assert.rejects(prober.probe(planned), /the socket is broken/);
  await assert.rejects(prober.close(), /the socket is broken/);
  assert.ok(isClosed);
});
