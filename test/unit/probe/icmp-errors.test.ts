/** What ICMP errors say of a host: who sent the last one, and that a reply counts more. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inEachFamily } from './families.ts';
import { block, makeProber, probe, sharedState } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, reply } from './scripted-packets.ts';

inEachFamily(({ family, host, unreachable, network }) => {
  test('an error about a block that was delivered is ours, though nothing waits for it', () => {
    const net = network((request) =>
      request.address === host ? [icmpError(request, unreachable, 1, { afterMs: 300 })] : [],
    );
    const probing = { ratePps: 20, timeoutMs: 100, retries: 0 };
    const shared = sharedState(net, probing);
    const prober = makeProber(net, shared, probing);
    const others = family === 4 ? '198.51.100.100' : '2001:db8:1::100';
    for (const [number, targets] of [block(host), block(others, 10)].entries())
      prober.addBlock({ number, targets, scopeId: 0, reach: 'routed' }, () => {});
    while (prober.busy) net.wait(prober.step() / 1e6);
    assert.equal(shared.counts().rejected, 0);
  });

  test('an error makes the host unreachable, names its sender, and the host is probed again', () => {
    const net = network((request) => [icmpError(request, unreachable, 1)]);
    const { host: row } = probe(net, block(host));
    const { status, reason, icmpType, icmpCode, pattern, responder } = row(host);
    assert.deepEqual(
      { status, reason, icmpType, icmpCode, pattern, responder },
      {
        status: 'unreachable',
        reason: family === 4 ? 'host-unreach' : 'admin-prohibited',
        icmpType: unreachable,
        icmpCode: 1,
        pattern: 'UUU',
        responder: family === 4 ? '192.0.2.254' : '2001:db8::fe',
      },
    );
  });

  test('an error counts whose quote has zeros in place of what the router left out', () => {
    const net = network((request) => [
      icmpError(request, unreachable, 1, {
        change: (quote) => new Uint8Array(quote.buffer).fill(0, 8),
      }),
    ]);
    const { host: row, counts } = probe(net, block(host));
    assert.deepEqual([row(host).pattern, counts.errors, counts.rejected], ['UUU', 3, 0]);
  });

  test('of several errors the last one stands', () => {
    const net = network((request) => [icmpError(request, unreachable, request.nth)]);
    const { host: row } = probe(net, block(host));
    assert.equal(row(host).icmpCode, 2);
  });

  for (const [order, errorMs, replyMs] of [
    ['before', 3, 9],
    ['after', 9, 3],
  ] as const) {
    test(`a reply beats an error that came ${order} it`, () => {
      const net = network((request) => [
        icmpError(request, unreachable, 0, { afterMs: errorMs }),
        reply(request, { afterMs: replyMs }),
      ]);
      const { host: row } = probe(net, block(host));
      const { status, icmpType, responder, pattern } = row(host);
      assert.deepEqual(
        { status, icmpType, responder, pattern },
        { status: 'up', icmpType: null, responder: null, pattern: '!' },
      );
    });
  }

  test('a report of our own kernel that nothing has the address ends the probing at once', () => {
    const own = family === 4 ? '192.0.2.1' : '2001:db8::1';
    const code = family === 4 ? 1 : 3;
    const net = network((request) => [
      icmpError(request, unreachable, code, { from: own, afterMs: 300 }),
    ]);
    const { host: row } = probe(net, block(host), { reach: 'system' });
    const { status, reason, icmpType, responder, pattern } = row(host);
    assert.deepEqual(
      { status, reason, icmpType, responder, pattern },
      { status: 'down', reason: 'arp-failed', icmpType: null, responder: null, pattern: 'U' },
    );
  });
});

test('an error from the address that it is to comes from our own kernel, however new the address is', () => {
  const net = new ScriptedNetwork(4, (request) => [
    icmpError(request, 3, 1, { from: '192.0.2.1' }),
  ]);
  const { host } = probe(net, block('198.51.100.7'), { reach: 'system', ownAddresses: [] });
  const { status, reason, responder } = host('198.51.100.7');
  assert.deepEqual([status, reason, responder], ['down', 'arp-failed', null]);
});
