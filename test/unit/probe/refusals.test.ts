/** What the system does not let out: probes that it refuses for a time or for good, and hosts that none can reach. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { block, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { icmpError, reply, silence } from './scripted-packets.ts';

test('a host that no probe can reach is an error at once, and one that was refused is tried again in its turn', () => {
  const net = new ScriptedNetwork(4, (request) => [reply(request)]);
  let tries = 0;
  net.socket.refuses = (address) => {
    if (address === '198.51.100.1') return { failure: 'hopeless', errno: 'ENETUNREACH' };
    if (address === '198.51.100.2' && tries++ === 0) return { failure: 'refused', errno: 'EPERM' };
    return undefined;
  };
  const { host } = probe(net, block('198.51.100.1', 3));
  const { status, reason, pattern, startedAt } = host('198.51.100.1');
  assert.deepEqual([status, reason, pattern, startedAt], ['error', 'no-route', 'E', null]);
  assert.equal(host('198.51.100.2').pattern, 'E!');
  assert.equal(host('198.51.100.2').sent, 1);
  assert.equal(host('198.51.100.3').pattern, '!');
});

test('a host that had no route when the sweep began is an error at once, whatever has left before', () => {
  const net = new ScriptedNetwork(4, (request) => [reply(request)]);
  let tries = 0;
  net.socket.refuses = (address) => {
    if (address === '198.51.100.1') return undefined;
    tries++;
    return { failure: 'hopeless', errno: 'EINVAL' };
  };
  const { host } = probe(net, block('198.51.100.1', 2), { reach: 'refused' });
  assert.equal(host('198.51.100.1').status, 'up');
  assert.deepEqual([host('198.51.100.2').status, host('198.51.100.2').pattern], ['error', 'E']);
  assert.equal(tries, 1);
});

// ip-route(8): a `prohibit` route gives EACCES.
for (const errno of ['ENETUNREACH', 'EACCES']) {
  test(`a route that is lost once a probe has left is counted, and is not taken for a firewall: ${errno}`, () => {
    const net = new ScriptedNetwork(4, silence);
    let tries = 0;
    net.socket.refuses = () => (tries++ === 1 ? { failure: 'hopeless', errno } : undefined);
    const { host, counts } = probe(net, block('198.51.100.1'));
    assert.equal(host('198.51.100.1').pattern, '.E.');
    assert.deepEqual([counts.routesLost, counts.refusalsOvercome, counts.partlyRefused], [1, 0, 0]);
  });
}

const SILENT = '198.51.100.1';

/** A network in which one host is silent, behind a firewall that refuses the first probe of each host for a time. */
function behindLimits(): ScriptedNetwork {
  const net = new ScriptedNetwork(4, (request) =>
    request.address === SILENT ? [] : [reply(request)],
  );
  const tried = new Set<string>();
  net.socket.refuses = (address) => {
    if (tried.has(address)) return undefined;
    tried.add(address);
    return { failure: 'refused', errno: 'EPERM' };
  };
  return net;
}

test('a probe that a firewall refused for a time says nothing about a silent host, which is sent all the same as many', () => {
  const { host, counts } = probe(behindLimits(), block(SILENT, 4), { retries: 2 });
  assert.equal(host(SILENT).pattern, 'E...');
  assert.equal(host('198.51.100.2').pattern, 'E!');
  assert.deepEqual([counts.partlyRefused, counts.doubtful], [0, 0]);
});

test('with a count, no probe takes the place of one that was refused for a time, and a silent host is doubted', () => {
  const { host, counts } = probe(behindLimits(), block(SILENT, 4), { count: 3 });
  assert.equal(host(SILENT).pattern, 'E..');
  assert.equal(host('198.51.100.2').pattern, 'E!!');
  assert.deepEqual([counts.partlyRefused, counts.doubtful], [1, 0]);
});

test('a packet that proves too long after the first one left does not mean that a route is lost', () => {
  const net = new ScriptedNetwork(4, silence);
  let tries = 0;
  net.socket.refuses = () => (tries++ > 0 ? { failure: 'hopeless', errno: 'EMSGSIZE' } : undefined);
  assert.equal(probe(net, block('198.51.100.1')).counts.routesLost, 0);
});

for (const options of [{ count: 3 }, { retries: 2 }]) {
  test(`a host silent to only a part of its probes is doubted: ${JSON.stringify(options)}`, () => {
    const net = new ScriptedNetwork(4, (request) =>
      request.address === '198.51.100.1' ? [] : [reply(request)],
    );
    const tries = new Map<string, number>();
    net.socket.refuses = (address) => {
      const nth = tries.get(address) ?? 0;
      tries.set(address, nth + 1);
      return nth === 0 ? undefined : { failure: 'refused', errno: 'EPERM' };
    };
    const { host, counts } = probe(net, block('198.51.100.1', 2), options);
    assert.equal(host('198.51.100.1').pattern, '.EE');
    assert.equal(host('198.51.100.2').status, 'up');
    assert.equal(counts.partlyRefused, 1);
  });
}

test('a host of which an ICMP error tells is not doubted because later probes to it were refused', () => {
  const net = new ScriptedNetwork(4, (request) => [icmpError(request, 3, 1)]);
  let tries = 0;
  net.socket.refuses = () => (tries++ === 0 ? undefined : { failure: 'refused', errno: 'EPERM' });
  const { host, counts } = probe(net, block('198.51.100.1'), { retries: 2 });
  const { status, reason, pattern } = host('198.51.100.1');
  assert.deepEqual([status, reason, pattern], ['unreachable', 'host-unreach', 'UEE']);
  assert.deepEqual([counts.partlyRefused, counts.doubtful], [0, 0]);
});

for (const options of [{ retries: 0 }, { count: 2 }]) {
  const probes = options.count ?? 1;
  test(`a firewall that lets only some probes through costs no host without a doubt: ${JSON.stringify(options)}`, () => {
    const net = new ScriptedNetwork(4, (request) => [reply(request)]);
    let tries = 0;
    // Without a beat that the probes could keep time with.
    net.socket.refuses = () =>
      (tries++ * 7919) % 31 < 20 ? { failure: 'refused', errno: 'EPERM' } : undefined;
    const { hosts, counts } = probe(net, block('198.51.100.0', 100), {
      ...options,
      ratePps: 1000,
      timeoutMs: 100,
      periodMs: 130,
    });
    const missed = [...hosts.values()].filter(({ status }) => status !== 'up').length;
    assert.ok(missed <= 25, `${missed} missed`);
    assert.ok(counts.doubtful >= missed, `${counts.doubtful} of ${missed} in doubt`);
  });

  test(`one that refuses all probes to a host is asked twice and not doubted: ${JSON.stringify(options)}`, () => {
    const net = new ScriptedNetwork(4, (request) => [reply(request)]);
    net.socket.refuses = (address) =>
      address === '198.51.100.1' ? { failure: 'refused', errno: 'EPERM' } : undefined;
    const { host, counts } = probe(net, block('198.51.100.0', 100), { ...options, timeoutMs: 100 });
    assert.equal(host('198.51.100.1').reason, 'permission-denied');
    assert.equal(host('198.51.100.1').pattern, 'E'.repeat(Math.max(2, probes)));
    assert.deepEqual([counts.doubtful, counts.partlyRefused], [0, 0]);
  });
}

test('hosts that no probe can reach cost no time, whatever the rate', () => {
  const net = new ScriptedNetwork(4, silence);
  net.socket.refuses = () => ({ failure: 'hopeless', errno: 'EINVAL' });
  const startNs = net.clockNs;
  const { hosts } = probe(net, block('198.51.100.0', 200), { ratePps: 10 });
  assert.ok([...hosts.values()].every(({ reason, sent }) => reason === 'no-route' && sent === 0));
  assert.ok(net.clockNs - startNs < 1e9, `${(net.clockNs - startNs) / 1e9} s`);
});
