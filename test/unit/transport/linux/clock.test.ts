/** When kernel times are trusted, on clocks that a test reads and steps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CLOCK_REALTIME } from '../../../../src/native/linux/constants.ts';
import { LinuxClock } from '../../../../src/transport/linux/clock.ts';
import { monotonicNs } from '../../../../src/transport/monotonic-clock.ts';

const MS = 1e6;

/** Evenly, to the microsecond: doubles would be drawn by their exponent, and nearly all of them be next to nothing. */
const millisecondsBetween = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((micros) => micros / 1000);

/** Two clocks: every reading takes 50 ns, and a hold-up may strike between two of them. */
class ScriptedClocks {
  monotonicNs = 1e12;
  offsetNs = 1.7e18;
  /** By how many nanoseconds the next readings are held up. */
  readonly holdUpsNs: number[] = [];
  readonly clock = new LinuxClock((clock) => this.read(clock));

  private read(clock: number): number {
    this.monotonicNs += 50 + (this.holdUpsNs?.shift() ?? 0);
    return clock === CLOCK_REALTIME ? this.monotonicNs + this.offsetNs : this.monotonicNs;
  }
}

test('a clock that keeps time is trusted, however long nothing was read', () => {
  const clocks = new ScriptedClocks();
  for (const pauseMs of [1, 20, 1500, 3_600_000]) {
    clocks.monotonicNs += pauseMs * MS;
    assert.ok(clocks.clock.resample());
  }
  assert.equal(clocks.clock.steps, 0);
});

test('a step in either direction is noticed, once, and the new offset taken', () => {
  for (const stepMs of [-3_600_000, -1500, -3, 3, 1500, 3_600_000]) {
    const clocks = new ScriptedClocks();
    clocks.monotonicNs += 10 * MS;
    clocks.offsetNs += stepMs * MS;
    assert.equal(clocks.clock.resample(), false, `${stepMs} ms`);
    assert.equal(clocks.clock.steps, 1);
    assert.ok(clocks.clock.resample());
    assert.ok(Math.abs(clocks.clock.wallClockOffsetNs() - clocks.offsetNs) < 1000);
  }
});

test('a thread held up between two readings is no step', () => {
  const clocks = new ScriptedClocks();
  for (let i = 0; i < 4; i++) {
    clocks.holdUpsNs.push(0, 40 * MS, 0, 40 * MS, 0, 40 * MS, 0, 40 * MS, 0, 40 * MS, 0, 40 * MS);
    clocks.clock.resample();
    clocks.holdUpsNs.length = 0;
    clocks.clock.resample();
  }
  assert.equal(clocks.clock.steps, 0);
});

test('a time that is trusted is right within a millisecond, whatever the clocks and the thread do', () => {
  const events = fc.array(
    fc.record({
      pauseMs: millisecondsBetween(0, 20_000),
      stepMs: fc.oneof(fc.constant(0), millisecondsBetween(-50, 50)),
    }),
    { maxLength: 20, size: 'max' },
  );
  fc.assert(
    fc.property(events, (happened) => {
      const clocks = new ScriptedClocks();
      for (const { pauseMs, stepMs } of happened) {
        // A packet arrives, and its wall-clock stamp waits; then the clock steps; then it is read.
        const arrivedNs = clocks.monotonicNs;
        const stampNs = arrivedNs + clocks.offsetNs;
        clocks.monotonicNs += pauseMs * MS;
        clocks.offsetNs += stepMs * MS;
        if (!clocks.clock.resample()) continue;
        const errorNs = stampNs - clocks.clock.wallClockOffsetNs() - arrivedNs;
        assert.ok(Math.abs(errorNs) <= 1.01 * MS, `${errorNs} ns`);
      }
    }),
    { numRuns: 500 },
  );
});

test('a time of the wall clock keeps its nanoseconds', () => {
  const clock = new LinuxClock();
  const second = Math.floor(Date.now() / 1e3);
  const at = (nanoseconds: number): number => clock.monotonicNs(second, nanoseconds);
  for (let ns = 1; ns < 600; ns++) assert.equal(Math.round(at(ns) - at(0)), ns);
  const [before, nowNs, after] = [monotonicNs(), clock.nowNs(), monotonicNs()];
  assert.ok(before <= nowNs && nowNs <= after, `${before} ${nowNs} ${after}`);
  const wallMs = (nowNs + clock.wallClockOffsetNs()) / 1e6;
  assert.ok(Math.abs(wallMs - Date.now()) < 500, `${wallMs}`);
  const sinceNs = at(0) + clock.wallClockOffsetNs() - second * 1e9;
  assert.ok(Math.abs(sinceNs) < 1000, `${sinceNs}`);
  clock.free();
});
