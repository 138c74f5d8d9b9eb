/** No timeout fires early or late, and no round-trip time is made up, whatever happens to the thread that probes. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ProberLoop } from '../../../src/probe/prober-loop.ts';
import { block, makeProber, probe, sharedState } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { reply, type Script } from './scripted-packets.ts';

const HOST = '198.51.100.7';
const TIMEOUT_MS = 100;
const answersAfter =
  (afterMs: number): Script =>
  (request) => [reply(request, { afterMs })];

/** Evenly, to the microsecond: doubles would be drawn by their exponent, and nearly all of them be next to nothing. */
const millisecondsBetween = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((micros) => micros / 1000);

/** Stops the thread once, when the clock first reaches `atMs`. */
function stopsOnce(net: ScriptedNetwork, atMs: number, forMs: number): () => void {
  const startNs = net.clockNs;
  let stopped = false;
  return () => {
    if (stopped || net.clockNs < startNs + atMs * 1e6) return;
    stopped = true;
    net.clockNs += forMs * 1e6;
  };
}

describe('if the kernel stamps replies', () => {
  test('a reply counts if it came before the timeout and not if it came after, whenever it is read', () => {
    const afterMs = fc.oneof(
      millisecondsBetween(0.001, 300),
      fc.constantFrom(TIMEOUT_MS - 0.001, TIMEOUT_MS, TIMEOUT_MS + 0.001),
    );
    const stop = fc.tuple(millisecondsBetween(0, 150), millisecondsBetween(0, 5000));
    fc.assert(
      fc.property(afterMs, stop, (replyMs, [stopMs, forMs]) => {
        const net = new ScriptedNetwork(4, answersAfter(replyMs));
        const afterStep = stopsOnce(net, stopMs, forMs);
        const { host } = probe(net, block(HOST), { retries: 0, timeoutMs: TIMEOUT_MS, afterStep });
        // Sums of nanoseconds around 10^12 are exact to a thousandth of one.
        const isInTime = Math.round(replyMs * 1e6) <= TIMEOUT_MS * 1e6;
        assert.equal(host(HOST).status, isInTime ? 'up' : 'down');
        if (isInTime) assert.ok(Math.abs(host(HOST).rttMinMs! - replyMs) < 1e-5);
      }),
      { numRuns: 1000 },
    );
  });

  test('a reply that came in time counts even if the system shows it only after the timeout', () => {
    const net = new ScriptedNetwork(4, (request) => [
      { ...reply(request, { afterMs: TIMEOUT_MS - 1 }), hiddenMs: 12 },
    ]);
    const { host, counts } = probe(net, block(HOST), { retries: 0, timeoutMs: TIMEOUT_MS });
    assert.equal(host(HOST).pattern, '!');
    assert.deepEqual([counts.hostsDone, counts.hostsUp, counts.late], [1, 1, 0]);
  });

  test('with a count, too, a reply that came in time counts even if the system shows it only after the timeout', () => {
    const net = new ScriptedNetwork(4, (request) => [
      { ...reply(request, { afterMs: TIMEOUT_MS - 1 }), hiddenMs: request.nth === 1 ? 12 : 0 },
    ]);
    const probing = { count: 2, periodMs: 20, timeoutMs: TIMEOUT_MS };
    const { host, counts } = probe(net, block(HOST), probing);
    assert.equal(host(HOST).pattern, '!!');
    assert.deepEqual([counts.hostsDone, counts.hostsUp, counts.late], [1, 1, 0]);
  });

  test('a further reply to a host that has answered and is final stays late', () => {
    const net = new ScriptedNetwork(4, (request) => [
      reply(request, { afterMs: request.nth === 0 ? 110 : 5 }),
    ]);
    const { host, counts } = probe(net, block(HOST), { retries: 1, timeoutMs: TIMEOUT_MS });
    assert.equal(host(HOST).pattern, '.!');
    assert.deepEqual([counts.late, counts.lateToSilent], [1, 0]);
  });

  test('a probe that may have left long after its stamp is sent again, since its timeout may fire early, and has no RTT', () => {
    let held = 0;
    const net = new ScriptedNetwork(4, answersAfter(20));
    net.socket.holdsUp = () => (held++ === 0 ? { beforeMs: 1500 } : {});
    const { host, counts } = probe(net, block(HOST), { retries: 0, timeoutMs: TIMEOUT_MS });
    assert.deepEqual([host(HOST).pattern, host(HOST).rttsMs], ['!!', [null, 20]]);
    assert.deepEqual([counts.unsureSends, counts.doubtful], [1, 0]);
  });

  test('a probe that may have left long after its stamp has no RTT either if its reply came while it was being sent', () => {
    let held = 0;
    const net = new ScriptedNetwork(4, answersAfter(0.01));
    net.socket.holdsUp = () => (held++ === 0 ? { beforeMs: 80, afterMs: 50 } : {});
    const { host } = probe(net, block(HOST), { count: 2, periodMs: 200, timeoutMs: TIMEOUT_MS });
    assert.deepEqual([host(HOST).pattern, host(HOST).rttsMs], ['!!', [null, 0.01]]);
  });

  test('no probe is added to a count because the last one, which was answered, may have left late', () => {
    let sends = 0;
    const net = new ScriptedNetwork(4, (request) =>
      request.nth === 2 ? [reply(request, { afterMs: 20 })] : [],
    );
    net.socket.holdsUp = () => (sends++ === 2 ? { beforeMs: 5 } : {});
    const probing = { count: 3, periodMs: 30, timeoutMs: TIMEOUT_MS };
    const { host, counts } = probe(net, block(HOST), probing);
    assert.deepEqual([host(HOST).pattern, counts.unsureSends], ['..!', 1]);
  });

  test('a thread held up after its probe has left costs the probe nothing', () => {
    let held = 0;
    const net = new ScriptedNetwork(4, answersAfter(5));
    net.socket.holdsUp = () => (held++ === 0 ? { afterMs: 1500 } : {});
    const { host } = probe(net, block(HOST), { retries: 0, timeoutMs: TIMEOUT_MS });
    assert.deepEqual([host(HOST).pattern, host(HOST).rttMinMs], ['!', 5]);
  });

  test('a host whose every probe may have left late is owned up to', () => {
    const net = new ScriptedNetwork(4, () => []);
    net.socket.holdsUp = () => ({ beforeMs: 1500 });
    const { host, counts } = probe(net, block(HOST), { retries: 0, timeoutMs: TIMEOUT_MS });
    assert.equal(host(HOST).status, 'down');
    assert.equal(counts.doubtful, 1);
  });
});

describe('if replies are stamped when they are read', () => {
  test('a reply that is read late because the thread stalled makes no host down', () => {
    const times = fc.tuple(millisecondsBetween(0, TIMEOUT_MS - 1), millisecondsBetween(0, 5000));
    fc.assert(
      fc.property(times, ([stopMs, forMs]) => {
        const net = new ScriptedNetwork(4, answersAfter(TIMEOUT_MS - 1));
        net.stampsArrivals = false;
        const afterStep = stopsOnce(net, stopMs, forMs);
        const { host, counts } = probe(net, block(HOST), {
          retries: 0,
          timeoutMs: TIMEOUT_MS,
          afterStep,
        });
        assert.equal(host(HOST).status, 'up');
        assert.equal(counts.doubtful, 0);
      }),
    );
  });

  test('no host is silent before its reply could be received, and is probed again once it was', () => {
    const net = new ScriptedNetwork(4, (request) => [
      { ...reply(request), hiddenMs: request.nth === 0 ? 400 : 0 },
    ]);
    net.stampsArrivals = false;
    const startNs = net.clockNs;
    net.receivedUntilNs = startNs;
    const { host, counts } = probe(net, block(HOST), {
      retries: 0,
      timeoutMs: TIMEOUT_MS,
      afterStep: () => {
        if (net.clockNs > startNs + 405e6) net.receivedUntilNs = net.clockNs;
      },
    });
    assert.deepEqual([host(HOST).status, host(HOST).pattern], ['up', '.!']);
    assert.deepEqual([counts.sent, counts.late], [2, 1]);
  });

  test('a backlog that never ends does not keep a sweep from its end', () => {
    const net = new ScriptedNetwork(4, () => []);
    net.stampsArrivals = false;
    net.receivedUntilNs = net.clockNs;
    const { host } = probe(net, block(HOST), { retries: 0, timeoutMs: TIMEOUT_MS });
    assert.equal(host(HOST).status, 'down');
    assert.ok(net.clockNs - net.receivedUntilNs < 5.3e9);
  });

  test('a reply that is late by every account stays late, and no host is probed again', () => {
    const net = new ScriptedNetwork(4, answersAfter(TIMEOUT_MS + 10));
    net.stampsArrivals = false;
    const { host, counts } = probe(net, block(HOST), { retries: 0, timeoutMs: TIMEOUT_MS });
    assert.equal(host(HOST).pattern, '.');
    assert.deepEqual([counts.late, counts.lateToSilent, counts.sent], [1, 1, 1]);
  });
});

test('a block that is added while the last one is being given back is probed, at whatever turn it comes', async () => {
  for (let turns = 0; turns < 12; turns++) {
    const net = new ScriptedNetwork(4, answersAfter(1));
    const prober = makeProber(net, sharedState(net, {}), {});
    const loop = new ProberLoop(prober, net);
    const add = (number: number): Promise<unknown> =>
      new Promise((resolve) => {
        prober.addBlock(
          { number, targets: block(HOST), scopeId: 0, reach: 'routed', isCanary: true },
          resolve,
        );
        void loop.run();
      });
    await add(1);
    for (let turn = 0; turn < turns; turn++) await undefined;
    const isLost = Symbol();
    const idle = new Promise((resolve) => setTimeout(resolve, 2000, isLost).unref());
    assert.notEqual(await Promise.race([add(2), idle]), isLost, `after ${turns} turns`);
  }
});

test('no round-trip time is negative, whatever the stamps say', () => {
  const stamps = fc.array(millisecondsBetween(-5000, 5000), {
    minLength: 4,
    maxLength: 4,
  });
  fc.assert(
    fc.property(stamps, fc.boolean(), (afterMs, stampsArrivals) => {
      const net = new ScriptedNetwork(4, (request) => [
        reply(request, { afterMs: afterMs[Number(request.address.at(-1))]! }),
      ]);
      net.stampsArrivals = stampsArrivals;
      const { hosts } = probe(net, block('198.51.100.0', 4), { count: 3, periodMs: 10 });
      for (const { rttsMs } of hosts.values())
        for (const rttMs of rttsMs) assert.ok(rttMs === null || rttMs >= 0, `${rttMs}`);
    }),
    { numRuns: 500 },
  );
});

describe('the worst delay', () => {
  test('is the longest time between when the prober wanted to act and when it did', () => {
    const net = new ScriptedNetwork(4, () => []);
    const shared = sharedState(net, {});
    const prober = makeProber(net, shared, { retries: 0, timeoutMs: TIMEOUT_MS });
    prober.addBlock({ number: 1, targets: block(HOST), scopeId: 0, reach: 'routed' }, () => {});
    const lateMs = [0, 3, 1500, 7];
    while (prober.busy) {
      const pauseMs = prober.step() / 1e6;
      net.clockNs += (pauseMs + (lateMs.shift() ?? 0)) * 1e6;
    }
    assert.equal(shared.worstDelayMs, 1500);
  });

  test('of another sweep with the same prober is that of this sweep alone', () => {
    const net = new ScriptedNetwork(4, () => []);
    const shared = sharedState(net, {});
    const prober = makeProber(net, shared, { retries: 0, timeoutMs: TIMEOUT_MS });
    for (const [number, lateMs] of [1500, 400].entries()) {
      shared.beginAgain();
      prober.addBlock({ number, targets: block(HOST), scopeId: 0, reach: 'routed' }, () => {});
      prober.step();
      while (prober.busy) net.clockNs += prober.step() + lateMs * 1e6;
      assert.equal(shared.worstDelayMs, lateMs);
    }
  });

  test('is nothing while there is nothing to do, and nothing if all goes well', async () => {
    const net = new ScriptedNetwork(4, () => []);
    const shared = sharedState(net, {});
    const prober = makeProber(net, shared, { retries: 0, timeoutMs: TIMEOUT_MS });
    for (const number of [1, 2]) {
      prober.addBlock({ number, targets: block(HOST), scopeId: 0, reach: 'routed' }, () => {});
      await new ProberLoop(prober, net).run();
      net.clockNs += 3_600e9;
    }
    assert.equal(shared.worstDelayMs, 0);
  });

  test('of several threads the worst is kept', () => {
    const shared = sharedState(new ScriptedNetwork(4, () => []), {});
    for (const delayMs of [4, 250.5, 9]) shared.noteDelay(delayMs * 1e6);
    assert.equal(shared.worstDelayMs, 250.5);
    shared.noteDelay(1e18);
    assert.ok(shared.worstDelayMs > 1e6);
  });
});

test('the time that probes wait for the system to have room is added up', () => {
  const net = new ScriptedNetwork(4, answersAfter(5));
  const startNs = net.clockNs;
  net.socket.refuses = () =>
    net.clockNs < startNs + 300e6 ? { failure: 'busy', errno: 'ENOBUFS' } : undefined;
  const { counts } = probe(net, block(HOST));
  assert.ok(counts.sendWaitNs >= 300e6 && counts.sendWaitNs < 325e6, `${counts.sendWaitNs} ns`);
});
