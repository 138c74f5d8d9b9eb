/** Probing within the limits of our own system: full buffers, dropped replies, stalls, the neighbour table and the rate. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST } from './families.ts';
import { block, makeProber, probe, sharedState } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { reply, silence } from './scripted-packets.ts';

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

for (const periodMs of [500, 1500]) {
  test(`every probe that our own socket dropped a reply to is made up for, with one each ${periodMs} ms`, () => {
    const net = new ScriptedNetwork(4, (request) => {
      if (request.nth > 0) return [reply(request)];
      net.socket.droppedPackets++;
      return [];
    });
    const settings = { count: 3, retries: 0, timeoutMs: 1000, periodMs, ratePps: 1000 };
    const { hosts, counts } = probe(net, block('198.51.100.0', 8), settings);
    assert.ok([...hosts.values()].every(({ pattern }) => pattern === '.!!!'));
    assert.deepEqual([counts.dropped, counts.doubtful], [8, 0]);
  });
}

test('a host counts as doubtful once, however many of its replies were dropped, and not if one retry is answered', () => {
  for (const [settings, answered, doubtful] of [
    [{ count: 5, periodMs: 100 }, Number.POSITIVE_INFINITY, 1],
    [{ count: 5, periodMs: 100 }, 5, 1],
    [{ count: 1 }, 2, 0],
  ] as const) {
    const net = new ScriptedNetwork(4, (request) => {
      if (request.nth >= answered) return [reply(request)];
      net.socket.droppedPackets++;
      return [];
    });
    const { counts } = probe(net, block('198.51.100.0', 2), { ...settings, retries: 0 });
    assert.equal(counts.doubtful, doubtful * 2, `answered from ${answered} on`);
  }
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
