/** How many connections one client may have, with sockets that come from any address. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import type { WebProxy } from '../../../src/inventory/config/web-config.ts';
import { limitClients } from '../../../src/web/client-limit.ts';
import { readWebConfig } from './web-config.ts';

const { proxy } = readWebConfig('{ proxy: { from: [192.0.2.1, "2001:db8:0:2::1"] } }');

/** Connects from an address. @returns the connection, which says whether the server ended it */
function connectTo(server: EventEmitter, remoteAddress: string) {
  const socket = Object.assign(new EventEmitter(), {
    remoteAddress,
    isDestroyed: false,
    destroy: () => {
      socket.isDestroyed = true;
      socket.emit('close');
    },
  });
  server.emit('connection', socket);
  return socket;
}

/** How many connections of these addresses are left, one of each. */
function leftOf(server: EventEmitter, addresses: readonly string[]): number {
  return addresses.filter((address) => !connectTo(server, address).isDestroyed).length;
}

function limited(): EventEmitter {
  const server = new EventEmitter();
  limitClients(server, () => proxy);
  return server;
}

const times = <Item>(count: number, itemOf: (i: number) => Item): Item[] =>
  Array.from({ length: count }, (_, i) => itemOf(i));

describe('one client', () => {
  test('has 64 connections, and another one for each that ends', () => {
    const server = limited();
    const first = connectTo(server, '198.51.100.7');
    assert.equal(leftOf(server, new Array<string>(100).fill('198.51.100.7')), 63);
    assert.equal(leftOf(server, ['198.51.100.8']), 1);
    first.destroy();
    assert.equal(leftOf(server, new Array<string>(2).fill('198.51.100.7')), 1);
  });

  test('is a whole /64 of IPv6', () => {
    const server = limited();
    assert.equal(
      leftOf(
        server,
        times(100, (i) => `2001:db8::${i}`),
      ),
      64,
    );
    assert.equal(leftOf(server, ['2001:db8:0:1::1']), 1);
  });

  test('is one IPv4 address on a socket for both families', () => {
    const server = limited();
    assert.equal(
      leftOf(
        server,
        times(100, (i) => `::ffff:198.51.100.${i}`),
      ),
      100,
    );
  });
});

test('this machine and a proxy are many clients, and leave their neighbours theirs', () => {
  const server = limited();
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '192.0.2.1', '2001:db8:0:2::1'])
    assert.equal(leftOf(server, new Array<string>(100).fill(address)), 100, address);
  assert.equal(leftOf(server, ['2001:db8:0:2::2']), 1);
});

test('a proxy is the one of the configuration that a reload has read', () => {
  const server = new EventEmitter();
  let now: WebProxy | undefined;
  limitClients(server, () => now);
  assert.equal(leftOf(server, new Array<string>(100).fill('192.0.2.1')), 64);
  now = proxy;
  assert.equal(leftOf(server, new Array<string>(100).fill('192.0.2.1')), 100);
});
