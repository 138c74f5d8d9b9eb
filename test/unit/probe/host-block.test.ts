/** What happens to the probes of a block: when a host is final, what counts as late, what is probed once more. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostBlock } from '../../../src/probe/host-block.ts';
import { CappedPlaces } from '../../../src/probe/neighbour-places.ts';
import { MARK } from '../../../src/probe/probe-level.ts';
import { LIVE_PROBE, makeLiveProbes } from '../../../src/results/live-probes.ts';
import { blockOf, MS, sendDue, setupOf } from './blocks.ts';

const SETUP = setupOf('198.51.100.0', 1);
const NEVER = -1;

function patternOf(block: HostBlock, host = 0): string {
  return block.levels.map((level) => String.fromCharCode(level.markOf(host))).join('');
}

/** Every host that becomes final, in order. */
function finalsOf(block: HostBlock): number[] {
  const finals: number[] = [];
  block.finalHosts = { noteFinal: (host) => finals.push(host) };
  return finals;
}

describe('a host', () => {
  test('is final once each of its probes is answered or timed out, and only once', () => {
    const block = blockOf(setupOf('198.51.100.0', 2));
    const finals = finalsOf(block);
    sendDue(block, 0);
    block.recordReply(1, 0, 10 * MS, true);
    assert.deepEqual(finals, [1]);
    sendDue(block, 100 * MS);
    block.expire(100 * MS, NEVER);
    assert.deepEqual(finals, [1]);
    block.expire(200 * MS, NEVER);
    block.expire(300 * MS, NEVER);
    assert.deepEqual(finals, [1, 0]);
    assert.deepEqual([block.hosts.open, block.hosts.up], [0, 1]);
  });

  test('waits for its other probes after an answer', () => {
    const block = blockOf(SETUP);
    const finals = finalsOf(block);
    sendDue(block, 0);
    sendDue(block, 100 * MS);
    block.recordReply(0, 1, 110 * MS, true);
    assert.deepEqual(finals, []);
    block.recordReply(0, 0, 120 * MS, true);
    assert.deepEqual(finals, [0]);
    assert.equal(patternOf(block), '!!');
  });

  test('that our own system gives up is final at once, and each probe that left is an error', () => {
    const block = blockOf(SETUP);
    const finals = finalsOf(block);
    block.recordUnsent(block.due.take(0), 0);
    sendDue(block, 100 * MS);
    block.giveUp(0);
    block.giveUp(0);
    assert.deepEqual(finals, [0]);
    assert.equal(block.hosts.isGivenUp(0), true);
    assert.equal(patternOf(block), 'EU');
  });

  test('that has answered is not given up', () => {
    const block = blockOf(SETUP, { settings: { count: 2 } });
    sendDue(block, 0);
    block.recordReply(0, 0, 10 * MS, true);
    block.giveUp(0);
    assert.deepEqual([block.hosts.isGivenUp(0), block.hosts.isFinal(0)], [false, false]);
  });

  test('is given up if the neighbour table had no entry for it last', () => {
    for (const isResolvedLast of [false, true]) {
      const block = blockOf(SETUP, { settings: { retries: 0 } });
      block.hosts.noteNeighbour(0, false);
      sendDue(block, 0);
      block.hosts.noteNeighbour(0, false);
      if (isResolvedLast) block.hosts.noteNeighbour(0, true);
      block.expire(100 * MS, NEVER);
      assert.equal(block.hosts.isGivenUp(0), !isResolvedLast);
      assert.equal(patternOf(block), isResolvedLast ? '.' : 'U');
    }
  });
});

describe('a reply', () => {
  test('counts until the last timeout of its host, and as a duplicate after another', () => {
    const block = blockOf(SETUP);
    sendDue(block, 0);
    sendDue(block, 100 * MS);
    block.expire(150 * MS, NEVER);
    assert.equal(block.recordReply(0, 0, 201 * MS, true), 'late');
    assert.equal(block.recordReply(0, 0, 200 * MS, true), 'first');
    assert.equal(block.recordReply(0, 0, 200 * MS, true), 'duplicate');
    assert.equal(block.hosts.duplicates[0], 1);
  });

  test('in time makes a host up that was final and silent', () => {
    const block = blockOf(SETUP, { settings: { retries: 0 } });
    const finals = finalsOf(block);
    sendDue(block, 0);
    block.expire(120 * MS, NEVER);
    assert.equal(block.recordReply(0, 0, 90 * MS, true), 'first');
    assert.deepEqual([finals, block.hosts.up, patternOf(block)], [[0], 1, '!']);
  });

  test('to a probe that did not leave is not a reply of ours', () => {
    const block = blockOf(SETUP);
    block.recordUnsent(block.due.take(0), 0);
    assert.equal(block.recordReply(0, 0, 1 * MS, true), 'unasked');
  });
});

describe('an error', () => {
  test('marks its probe unless that is answered, and comes too late for a final host', () => {
    const block = blockOf(setupOf('198.51.100.0', 2), { settings: { retries: 0 } });
    sendDue(block, 0);
    block.recordReply(1, 0, 5 * MS, true);
    assert.equal(block.recordError(0, 0), true);
    assert.equal(block.recordError(1, 0), false);
    assert.deepEqual([patternOf(block, 0), patternOf(block, 1)], ['U', '!']);
  });
});

describe('silence that may be our own fault', () => {
  test('is probed twice more after drops, and then doubtful', () => {
    const block = blockOf(SETUP, { settings: { retries: 0 } });
    for (let n = 0; n < 3; n++) {
      assert.deepEqual(sendDue(block, n * 100 * MS), [0]);
      block.expire((n + 1) * 100 * MS, n * 100 * MS);
    }
    assert.deepEqual(sendDue(block, 300 * MS), []);
    assert.deepEqual([block.hosts.doubtful, block.hosts.open], [1, 0]);
    assert.equal(patternOf(block), '...');
  });

  test('is probed once more if it is not known when the probe left', () => {
    const block = blockOf(SETUP, { settings: { retries: 0 } });
    sendDue(block, 0);
    block.hosts.noteUnsure(0);
    block.expire(100 * MS, NEVER);
    assert.deepEqual(sendDue(block, 100 * MS), [0]);
    block.expire(200 * MS, NEVER);
    assert.deepEqual([block.hosts.doubtful, block.hosts.open], [0, 0]);
  });
});

test('a sequence number leads back to the round of its probe, if there was one', () => {
  const block = blockOf(setupOf('198.51.100.0', 300), { settings: { retries: 4 } });
  for (let host = 0; host < 300; host++) block.recordSent(host, 0);
  for (let host = 0; host < 300; host++) {
    assert.equal(block.roundOfSequence(host, block.sequenceOf(host, 0)), 0);
    assert.equal(block.roundOfSequence(host, block.sequenceOf(host, 1)), -1);
  }
});

test('a place among the neighbours is returned by an answer, by giving up, or after 3.2 s', () => {
  let held = 0;
  const cap = { take: () => ++held > 0, give: () => held-- };
  const block = blockOf(setupOf('198.51.100.0', 3), {
    settings: { retries: 0 },
    places: new CappedPlaces(3, cap),
  });
  sendDue(block, 0);
  assert.equal(held, 3);
  block.recordReply(0, 0, 1 * MS, true);
  block.giveUp(1);
  assert.equal(held, 1);
  block.expire(3199 * MS, NEVER);
  assert.deepEqual([held, block.holdsNeighbours], [1, true]);
  block.releaseOldNeighbours(3200 * MS);
  assert.deepEqual([held, block.holdsNeighbours], [0, false]);
  assert.equal(block.levels[0]!.markOf(1), MARK.error);
});

describe('the memory that shows each probe', () => {
  test('has the time of a reply and of a timeout as soon as they are known', () => {
    const liveProbes = makeLiveProbes(2, 2);
    const block = blockOf(setupOf('198.51.100.0', 2, { liveProbes }), {
      settings: { count: 2, retries: 0 },
    });
    sendDue(block, 0);
    block.recordReply(1, 0, 10 * MS, true);
    block.expire(100 * MS, NEVER);
    const { open, reply, silence } = LIVE_PROBE;
    assert.deepEqual([...liveProbes.states], [silence, open, reply, open]);
    assert.deepEqual([...liveProbes.atNs], [100 * MS, 0, 10 * MS, 0]);
    assert.equal(liveProbes.rttNs[2], 10 * MS);
  });

  test('shows probes that the system refused', () => {
    const liveProbes = makeLiveProbes(1, 2);
    const block = blockOf(setupOf('198.51.100.0', 1, { liveProbes }));
    block.recordUnsent(block.due.take(0), 5);
    assert.deepEqual([...liveProbes.states], [LIVE_PROBE.unsent, LIVE_PROBE.open]);
    assert.equal(liveProbes.atNs[0], 5);
  });
});
