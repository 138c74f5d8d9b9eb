/** The server of metrics, asked by real clients on this host: two paths, and patience with nobody. */

import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import {
  closeServer,
  readListenAddress,
  serveMetrics,
} from '../../../../src/cli/inventory/metrics-server.ts';
import { EchosweepError } from '../../../../src/errors.ts';

let server: Server;
let base = '';
let problem: string | undefined;
let metrics = (): string => 'a 1\n';

before(async () => {
  const source = { metrics: () => metrics(), problem: () => problem };
  server = await serveMetrics({ host: '127.0.0.1', port: 0 }, source);
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => closeServer(server));

/** What comes back for raw words, until the server closes the connection. */
function sendRaw(words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write(words);
    });
    socket.setEncoding('utf8').on('data', (text: string) => {
      got += text;
    });
    socket.on('close', () => resolve(got));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(got) : reject(error),
    );
  });
}

describe('the server', () => {
  test('has metrics as Prometheus reads them, and nothing but them and health', async () => {
    const response = await fetch(`${base}/metrics?x=1`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(await response.text(), 'a 1\n');
    const head = await fetch(`${base}/metrics`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
    for (const path of ['/', '/metrics/', '/../etc/passwd', '//metrics'])
      assert.equal((await fetch(base + path)).status, 404, path);
    const post = await fetch(`${base}/metrics`, { method: 'POST', body: 'x' });
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  });

  test('tells by its health what is wrong', async () => {
    assert.equal((await fetch(`${base}/healthz`)).status, 200);
    problem = 'office: no engine';
    const response = await fetch(`${base}/healthz`);
    assert.deepEqual([response.status, await response.text()], [503, 'office: no engine\n']);
    problem = undefined;
    metrics = () => {
      throw new EchosweepError('INVENTORY_FAILED', 'the disk is gone', 'mount it again');
    };
    assert.equal((await fetch(`${base}/metrics`)).status, 503);
    metrics = () => {
      throw new TypeError('a fault of ours');
    };
    const failed = await fetch(`${base}/metrics`);
    assert.deepEqual([failed.status, await failed.text()], [503, 'the metrics failed\n']);
    metrics = () => 'a 1\n';
  });

  test('outlives whoever sends it nonsense, much, or nothing', async () => {
    assert.match(await sendRaw('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
    assert.match(
      await sendRaw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    );
    // Half a request: closed when its time is over.
    const startedAt = performance.now();
    assert.match(await sendRaw('GET /metrics HTTP/1.1\r\nHost:'), /^HTTP\/1\.1 408 /);
    assert.ok(performance.now() - startedAt < 15_000);
    assert.equal((await fetch(`${base}/metrics`)).status, 200);
  });

  test('says what to do where its place is taken', async () => {
    const { port } = server.address() as AddressInfo;
    const source = { metrics, problem: () => undefined };
    await assert.rejects(serveMetrics({ host: '127.0.0.1', port }, source), {
      code: 'SOCKET_FAILED',
      message: `cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE): choose another with --listen`,
    });
  });
});

test('an address to listen on has an address and a port', () => {
  assert.deepEqual(readListenAddress('127.0.0.1:9469'), { host: '127.0.0.1', port: 9469 });
  assert.deepEqual(readListenAddress('[::1]:80'), { host: '::1', port: 80 });
  for (const wrong of [
    '',
    ':9469',
    '9469',
    'localhost:1',
    '::1:80',
    '1.2.3:4',
    '[1.2.3.4]:5',
    '127.0.0.1:65536',
    '127.0.0.1',
  ])
    assert.throws(() => readListenAddress(wrong), { code: 'OPTION_INVALID' }, wrong);
});
