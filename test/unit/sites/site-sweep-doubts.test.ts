/** What a sweep on several sites says of addresses without a row and of doubtful ones: which site, which agent, and why. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SweepJob } from '../../../src/sweep-job.ts';
import { honestFindings, withoutLast } from './scripted-hub.ts';
import { answerOf, HOSTS, truthOf, World } from './site-world.ts';

describe('what a sweep on several sites says', () => {
  test('a site without an agent is missing, never down, and the other has its rows', async () => {
    const world = await World.of(['berlin', 'paris']);
    world.step = () => world.work(['berlin']);
    const run = await world.sweep(world.parts({ deadlineMs: 60_000 }));
    assert.deepEqual(world.rows, truthOf(['berlin']));
    assert.equal(run.partial, true);
    assert.equal(run.doubts.length, 1);
    assert.match(
      run.doubts[0]!,
      /^paris: 40 targets of 40 targets have no row: no agent of paris was heard of/,
    );
    assert.equal(run.statuses.down + run.statuses.up, HOSTS);
    assert.equal(world.journal.scans()[0]!.state, 'stopped');
    assert.ok(world.hub.cancelled.length > 0);
  });

  test('an agent whose results are refused five times is named', async () => {
    const world = await World.of(['berlin']);
    world.step = () => world.doAll('berlin', () => Uint8Array.of(1));
    const run = await world.sweep();
    assert.equal(world.rows.length, 0);
    assert.match(run.doubts[0]!, /berlin\/a1: the result is too short/);
  });

  test('hosts that an agent does not allow have no row, and the agent is named', async () => {
    const world = await World.of(['berlin']);
    world.step = () =>
      world.doAll('berlin', ({ site, chunk }) =>
        answerOf(chunk, withoutLast(honestFindings(site, chunk.targets), 2, 2)),
      );
    const run = await world.sweep();
    assert.equal(world.rows.length, HOSTS - 10);
    assert.equal(run.partial, true);
    assert.ok(run.doubts.some((doubt) => /^berlin\/a1 does not allow/.test(doubt)));
  });

  test('a doubt is that of a chunk, and names its agent', async () => {
    const world = await World.of(['berlin']);
    let chunks = 0;
    world.step = () =>
      world.doAll('berlin', ({ site, chunk }) => {
        const doubts = chunks++ === 0 ? ['the clock stepped'] : [];
        return answerOf(chunk, honestFindings(site, chunk.targets, { doubts }));
      });
    const doubtful: boolean[] = [];
    const onRows: SweepJob['onRows'] = async (rows) =>
      void doubtful.push((rows as { isDoubtful?: boolean }).isDoubtful === true);
    const run = await world.sweep(world.parts(), world.job({ onRows }));
    assert.deepEqual(run.doubts, ['berlin/a1: the clock stepped']);
    assert.equal(doubtful.filter(Boolean).length, 1);
  });
});
