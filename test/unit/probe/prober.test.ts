/** The whole of probing, on a scripted network and a clock that only the test moves. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { OFFSET } from '../../../src/probe/echo-request.ts';
import { block, makeProber, probe, sharedState } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, reply, type Script, silence } from './scripted-packets.ts';

const HOST = { 4: '198.51.100.7', 6: '2001:db8:1::7' } as const;

for (const family of [4, 6] as const) {
  const host = HOST[family];
  const network = (script: Script): ScriptedNetwork => new ScriptedNetwork(family, script);
  const unreachable = family === 4 ? 3 : 1;

  describe(`IPv${family}`, () => {
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
      const times = net.requests.map(
        (request) => (request.sentAtNs - net.requests[0]!.sentAtNs) / 1e6,
      );
      assert.deepEqual(times, [0, 1000, 3000]);
      assert.equal(row(host).pattern, '...');
      assert.equal(row(host).reason, 'no-response');
      const endedMs = (net.clockNs - net.requests[0]!.sentAtNs) / 1e6;
      assert.ok(endedMs >= 4750 && endedMs < 4800, `ended after ${endedMs} ms`);
    });

    const timesOf = (net: ScriptedNetwork, address: string): number[] => {
      const requests = net.requestsTo(address);
      return requests.map(({ sentAtNs }) => (sentAtNs - requests[0]!.sentAtNs) / 1e6);
    };

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
        assert.deepEqual(timesOf(net, host), times);
        assert.equal(row(host).pattern, '...');
        const endedMs = (net.clockNs - net.requests[0]!.sentAtNs) / 1e6;
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

    test('with a count every probe is sent, a period apart, and the statistics are over all', () => {
      const net = network((request) =>
        request.nth === 1 ? [] : [reply(request, { afterMs: 10 * (request.nth + 1) })],
      );
      const { host: row } = probe(net, block(host), { count: 4, periodMs: 250 });
      const times = net.requests.map(
        (request) => (request.sentAtNs - net.requests[0]!.sentAtNs) / 1e6,
      );
      assert.deepEqual(times, [0, 250, 500, 750]);
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

    test('an error is matched by the eight octets that every quote holds', () => {
      const net = network((request) => [icmpError(request, unreachable, 0, { quoted: 8 })]);
      assert.equal(probe(net, block(host)).host(host).status, 'unreachable');
    });

    test('an error that quotes too little, or not us, is not about us', () => {
      const elsewhere = family === 4 ? '198.51.100.200' : '2001:db8:1::200';
      const wrong: Script[] = [
        (request) => [icmpError(request, unreachable, 0, { quoted: 7 })],
        (request) => [
          icmpError(request, unreachable, 0, {
            change: (quote) => quote.setUint16(OFFSET.identifier, 1),
          }),
        ],
        (request) => [
          icmpError(request, unreachable, 0, {
            change: (quote) => quote.setUint16(OFFSET.sequence, 1),
          }),
        ],
        (request) => [
          icmpError(request, unreachable, 0, {
            change: (quote) => quote.setUint32(OFFSET.token, 1),
          }),
        ],
        (request) => [
          icmpError(request, unreachable, 0, { change: (quote) => quote.setUint8(OFFSET.type, 0) }),
        ],
        (request) => [icmpError(request, unreachable, 0, { destination: elsewhere })],
        (request) => [icmpError(request, 5, 0), icmpError(request, family === 4 ? 4 : 137, 0)],
      ];
      for (const script of wrong) {
        const { host: row } = probe(network(script), block(host));
        assert.equal(row(host).reason, 'no-response', String(script));
      }
    });

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

    test('whatever is changed about a reply, it makes no host up', () => {
      const fields = fc.constantFrom(
        OFFSET.identifier,
        OFFSET.sequence,
        OFFSET.token,
        OFFSET.token + 4,
        OFFSET.block,
        OFFSET.host,
      );
      fc.assert(
        fc.property(fields, fc.integer({ min: 1, max: 0xffff }), (offset, flip) => {
          const change = (view: DataView): void =>
            view.setUint16(offset, view.getUint16(offset) ^ flip);
          const { host: row, counts } = probe(
            network((request) => [reply(request, { change })]),
            block(host),
            { retries: 0 },
          );
          assert.equal(row(host).status, 'down');
          assert.equal(counts.received, 0);
        }),
        { numRuns: 200 },
      );
    });

    test('a reply cut short counts as rejected', () => {
      const { host: row, counts } = probe(
        network((request) => [reply(request, { length: 31 })]),
        block(host),
      );
      assert.equal(row(host).status, 'down');
      assert.equal(counts.rejected, 3);
    });
  });
}

test('a wrong checksum makes an IPv4 reply or error worth nothing', () => {
  const net = new ScriptedNetwork(4, (request) => [
    reply(request, { spoil: true }),
    icmpError(request, 3, 1, { spoil: true }),
  ]);
  const { host, counts } = probe(net, block(HOST[4]), { retries: 0 });
  assert.equal(host(HOST[4]).status, 'down');
  assert.equal(counts.rejected, 2);
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

test('a system out of buffers is waited for, and none of it is loss', () => {
  const net = new ScriptedNetwork(4, (request) => [reply(request)]);
  let refusals = 40;
  net.socket.refuses = () => (refusals-- > 0 ? { failure: 'busy', errno: 'ENOBUFS' } : undefined);
  const { hosts, counts } = probe(net, block('198.51.100.0', 64));
  assert.ok([...hosts.values()].every(({ pattern }) => pattern === '!'));
  assert.equal(counts.sent, 64);
  assert.ok(counts.sendWaits > 0);
});

test('a system that stays out of buffers is given up after half a minute, as an error and not as loss', () => {
  const net = new ScriptedNetwork(4, silence);
  net.socket.refuses = () => ({ failure: 'busy', errno: 'ENOBUFS' });
  const { host } = probe(net, block(HOST[4]), { retries: 0 });
  assert.equal(host(HOST[4]).reason, 'send-failed');
  assert.equal(host(HOST[4]).errno, 'ENOBUFS');
  assert.ok(net.clockNs - 1e12 >= 30e9);
});

test('hosts whose replies our own socket dropped are probed again, and the rate comes down', () => {
  const net = new ScriptedNetwork(4, (request) => {
    if (request.nth > 0) return [reply(request)];
    net.socket.droppedPackets++;
    return [];
  });
  const { hosts, counts } = probe(net, block('198.51.100.0', 8), { retries: 0, ratePps: 1000 });
  assert.ok([...hosts.values()].every(({ pattern }) => pattern === '.!'));
  assert.equal(counts.dropped, 8);
  assert.equal(counts.doubtful, 0);
});

test('a host that could not be probed without a drop is reported as doubtful', () => {
  const net = new ScriptedNetwork(4, () => {
    net.socket.droppedPackets++;
    return [];
  });
  const { host, counts } = probe(net, block(HOST[4]), { retries: 0 });
  assert.equal(host(HOST[4]).status, 'down');
  assert.equal(counts.doubtful, 1);
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

test('replies that had arrived while the process stood still are no timeouts', () => {
  const net = new ScriptedNetwork(4, (request) => [reply(request, { afterMs: 20 })]);
  let stopped = false;
  const { hosts } = probe(net, block('198.51.100.0', 16), {
    retries: 0,
    afterStep: () => {
      if (!stopped && net.requests.length === 16) net.clockNs += 3_600e9;
      stopped ||= net.requests.length === 16;
    },
  });
  assert.ok(
    [...hosts.values()].every(({ status, rttMinMs }) => status === 'up' && rttMinMs === 20),
  );
});

test('unresolved neighbours never exceed the cap, over all workers', () => {
  const cap = 10;
  const net = new ScriptedNetwork(4, silence);
  const shared = sharedState(net, { neighbourCap: cap });
  const probers = [0, 1].map((worker) =>
    makeProber(net, shared, { retries: 0, timeoutMs: 50 }, worker),
  );
  probers.forEach((prober, worker) => {
    const targets = block(`198.51.100.${worker * 100}`, 40);
    prober.addBlock({ number: worker, targets, scopeId: 0, reach: 'system' }, () => {});
  });
  while (probers.some((prober) => prober.busy)) {
    for (const prober of probers) prober.step();
    net.wait(5);
    const unresolved = net.requests.filter(({ sentAtNs }) => net.clockNs - sentAtNs < 3.07e9);
    assert.ok(unresolved.length <= cap, `${unresolved.length} in flight`);
  }
  assert.equal(net.requests.length, 80);
});

for (const workers of [1, 4]) {
  test(`the rate is the same with ${workers} workers`, () => {
    const ratePps = 1000;
    const net = new ScriptedNetwork(4, silence);
    const shared = sharedState(net, { ratePps });
    const probers = Array.from({ length: workers }, (_, worker) =>
      makeProber(net, shared, { retries: 0 }, worker),
    );
    probers.forEach((prober, worker) => {
      const targets = block(`10.0.${worker * 8}.0`, 3000 / workers);
      prober.addBlock({ number: worker, targets, scopeId: 0, reach: 'routed' }, () => {});
    });
    while (net.requests.length < 3000) {
      const pauses = probers.map((prober) => prober.step());
      net.wait(Math.max(0.02, Math.min(...pauses) / 1e6));
    }
    const times = net.requests.map(({ sentAtNs }) => sentAtNs - 1e12);
    const seconds = (times.at(-1)! - times[0]!) / 1e9;
    assert.ok(Math.abs(seconds - 2.999) < 0.03, `${seconds} s`);
    for (let start = 0; start < 2.9e9; start += 50e6) {
      const inWindow = times.filter((time) => time >= start && time < start + 100e6).length;
      assert.ok(Math.abs(inWindow - 100) <= 10, `${inWindow} in 100 ms`);
    }
  });
}
