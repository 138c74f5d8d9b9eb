/** A sweep on several sites, whatever agents, broker and coordinator do: each address of each site has exactly one row. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { resolveSettings } from '../../../src/settings.ts';
import { encodeAnswer } from '../../../src/sites/contract/chunk-result.ts';
import type { SweepJob } from '../../../src/sweep-job.ts';
import { honestFindings, type TakenChunk, withoutLast } from './scripted-hub.ts';
import {
  answerOf,
  CHUNK_HOSTS,
  HOSTS,
  type Row,
  rowsOf,
  T0,
  truthOf,
  World,
} from './site-world.ts';

describe('a sweep on several sites', () => {
  test('has the rows of each site, by site and then by address', async () => {
    const world = await World.of(['paris', 'berlin']);
    const run = await world.sweep();
    assert.deepEqual(world.rows, truthOf(['berlin', 'paris']));
    assert.deepEqual(run.doubts, []);
    assert.equal(run.partial, false);
    assert.equal(run.targets, 2 * HOSTS);
    assert.equal(run.statuses.up + run.statuses.down, 2 * HOSTS);
    assert.deepEqual(run.sites, [
      { site: 'berlin', targets: HOSTS, missing: 0, agents: ['berlin/a1'] },
      { site: 'paris', targets: HOSTS, missing: 0, agents: ['paris/a1'] },
    ]);
    assert.equal(world.journal.scans()[0]!.state, 'ended');
    assert.equal(world.hub.forgotten.length, 1);
  });

  const sites = ['aa', 'bb'] as const;
  const actions = fc.array(
    fc.record({
      act: fc.constantFrom(
        ...(['take', 'take', 'send', 'finish', 'die', 'lie', 'wrong-site', 'killed'] as const),
        ...(['forget', 'forget-silently', 'away', 'lose-acknowledgements', 'rubbish'] as const),
      ),
      site: fc.constantFrom(...sites),
      which: fc.nat(9),
    }),
    { maxLength: 60, size: 'max' },
  );

  test('has each address once under duplicates, offers, lies, lost memory and restarts, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        const world = await World.of(sites);
        const { hub } = world;
        const hands: TakenChunk[] = [];
        const lies = new Map<string, number>();
        const todo = [...script];
        world.step = () => {
          const next = todo.shift();
          hub.isAway = next?.act === 'away';
          hub.losesAcknowledgements = next?.act === 'lose-acknowledgements';
          if (next === undefined) {
            world.work();
            return;
          }
          const { act, site, which } = next;
          const held = hands[which % Math.max(1, hands.length)];
          if (act === 'take') {
            const taken = hub.take(site, `a${which}`, (attempt) => attempt <= which);
            if (taken !== undefined) hands.push(taken);
          } else if (act === 'killed') world.isKilled = true;
          else if (act === 'forget') hub.loseMemory();
          else if (act === 'forget-silently') hub.loseMemorySilently();
          else if (act === 'rubbish') hub.hearRubbish(site, 'a1');
          if (held === undefined) return;
          const { chunk } = held;
          const key = `${held.site} ${chunk.chunk}`;
          if (act === 'send') hub.send(held);
          else if (act === 'finish') {
            hub.send(held);
            hub.finish(held);
            hands.splice(hands.indexOf(held), 1);
          } else if (act === 'die') hands.splice(hands.indexOf(held), 1);
          else if (act === 'wrong-site') hub.send(held, undefined, { site: 'zz' });
          else if (act === 'lie' && (lies.get(key) ?? 0) < 4) {
            lies.set(key, (lies.get(key) ?? 0) + 1);
            hub.send(held, lieOf(held, which));
          }
        };
        const run = await world.sweep();
        assert.deepEqual(world.rows, truthOf(sites));
        assert.deepEqual(run.doubts, []);
        assert.equal(run.statuses.up + run.statuses.down, sites.length * HOSTS);
      }),
      { numRuns: 60 },
    );
  });
});

/** What an agent of a bad mind says about a chunk that it holds. */
function lieOf({ site, chunk }: TakenChunk, which: number): Uint8Array {
  const findings = honestFindings(site, chunk.targets);
  const answers = [
    () => Uint8Array.of(1, 2, 3),
    () => answerOf({ ...chunk, chunk: chunk.chunk + 1 }, findings),
    () => answerOf({ ...chunk, site: 'zz' }, findings),
    () => answerOf(chunk, withoutLast(findings, 3)),
    () => encodeAnswer(chunk, 1, { findings: null, refusal: 'I do not feel like it' }),
    () => answerOf(chunk, findings).subarray(0, -1),
  ];
  return answers[which % answers.length]!();
}

describe('what a sweep on several sites says', () => {
  test('rows come as they arrive for those who want them so', async () => {
    const world = await World.of(['berlin', 'paris']);
    const onFinalRows: SweepJob['onFinalRows'] = async (rows) =>
      void world.streamed.push(...rowsOf(rows));
    await world.sweep(world.parts(), world.job({ onFinalRows }));
    const sorted = (rows: readonly Row[]) => rows.map((row) => row.join(' ')).sort();
    assert.deepEqual(sorted(world.streamed), sorted(truthOf(['berlin', 'paris'])));
  });

  test('progress is by site, with the hosts of chunks under way', async () => {
    const world = await World.of(['berlin', 'paris']);
    let ticks = 0;
    world.step = () => {
      if (ticks++ > 5) world.work();
      const [scan] = world.journal.scans();
      const under = { startedAtMs: 1, hosts: CHUNK_HOSTS, done: 5, up: 2 };
      world.hub.hear('berlin', 'a1', [{ scan: scan!.id, chunk: 0, ...under }]);
    };
    await world.sweep();
    const [, , third] = world.progress;
    assert.deepEqual(third!.sites, [
      { site: 'berlin', targets: HOSTS, done: 5, up: 2, isHeard: true },
      { site: 'paris', targets: HOSTS, done: 0, up: 0, isHeard: false },
    ]);
    assert.equal(world.progress.at(-1)!.done, 2 * HOSTS);
  });

  test('progress has no more hosts of a chunk than it has, whatever its agent says', async () => {
    const world = await World.of(['berlin']);
    let ticks = 0;
    world.step = () => {
      if (ticks++ > 5) world.work();
      const [scan] = world.journal.scans();
      const under = { startedAtMs: 1, hosts: 1_000_000, done: 1_000_000, up: 1_000_000 };
      world.hub.hear('berlin', 'a1', [{ scan: scan!.id, chunk: 0, ...under }]);
    };
    await world.sweep();
    const [, , third] = world.progress;
    assert.deepEqual([third!.done, third!.up], [CHUNK_HOSTS, CHUNK_HOSTS]);
  });

  test('no more than the slots of a site and two more are with the broker', async () => {
    const world = await World.of(['berlin']);
    const sizes: number[] = [];
    world.step = () => {
      sizes.push(world.hub.work.size);
      world.doOne('berlin');
    };
    await world.sweep();
    // Of five chunks: the place of each that is done is taken at once.
    assert.deepEqual(sizes, [4, 4, 3, 2, 1]);
  });

  test('a chunk is in the journal as offered before the broker has it', async () => {
    const world = await World.of(['berlin']);
    const { hub, journal } = world;
    const offer = hub.offer.bind(hub);
    hub.offer = async (name, octets) => {
      const { id } = journal.scans()[0]!;
      assert.ok(journal.offeredAt(id, name.site).has(name.chunk));
      await offer(name, octets);
    };
    await world.sweep();
    assert.deepEqual(world.remarks, []);
    assert.deepEqual(world.rows, truthOf(['berlin']));
  });

  test('a chunk that the broker did not take is offered again at once', async () => {
    const world = await World.of(['berlin']);
    const { hub } = world;
    const offer = hub.offer.bind(hub);
    let fails = true;
    hub.offer = async (name, octets) => {
      if (fails && name.chunk === 1) {
        fails = false;
        throw new Error('no answer');
      }
      await offer(name, octets);
    };
    await world.sweep();
    assert.deepEqual(world.remarks, ['the hub does not take messages: no answer']);
    assert.deepEqual(world.rows, truthOf(['berlin']));
    assert.ok(world.nowMs < T0 + 10_000, `${world.nowMs - T0} ms: as long as two leases`);
  });

  test('a chunk has its share of the rates, and is swept neither in quiet hours nor after the deadline', async () => {
    const deadlineMs = 60_000;
    for (const [openMs, endMs] of [
      [30_000, 30_000],
      [90_000, deadlineMs],
      [undefined, deadlineMs],
    ] as const) {
      const world = await World.of(['berlin']);
      const seen: unknown[] = [];
      world.step = () =>
        world.doAll('berlin', ({ site, chunk }) => {
          const { ratePps, settings, notAfterMs, leaseMs } = chunk;
          seen.push([ratePps, settings.arpRatePps, notAfterMs, leaseMs]);
          return answerOf(chunk, honestFindings(site, chunk.targets));
        });
      const openUntil = openMs === undefined ? undefined : () => T0 + openMs;
      const sites = [{ site: 'berlin', slots: 4, ratePps: 1000, openUntil }];
      const settings = resolveSettings({ targets: [], retries: 0, arpRatePps: 100 });
      await world.sweep(world.parts({ sites, deadlineMs }), world.job({ settings }));
      const expected = [1000 / 4, 100 / 4, T0 + endMs, 60_000];
      assert.deepEqual(
        seen,
        Array.from({ length: HOSTS / CHUNK_HOSTS }, () => expected),
      );
    }
  });

  test('chunks that are out for longer than two leases are offered again, each time', async () => {
    const world = await World.of(['berlin']);
    const offersAt = new Map<number, number>();
    world.step = () => {
      const seconds = (world.nowMs - T0) / 1000;
      offersAt.set(seconds, world.hub.offers);
      if (seconds > 250) world.work();
    };
    await world.sweep();
    // The lease is a minute, and four chunks may be out.
    assert.deepEqual(
      [1, 120, 121, 240, 241.4].map((seconds) => offersAt.get(seconds)),
      [4, 4, 8, 8, 12],
    );
  });

  test('a result of a chunk that was not offered yet is not believed', async () => {
    const world = await World.of(['berlin']);
    world.step = () => {
      const taken = world.take('berlin')!;
      const { targets, ...chunk } = taken.chunk;
      const octets = answerOf({ ...chunk, chunk: 4, targets }, honestFindings('paris', targets));
      world.hub.send({ ...taken, chunk: { ...taken.chunk, chunk: 4 } }, octets);
      world.finish(taken);
      world.step = () => world.work();
    };
    await world.sweep();
    assert.deepEqual(world.hub.refused, ['nothing of that name was offered there']);
    assert.deepEqual(world.rows, truthOf(['berlin']));
  });

  test('quiet hours of a site take back its own chunks, and nothing is offered there until they are over', async () => {
    const world = await World.of(['berlin', 'paris']);
    const [begin, end] = [T0 + 400, T0 + 60_000];
    const openUntil = (nowMs: number): number =>
      nowMs < begin ? begin : nowMs < end ? nowMs : Number.POSITIVE_INFINITY;
    const workAt = (site: string): number =>
      [...world.hub.work.values()].filter((each) => each.site === site).length;
    let parisAtEnd = 0;
    world.step = () => {
      if (world.nowMs > begin + 400 && world.nowMs <= end) {
        assert.equal(workAt('berlin'), 0);
        world.work(['paris']);
        parisAtEnd = world.journal.progress(world.journal.scans()[0]!.id)[1]!.done;
      }
      if (world.nowMs > end) world.work();
    };
    const [berlin, paris] = world.parts().sites;
    await world.sweep(world.parts({ sites: [{ ...berlin!, openUntil }, paris!] }));
    assert.equal(parisAtEnd, HOSTS);
    assert.deepEqual(world.hub.paused, [`berlin ${world.journal.scans()[0]!.id}`]);
    assert.deepEqual(world.hub.cancelled, []);
    assert.deepEqual(world.rows, truthOf(['berlin', 'paris']));
  });

  test('quiet hours that begin again stop the agents again, and those of no other site', async () => {
    const world = await World.of(['berlin', 'paris']);
    const { hub } = world;
    const openUntil = (nowMs: number): number => {
      const begin = [400, 2000].find((ms) => nowMs < T0 + ms + 600);
      return begin === undefined ? Number.POSITIVE_INFINITY : Math.max(nowMs, T0 + begin);
    };
    const offers: Record<string, number> = { berlin: 0, paris: 0 };
    const offer = hub.offer.bind(hub);
    hub.offer = async (name, octets) => {
      offers[name.site]!++;
      await offer(name, octets);
    };
    world.step = () => {
      if (world.nowMs > T0 + 4000) world.work();
    };
    const [berlin, paris] = world.parts().sites;
    await world.sweep(world.parts({ sites: [{ ...berlin!, openUntil }, paris!] }));
    assert.equal(hub.paused.length, 2);
    // Berlin's four places are filled three times.
    assert.deepEqual(offers, { berlin: 13, paris: 5 });
    assert.deepEqual(world.rows, truthOf(['berlin', 'paris']));
  });
});
