/** Probes that wait at the interface after they were sent, and those that it drops without a word. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { block, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, reply } from './scripted-packets.ts';

const HOST = '10.1.0.7';
const OTHER = '10.1.0.8';
const THIRD = '10.1.0.9';
const TIMEOUT_MS = 200;
const NEVER = Number.POSITIVE_INFINITY;

/** Everybody answers what arrives. */
function network(queuesMs: (address: string, nth: number) => number): ScriptedNetwork {
  const net = new ScriptedNetwork(4, (request) => [reply(request)]);
  net.socket.queuesMs = queuesMs;
  return net;
}

function probeBoth(net: ScriptedNetwork, retries = 0) {
  return probe(net, block(HOST, 2), { retries, timeoutMs: TIMEOUT_MS });
}

describe('a probe that leaves late', () => {
  test('is timed from its departure', () => {
    const { host, counts } = probeBoth(network((address) => (address === HOST ? 30 : 0)));
    assert.deepEqual([host(HOST).rttsMs, host(OTHER).rttsMs], [[5], [5]]);
    assert.deepEqual([counts.sent, counts.unsureSends, counts.doubtful], [2, 0, 0]);
  });

  test('has its whole timeout from then on', () => {
    const { host } = probeBoth(network((address) => (address === HOST ? TIMEOUT_MS - 2 : 0)));
    assert.equal(host(HOST).pattern, '!');
  });

  test('counts even if it was taken for lost', () => {
    const queuesMs = (address: string, nth: number): number => {
      if (address === OTHER) return 0;
      return nth === 0 ? TIMEOUT_MS + 20 : NEVER;
    };
    const { host, counts } = probeBoth(network(queuesMs));
    assert.deepEqual([host(HOST).status, host(HOST).rttsMs[0], host(HOST).sent], ['up', 5, 1]);
    assert.equal(counts.sent, 2);
  });

  test('shows that one which never leaves is dropped', () => {
    const { host } = probeBoth(network((address) => (address === HOST ? NEVER : 30)));
    assert.deepEqual([host(HOST).status, host(HOST).reason], ['error', 'send-failed']);
  });
});

describe('a probe of which nobody sees that it leaves', () => {
  test('counts as soon as it is answered', () => {
    const net = network(() => 0);
    net.socket.hidesDepartures = (address) => address === HOST;
    const { host, counts } = probeBoth(net);
    assert.deepEqual([host(HOST).pattern, host(HOST).rttsMs, counts.sent], ['!', [5], 2]);
  });

  test('has left if an ICMP error quotes it', () => {
    const net = network(() => 0);
    net.script = (request) => [
      request.address === HOST ? icmpError(request, 3, 1) : reply(request),
    ];
    net.socket.hidesDepartures = (address) => address === HOST;
    const { host, counts } = probeBoth(net);
    assert.deepEqual([host(HOST).status, host(HOST).pattern], ['unreachable', 'U']);
    assert.equal(counts.sent, 2);
  });

  test('counts even if it was taken for lost', () => {
    const slow = TIMEOUT_MS + 50;
    const net = new ScriptedNetwork(4, (request) => [
      { ...reply(request), afterMs: request.address === HOST ? slow : 5 },
    ]);
    net.socket.hidesDepartures = (address) => address === HOST;
    const { host, counts } = probeBoth(net, 1);
    assert.equal(host(HOST).pattern[0], '!');
    assert.deepEqual([counts.rejected, counts.partlyRefused], [0, 0]);
  });
});

describe('that one probe left unseen shows that others may have as well', () => {
  for (const queuedMs of [30, 0]) {
    test(`one that was seen to leave ${queuedMs} ms after it was sent changes nothing about it`, () => {
      const net = network((address) => (address === THIRD ? NEVER : queuedMs));
      net.socket.hidesDepartures = (address) => address === HOST;
      const { host, counts } = probe(net, block(HOST, 3), { retries: 0, timeoutMs: TIMEOUT_MS });
      assert.deepEqual([host(HOST).status, host(OTHER).status], ['up', 'up']);
      assert.deepEqual([host(THIRD).status, host(THIRD).pattern], ['down', '.']);
      assert.equal(counts.sent, 3);
    });
  }

  test('so does one that was taken for lost', () => {
    const net = network((address) => (address === THIRD ? NEVER : 0));
    net.script = (request) => [
      { ...reply(request), afterMs: request.address === HOST ? TIMEOUT_MS + 50 : 5 },
    ];
    net.socket.hidesDepartures = (address) => address === HOST;
    const { host } = probe(net, block(HOST, 3), { retries: 1, timeoutMs: TIMEOUT_MS, backoff: 1 });
    assert.deepEqual([host(HOST).status, host(OTHER).status], ['up', 'up']);
    assert.deepEqual([host(THIRD).status, host(THIRD).pattern], ['down', 'E..']);
  });
});

describe('a probe that never leaves', () => {
  test('is made up for, and is not counted as sent', () => {
    const { host, counts } = probeBoth(
      network((address, nth) => (address === HOST && nth === 0 ? NEVER : 0)),
    );
    assert.deepEqual([host(HOST).status, host(HOST).pattern, host(HOST).sent], ['up', 'E!', 1]);
    assert.deepEqual([counts.sent, counts.partlyRefused, counts.doubtful], [2, 0, 0]);
  });

  for (const retries of [0, 1]) {
    test(`is made up for once: a host that is silent to ${1 + retries} others is down`, () => {
      const net = network((address, nth) => (address === HOST && nth === 0 ? NEVER : 0));
      net.script = (request) => (request.address === HOST ? [] : [reply(request)]);
      const { host, counts } = probeBoth(net, retries);
      assert.deepEqual(
        [host(HOST).status, host(HOST).pattern],
        ['down', `E.${'.'.repeat(retries)}`],
      );
      assert.deepEqual([counts.partlyRefused, counts.doubtful], [0, 0]);
    });
  }

  test('is no silence of its host: one to which none leaves could not be sent to', () => {
    const { host, counts } = probeBoth(network((address) => (address === HOST ? NEVER : 0)));
    assert.deepEqual([host(HOST).status, host(HOST).reason], ['error', 'send-failed']);
    assert.deepEqual([host(HOST).sent, counts.sent, counts.doubtful], [0, 1, 1]);
  });

  test('is a silent one if packets that we should have seen were dropped', () => {
    const net = network((address, nth) => {
      if (address !== HOST || nth > 0) return 0;
      net.socket.droppedPackets = 1;
      return NEVER;
    });
    const { host } = probeBoth(net);
    assert.deepEqual([host(HOST).status, host(HOST).pattern], ['up', '.!']);
  });

  test('is a silent one if no departure is shown at all', () => {
    const { host, counts } = probeBoth(network(() => NEVER));
    assert.deepEqual([host(HOST).status, host(HOST).pattern], ['down', '.']);
    assert.equal(counts.sent, 2);
  });
});
