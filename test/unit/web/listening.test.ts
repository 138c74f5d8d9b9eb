/** Where the server listens and what it takes there: sign-in, TLS, metrics, many clients and slow ones. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hashPassword } from '../../../src/inventory/password-hash.ts';
import type { LiveScan, RunningScan } from '../../../src/service/inventory.ts';
import { isLoopback } from '../../../src/web/listen-address.ts';
import { isOurHost, isOwnOrigin } from '../../../src/web/request-place.ts';
import { CERTIFICATE, KEY } from './certificate.ts';
import { linkOf, Served } from './served.ts';

const USERS = `
web:
  url: https://inventory.example
  users: { anna: { password: "${await hashPassword('correct horse')}" } }
`;

describe('an address that other machines reach', () => {
  test('is not listened on without a sign-in', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
      await assert.rejects(Served.start({ host }), {
        code: 'OPTION_INVALID',
        message: `${host} can be reached from other machines, and there is no sign-in: add web.users, web.proxy or web.oidc to echosweep.yaml, or listen on 127.0.0.1`,
      });
    }
    assert.ok(isLoopback({ host: '127.0.0.53' }));
    assert.ok(!isLoopback({ host: '128.0.0.1' }));
  });
});

describe('a name for the server', () => {
  const remote = { url: new URL('https://inventory.example'), isLoopback: false, hasTls: false };
  const local = { url: undefined, isLoopback: true, hasTls: false };

  test('is its own, this machine, or an address, which DNS cannot turn elsewhere', () => {
    for (const host of [
      'inventory.example',
      'INVENTORY.example:443',
      '192.0.2.1:8469',
      '[2001:db8::1]',
    ])
      assert.ok(isOurHost(host, remote), host);
    for (const host of [
      undefined,
      '',
      'evil.example',
      'inventory.example.evil.example',
      'x@192.0.2.1',
      '192.0.2.1/x',
      'localhost:65536',
    ])
      assert.ok(!isOurHost(host, remote), host);
    for (const host of ['localhost:9000', '127.0.0.53:8469', '[::1]:8469']) {
      assert.ok(isOurHost(host, local), host);
    }
    assert.ok(!isOurHost('192.0.2.1', local));
  });

  test('has one origin', () => {
    assert.ok(isOwnOrigin('https://inventory.example', 'inventory.example', remote));
    assert.ok(!isOwnOrigin('http://inventory.example', 'inventory.example', remote));
    assert.ok(isOwnOrigin('https://inventory.example', 'inventory.example:443', remote));
    const atPort = { ...remote, url: new URL('https://inventory.example:8443') };
    for (const host of ['inventory.example:8443', 'INVENTORY.example']) {
      assert.ok(isOwnOrigin('https://inventory.example:8443', host, atPort), host);
      assert.ok(!isOwnOrigin('https://inventory.example', host, atPort), host);
      assert.ok(!isOwnOrigin('http://inventory.example', host, atPort), host);
    }
    assert.ok(isOwnOrigin('http://inventory.example:8469', 'inventory.example:8469', atPort));
    assert.ok(isOwnOrigin('http://127.0.0.1:8469', '127.0.0.1:8469', local));
    assert.ok(!isOwnOrigin('http://127.0.0.1:8470', '127.0.0.1:8469', local));
    assert.ok(!isOwnOrigin('null', '127.0.0.1:8469', local));
    assert.ok(!isOwnOrigin(undefined, '127.0.0.1:8469', local));
    assert.ok(isOwnOrigin('https://127.0.0.1:8469', '127.0.0.1:8469', { ...local, hasTls: true }));
  });
});

describe('a certificate of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const web = `\nweb: { tls: { cert: ${cert}, key: ${key} } }\n`;
  before(() => {
    writeFileSync(cert, CERTIFICATE);
    writeFileSync(key, KEY);
  });
  after(() => rmSync(folder, { recursive: true }));

  test('encrypts, and cookies know it', async () => {
    const served = await Served.start({ web });
    assert.match(served.server.url, /^https:/);
    const link = linkOf(served.server);
    const origin = `https://${served.host}`;
    const options = { ca: CERTIFICATE, host: '127.0.0.1', port: served.port, method: 'POST' };
    const headers = { host: served.host, origin, 'content-type': 'application/json' };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ ...options, path: '/api/v1/session', headers }, resolve)
        .on('error', reject)
        .end(JSON.stringify({ link }));
    });
    response.resume();
    assert.equal(response.statusCode, 200);
    assert.match(String(response.headers['set-cookie']), /^__Host-.*; Secure; SameSite=Strict$/);
    await served.close();
  });

  test('waits no longer for a handshake than for a request', async () => {
    const served = await Served.start({ web });
    const start = performance.now();
    await served.sendRaw('');
    assert.ok(performance.now() - start < 30_000);
    await served.close();
  });

  test('is refused if it cannot be used', async () => {
    writeFileSync(key, 'nonsense');
    await assert.rejects(Served.start({ web }), { code: 'CONFIG_INVALID' });
    rmSync(key);
    await assert.rejects(Served.start({ web }), { code: 'CONFIG_INVALID' });
  });
});

describe('behind a proxy with TLS', () => {
  test('cookies are for this host alone and for encrypted connections', async () => {
    const served = await Served.start({ web: USERS });
    for (const host of ['inventory.example', 'inventory.example:443']) {
      const { headers } = await served.ask('/api/v1/session', {
        method: 'POST',
        headers: { host, origin: 'https://inventory.example' },
        body: { user: 'anna', password: 'correct horse' },
      });
      assert.match(
        String(headers['set-cookie']),
        /^__Host-echosweep-\d+=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      );
    }
    await served.close();
  });
});

describe('behind a proxy, metrics and hosts', () => {
  for (const [web, status] of [
    ['web: { url: "https://inventory.example" }', 401],
    ['web: { proxy: { from: [127.0.0.1], viewers: [otto] } }', 401],
    ['web: { url: "https://inventory.example", open-metrics: true }', 200],
    ['', 200],
  ] as const) {
    test(`are answered with ${status} without a token: ${web === '' ? 'no proxy' : web}`, async () => {
      const served = await Served.start({ web });
      for (const path of ['/metrics', '/sd']) {
        assert.equal((await served.ask(path)).status, status, path);
      }
      await served.close();
    });
  }
});

describe('events', () => {
  const cells = new Uint8Array(new SharedArrayBuffer(4));
  const live: LiveScan = {
    ranges: [{ family: 4, zone: '', first: 0xc0000204n, last: 0xc0000207n }],
    cells,
  };
  const running: RunningScan = {
    network: 'office',
    startedAt: new Date(0),
    progress: { targets: 4, done: 1, up: 1, sent: 1, received: 1, elapsedMs: 10, ratePps: 100 },
    live,
  };
  let served: Served;
  let cookie: string;
  before(async () => {
    served = await Served.start({
      parts: {
        scans: {
          runningScans: [running],
          requestedScans: [],
          startScan: () => {},
          stopScan: () => true,
        },
      },
    });
    cookie = await served.signIn();
  });
  after(() => served.close());

  /** Opens a stream. @returns its socket, and its text so far */
  async function follow(
    until: RegExp,
  ): Promise<{ socket: Socket; text: () => string; more: (until: RegExp) => Promise<void> }> {
    let text = '';
    let notice = (): void => {};
    const socket = connect(served.port, '127.0.0.1');
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      notice();
    });
    socket.write(
      `GET /api/v1/events HTTP/1.1\r\nHost: ${served.host}\r\nCookie: ${cookie}\r\n\r\n`,
    );
    const more = (pattern: RegExp): Promise<void> =>
      new Promise((resolve) => {
        notice = () => {
          if (pattern.test(text)) resolve();
        };
        notice();
      });
    await more(until);
    return { socket, text: () => text, more };
  }

  test('begin with the scan that runs, and go on with the cells that changed', async () => {
    const stream = await follow(/event: scan-progress/);
    assert.match(stream.text(), /content-type: text\/event-stream/);
    cells[2] = 7;
    served.emit({ type: 'scan-progress', network: 'office', progress: running.progress! });
    await stream.more(/"runs":\[\["192.0.2.4",4\]\],"cells":\[\[2,"Bw=="\]\]/);
    const late = await follow(/"cells":\[\[2,"Bw=="\]\]/);
    served.emit({ type: 'reloaded' });
    await Promise.all([stream.more(/event: reloaded/), late.more(/event: reloaded/)]);
    stream.socket.destroy();
    late.socket.destroy();
  });

  test('drop a client that does not read them', async (t) => {
    const complain = t.mock.method(console, 'error', () => {});
    const slow = await follow(/event: scan-progress/);
    slow.socket.pause();
    const closed = new Promise((resolve) => slow.socket.once('close', resolve));
    const network = 'x'.repeat(100_000);
    // What the system's buffers hold, and more than may wait.
    for (let i = 0; i < 200; i++) served.emit({ type: 'scan-requested', network });
    slow.socket.resume();
    await closed;
    assert.ok(slow.text().length < 200 * 100_000);
    assert.equal(complain.mock.callCount(), 0);
  });

  test('take a sign-in', async () => {
    assert.equal((await served.ask('/api/v1/events')).status, 401);
  });
});

describe('many clients', () => {
  test('a thousand connections leave the server able to answer', async () => {
    const served = await Served.start();
    const sockets = await Promise.all(
      Array.from(
        { length: 1_000 },
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(served.port, '127.0.0.1', () => resolve(socket));
            socket.on('error', () => resolve(socket));
          }),
      ),
    );
    for (const socket of sockets) socket.destroy();
    // Those that were closed are gone from the server as soon as it has read that.
    let status = 0;
    while (status !== 200) {
      status = await served.ask('/healthz').then(
        (answer) => answer.status,
        () => 0,
      );
    }
    assert.equal(status, 200);
    await served.close();
  });
});

describe('requests of one connection', () => {
  const answered = (text: string): number => text.match(/^HTTP\/1\.1 200 /gm)?.length ?? 0;

  test('are answered if they are few; many at once close it', async (t) => {
    const served = await Served.start();
    t.after(() => served.close());
    const head = `GET /healthz HTTP/1.1\r\nHost: ${served.host}\r\n`;
    const one = `${head}\r\n`;
    const last = `${head}Connection: close\r\n\r\n`;
    assert.equal(answered(await served.sendRaw(`${one.repeat(9)}${last}`)), 10);
    assert.ok(answered(await served.sendRaw(one.repeat(900))) <= 16);
    assert.equal((await served.ask('/healthz')).status, 200);
  });
});

describe('service discovery', () => {
  test('has no host before a scan, and takes no unknown place', async () => {
    const served = await Served.start();
    const { status, json, headers } = await served.ask('/sd?network=office');
    assert.deepEqual([status, json], [200, []]);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.deepEqual((await served.ask('/sd?network=nothing')).json, []);
    await served.close();
  });
});
