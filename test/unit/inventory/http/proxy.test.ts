/** The way to a webhook through a proxy, against a real proxy on this host. */

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, test } from 'node:test';
import { proxyFor } from '../../../../src/inventory/http/proxy.ts';
import type { Verdict } from '../../../../src/inventory/notify/delivery.ts';
import { webhookCourier } from '../../../../src/inventory/notify/webhook.ts';
import { AMPLE_TIMEOUT_MS } from '../../../patience.ts';

const MESSAGE = { id: 1, delivery: 'the-id', body: '{"ä":1}', queuedAt: new Date(0), attempts: 0 };
/** The first octet of a TLS record that begins a handshake (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16;

describe('the proxy', () => {
  const chosen = (url: string, env: Readonly<Record<string, string>>): string | undefined => {
    const proxy = proxyFor(new URL(url), env);
    return proxy instanceof URL ? proxy.host : proxy;
  };

  test('is the one for the scheme of the address', () => {
    const env = { HTTPS_PROXY: 'http://s.example:1', HTTP_PROXY: 'http://p.example:2' };
    assert.equal(chosen('https://hooks.example/x', env), 's.example:1');
    assert.equal(chosen('http://hooks.example/x', env), 'p.example:2');
    assert.equal(
      chosen('https://hooks.example/x', { HTTP_PROXY: 'http://p.example:2' }),
      undefined,
    );
    assert.equal(chosen('https://hooks.example/x', { HTTPS_PROXY: '' }), undefined);
  });

  test('may be named in lower case, which comes first, and without its scheme', () => {
    const env = { https_proxy: 'lower.example:3128', HTTPS_PROXY: 'http://upper.example:1' };
    assert.equal(chosen('https://hooks.example/x', env), 'lower.example:3128');
  });

  test('is not taken from a client of a CGI program', () => {
    const env = { HTTP_PROXY: 'http://evil.example', REQUEST_METHOD: 'GET' };
    assert.equal(chosen('http://hooks.example/x', env), undefined);
  });

  test('of a kind that is not known is none that can be used', () => {
    assert.equal(chosen('https://hooks.example/x', { HTTPS_PROXY: 'socks5://p:1080' }), 'invalid');
    assert.equal(chosen('https://hooks.example/x', { HTTPS_PROXY: 'http://' }), 'invalid');
  });

  for (const [list, url, isExempt] of [
    ['*', 'https://hooks.example/', true],
    ['hooks.example', 'https://hooks.example/', true],
    ['HOOKS.example', 'https://hooks.EXAMPLE/', true],
    ['example', 'https://hooks.example/', true],
    ['.hooks.example', 'https://a.hooks.example/', true],
    ['*.hooks.example', 'https://a.hooks.example/', true],
    ['other.example, hooks.example', 'https://hooks.example/', true],
    ['ooks.example', 'https://hooks.example/', false],
    ['a.hooks.example', 'https://hooks.example/', false],
    ['hooks.example:8443', 'https://hooks.example:8443/', true],
    ['hooks.example:8443', 'https://hooks.example/', false],
    ['192.0.2.7', 'https://192.0.2.7/', true],
    ['192.0.2.0/24', 'https://192.0.2.7/', true],
    ['192.0.2.0/24', 'https://192.0.3.7/', false],
    ['2001:db8::/32', 'https://[2001:db8::7]/', true],
    ['[2001:db8::7]:443', 'https://[2001:db8::7]/', true],
    ['192.0.2.0/99', 'https://192.0.2.7/', false],
    ['192.0.2.0/', 'https://198.51.100.7/', false],
    ['0.0.0.0/0', 'https://198.51.100.7/', true],
  ] as const) {
    test(`NO_PROXY ${list} ${isExempt ? 'exempts' : 'does not exempt'} ${url}`, () => {
      const env = { HTTPS_PROXY: 'http://p.example:1', NO_PROXY: list };
      assert.equal(chosen(url, env), isExempt ? undefined : 'p.example:1');
    });
  }
});

describe('a post through a proxy', () => {
  /** What a proxy saw of one post, and what became of the post. */
  async function post(
    url: string,
    listen: (proxy: Server) => void,
    { user = '', timeoutMs = AMPLE_TIMEOUT_MS } = {},
  ): Promise<Verdict> {
    const proxy = createServer();
    const open = new Set<Socket>();
    proxy.on('connection', (socket) => {
      open.add(socket);
      socket.on('error', () => {});
    });
    listen(proxy);
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const way = `http://${user}127.0.0.1:${port}`;
    const config = { url, name: 'webhook', timeoutMs };
    const courier = webhookCourier(config, undefined, 'x', { HTTP_PROXY: way, HTTPS_PROXY: way });
    try {
      return await courier.deliver([MESSAGE], new AbortController().signal);
    } finally {
      for (const socket of open) socket.destroy();
      proxy.close();
    }
  }

  test('to an http server is a request for the whole address', async () => {
    let seen: { request: IncomingMessage; body: string } | undefined;
    const verdict = await post('http://hooks.example/x?y=1', (proxy) =>
      proxy.on('request', (request, response) => {
        let body = '';
        request.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        request.on('end', () => {
          seen = { request, body };
          response.writeHead(204).end();
        });
      }),
    );
    assert.deepEqual(verdict, { isDelivered: true });
    const { request, body } = seen!;
    assert.deepEqual([request.method, request.url], ['POST', 'http://hooks.example/x?y=1']);
    assert.deepEqual([request.headers.host, body], ['hooks.example', MESSAGE.body]);
    assert.equal(request.headers['echosweep-delivery'], 'the-id');
    assert.equal(request.headers['proxy-authorization'], undefined);
  });

  test('to an https server is a tunnel, in which only the server can read', async () => {
    let connect: IncomingMessage | undefined;
    let first: number | undefined;
    const verdict = await post(
      'https://hooks.example/secret-path',
      (proxy) =>
        proxy.on('connect', (request, socket) => {
          connect = request;
          socket.on('error', () => {});
          socket.once('data', (octets: Buffer) => {
            [first] = octets;
            socket.destroy();
          });
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
        }),
      { user: 'me:s%3Acret@' },
    );
    assert.deepEqual([connect!.url, connect!.headers.host], Array(2).fill('hooks.example:443'));
    assert.equal(
      connect!.headers['proxy-authorization'],
      `Basic ${Buffer.from('me:s:cret').toString('base64')}`,
    );
    assert.equal(first, HANDSHAKE);
    assert.ok(!verdict.isDelivered && !verdict.isFinal);
    assert.match(
      verdict.problem,
      /^https:\/\/hooks\.example cannot be reached through the proxy 127\.0\.0\.1:\d+ \(\S.*\)$/,
    );
    assert.doesNotMatch(verdict.problem, /secret-path|cret@|me:/);
  });

  test('that the proxy refuses is retried later, and says so', async () => {
    for (const status of [400, 407, 502]) {
      const verdict = await post('https://hooks.example/x', (proxy) =>
        proxy.on('connect', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)),
      );
      assert.ok(!verdict.isDelivered && !verdict.isFinal, String(status));
      assert.match(
        verdict.problem,
        new RegExp(`the proxy \\S+ \\(it answered with status ${status}`),
      );
    }
  });

  test('waits for neither proxy nor server for ever', async () => {
    for (const listen of [
      (proxy: Server) => proxy.on('connect', () => {}),
      (proxy: Server) =>
        proxy.on('connect', (_, socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n')),
    ]) {
      const verdict = await post('https://hooks.example/x', listen, { timeoutMs: 100 });
      assert.ok(!verdict.isDelivered);
      assert.match(verdict.problem, /^https:\/\/hooks\.example did not answer in time through the/);
    }
  });

  test('that fails for want of a proxy says which', async () => {
    const config = { url: 'https://hooks.example/x', name: 'webhook', timeoutMs: AMPLE_TIMEOUT_MS };
    const deliver = (proxy: string) =>
      webhookCourier(config, undefined, 'x', { HTTPS_PROXY: proxy }).deliver(
        [MESSAGE],
        new AbortController().signal,
      );
    const [nobody, wrong] = [await deliver('http://127.0.0.1:1'), await deliver('socks5://x:1')];
    assert.ok(!nobody.isDelivered && !wrong.isDelivered);
    assert.match(nobody.problem, /through the proxy 127\.0\.0\.1:1 \(ECONNREFUSED\)$/);
    assert.match(wrong.problem, /\(the proxy is not written as a web address\)$/);
  });
});
