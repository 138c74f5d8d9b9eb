/** Order and pace: the permutation, the schedule, the shared rate and the shared state. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PACER_OCTETS, preparePacer, RatePacer } from '../../../src/probe/rate-pacer.ts';
import { longestTimeoutMs, RetryPace } from '../../../src/probe/retry-pace.ts';
import { makeSchedule } from '../../../src/probe/schedule.ts';
import { SendOrder } from '../../../src/probe/send-order.ts';
import { prepareSharedState, SharedState } from '../../../src/probe/shared-state.ts';

test('every order is a bijection, for any number of hosts and any seed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 0, max: 0xffffffff }),
      (count, seed) => {
        const order = new SendOrder(count, seed);
        const seen = new Set(Array.from({ length: count }, (_, position) => order.at(position)));
        assert.equal(seen.size, count);
        assert.ok([...seen].every((host) => host >= 0 && host < count));
      },
    ),
    { numRuns: 200 },
  );
});

test('the same seed gives the same order, and another one another', () => {
  const orderOf = (seed: number): string => {
    const order = new SendOrder(1000, seed);
    return Array.from({ length: 1000 }, (_, position) => order.at(position)).join();
  };
  assert.equal(orderOf(7), orderOf(7));
  assert.notEqual(orderOf(7), orderOf(8));
});

test('retries wait longer by the factor; a count sends all at its period', () => {
  const base = { timeoutMs: 1000, backoff: 2, periodMs: 300 };
  const retrying = makeSchedule({ ...base, count: 1, retries: 2 });
  const further = new Array<number>(8).fill(4e9);
  assert.deepEqual([...retrying.timeoutNs], [1e9, 2e9, 4e9, ...further]);
  assert.deepEqual([retrying.probes, retrying.stopsWhenAnswered], [3, true]);
  const counting = makeSchedule({ ...base, count: 5, retries: 2 });
  assert.deepEqual([counting.probes, counting.stopsWhenAnswered], [5, false]);
  assert.ok([...counting.gapNs].every((gap) => gap === 3e8));
  assert.ok([...counting.timeoutNs].every((timeout) => timeout === 1e9));
});

test('the slowest recent round-trip time rises at once, and comes down by a 256th of the distance', () => {
  const pace = new RetryPace(
    makeSchedule({ count: 1, retries: 2, timeoutMs: 1000, backoff: 1.5, periodMs: 1000 }),
  );
  pace.note(100e6);
  pace.note(500e6);
  assert.equal(pace.slowestNs, 500e6);
  pace.note(244e6);
  assert.equal(pace.slowestNs, 499e6);
});

test('no probe is waited for longer than the patience, or than its timeout', () => {
  const longest = (options: object): number =>
    longestTimeoutMs(
      makeSchedule({
        count: 1,
        retries: 2,
        timeoutMs: 1000,
        backoff: 1.5,
        periodMs: 100,
        ...options,
      }),
    );
  assert.equal(longest({}), 3200);
  assert.equal(longest({ patience: 'quick' }), 3200);
  assert.equal(longest({ patience: 8000 }), 8000);
  assert.equal(longest({ timeoutMs: 5000, backoff: 1 }), 5000);
  assert.equal(longest({ count: 3 }), 1000);
});

function pacerOf(ratePps: number): RatePacer {
  const memory = new SharedArrayBuffer(PACER_OCTETS);
  preparePacer(memory, 0, ratePps, 0);
  return new RatePacer(memory, 0, 8e6);
}

test('no more is granted in all than the rate and ten milliseconds of catching up allow', () => {
  const step = fc.record({
    pauseNs: fc.integer({ min: 0, max: 40_000_000 }),
    wanted: fc.integer({ min: 1, max: 64 }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.array(step, { maxLength: 200, size: 'max' }),
      (ratePps, steps) => {
        const pacer = pacerOf(ratePps);
        let nowNs = 0;
        let granted = 0;
        for (const { pauseNs, wanted } of steps) {
          nowNs += pauseNs;
          const now = pacer.take(nowNs, wanted);
          assert.ok(now >= 0 && now <= wanted);
          granted += now;
          assert.ok(
            granted <= (nowNs * ratePps) / 1e9 + ratePps * 0.01 + 1.001,
            `${granted} at ${nowNs}`,
          );
        }
      },
    ),
  );
});

/** Takes all that may be sent, every 0.1 ms. @returns how many that were */
function takenBetween(pacer: RatePacer, fromNs: number, untilNs: number): number {
  let granted = 0;
  for (let nowNs = fromNs; nowNs < untilNs; nowNs += 1e5) granted += pacer.take(nowNs, 64);
  return granted;
}

test('what a stall missed is made up for, by a rate that is 2 % higher for a while', () => {
  const pacer = pacerOf(10_000);
  takenBetween(pacer, 0, 1e9);
  const tenths = Array.from({ length: 60 }, (_, tenth) => {
    const fromNs = 1.1e9 + tenth * 1e8;
    return takenBetween(pacer, fromNs, fromNs + 1e8);
  });
  const inAll = tenths.reduce((sum, one) => sum + one, 0);
  assert.ok(Math.abs(inAll - 61_000) <= 10, `${inAll} in 6.1 s`);
  assert.ok(Math.max(...tenths) <= 1110, `${Math.max(...tenths)} in 100 ms`);
  assert.ok(Math.abs(tenths.at(-1)! - 1000) <= 1, `${tenths.at(-1)} in the last 100 ms`);
});

test('no more than a second is made up for, and none after a drop', () => {
  const slept = pacerOf(10_000);
  takenBetween(slept, 0, 1e9);
  const afterwards = takenBetween(slept, 100e9, 160e9);
  assert.ok(Math.abs(afterwards - 610_000) <= 100, `${afterwards} in 60 s`);

  const dropped = pacerOf(10_000);
  takenBetween(dropped, 0, 1e9);
  dropped.take(1.5e9, 64);
  dropped.slowDown(1.5e9);
  takenBetween(dropped, 1.5e9, 1.52e9);
  const slow = takenBetween(dropped, 1.52e9, 1.6e9);
  assert.ok(slow <= 401, `${slow} in 80 ms`);
});

test('time in which no probe was due is not made up for', () => {
  const idle: ((pacer: RatePacer) => void)[] = [
    (pacer) => assert.equal(pacer.take(1e9, 1), 1),
    (pacer) => pacer.giveBack(pacer.take(1e9, 64)),
    (pacer) => pacer.rest(),
  ];
  for (const end of idle) {
    const pacer = pacerOf(10_000);
    takenBetween(pacer, 0, 1e9);
    end(pacer);
    const granted = takenBetween(pacer, 2e9, 3e9);
    assert.ok(Math.abs(granted - 10_080) <= 2, `${granted} in a second`);
  }
});

test('a sweep does not make up for what the one before it missed', () => {
  const memory = prepareSharedState({ ratePps: 10_000, neighbourCap: 1, nowNs: 0 });
  const { pacer } = new SharedState(memory);
  takenBetween(pacer, 0, 1e9);
  takenBetween(pacer, 1.1e9, 1.2e9);
  new SharedState(memory).beginAgain();
  const granted = takenBetween(pacer, 5e9, 6e9);
  assert.ok(granted <= 10_160, `${granted} in a second`);
});

test('what is given back can be taken again', () => {
  const pacer = pacerOf(1000);
  assert.equal(pacer.take(50e6, 8), 8);
  pacer.giveBack(8);
  assert.equal(pacer.take(50e6, 8), 8);
});

test('without a limit everything is granted, until a drop sets one', () => {
  const pacer = pacerOf(Number.POSITIVE_INFINITY);
  assert.equal(pacer.take(1e9, 64), 64);
  pacer.slowDown(2e9);
  const granted = takenBetween(pacer, 2e9, 2.05e9);
  assert.ok(granted > 5000 && granted < 13_000, `${granted} in 50 ms`);
});

test('a drop halves the rate, which then creeps back and no further', () => {
  const pacer = pacerOf(10_000);
  const perTenth = (fromNs: number): number => takenBetween(pacer, fromNs, fromNs + 1e8);
  pacer.take(1e9, 1);
  pacer.slowDown(1e9);
  const slow = perTenth(1e9);
  assert.ok(slow > 400 && slow < 620, `${slow}`);
  for (let tenth = 1; tenth < 60; tenth++) perTenth(1e9 + tenth * 1e8);
  const again = perTenth(7e9);
  assert.ok(again > 950 && again < 1110, `${again}`);
});

test('losses halve the rate once for all probes that left before', () => {
  const pacer = pacerOf(1000);
  const gapMs = (nowNs: number): number => {
    while (pacer.take(nowNs, 1) > 0);
    const beforeNs = pacer.nextNs();
    assert.equal(pacer.take(beforeNs, 1), 1);
    return (pacer.nextNs() - beforeNs) / 1e6;
  };
  assert.equal(pacer.slowedForLossAtNs, 0);
  assert.equal(pacer.slowDownForLoss(5e6, 10e6), true);
  assert.equal(gapMs(11e6), 2);
  assert.equal(pacer.slowDownForLoss(9e6, 20e6), false);
  assert.equal(pacer.slowedForLossAtNs, 10e6);
  assert.equal(gapMs(20e6), 2);
  assert.equal(pacer.slowDownForLoss(11e6, 30e6), true);
  assert.equal(gapMs(30e6), 4);
});

test('a storm of drops brings the rate to 100 a second, or leaves what is slower, and it recovers', () => {
  for (const [ratePps, slowest] of [
    [Number.POSITIVE_INFINITY, 100],
    [1000, 100],
    [20, 20],
  ] as const) {
    const pacer = pacerOf(ratePps);
    for (let nowNs = 1e9; nowNs < 61e9; nowNs += 5e7) pacer.slowDown(nowNs);
    const granted = Array.from({ length: 100 }, (_, n) => pacer.take(61e9 + n * 1e6, 1));
    const count = granted.reduce((sum, one) => sum + one, 0);
    assert.ok(Math.abs(count - slowest / 10) <= 2, `${count} in 100 ms`);
  }
});

test('the places of a worker that died can be taken by others', () => {
  const shared = new SharedState(prepareSharedState({ ratePps: 1, neighbourCap: 3, nowNs: 0 }));
  assert.deepEqual(
    [0, 0, 1, 1].map((worker) => shared.takeNeighbour(worker)),
    [true, true, true, false],
  );
  shared.forgetNeighbours(0);
  assert.deepEqual(
    [1, 1, 1].map((worker) => shared.takeNeighbour(worker)),
    [true, true, false],
  );
  shared.giveNeighbour(1);
  assert.equal(shared.takeNeighbour(2), true);
});

test('counters add up over all threads that share the memory', () => {
  const memory = prepareSharedState({ ratePps: 1, neighbourCap: 1, nowNs: 0 });
  const [one, other] = [new SharedState(memory), new SharedState(memory)];
  one.add('sent', 3);
  other.add('sent', 4);
  assert.equal(one.counts().sent, 7);
  assert.equal(one.stopped, false);
  other.stop();
  assert.equal(one.stopped, true);
});
