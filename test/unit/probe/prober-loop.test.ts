/** Blocks that are probed alongside each other: what ends them, and what stays of one that is over. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BlockSetup } from '../../../src/probe/block-setup.ts';
import { ProberLoop } from '../../../src/probe/prober-loop.ts';
import { block, makeProber, sharedState } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { reply } from './scripted-packets.ts';

const UP = '198.51.100.7';
const SILENT = '198.51.100.8';
const HOUR_MS = 3_600_000;

/** A loop on a network in which one host answers and another keeps its block open for an hour. */
function loopOf() {
  const net = new ScriptedNetwork(4, (request) =>
    request.address === UP ? [reply(request, { afterMs: 1 })] : [],
  );
  const shared = sharedState(net, {});
  const prober = makeProber(net, shared, { retries: 0, timeoutMs: HOUR_MS });
  return { net, shared, loop: new ProberLoop(prober, net) };
}

function setupOf(number: number, host: string): BlockSetup {
  return { number, targets: block(host), scopeId: 0, reach: 'routed' };
}

test('nothing of a block that is over stays in memory while others are probed', async () => {
  const { shared, loop } = loopOf();
  const silent = loop.probe(setupOf(1, SILENT));
  const results = new WeakRef((await loop.probe(setupOf(2, UP)))!);
  await turn();
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  assert.equal(results.deref(), undefined);
  shared.stop();
  await silent;
});

test('a step that throws ends every block under way, and the next block is probed', async () => {
  const { net, shared, loop } = loopOf();
  const underWay = [1, 2].map((number) => loop.probe(setupOf(number, SILENT)));
  await turn();
  const { socket } = net;
  const receive = socket.receive.bind(socket);
  socket.receive = () => {
    throw new Error('the socket is broken');
  };
  for (const probed of underWay) await assert.rejects(probed, /the socket is broken/);
  socket.receive = receive;
  assert.equal((await loop.probe(setupOf(3, UP)))?.received[0], 1);
  shared.stop();
});

test('a thread that has more to do waits for packets aside, where the transport can', async () => {
  for (const isShared of [true, false]) {
    const net = new ScriptedNetwork(4, (request) => [reply(request, { afterMs: 1 })]);
    const shared = sharedState(net, {});
    let waitsAside = 0;
    const transport = Object.assign(net, {
      waitAside: async (maxMs: number) => {
        waitsAside++;
        net.wait(maxMs);
      },
    });
    const prober = makeProber(net, shared, { retries: 0, timeoutMs: HOUR_MS });
    const loop = new ProberLoop(prober, transport, isShared);
    assert.equal((await loop.probe(setupOf(1, UP)))?.received[0], 1);
    assert.equal(waitsAside > 0, isShared);
    await loop.run();
  }
});
