/** The connection of `inventory sync netbox`: tokens, a proxy, a NetBox that fails while it is read or written, and signals. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { Fault } from '../../inventory/ipam/stand-in-netbox.ts';
import { hostsUpTo, NetBoxInventory, netboxAndInventory, standIn } from './netbox-inventory.ts';

describe('a synchronisation', () => {
  test('takes tokens of either version, and an address with /api', async () => {
    const netbox = await standIn();
    const inventory = await new NetBoxInventory(`${netbox.url}/api/`).scan({ 1: {} });
    inventory.env = { NETBOX_TOKEN: 'nbt_key.secret' };
    assert.equal((await inventory.sync()).code, 0);
  });

  test('has a connection for each request, because a kept one may close just when it is used', async () => {
    const { netbox, inventory } = await netboxAndInventory(hostsUpTo(2));
    assert.equal((await inventory.sync()).code, 0);
    assert.equal(netbox.connections, netbox.requests.length);
  });

  test('goes through the proxy that the environment names', async () => {
    const netbox = await standIn();
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(request.url!);
      const { pathname, search } = new URL(request.url!);
      const { method, headers } = request;
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const answer = await fetch(`${netbox.url}${pathname}${search}`, {
          method: method!,
          headers: { authorization: headers.authorization!, 'content-type': 'application/json' },
          ...(body !== '' && { body }),
        });
        response.writeHead(answer.status).end(await answer.text());
      })();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const inventory = await new NetBoxInventory('http://netbox.example').scan({ 1: {} });
    const { port } = proxy.address() as AddressInfo;
    inventory.env = { ...inventory.env, http_proxy: `http://127.0.0.1:${port}` };
    const { code } = await inventory.sync();
    proxy.closeAllConnections();
    proxy.close();
    assert.equal(code, 0);
    assert.ok(seen.length > 3 && seen.every((url) => url.startsWith('http://netbox.example/api/')));
    assert.equal(netbox.addresses.length, 1);
  });
});

describe('a NetBox that fails', () => {
  const reading: readonly [what: string, fault: Fault, message: RegExp][] = [
    ['an error of its own', { status: 502, body: '<html>' }, /answered with status 502: run it/],
    ['a page of HTML', { status: 200, body: '<html>' }, /does not answer as NetBox 4 does/],
    ['another JSON', { status: 200, body: '[]' }, /does not answer as NetBox 4 does/],
    ['no API', { status: 404 }, /is not the API of NetBox \(status 404\): correct netbox\.url/],
    [
      'a redirect',
      { status: 301, headers: { location: 'https://netbox.example/api/x?y=secret' } },
      /redirects to https:\/\/netbox\.example: write the address/,
    ],
    ['a broken connection', 'cut', /cannot be reached/],
    ['half an answer', 'half', /cannot be reached/],
    ['no answer', 'hang', /did not answer in time/],
  ];
  for (const [what, fault, message] of reading) {
    test(`${what} ends it before anything is changed`, async () => {
      const timeout = fault === 'hang' ? ', timeout: 1' : '';
      const { netbox, inventory } = await netboxAndInventory({ 1: {} }, timeout);
      netbox.fault = (request) => (request === 'GET /api/ipam/ip-addresses/' ? fault : undefined);
      await assert.rejects(inventory.sync(), { code: 'NETBOX_FAILED', message });
      assert.deepEqual(netbox.changes, []);
    });
  }

  test('a wrong token ends it, and no message has a part of the token', async () => {
    const { inventory } = await netboxAndInventory({ 1: {} });
    inventory.env = { NETBOX_TOKEN: 'wrong-secret' };
    await assert.rejects(inventory.sync(), (error: Error) => {
      assert.match(
        error.message,
        /refuses the token for extras\/tags\/ \(Invalid v1 token\): check that it is valid/,
      );
      assert.ok(!error.message.includes('secret'));
      return true;
    });
    for (const [env, message] of [
      [{}, /the environment has no NETBOX_TOKEN/],
      [{ NETBOX_TOKEN: 'a b' }, /has characters that no token has/],
    ] as const) {
      inventory.env = env;
      await assert.rejects(inventory.sync(), { code: 'CONFIG_INVALID', message });
    }
  });

  test('429 and 503 are waited for as long as they say', async () => {
    const { netbox, inventory } = await netboxAndInventory({ 1: {} });
    netbox.fault = (request, count) => {
      if (request !== 'POST /api/ipam/ip-addresses/' || count > 2) return undefined;
      return { status: count === 1 ? 429 : 503, headers: { 'retry-after': '1' } };
    };
    assert.equal((await inventory.sync()).code, 0);
    assert.equal(netbox.addresses.length, 1);
    netbox.fault = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await assert.rejects(inventory.sync(), { message: /answered with status 429/ });
  });

  const writing: readonly [what: string, fault: Fault][] = [
    ['fails', { status: 500 }],
    ['breaks off', 'cut'],
    ['breaks off after it has done it', 'done-then-cut'],
    ['does not answer', 'hang'],
  ];
  for (const [what, fault] of writing) {
    test(`if it ${what}, the rest is not sent, and the next run completes it`, async () => {
      const { netbox, inventory } = await netboxAndInventory(hostsUpTo(120), ', timeout: 2');
      netbox.fault = (request, count) =>
        request === 'POST /api/ipam/ip-addresses/' && count === 2 ? fault : undefined;
      const { code, results, words } = await inventory.sync();
      assert.equal(code, 4);
      assert.deepEqual(results, [
        ...Array(50).fill('created'),
        ...Array(50).fill('unknown: NetBox did not confirm it'),
        ...Array(20).fill('not sent'),
      ]);
      assert.match(words.at(-1)!, /^echosweep: http:\/\/127\.0\.0\.1:\d+ /);
      netbox.fault = () => undefined;
      assert.equal((await inventory.sync()).code, 0);
      assert.equal(netbox.addresses.length, 120);
    });
  }
});

test('a signal lets the request under way end, and sends no other', async () => {
  const { netbox, inventory } = await netboxAndInventory(hostsUpTo(120));
  netbox.before = (request) => {
    if (request === 'POST /api/ipam/ip-addresses/') inventory.signals.emit('SIGTERM');
  };
  const { code, results, words } = await inventory.sync();
  assert.equal(code, 143);
  assert.equal(netbox.addresses.length, 50);
  assert.deepEqual(results, [...Array(50).fill('created'), ...Array(70).fill('not sent')]);
  assert.equal(words.at(-1), 'echosweep: stopped: run it again');
});
