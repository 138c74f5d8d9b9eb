/** What a queue does with packets that the system does not take, and that the rate is spent on what leaves. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Evidence } from '../../../src/probe/evidence.ts';
import type { HostBlock } from '../../../src/probe/host-block.ts';
import type { RatePacer } from '../../../src/probe/rate-pacer.ts';
import { SendQueue } from '../../../src/probe/send-queue.ts';
import { prepareSharedState, SharedState } from '../../../src/probe/shared-state.ts';
import type { SendFailure } from '../../../src/transport/contract.ts';
import { blockOf, MS, setupOf } from './blocks.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { silence } from './scripted-packets.ts';

const FIRST = '198.51.100.0';

/** Grants what is wanted, up to `most`, and counts what is not given back. */
class CountedPacer implements Pick<RatePacer, 'take' | 'giveBack' | 'nextNs' | 'rest'> {
  spent = 0;
  most = Number.POSITIVE_INFINITY;
  rests = 0;

  take(_: number, wanted: number): number {
    const granted = Math.min(wanted, this.most);
    this.spent += granted;
    return granted;
  }

  giveBack(count: number): void {
    this.spent -= count;
  }

  nextNs(): number {
    return Number.POSITIVE_INFINITY;
  }

  rest(): void {
    this.rests++;
  }
}

function queueOf(takesTurns = false) {
  const net = new ScriptedNetwork(4, silence);
  const pacer = new CountedPacer();
  const limits = { ratePps: 1000, neighbourCap: 1, nowNs: 0 };
  const shared = new SharedState(prepareSharedState(limits));
  const rules = { counter: 'sent', pacer: pacer as unknown as RatePacer, takesTurns } as const;
  const writer = { beginBatch: () => {}, writePacket: () => {} };
  const queue = new SendQueue(net.socket, rules, shared, writer);
  const sendDue = (atNs: number, ...blocks: HostBlock[]): number => {
    net.clockNs = atNs;
    return queue.sendDue(
      blocks.map((block) => ({ block, evidence: { noteErrno: () => {} } as unknown as Evidence })),
      atNs,
    );
  };
  /** @param hosts that cannot be sent to; all if there are none */
  const fail = (failure: SendFailure, ...hosts: string[]): void => {
    net.socket.refuses = (address) =>
      hosts.length === 0 || hosts.includes(address) ? { failure, errno: 'E' } : undefined;
  };
  const recover = (): void => {
    net.socket.refuses = () => undefined;
  };
  return { net, pacer, shared, queue, sendDue, fail, recover };
}

describe('a system that is out of buffers', () => {
  test('is tried again after half a millisecond, then after twice as long each time up to 20 ms', () => {
    const { sendDue, fail, recover } = queueOf();
    const block = blockOf(setupOf(FIRST, 2));
    fail('busy');
    let nowNs = 0;
    const pausesMs = Array.from({ length: 8 }, () => {
      const pauseNs = sendDue(nowNs, block);
      nowNs += pauseNs;
      return pauseNs / MS;
    });
    assert.deepEqual(pausesMs, [0.5, 1, 2, 4, 8, 16, 20, 20]);
    recover();
    assert.equal(sendDue(nowNs, block), 0);
    fail('busy');
    assert.equal(sendDue(nowNs + 100 * MS, block), 0.5 * MS);
  });

  test('spends nothing of the rate and no probe of a host, and the time of waiting is counted once', () => {
    const { net, pacer, shared, sendDue, fail, recover } = queueOf();
    const block = blockOf(setupOf(FIRST, 3));
    fail('busy', '198.51.100.1');
    assert.equal(sendDue(2 * MS, block), 0.5 * MS);
    assert.equal(pacer.spent, 1);
    assert.deepEqual([...block.hosts.attempts], [1, 0, 0]);
    recover();
    sendDue(5 * MS, block);
    assert.equal(pacer.spent, 3);
    assert.deepEqual(
      net.requests.map(({ address }) => address),
      ['198.51.100.0', '198.51.100.1', '198.51.100.2'],
    );
    sendDue(150 * MS, block);
    const { sent, sendWaits, sendWaitNs } = shared.counts();
    assert.deepEqual([sent, sendWaits, sendWaitNs], [6, 1, 3 * MS]);
  });

  test('is given up after 30 s in a row, and not if something left meanwhile', () => {
    for (const recovers of [false, true]) {
      const { sendDue, fail, recover } = queueOf();
      const block = blockOf(setupOf(FIRST, 2));
      fail('busy');
      sendDue(0, block);
      if (recovers) {
        recover();
        sendDue(20_000 * MS, blockOf(setupOf('192.0.2.1', 1)));
        fail('busy');
      }
      sendDue(29_000 * MS, block);
      assert.deepEqual([...block.hosts.unsent], [0, 0]);
      sendDue(30_001 * MS, block);
      assert.deepEqual([...block.hosts.unsent], recovers ? [0, 0] : [1, 1]);
    }
  });
});

test('what the rate grants and nothing uses is given back', () => {
  const { pacer, sendDue } = queueOf();
  const block = blockOf(setupOf(FIRST, 3));
  sendDue(0, block);
  assert.equal(pacer.spent, 3);
  // The retries are due in 100 ms.
  assert.equal(sendDue(40 * MS, block), 60 * MS);
  assert.deepEqual([pacer.spent, pacer.rests], [3, 1]);
});

test('a socket that is full is tried again after a millisecond, whatever the rate', () => {
  const { net, pacer, sendDue } = queueOf();
  const block = blockOf(setupOf(FIRST, 3));
  net.socket.room = 0;
  assert.equal(sendDue(0, block), MS);
  assert.equal(pacer.spent, 0);
  net.socket.room = 1;
  sendDue(0, block);
  assert.equal(net.requests.length, 1);
});

test('a packet of the last batch left no earlier than its own slot says', () => {
  const { net, queue, sendDue } = queueOf();
  const block = blockOf(setupOf(FIRST, 2));
  const other = blockOf(setupOf('192.0.2.1', 2));
  net.socket.holdsUp = () => ({ afterMs: 7 });
  sendDue(0, block, other);
  const times = [block, other].flatMap((of) => [0, 1].map((host) => queue.notBeforeNs(of, host)));
  assert.deepEqual(times, [0, 7 * MS, 14 * MS, 21 * MS]);
  assert.ok(Number.isNaN(queue.notBeforeNs(block, 2)));
  sendDue(50 * MS, blockOf(setupOf('192.0.2.9', 1)));
  assert.ok(Number.isNaN(queue.notBeforeNs(other, 1)), 'it is of an earlier batch');
});

describe('retries and hosts not probed yet', () => {
  for (const takesTurns of [true, false]) {
    for (const atATime of [1, 2]) {
      test(`leave ${takesTurns ? 'in equal parts' : 'in this order'}, ${atATime} at a time`, () => {
        const { net, pacer, sendDue } = queueOf(takesTurns);
        const block = blockOf(setupOf(FIRST, 6));
        pacer.most = 3;
        sendDue(0, block);
        pacer.most = atATime;
        while (net.requests.length < 7) sendDue(200 * MS, block);
        const rounds = net.requests.map(({ nth }) => nth);
        assert.equal(String(rounds.slice(0, 3)), '0,0,0');
        const retries = rounds.slice(3).filter((nth) => nth === 1).length;
        assert.equal(retries, takesTurns ? 2 : 3);
      });
    }
  }
});

describe('a host to which no packet can be sent', () => {
  test('is final at once and costs nothing of the rate, if nothing has left before', () => {
    const { pacer, sendDue, fail } = queueOf();
    const block = blockOf(setupOf(FIRST, 2));
    fail('hopeless');
    sendDue(0, block);
    assert.deepEqual([block.hosts.open, pacer.spent], [0, 0]);
  });

  test('is tried again in its turn if something has left before, and only its first probe costs its place in the rate', () => {
    const { pacer, sendDue, fail } = queueOf();
    const block = blockOf(setupOf(FIRST, 2));
    fail('hopeless', '198.51.100.1');
    sendDue(0, block);
    assert.deepEqual([block.hosts.open, pacer.spent], [2, 2]);
    sendDue(100 * MS, block);
    assert.deepEqual([block.hosts.open, pacer.spent], [2, 3]);
    assert.deepEqual([...block.hosts.unsent], [0, 2]);
  });
});
