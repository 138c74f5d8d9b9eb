/** A sweep of one network that is spread over machines: each address once, by whichever machine has time for it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeAnswer } from '../../../src/sites/contract/chunk-result.ts';
import { honestFindings, type TakenChunk } from './scripted-hub.ts';
import { answerOf, HOSTS, T0, truthOf, World } from './site-world.ts';

/** The machines see the same network. */
function seen({ chunk }: TakenChunk): Uint8Array {
  return answerOf(chunk, honestFindings('m', chunk.targets));
}

describe('a sweep on several sites', () => {
  test('is one network without sites if it is spread', async () => {
    const world = await World.of(['m1', 'm2', 'm3']);
    const agents = new Set<string>();
    world.step = () => {
      for (const site of world.sites) {
        world.hub.hear(site, 'a1');
        if (world.doOne(site, seen)) agents.add(site);
      }
    };
    await world.sweep(world.parts({ isSpread: true }));
    assert.deepEqual(
      world.rows,
      truthOf(['m']).map(([, address, status]) => [null, address, status]),
    );
    assert.equal(agents.size, 3);
  });

  test('keeps the last chunks of a spread sweep for whichever machine has a slot first', async () => {
    const world = await World.of(['quick', 'slow']);
    let done = 0;
    const held: TakenChunk[] = [];
    world.step = () => {
      for (const site of world.sites) world.hub.hear(site, 'a1');
      if (world.doOne('quick', seen)) done++;
      if (held.length < 2) held.push(...[world.take('slow')].filter((each) => each !== undefined));
      // The slow machine gets one for each of its two slots.
      if (done === 6) for (const each of held.splice(0)) world.finish(each, seen(each));
    };
    await world.sweep(world.parts({ isSpread: true, chunkHosts: 5 }));
    assert.equal(done, 6);
    assert.equal(world.rows.length, HOSTS);
  });

  test('has chunks wait at a machine only while there are more than all slots', async () => {
    const world = await World.of(['m1', 'm2']);
    const sizes: number[] = [];
    world.step = () => {
      sizes.push(world.hub.work.size);
      for (const site of world.sites) {
        world.hub.hear(site, 'a1');
        world.doAll(site, seen);
      }
    };
    await world.sweep(world.parts({ isSpread: true, chunkHosts: 4 }));
    // Of ten, two for each of two slots, and one more for each; then there are as many as slots.
    assert.deepEqual(sizes, [6, 4]);
  });

  test('gives no chunk up that one machine refuses quickly and another can sweep', async () => {
    const world = await World.of(['bad', 'good']);
    let steps = 0;
    const held: TakenChunk[] = [];
    world.step = () => {
      for (const site of world.sites) world.hub.hear(site, 'a1');
      steps++;
      world.doOne('bad', ({ chunk }) =>
        encodeAnswer(chunk, 1, { findings: null, refusal: 'no socket' }),
      );
      if (held.length === 0)
        held.push(...[world.take('good')].filter((each) => each !== undefined));
      if (steps % 50 === 0) for (const each of held.splice(0)) world.finish(each, seen(each));
    };
    const run = await world.sweep(world.parts({ isSpread: true, chunkHosts: 4 }));
    assert.equal(world.rows.length, HOSTS);
    assert.deepEqual(run.doubts, []);
  });

  test('gives chunks up that the only machine refuses', async () => {
    const world = await World.of(['bad', 'away']);
    world.step = () => {
      world.hub.hear('bad', 'a1');
      world.doAll('bad', ({ chunk }) =>
        encodeAnswer(chunk, 1, { findings: null, refusal: 'no socket' }),
      );
    };
    const run = await world.sweep(world.parts({ isSpread: true }));
    assert.match(
      run.doubts[0]!,
      /given up after at least 5 refused results each, the last: bad\/a1: no socket/,
    );
    assert.ok(world.nowMs - T0 < 10 * 60_000);
  });

  test('moves the share of a machine that is silent to the others also after the clock was set back', async () => {
    const world = await World.of(['m1', 'm2']);
    let steps = 0;
    world.step = () => {
      if (steps++ < 3) for (const site of world.sites) world.hub.hear(site, 'a1');
      if (steps === 4) world.nowMs -= 50 * 60_000;
      if (steps > 4) world.work(['m2']);
    };
    const run = await world.sweep(world.parts({ isSpread: true }));
    assert.equal(world.rows.length, HOSTS);
    assert.equal(run.partial, false);
    assert.ok(world.nowMs < T0 - 40 * 60_000);
  });

  test('moves the share of a machine that is silent to the others', async () => {
    const world = await World.of(['m1', 'm2']);
    world.step = () => world.work(['m2']);
    const run = await world.sweep(world.parts({ isSpread: true }));
    assert.equal(world.rows.length, HOSTS);
    assert.deepEqual(run.doubts, []);
    assert.ok(world.nowMs - T0 < 10 * 60_000);
  });
});
