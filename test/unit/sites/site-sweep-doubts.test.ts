/** What a sweep on several sites says of addresses without a row and of doubtful ones: which site, which agent, and why. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeAnswer } from '../../../src/sites/contract/chunk-result.ts';
import type { SweepJob } from '../../../src/sweep-job.ts';
import { honestFindings, withoutLast } from './scripted-hub.ts';
import { answerOf, HOSTS, T0, truthOf, World } from './site-world.ts';

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
      /^paris: 40 of 40 targets have no row: no agent of paris was heard of/,
    );
    assert.equal(run.statuses.down + run.statuses.up, HOSTS);
    assert.equal(world.journal.scans()[0]!.state, 'stopped');
    assert.ok(world.hub.cancelled.length > 0);
  });

  test('an agent that did not report in time is named with its problem', async () => {
    const world = await World.of(['berlin']);
    world.step = () => world.hub.hear('berlin', 'a1', [], 'its clock may be ahead');
    const run = await world.sweep(world.parts({ deadlineMs: 60_000 }));
    assert.match(run.doubts[0]!, /: berlin\/a1 \(its clock may be ahead\) did not report them/);
  });

  test('an agent whose results are refused five times is named', async () => {
    const world = await World.of(['berlin']);
    world.step = () => world.doAll('berlin', () => Uint8Array.of(1));
    const run = await world.sweep();
    assert.equal(world.rows.length, 0);
    assert.match(run.doubts[0]!, /berlin\/a1: the result is too short/);
  });

  test('an agent that never stops sending what is refused gets few lines', async () => {
    const world = await World.of(['berlin']);
    let steps = 0;
    world.step = () => {
      for (let i = 0; i < 100; i++) {
        world.hub.hearRubbish('berlin', 'bad');
        // Too long for a status.
        world.hub.hear('berlin', 'bad', [], 'x'.repeat(1001));
      }
      if (++steps > 5) world.work();
    };
    await world.sweep();
    const about = world.remarks.filter((sentence) => sentence.includes('berlin/bad'));
    assert.equal(about.length, 21);
    assert.equal(about.at(-1), 'more messages of berlin/bad are refused, and no longer shown');
  });

  test('an agent that refuses quickly uses up no tries of one that is busy', async () => {
    const world = await World.of(['berlin']);
    let steps = 0;
    world.step = () => {
      for (const agent of ['bad', 'good']) world.hub.hear('berlin', agent);
      const who = ++steps % 50 === 0 ? 'good' : 'bad';
      const taken = world.hub.take('berlin', who);
      if (taken === undefined) return;
      const refusal = encodeAnswer(taken.chunk, 1, { findings: null, refusal: 'no socket' });
      world.finish(taken, who === 'bad' ? refusal : undefined);
    };
    const run = await world.sweep();
    assert.equal(world.rows.length, HOSTS);
    assert.deepEqual(run.doubts, []);
  });

  test('a result that the journal does not hold whole any more is one line', async () => {
    const world = await World.of(['berlin']);
    world.step = () => {
      const [scan] = world.journal.scans();
      const octets = Uint8Array.of(1);
      const receivedAt = new Date(world.nowMs);
      const id = { scan: scan!.id, site: 'berlin', number: 0 };
      const counts = { up: 0, sent: 0, received: 0 };
      const about = { messageName: scan!.id, place: 'berlin', agent: 'a1', octets, receivedAt };
      world.journal.keep(id, { ...about, ...counts });
      world.work();
    };
    await assert.rejects(world.sweep(), {
      code: 'INVENTORY_FAILED',
      message: /^cannot use :memory: \(a result is malformed: .*too short.*\): put a copy/,
    });
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
    // They are not late, and resuming would not bring them.
    assert.equal(run.doubts.length, 1);
    assert.match(run.doubts[0]!, /^berlin\/a1 does not allow/);
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

  for (const year of [1970, 2199]) {
    test(`a clock that says ${year} is doubted, and its hosts keep their states at possible times`, async () => {
      const world = await World.of(['berlin']);
      world.step = () =>
        world.doAll('berlin', ({ site, chunk }) => {
          const { results, ...findings } = honestFindings(site, chunk.targets);
          const startedAt = new Date(Date.UTC(year, 0, 2));
          results.startedAtMs.fill(startedAt.getTime());
          const run = { ...findings.run, startedAt, endedAt: startedAt };
          return answerOf(chunk, { ...findings, results, run });
        });
      const times: number[] = [];
      const seen = async (rows: Parameters<SweepJob['onRows']>[0]): Promise<void> => {
        assert.equal((rows as { isDoubtful?: boolean }).isDoubtful, false);
        for (const { startedAt } of rows) times.push(startedAt!.getTime());
      };
      const run = await world.sweep(world.parts(), world.job({ onRows: seen, onFinalRows: seen }));
      assert.equal(run.doubts.length, 1);
      assert.match(run.doubts[0]!, /^the clock of berlin\/a1 is wrong: .* \(5 times\)$/);
      assert.equal(times.length, 2 * HOSTS);
      assert.ok(times.every((at) => at >= T0 - 2000 && at <= world.nowMs + 2000));
    });
  }

  test('a host without a probe has no time, and a clock that differs little is not doubted', async () => {
    const world = await World.of(['berlin']);
    world.step = () =>
      world.doAll('berlin', ({ site, chunk }) => {
        const findings = honestFindings(site, chunk.targets);
        findings.results.startedAtMs.fill(T0 - 1500);
        findings.results.startedAtMs[0] = Number.NaN;
        const startedAt = new Date(T0 - 1500);
        return answerOf(chunk, { ...findings, run: { ...findings.run, startedAt } });
      });
    const times = new Set<number | undefined>();
    const onRows: SweepJob['onRows'] = async (rows) => {
      for (const { startedAt } of rows) times.add(startedAt?.getTime());
    };
    const run = await world.sweep(world.parts(), world.job({ onRows }));
    assert.deepEqual(run.doubts, []);
    assert.deepEqual([...times], [undefined, T0 - 1500]);
  });
});
