/** The web server, used and attacked by real clients on this host. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { readListenAddress } from '../../../src/web/listen-address.ts';
import { cookieOf, linkOf, Served } from './served.ts';

let served: Served;
let problem: string | undefined;

before(async () => {
  served = await Served.start({
    parts: {
      get problem() {
        return problem;
      },
    },
  });
});
after(() => served.close());

describe('the page', () => {
  test('is a document, and files that it is made of', async () => {
    const { status, text, headers } = await served.ask('/');
    assert.equal(status, 200);
    // Painted and requested before the script has run.
    assert.match(text, /<header class="top">.*echosweep.*<\/header>/);
    for (const [, path] of text.matchAll(/(?:href|src)="((?:web-page|api\/)[^"]+)"/g)) {
      assert.equal((await served.ask(`/${path}`)).status, 200, path);
    }
    assert.match(
      String(headers['content-security-policy']),
      /^default-src 'none'; script-src 'self'; /,
    );
    const script = await served.ask('/web-page.js');
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
    const again = await served.ask('/web-page.js', {
      headers: { 'if-none-match': String(script.headers['etag']) },
    });
    assert.deepEqual([again.status, again.text], [304, '']);
  });

  test('serves no other file, however it is called', async () => {
    for (const path of [
      '/../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/package.json',
      '/....//package.json',
      '//etc/passwd',
      '/web-page.js%00.html',
      '/page-files.ts',
    ]) {
      assert.equal((await served.ask(path)).status, 404, path);
    }
  });
});

describe('sign-in by link', () => {
  test('turns a link into a session once', async () => {
    const link = linkOf(served.server);
    const first = await served.ask('/api/v1/session', { method: 'POST', body: { link } });
    assert.equal(first.status, 200);
    assert.match(
      String(first.headers['set-cookie']),
      /^echosweep-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const cookie = cookieOf(first.headers);
    const networks = await served.ask('/api/v1/networks', { headers: { cookie } });
    assert.equal(networks.status, 200);
    assert.match(networks.text, /^\{"items":\[\{"name":"office","site":"Berlin",.*"total":2\}$/);
    const replayed = await served.ask('/api/v1/session', { method: 'POST', body: { link } });
    assert.equal(replayed.status, 401);
    assert.equal(replayed.headers['set-cookie'], undefined);
  });

  test('is needed for the API, and its absence names no version', async () => {
    const { status, json } = await served.ask('/api/v1/networks');
    assert.equal(status, 401);
    assert.deepEqual(json, {
      error: { code: 'NOT_SIGNED_IN', message: 'this takes a sign-in', advice: 'sign in first' },
    });
    const session = await served.ask('/api/v1/session');
    assert.deepEqual(session.json, {
      user: null,
      role: null,
      sign_in: null,
      ways: ['link'],
      version: null,
      can_scan: false,
      networks: null,
      sites: null,
    });
  });

  test('never takes a cookie that the client chose', async () => {
    const name = `echosweep-${served.port}`;
    const fixed = `${name}=${'a'.repeat(43)}`;
    const signedIn = await served.ask('/api/v1/session', {
      method: 'POST',
      headers: { cookie: fixed },
      body: { link: linkOf(served.server) },
    });
    assert.notEqual(cookieOf(signedIn.headers), fixed);
    const asked = await served.ask('/api/v1/networks', { headers: { cookie: fixed } });
    assert.equal(asked.status, 401);
  });

  test('ends with sign-out, and with the next sign-in', async () => {
    const cookie = await served.signIn();
    await served.ask('/api/v1/session', { method: 'DELETE', headers: { cookie } });
    assert.equal((await served.ask('/api/v1/networks', { headers: { cookie } })).status, 401);
    const before = await served.signIn();
    const again = await served.ask('/api/v1/session', {
      method: 'POST',
      headers: { cookie: before },
      body: { link: linkOf(served.server) },
    });
    for (const [own, status] of [
      [before, 401],
      [cookieOf(again.headers), 200],
    ] as const) {
      const headers = { cookie: own };
      assert.equal((await served.ask('/api/v1/networks', { headers })).status, status);
    }
  });
});

describe('requests from elsewhere', () => {
  test('are refused by the name of the host', async () => {
    const cookie = await served.signIn();
    for (const host of [
      'evil.example',
      `evil.example:${served.port}`,
      '192.0.2.9',
      'a@127.0.0.1',
    ]) {
      const { status } = await served.ask('/api/v1/networks', { headers: { host, cookie } });
      assert.ok(status === 403 || status === 400, `${host}: ${status}`);
    }
    const byName = await served.ask('/api/v1/networks', {
      headers: { host: `localhost:${served.port}`, cookie },
    });
    assert.equal(byName.status, 200);
  });

  test('are refused by their origin', async () => {
    const link = linkOf(served.server);
    for (const origin of [
      'https://evil.example',
      'null',
      `http://127.0.0.1:1`,
      'file://',
      '',
      'x',
    ]) {
      const { status, text } = await served.ask('/api/v1/session', {
        method: 'POST',
        headers: { origin },
        body: { link },
      });
      assert.equal(status, 403, origin);
      assert.match(text, /ORIGIN_REFUSED/);
    }
  });
});

describe('requests that are wrong', () => {
  test('are answered with what is wrong', async () => {
    const headers = { cookie: await served.signIn() };
    const cases = [
      ['POST', '/api/v1/session', '{', 400],
      ['POST', '/api/v1/session', { link: 1 }, 400],
      ['POST', '/api/v1/session', { link: 'x', more: 1 }, 400],
      ['POST', '/api/v1/session', { link: 'x'.repeat(70_000) }, 413],
      ['GET', '/api/v1/nothing', undefined, 404],
      ['PUT', '/api/v1/session', {}, 405],
      ['POST', '/', {}, 405],
    ] as const;
    for (const [method, path, body, status] of cases) {
      const answer = await served.ask(path, { method, headers, body });
      assert.equal(answer.status, status, `${method} ${path}`);
      assert.match(answer.text, /^\{"error":\{"code":"/);
    }
    assert.deepEqual(served.faults, []);
  });

  test('that end before their body does are no fault of the server', async () => {
    const socket = connect(served.port, '127.0.0.1');
    socket.write(
      `POST /api/v1/session HTTP/1.1\r\nHost: ${served.host}\r\nOrigin: http://${served.host}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n{',
    );
    // The server reads the request by now.
    await once(socket, 'data');
    socket.destroy();
    for (let i = 0; i < 10; i++) await served.ask('/healthz');
    assert.deepEqual(served.faults, []);
  });

  test('name the methods that a path takes', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/api/v1/session', 'GET, HEAD, POST, DELETE'],
      ['DELETE', '/metrics', 'GET, HEAD'],
      ['POST', '/api/v1/events', 'GET, HEAD'],
      ['OPTIONS', '/', 'GET, HEAD'],
      ['PUT', '/nothing', undefined],
    ] as const) {
      const { headers } = await served.ask(path, { method });
      assert.equal(headers['allow'], allow, `${method} ${path}`);
    }
  });
});

test('every answer is what it says it is, and nothing in it is run', async () => {
  const paths = [
    '/',
    '/web-page.js',
    '/api/v1/session',
    '/api/v1/x',
    '/nothing',
    '/metrics',
    '/sd',
    '/healthz',
  ];
  for (const path of paths) {
    const { headers } = await served.ask(path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.match(String(headers['content-security-policy']), /trusted-types 'none'$/, path);
    assert.equal(headers['access-control-allow-origin'], undefined, path);
    assert.equal(headers['x-frame-options'], 'DENY', path);
  }
  // A name that a request brings comes back as JSON alone.
  const { text, headers } = await served.ask('/api/v1/networks/%3Cscript%3E/scan', {
    method: 'POST',
    headers: { cookie: await served.signIn() },
  });
  assert.match(String(headers['content-type']), /^application\/json/);
  assert.match(text, /NOT_FOUND/);
});

describe('monitoring', () => {
  test('reads metrics and health without sign-in', async () => {
    const { status, headers, text } = await served.ask('/metrics?x=1');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(text, /^# HELP /);
    const head = await served.ask('/metrics', { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
    assert.equal((await served.ask('/healthz')).text, 'ok\n');
    problem = 'office: no engine';
    const sick = await served.ask('/healthz');
    assert.deepEqual([sick.status, sick.text], [503, 'office: no engine\n']);
    problem = undefined;
  });
});

test('outlives clients that send nonsense, much, or nothing', async () => {
  assert.match(await served.sendRaw('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
  const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
  assert.match(await served.sendRaw(long), /^HTTP\/1\.1 431 /);
  // Half a request: closed when its time is over.
  assert.match(await served.sendRaw('GET /metrics HTTP/1.1\r\nHost:'), /^HTTP\/1\.1 408 /);
  assert.equal((await served.ask('/healthz')).status, 200);
});

test('refuses a body that is nested without end, as one that is wrong', async () => {
  const body = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  const { status } = await served.ask('/api/v1/session', { method: 'POST', body });
  assert.equal(status, 400);
  assert.deepEqual(served.faults, []);
});

test('says what to do if its place is taken', async () => {
  const { port } = served;
  await assert.rejects(Served.start({ port }), {
    code: 'SOCKET_FAILED',
    message: `cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE): choose another with --listen`,
  });
});

test('an address to listen on has an address and a port', () => {
  assert.deepEqual(readListenAddress('127.0.0.1:8469'), { host: '127.0.0.1', port: 8469 });
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
