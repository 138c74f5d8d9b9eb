/** Scans at several places: at the same time, and one after the other at each of them, by schedule and by hand. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { keepSchedule, ScanPlan, scanEach } from '../../../src/inventory/scan-plan.ts';

const HOUR = 3_600_000;

describe('networks of several places', () => {
  const now = new Date('2026-03-01T02:00:00Z');
  const placeOf = (name: string): string => name.split('-')[0]!;
  const planOf = (names: readonly string[]): ScanPlan =>
    new ScanPlan(
      names.map((name, i) => ({
        name,
        schedule: { cron: '0 * * * *', timeZone: 'UTC' },
        lastScan: new Date(now.getTime() - HOUR - 1000 * i),
      })),
      now,
      placeOf,
    );

  /** Scans that go on until the test ends them. */
  async function kept(
    names: readonly string[],
    body: (running: Map<string, () => void>, turn: () => Promise<void>) => Promise<void>,
    isOpen?: (place: string, at: Date) => boolean,
  ): Promise<void> {
    const running = new Map<string, () => void>();
    let isOver = false;
    let wake = (): void => {};
    const plan = planOf(names);
    const keeping = keepSchedule({
      plan: () => plan,
      clock: {
        now: () => now,
        wake: () => wake(),
        pass: (ms) =>
          new Promise((resolve) => {
            wake = resolve;
            if (ms === 0) resolve();
          }),
      },
      isOver: () => isOver,
      scan: (name) =>
        new Promise((resolve) => {
          running.set(name, () => {
            running.delete(name);
            resolve();
          });
        }),
      ...(isOpen !== undefined && { isOpen }),
    });
    const turn = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await setImmediate();
    };
    await turn();
    await body(running, turn);
    isOver = true;
    wake();
    for (const end of running.values()) end();
    await keeping;
  }

  test('are scanned at the same time, one after the other at each place', () =>
    kept(['a-1', 'a-2', 'b-1'], async (running, turn) => {
      assert.deepEqual([...running.keys()].sort(), ['a-2', 'b-1']);
      running.get('a-2')!();
      await turn();
      assert.deepEqual([...running.keys()].sort(), ['a-1', 'b-1']);
    }));

  test('wait while their place may not be probed, and hold up no other place', () =>
    kept(
      ['a-1', 'b-1'],
      async (running) => assert.deepEqual([...running.keys()], ['b-1']),
      (place) => place !== 'a',
    ));
});

describe('scans by hand', () => {
  const at = (name: string, site?: string) => ({
    name,
    atSite: site === undefined ? undefined : { name: site },
  });
  const NETWORKS = [at('here-1'), at('a-1', 'a'), at('a-2', 'a'), at('b-1', 'b'), at('here-2')];

  test('go on at all sites at the same time, and one after the other at each of them and here', async () => {
    const running = new Map<string, () => void>();
    const seen: string[][] = [];
    const done = scanEach(
      NETWORKS,
      (name) =>
        new Promise((resolve) => {
          running.set(name, resolve);
        }),
      () => false,
    );
    for (const ends of ['a-1', 'b-1', 'a-2', 'here-1', 'here-2']) {
      while (!running.has(ends)) await setImmediate();
      // All that may begin has begun by then.
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      seen.push([...running.keys()]);
      running.get(ends)!();
      running.delete(ends);
    }
    await done;
    assert.deepEqual(seen, [
      ['here-1', 'a-1', 'b-1'],
      ['here-1', 'b-1', 'a-2'],
      ['here-1', 'a-2'],
      ['here-1'],
      ['here-2'],
    ]);
  });

  test('begin no more once they are over', async () => {
    const begun: string[] = [];
    await scanEach(
      NETWORKS,
      async (name) => void begun.push(name),
      () => begun.length > 0,
    );
    assert.deepEqual(begun, ['here-1']);
  });

  test('end with the error of one, after the others have ended', async () => {
    const ended: string[] = [];
    const scans = scanEach(
      NETWORKS.slice(0, 2),
      async (name) => {
        if (name === 'here-1') throw new Error('broken');
        await setImmediate();
        ended.push(name);
      },
      () => false,
    );
    await assert.rejects(scans, /broken/);
    const begun = ended.length;
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    assert.equal(ended.length, begun);
  });
});
