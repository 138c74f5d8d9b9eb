/** Which probes a host is sent, when, and what becomes of its replies, on a scripted network and a clock that only the test moves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST, inEachFamily } from './families.ts';
import { block, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { type Request, reply, silence } from './scripted-packets.ts';

/** When requests left, in milliseconds after the first. */
function timesOf(requests: readonly Request[]): number[] {
  return requests.map(({ sentAtNs }) => (sentAtNs - requests[0]!.sentAtNs) / 1e6);
}

function msSinceFirst({ clockNs, requests }: ScriptedNetwork): number {
  return (clockNs - requests[0]!.sentAtNs) / 1e6;
}

inEachFamily(({ family, host, network }) => {
  test('a host that answers is probed once, and its row has time, TTL and pattern', () => {
    const net = network((request) => [reply(request, { afterMs: 12.5 })]);
    const { host: row, counts } = probe(net, block(host));
    const { status, reason, sent, received, rttMinMs, ttl, hops, pattern, responder } = row(host);
    assert.deepEqual(
      { status, reason, sent, received, rttMinMs, ttl, hops, pattern, responder },
      {
        status: 'up',
        reason: 'echo-reply',
        sent: 1,
        received: 1,
        rttMinMs: 12.5,
        ttl: 61,
        hops: 3,
        pattern: '!',
        responder: null,
      },
    );
    assert.equal(net.requests.length, 1);
    assert.equal(counts.rejected, 0);
  });

  test('a silent host is probed again after each timeout, each longer by the factor', () => {
    const net = network(silence);
    const { host: row } = probe(net, block(host), { timeoutMs: 1000, backoff: 1.5, retries: 2 });
    assert.deepEqual(timesOf(net.requests), [0, 1000, 3000]);
    assert.equal(row(host).pattern, '...');
    assert.equal(row(host).reason, 'no-response');
    const endedMs = msSinceFirst(net);
    assert.ok(endedMs >= 4750 && endedMs < 4800, `ended after ${endedMs} ms`);
  });

  for (const [rttMs, times] of [
    [5, [0, 800, 3000]],
    [450, [0, 900, 2300]],
    [900, [0, 1000, 3000]],
  ] as const) {
    test(`if others answer within ${rttMs} ms, a silent host is probed again after ${times[1]} ms`, () => {
      const net = network((request) =>
        request.address === host ? [] : [reply(request, { afterMs: rttMs })],
      );
      const { host: row } = probe(net, block(host, 8));
      assert.deepEqual(timesOf(net.requestsTo(host)), times);
      assert.equal(row(host).pattern, '...');
      const endedMs = msSinceFirst(net);
      const lastMs = rttMs < 500 ? 3200 : times[2] + 1000;
      assert.ok(endedMs >= lastMs, `given up after ${endedMs} ms`);
      assert.ok(endedMs < lastMs + 50, `given up after ${endedMs} ms`);
    });
  }

  test('a host slower than all others is probed again, and none of its replies looks like loss', () => {
    const net = network((request) => [
      reply(request, { afterMs: request.address === host ? 950 : 5 }),
    ]);
    const { host: row, counts } = probe(net, block(host, 8));
    const { pattern, lossPct, duplicates, rttMinMs, rttMaxMs } = row(host);
    assert.deepEqual([pattern, lossPct, duplicates, rttMinMs, rttMaxMs], ['!!', 0, 0, 950, 950]);
    assert.equal(counts.late + counts.rejected, 0);
  });

  test('only hosts that have not answered are probed again', () => {
    const first = block(host, 32);
    const net = network((request) =>
      request.address.endsWith('8') || request.nth > 0 ? [reply(request)] : [],
    );
    const { hosts } = probe(net, first);
    for (const row of hosts.values()) {
      assert.equal(row.pattern, row.address!.endsWith('8') ? '!' : '.!', row.address!);
    }
  });

  test('a reply after its own timeout but before the last still makes the host up', () => {
    const net = network((request) =>
      request.nth === 0 ? [reply(request, { afterMs: 1800 })] : [],
    );
    const { host: row } = probe(net, block(host), { retries: 1 });
    assert.equal(row(host).pattern, '!.');
    assert.equal(row(host).rttMinMs, 1800);
    assert.equal(row(host).lossPct, 50);
  });

  test('a reply after the last timeout is late, and the host stays down', () => {
    const other = block(host, 2);
    const net = network((request) => {
      if (request.address === host) return [reply(request, { afterMs: 150 })];
      return request.nth === 2 ? [reply(request, { afterMs: 90 })] : [];
    });
    const { host: row, counts } = probe(net, other, {
      count: 1,
      retries: 0,
      timeoutMs: 100,
      afterStep: () => {},
    });
    assert.equal(row(host).status, 'down');
    assert.equal(counts.received, 0);
  });

  test('a reply that comes while the next probe waits for its turn makes the host up, and spares the probe', () => {
    // At one probe a second the first host's retry is due long before the rate lets it leave.
    const net = network((request) =>
      request.address === host ? [reply(request, { afterMs: 500 })] : [reply(request)],
    );
    const { host: row, counts } = probe(net, block(host, 4), { ratePps: 1, timeoutMs: 100 });
    assert.equal(row(host).pattern, '!');
    assert.equal(row(host).rttMinMs, 500);
    assert.equal(counts.late, 0);
  });

  test('with a count every probe is sent, a period apart, and the statistics are over all', () => {
    const net = network((request) =>
      request.nth === 1 ? [] : [reply(request, { afterMs: 10 * (request.nth + 1) })],
    );
    const { host: row } = probe(net, block(host), { count: 4, periodMs: 250 });
    assert.deepEqual(timesOf(net.requests), [0, 250, 500, 750]);
    const { pattern, sent, received, lossPct, rttMinMs, rttAvgMs, rttMaxMs } = row(host);
    assert.deepEqual(
      { pattern, sent, received, lossPct, rttMinMs, rttMaxMs },
      { pattern: '!.!!', sent: 4, received: 3, lossPct: 25, rttMinMs: 10, rttMaxMs: 40 },
    );
    assert.ok(Math.abs(rttAvgMs! - 80 / 3) < 1e-9);
  });

  test('further replies to an answered probe are duplicates', () => {
    const net = network((request) => [
      reply(request),
      reply(request, { afterMs: 6 }),
      reply(request, { afterMs: 7 }),
    ]);
    const { host: row, counts } = probe(net, block(host));
    assert.equal(row(host).duplicates, 2);
    assert.equal(row(host).received, 1);
    assert.equal(counts.duplicates, 2);
  });

  test('a reply from another address names the address that answered', () => {
    const other = family === 4 ? '203.0.113.99' : '2001:db8:9::9';
    const net = network((request) => [reply(request, { from: other })]);
    const { host: row } = probe(net, block(host));
    assert.equal(row(host).status, 'up');
    assert.equal(row(host).responder, other);
  });
});

test('every host of a block is probed exactly once if all answer, in whatever order', () => {
  for (const orderSeed of [undefined, 1, 99]) {
    const net = new ScriptedNetwork(4, (request) => [reply(request)]);
    const options = orderSeed === undefined ? {} : { orderSeed };
    const { hosts } = probe(net, block('198.51.100.0', 256), options);
    assert.equal(hosts.size, 256);
    assert.equal(new Set(net.requests.map(({ address }) => address)).size, 256);
    assert.equal(net.requests.length, 256);
    const sorted = net.requests.every(({ address }, i) => address === `198.51.100.${i}`);
    assert.equal(sorted, orderSeed === undefined);
  }
});

test('no sequence number is used twice for a host', () => {
  const net = new ScriptedNetwork(4, silence);
  probe(net, block(HOST[4]), { count: 200, periodMs: 1 });
  const sequences = net.requests.map(({ message }) => (message[6]! << 8) | message[7]!);
  assert.equal(new Set(sequences).size, 200);
});

test('a stopped sweep keeps hosts that answered and leaves out those that were not finished', () => {
  const net = new ScriptedNetwork(4, (request) =>
    request.address.endsWith('.1') ? [reply(request)] : [],
  );
  const { hosts } = probe(net, block('198.51.100.0', 4), {
    afterStep: (shared) => {
      if (net.clockNs > 1e12 + 500e6) shared.stop();
    },
  });
  assert.deepEqual([...hosts.keys()], ['198.51.100.1']);
});
