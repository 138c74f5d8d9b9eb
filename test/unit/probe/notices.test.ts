/** What a system reports about a probe in its own words, at once or later, instead of passing a packet on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST } from './families.ts';
import { block, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { notice, reply, type Script } from './scripted-packets.ts';

const ROUTER = { 4: '192.0.2.254', 6: '2001:db8::fe' } as const;

for (const family of [4, 6] as const) {
  const host = HOST[family];
  const router = ROUTER[family];
  const network = (script: Script): ScriptedNetwork => new ScriptedNetwork(family, script);

  test(`an error whose code stands for several gives the reason and no code (IPv${family})`, () => {
    const type = family === 4 ? 3 : 1;
    for (const isVague of [true, false]) {
      const net = network((request) => [notice(request, { type, code: 0, isVague }, router)]);
      const row = probe(net, block(host)).host(host);
      const { status, reason, icmpType, icmpCode, responder } = row;
      assert.deepEqual(
        { status, reason, icmpType, icmpCode, responder },
        {
          status: 'unreachable',
          reason: family === 4 ? 'net-unreach' : 'no-route',
          icmpType: type,
          icmpCode: isVague ? null : 0,
          responder: router,
        },
      );
    }
  });

  test(`a probe that could not be sent is not counted as sent, however late that is known (IPv${family})`, () => {
    const net = network((request) => [notice(request, { errno: 'EHOSTUNREACH' })]);
    const { host: row, counts } = probe(net, block(host), { reach: 'system' });
    const { status, reason, sent, pattern, errno } = row(host);
    assert.deepEqual(
      { status, reason, sent, pattern, errno },
      { status: 'error', reason: 'no-route', sent: 0, pattern: 'EEE', errno: 'EHOSTUNREACH' },
    );
    assert.deepEqual([counts.sent, counts.routesLost, counts.rejected], [0, 0, 0]);
  });
}

test('a route that is lost after a probe has left is noted', () => {
  const net = new ScriptedNetwork(4, (request) =>
    request.nth === 0 ? [] : [notice(request, { errno: 'ENETUNREACH' })],
  );
  const { host, counts } = probe(net, block(HOST[4]));
  assert.deepEqual([host(HOST[4]).pattern, host(HOST[4]).reason], ['.EE', 'no-response']);
  assert.ok(counts.routesLost > 0);
});

test('a late failure of a probe that was answered changes nothing', () => {
  const net = new ScriptedNetwork(4, (request) => [
    reply(request, { afterMs: 1 }),
    notice(request, { errno: 'EHOSTUNREACH' }),
  ]);
  const { host, counts } = probe(net, block(HOST[4]));
  assert.deepEqual([host(HOST[4]).pattern, host(HOST[4]).sent, counts.sent], ['!', 1, 1]);
});

test('an address that the system has found nothing at is given up as unresolved', () => {
  const net = new ScriptedNetwork(4, () => []);
  let tries = 0;
  net.socket.refuses = () =>
    tries++ === 0 ? undefined : { failure: 'unresolved', errno: 'EHOSTDOWN' };
  const { host } = probe(net, block(HOST[4]), { reach: 'system' });
  const { status, reason, sent, pattern } = host(HOST[4]);
  assert.deepEqual([status, reason, sent, pattern], ['down', 'arp-failed', 1, 'UE']);
});

test('no more packets are in flight than a socket has room for', () => {
  const COUNT = 40;
  const net = new ScriptedNetwork(4, (request) => {
    net.socket.room = net.socket.room! - 1;
    return [reply(request, { afterMs: 3 })];
  });
  net.socket.room = 4;
  const receive = net.socket.receive.bind(net.socket);
  let fewest = 4;
  net.socket.receive = () => {
    fewest = Math.min(fewest, net.socket.room!);
    const count = receive();
    net.socket.room = net.socket.room! + count;
    return count;
  };
  const { hosts, counts } = probe(net, block('198.51.100.0', COUNT));
  assert.deepEqual([hosts.size, counts.received, counts.sendWaits], [COUNT, COUNT, 0]);
  assert.equal(fewest, 0);
});
