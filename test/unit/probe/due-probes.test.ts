/** Which probe of a block leaves next, and when. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NONE_DUE } from '../../../src/probe/due-probes.ts';
import type { HostBlock } from '../../../src/probe/host-block.ts';
import { CappedPlaces } from '../../../src/probe/neighbour-places.ts';
import { SendOrder } from '../../../src/probe/send-order.ts';
import { AllHosts, FoundHosts } from '../../../src/probe/unprobed-hosts.ts';
import { blockOf, MS, sendDue, setupOf } from './blocks.ts';

const FIRST = '198.51.100.0';

function answer(block: HostBlock, host: number, nowNs: number): void {
  block.recordReply(host, block.hosts.attempts[host]! - 1, nowNs, true);
}

describe('the next probe', () => {
  test('is that of a host not probed yet, then a retry once its gap is over', () => {
    const block = blockOf(setupOf(FIRST, 3));
    assert.equal(block.due.nextNs(0), 0);
    assert.deepEqual(sendDue(block, 0), [0, 1, 2]);
    assert.equal(block.due.nextNs(0), 100 * MS);
    assert.deepEqual(sendDue(block, 99 * MS), []);
    assert.deepEqual(sendDue(block, 100 * MS), [0, 1, 2]);
    assert.deepEqual(sendDue(block, 1000 * MS), []);
  });

  test('is always the one that follows those its host has had', () => {
    const block = blockOf(setupOf(FIRST, 1), { settings: { retries: 3 } });
    const rounds = [0, 1, 2, 3].map((n) => {
      const host = block.due.take(n * 100 * MS);
      return block.recordSent(host, n * 100 * MS);
    });
    assert.deepEqual(rounds, [0, 1, 2, 3]);
    assert.equal(block.due.take(1000 * MS), NONE_DUE);
  });

  test('is a due retry rather than a first probe', () => {
    const block = blockOf(setupOf(FIRST, 2));
    block.recordSent(block.due.take(0), 0);
    assert.deepEqual(sendDue(block, 100 * MS), [0, 1]);
    assert.equal(block.hosts.attempts[0], 2);
  });

  test('is one that was put back rather than any other', () => {
    const block = blockOf(setupOf(FIRST, 2));
    assert.equal(block.due.take(0), 0);
    block.due.sendAgain(0);
    assert.equal(block.due.nextNs(7), 7);
    assert.deepEqual(sendDue(block, 0), [0, 1]);
    assert.deepEqual([...block.hosts.attempts], [1, 1]);
  });

  test('leaves out hosts that have answered, and with a count only those that have had all', () => {
    const once = blockOf(setupOf(FIRST, 2));
    const counted = blockOf(setupOf(FIRST, 2), { settings: { count: 2 } });
    for (const block of [once, counted]) {
      sendDue(block, 0);
      answer(block, 0, 5 * MS);
    }
    assert.deepEqual(sendDue(once, 100 * MS), [1]);
    assert.deepEqual(sendDue(counted, 100 * MS), [0, 1]);
    assert.deepEqual(sendDue(counted, 200 * MS), []);
  });

  test('is no longer wanted if the host answers while its probe waits to be sent again', () => {
    const block = blockOf(setupOf(FIRST, 1));
    sendDue(block, 0);
    assert.equal(block.due.take(100 * MS), 0);
    block.due.sendAgain(0);
    block.recordReply(0, 0, 50 * MS, true);
    assert.equal(block.due.take(101 * MS), NONE_DUE);
  });

  test('is not taken twice while it is on its way out', () => {
    const block = blockOf(setupOf(FIRST, 1), { settings: { retries: 5 } });
    sendDue(block, 0);
    assert.equal(block.due.take(100 * MS), 0);
    assert.equal(block.due.take(100 * MS), NONE_DUE);
  });

  test('is not taken twice if it is due again, and as the retry of the one before it', () => {
    const block = blockOf(setupOf(FIRST, 1), { settings: { retries: 0 } });
    sendDue(block, 0);
    block.hosts.allowAnother(0, 2);
    block.due.sendAgain(0);
    assert.equal(block.due.take(100 * MS), 0);
    assert.equal(block.due.take(100 * MS), NONE_DUE);
  });

  test('waits for a place among the neighbours, and the retries of others do not', () => {
    let free = 1;
    const cap = { take: () => free > 0 && free-- > 0, give: () => free++ };
    const block = blockOf(setupOf(FIRST, 2), { places: new CappedPlaces(2, cap) });
    assert.deepEqual(sendDue(block, 0), [0]);
    const nextNs = block.due.nextNs(0);
    assert.ok(nextNs > 0 && nextNs < 100 * MS, `looks again after ${nextNs} ns`);
    assert.deepEqual(sendDue(block, 100 * MS), [0]);
    answer(block, 0, 110 * MS);
    assert.deepEqual(sendDue(block, 110 * MS), [1]);
  });
});

describe('a round', () => {
  test('is closed once it can neither send nor time out anything, and the last one never', () => {
    const block = blockOf(setupOf(FIRST, 2));
    sendDue(block, 0);
    block.expire(100 * MS, -1);
    assert.equal(block.due.firstOpenRound, 0);
    sendDue(block, 100 * MS);
    block.expire(150 * MS, -1);
    assert.equal(block.due.firstOpenRound, 1);
    assert.deepEqual(sendDue(block, 1000 * MS), []);
    block.expire(1000 * MS, -1);
    assert.equal(block.due.firstOpenRound, 1);
    assert.equal(block.hosts.open, 0);
  });

  test('stays open for hosts that have not been probed, or whose probe has to be sent again', () => {
    for (const isPutBack of [false, true]) {
      const block = blockOf(setupOf(FIRST, 2));
      block.recordSent(block.due.take(0), 0);
      if (isPutBack) assert.equal(block.due.take(0), 1);
      assert.equal(block.due.take(100 * MS), 0);
      block.recordSent(0, 100 * MS);
      if (isPutBack) block.due.sendAgain(1);
      block.expire(150 * MS, -1);
      assert.deepEqual(sendDue(block, 150 * MS), [1]);
      block.expire(250 * MS, -1);
      assert.deepEqual(sendDue(block, 250 * MS), [1]);
      block.expire(350 * MS, -1);
      assert.equal(block.hosts.open, 0);
    }
  });
});

describe('hosts not probed yet', () => {
  test('are each taken once, in address order or in a random one', () => {
    const count = 200;
    for (const order of [undefined, new SendOrder(count, 5)]) {
      const hosts = new AllHosts(count, order);
      const taken: number[] = [];
      while (hosts.isAnyReady) taken.push(hosts.take());
      assert.equal(hosts.isAnyLeft, false);
      const ascending = Array.from({ length: count }, (_, host) => host);
      assert.deepEqual(
        [...taken].sort((a, b) => a - b),
        ascending,
      );
      assert.equal(String(taken) === String(ascending), order === undefined);
    }
  });

  test('of a search are ready when found, and all accounted for in the end', () => {
    const hosts = new FoundHosts(3);
    assert.deepEqual([hosts.isAnyLeft, hosts.isAnyReady], [true, false]);
    hosts.add(2);
    hosts.addMissing();
    assert.equal(hosts.take(), 2);
    assert.deepEqual([hosts.isAnyLeft, hosts.isAnyReady], [true, false]);
    hosts.add(0);
    assert.equal(hosts.take(), 0);
    assert.deepEqual([hosts.isAnyLeft, hosts.isAnyReady], [false, false]);
  });
});
