/** How a sweep on several sites ends early, with what there is, and what it waits for instead. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MS_A_DAY, MS_A_MINUTE } from '../../../src/durations.ts';
import { databaseFailed } from '../../../src/inventory/database.ts';
import { resumedSweep } from '../../../src/sites/site-sweep.ts';
import { HOSTS, T0, truthOf, World } from './site-world.ts';

describe('what a sweep on several sites says', () => {
  test('a stopped sweep is cancelled at the sites, reports what it has, and can be resumed', async () => {
    const world = await World.of(['berlin', 'paris']);
    let done = 0;
    world.step = () => {
      world.doOne('berlin');
      if (++done === 3) world.stop.abort();
    };
    const run = await world.sweep();
    assert.equal(run.partial, true);
    assert.deepEqual(run.doubts, []);
    assert.ok(world.rows.length > 0 && world.rows.length < 2 * HOSTS);
    assert.equal(world.hub.cancelled.length, 2);
    assert.equal(world.hub.work.size, 0);
    const [scan] = world.journal.scans();
    assert.equal(scan!.state, 'stopped');
    const rowsBefore = world.rows.splice(0).length;
    world.step = () => world.work();
    const { signal: _, ...job } = world.job();
    const again = await resumedSweep(world.parts(), scan!.id)(job);
    assert.deepEqual(world.rows, truthOf(['berlin', 'paris']));
    assert.equal(again.partial, false);
    assert.ok(rowsBefore > 0);
  });

  test('a resumed sweep has an hour and twice what the rate takes for the rest', async () => {
    const world = await World.of(['berlin', 'paris']);
    world.step = () => {
      world.doOne('berlin');
      world.stop.abort();
    };
    const sites = world.sites.map((site) => ({ site, slots: 2, ratePps: 0.01 }));
    const parts = world.parts({ sites });
    await world.sweep(parts);
    const { id } = world.journal.scans()[0]!;
    const resumedAtMs = world.nowMs;
    let deadlineMs = 0;
    world.step = () => {
      deadlineMs = world.journal.scan(id)!.deadline.getTime();
      world.work();
    };
    const { signal: _, ...job } = world.job();
    await resumedSweep(parts, id)(job);
    // None of Paris is done.
    assert.equal(deadlineMs - resumedAtMs, 3_600_000 + (2 * HOSTS * 1000) / 0.01);
  });

  test('a sweep that another process cancelled in the journal stops', async () => {
    const world = await World.of(['berlin']);
    world.step = () => world.journal.setState(world.journal.scans()[0]!.id, 'stopped');
    const run = await world.sweep();
    assert.equal(run.partial, true);
    assert.equal(world.hub.cancelled.length, 1);
  });

  test('a hub whose key is refused ends the sweep at once, with what there is', async () => {
    const world = await World.of(['berlin']);
    world.step = () => {
      if (world.nowMs > T0 + 1000) return world.hub.refuseKey();
      const taken = world.take('berlin');
      if (taken !== undefined) world.hub.send(taken);
    };
    const run = await world.sweep();
    assert.ok(world.nowMs < T0 + 10_000);
    assert.ok(world.rows.length > 0 && world.rows.length < HOSTS);
    assert.match(run.failure!, /refuses the key of the hub/);
    assert.match(run.doubts[0]!, /refuses the key of the hub; `echosweep scans resume/);
    assert.equal(world.journal.scans()[0]!.state, 'stopped');
  });

  test('a journal without room for results waits until there is some', async () => {
    const world = await World.of(['berlin']);
    const { journal } = world;
    const keep = journal.keep.bind(journal);
    journal.keep = (...values) => {
      if (world.nowMs < T0 + 5000) throw new Error('database or disk is full');
      return keep(...values);
    };
    const run = await world.sweep();
    assert.deepEqual(world.rows, truthOf(['berlin']));
    assert.deepEqual(run.doubts, []);
    assert.ok(world.remarks.some((remark) => remark.includes('has no room')));
  });

  for (const [how, ends] of [
    ['is stopped', (world: World) => world.stop.abort()],
    ['has reached its deadline', () => {}],
  ] as const) {
    test(`a sweep that ${how} while its journal has no room reports what it has, and can be resumed`, async () => {
      const world = await World.of(['berlin']);
      let isFull = false;
      const room = () => {
        if (isFull) throw databaseFailed('scans.db', new Error('database or disk is full'));
      };
      fullWhen(world, room);
      let steps = 0;
      world.step = () => {
        world.hub.hear('berlin', 'a1');
        world.doOne('berlin');
        if (++steps === 3) isFull = true;
        if (steps === 6) ends(world);
      };
      const run = await world.sweep(world.parts({ deadlineMs: 60_000 }));
      assert.equal(run.partial, true);
      assert.match(run.failure!, /has no room/);
      assert.ok(world.rows.length > 0 && world.rows.length < HOSTS);
      // An agent remembers what was cancelled, and what is forgotten has no results that wait.
      assert.deepEqual([world.hub.cancelled, world.hub.forgotten], [[], []]);
      assert.equal(world.hub.paused.length, 1);
      isFull = false;
      world.rows.length = 0;
      world.step = () => world.work();
      const { signal: _, ...job } = world.job();
      const { id } = world.journal.scans()[0]!;
      assert.equal((await resumedSweep(world.parts(), id)(job)).partial, false);
      assert.deepEqual(world.rows, truthOf(['berlin']));
    });
  }

  test('a sweep whose end cannot be written down has its whole report', async () => {
    const world = await World.of(['berlin']);
    world.journal.setState = () => {
      throw databaseFailed('scans.db', new Error('database or disk is full'));
    };
    const run = await world.sweep();
    assert.deepEqual(world.rows, truthOf(['berlin']));
    assert.deepEqual([run.partial, run.failure], [false, null]);
    assert.equal(world.hub.forgotten.length, 1);
  });

  test('a journal that is damaged ends the sweep, whenever it shows', async () => {
    for (const write of ['keep', 'setState'] as const) {
      const world = await World.of(['berlin']);
      world.journal[write] = () => {
        throw databaseFailed('scans.db', new Error('database disk image is malformed'));
      };
      await assert.rejects(world.sweep(), /malformed/);
    }
  });

  test('a journal without room when a scan begins lets it wait', async () => {
    const world = await World.of(['berlin']);
    const { journal } = world;
    const takeAllBack = journal.takeAllBack.bind(journal);
    journal.takeAllBack = (...values) => {
      if (world.nowMs < T0 + 5000) throw new Error('database or disk is full');
      return takeAllBack(...values);
    };
    await world.sweep();
    assert.deepEqual(world.rows, truthOf(['berlin']));
    assert.ok(world.remarks.some((remark) => remark.includes('has no room')));
  });

  test('a scan that was stopped can be resumed for thirty days, and is then forgotten', async () => {
    const world = await World.of(['berlin']);
    world.stop.abort();
    const begin = async (day: number): Promise<string[]> => {
      world.nowMs = T0 + day * MS_A_DAY;
      await world.sweep();
      return world.journal.scans().map(({ state }) => state);
    };
    assert.deepEqual(await begin(0), ['stopped']);
    assert.deepEqual(await begin(29), ['stopped', 'stopped']);
    assert.deepEqual(await begin(31), ['stopped', 'stopped']);
  });

  test('a scan that replaces earlier ones forgets none that a process may wait for', async () => {
    const world = await World.of(['berlin']);
    world.stop.abort();
    const scansAfter = async (minutes: number): Promise<number> => {
      world.nowMs += minutes * MS_A_MINUTE;
      await world.sweep(world.parts({ replacesEarlier: true }));
      return world.journal.scans().length;
    };
    assert.equal(await scansAfter(0), 1);
    assert.equal(await scansAfter(9), 2);
    assert.equal(await scansAfter(11), 1);
  });
});

/** Lets whatever writes to a journal fail while there is no room. */
function fullWhen({ journal }: World, room: () => void): void {
  const writes = [
    'keep',
    'refuse',
    'touch',
    'markOffered',
    'markOfferedAgain',
    'takeBack',
    'takeBackFrom',
    'takeAllBack',
    'renameMessages',
    'setState',
  ] as const;
  for (const write of writes) {
    const act = journal[write].bind(journal) as (...values: unknown[]) => unknown;
    Object.assign(journal, {
      [write]: (...values: unknown[]) => {
        room();
        return act(...values);
      },
    });
  }
}
