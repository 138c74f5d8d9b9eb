/** The webhook against a real web server on this host: signed, bounded, and told apart by what it answers. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { retryAfterMs } from '../../../../src/inventory/http/web-request.ts';
import type { Verdict } from '../../../../src/inventory/notify/delivery.ts';
import { signature, webhookCourier } from '../../../../src/inventory/notify/webhook.ts';
import { AMPLE_TIMEOUT_MS } from '../../../patience.ts';

const MESSAGE = { id: 1, delivery: 'the-id', body: '{"ä":1}', queuedAt: new Date(0), attempts: 0 };
const SECRET = 'do not tell';

async function postTo(
  handler: RequestListener,
  timeoutMs = AMPLE_TIMEOUT_MS,
  ports: readonly number[] = [0],
): Promise<Verdict> {
  const server = createServer(handler);
  const [first, ...others] = ports;
  await new Promise<void>((resolve) => {
    // Another program may have it.
    server.on('error', () => server.listen(others.shift() ?? 0, '127.0.0.1'));
    server.listen(first, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/hook?token=secret-in-the-path`;
  const config = { url, name: 'webhook', timeoutMs };
  try {
    const courier = webhookCourier(config, SECRET, 'echosweep/1.2.3', {});
    return await courier.deliver([MESSAGE], new AbortController().signal);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a post', () => {
  test('holds the message, and who knows the secret can tell whose it is', async () => {
    let seen: { method?: string; headers: IncomingHttpHeaders; body: string } | undefined;
    const verdict = await postTo((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        seen = { method: request.method!, headers: request.headers, body };
        response.writeHead(204).end();
      });
    });
    assert.deepEqual(verdict, { isDelivered: true });
    const { method, headers, body } = seen!;
    assert.deepEqual([method, body], ['POST', MESSAGE.body]);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['user-agent'], 'echosweep/1.2.3');
    assert.equal(headers['echosweep-delivery'], 'the-id');
    const [, seconds, digest] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
      String(headers['echosweep-signature']),
    )!;
    assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60);
    assert.equal(
      digest,
      createHmac('sha256', SECRET).update(`${seconds}.${MESSAGE.body}`).digest('hex'),
    );
  });

  test('also goes to ports that browsers refuse', async () => {
    const answer: RequestListener = (_request, response) => void response.writeHead(204).end();
    assert.deepEqual(await postTo(answer, AMPLE_TIMEOUT_MS, [10_080, 6000, 6566, 6697]), {
      isDelivered: true,
    });
  });

  test('that is answered by an error says by which, and whether the message is at fault', async () => {
    for (const [status, isFinal] of [
      [500, false],
      [503, false],
      [401, false],
      [404, false],
      [429, false],
      [400, true],
      [413, true],
    ] as const) {
      const verdict = await postTo((_, response) => response.writeHead(status).end('x'));
      assert.ok(!verdict.isDelivered);
      assert.match(
        verdict.problem,
        new RegExp(`^http://127.0.0.1:\\d+ answered with status ${status}$`),
      );
      assert.equal(verdict.isFinal, isFinal, String(status));
    }
  });

  test('goes nowhere else, whoever says so', async () => {
    let visits = 0;
    const verdict = await postTo((_, response) => {
      visits++;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    assert.equal(visits, 1);
    assert.ok(!verdict.isDelivered && !verdict.isFinal);
  });

  test('waits for no answer for ever, and reads none that has no end', async () => {
    const silent = await postTo(() => {}, 100);
    assert.ok(!silent.isDelivered);
    assert.match(silent.problem, / did not answer in time$/);
    const endless = await postTo((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(timer));
    });
    assert.deepEqual(endless, { isDelivered: true });
  });

  test('is not delivered to a server that wants another protocol, which ends the wait', async () => {
    const verdict = await postTo(({ socket }) => {
      const head = [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
    });
    assert.ok(!verdict.isDelivered && !verdict.isFinal);
    assert.match(verdict.problem, / answered with status 101$/);
  });

  test('has its answer even if the explanation never ends', async () => {
    const putOff = await postTo((_, response) => {
      response.writeHead(429, { 'retry-after': '77' }).write('be');
    }, 2000);
    assert.ok(!putOff.isDelivered);
    assert.match(putOff.problem, / answered with status 429$/);
    assert.equal(putOff.retryAfterMs, 77_000);
  });

  test('that fails tells no secret, and neither path nor query', async () => {
    const refused = webhookCourier(
      { url: 'http://127.0.0.1:1/path?token=t', name: 'webhook', timeoutMs: AMPLE_TIMEOUT_MS },
      SECRET,
      'x',
      {},
    );
    const verdict = await refused.deliver([MESSAGE], new AbortController().signal);
    assert.ok(!verdict.isDelivered);
    assert.match(verdict.problem, /^http:\/\/127\.0\.0\.1:1 cannot be reached \(\S.*\)$/);
    const broken = await postTo((request) => request.socket.destroy());
    assert.ok(!broken.isDelivered);
    assert.doesNotMatch(broken.problem, /hook|token|secret|do not tell/);
  });

  test('is asked for later in seconds or by a date', () => {
    assert.equal(retryAfterMs('120', 0), 120_000);
    assert.equal(retryAfterMs('Thu, 01 Jan 1970 00:01:00 GMT', 30_000), 30_000);
    for (const nothing of [null, '', 'soon', '-5', 'Thu, 01 Jan 1970 00:00:00 GMT'])
      assert.equal(retryAfterMs(nothing, 1000), undefined);
  });
});

test('a signature is what any other HMAC-SHA256 makes of time and body', () => {
  // printf '1000000000.{}' | openssl dgst -sha256 -hmac key
  assert.equal(
    signature('key', '{}', new Date(1e12)),
    't=1000000000,v1=75b6c77cc6c239a694a465dd57e895218bcfe0130606fd23cdbfa0f49436a4b8',
  );
});
