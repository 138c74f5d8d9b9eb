/** Changes sent to a real syslog server on this host: over UDP, TCP and TLS, and to one that is not there. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { HostChange } from '../../../../src/inventory/diff.ts';
import { CHANGE_KINDS } from '../../../../src/inventory/host-memory.ts';
import { changeMessage } from '../../../../src/inventory/notify/change-message.ts';
import type { SyslogConfig } from '../../../../src/inventory/notify/receivers.ts';
import { changeLines, syslogCourier } from '../../../../src/inventory/notify/syslog.ts';
import { WARNED_OF } from '../../../../src/report/syslog-line.ts';
import { HOSTILE_NAMES } from '../../../browser/hostile-names.ts';
import { AMPLE_TIMEOUT_MS } from '../../../patience.ts';
import { readSyslog } from '../../report/syslog-reader.ts';
import { hourOf } from '../samples.ts';

const NETWORK = { name: 'office', site: 'Köln "2]', tags: ['lan', 'a\\b'] };

function changeOf(values: Partial<HostChange>): HostChange {
  return {
    kind: 'gone',
    address: '192.0.2.7',
    hostname: 'printer.example',
    before: 'echo-reply',
    after: 'no-response',
    seenAt: hourOf(1),
    ...values,
  };
}

function queued(changes: readonly HostChange[]) {
  const body = changeMessage(NETWORK, hourOf(1), changes);
  return { id: 1, delivery: 'the-id', body, queuedAt: new Date(0), attempts: 0 };
}

const MESSAGES = [
  queued([changeOf({}), changeOf({ kind: 'new', address: '2001:db8::7', hostname: null })]),
  queued(
    HOSTILE_NAMES.map((hostname) => changeOf({ kind: 'name-changed', after: hostname, hostname })),
  ),
];
const EXPECTED = MESSAGES.flatMap(({ body }) => changeLines(JSON.parse(body), 'local3'));

function configOf(values: Partial<SyslogConfig>): SyslogConfig {
  return {
    host: '127.0.0.1',
    port: 0,
    transport: 'udp',
    facility: 'local3',
    name: 'syslog',
    timeoutMs: AMPLE_TIMEOUT_MS,
    ...values,
  };
}

function deliver(values: Partial<SyslogConfig>, signal = new AbortController().signal) {
  return syslogCourier(configOf(values)).deliver(MESSAGES, signal);
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as { port: number }).port;
}

/** Everything that the next connection brings until its end. */
async function received(server: Server, event = 'connection'): Promise<Buffer> {
  const [socket] = (await once(server, event)) as [Socket];
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** The messages of a stream with octet counts (RFC 6587 section 3.4.1). */
function unframed(stream: Buffer): string[] {
  const messages: string[] = [];
  let at = 0;
  while (at < stream.length) {
    const blank = stream.indexOf(' ', at);
    const count = stream.toString('ascii', at, blank);
    assert.match(count, /^[1-9]\d*$/);
    at = blank + 1 + Number(count);
    assert.ok(at <= stream.length);
    messages.push(stream.toString('utf8', blank + 1, at));
  }
  return messages;
}

describe('a change', () => {
  test('is a message with its values, the text for a person in plain ASCII', () => {
    const [line] = changeLines(JSON.parse(MESSAGES[0]!.body), 'local3', 'scanner.example');
    assert.deepEqual(readSyslog(line!), {
      facility: 19,
      severity: 4,
      time: hourOf(1).toISOString(),
      hostname: 'scanner.example',
      kind: 'change',
      id: 'echosweep@32473',
      values: {
        address: '192.0.2.7',
        hostname: 'printer.example',
        change: 'gone',
        before: 'echo-reply',
        after: 'no-response',
        network: 'office',
        site: 'Köln "2]',
        tags: 'lan,a\\b',
      },
      text: 'gone 192.0.2.7',
    });
  });

  test('of a hostile host is one message that holds the name as a value', () => {
    for (const line of EXPECTED) {
      assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
      assert.equal(readSyslog(line).values['network'], 'office');
    }
    assert.equal(readSyslog(EXPECTED[2]!).values['after'], HOSTILE_NAMES[0]);
  });

  test('that needs a look is a warning, and such kinds of change there are', () => {
    for (const kind of WARNED_OF)
      assert.ok((CHANGE_KINDS as readonly string[]).includes(kind), kind);
    const severities = CHANGE_KINDS.map((kind) => {
      const { body } = queued([changeOf({ kind })]);
      return readSyslog(changeLines(JSON.parse(body), 'daemon')[0]!).severity;
    });
    assert.deepEqual([...new Set(severities)].sort(), [4, 5]);
  });
});

describe('a syslog server', () => {
  test('gets each change in a datagram', async () => {
    const server = createSocket('udp4');
    await once(server.bind(0, '127.0.0.1'), 'listening');
    const lines: string[] = [];
    const all = new Promise<void>((resolve) => {
      server.on('message', (message) => {
        if (lines.push(message.toString()) === EXPECTED.length) resolve();
      });
    });
    assert.deepEqual(await deliver({ port: server.address().port }), { isDelivered: true });
    await all;
    server.close();
    assert.deepEqual(lines, EXPECTED);
  });

  test('gets each change over TCP with its length in octets', async () => {
    const server = createServer();
    const port = await listening(server);
    const [verdict, stream] = await Promise.all([
      deliver({ port, transport: 'tcp' }),
      received(server),
    ]);
    server.close();
    assert.deepEqual(verdict, { isDelivered: true });
    assert.deepEqual(unframed(stream), EXPECTED);
  });

  test('gets nothing over TLS unless its certificate is trusted', async () => {
    // Without a certificate a server can only refuse.
    const server = createTlsServer({}).on('tlsClientError', () => {});
    const port = await listening(server);
    const verdict = await deliver({ port, transport: 'tls' });
    server.close();
    assert.ok(!verdict.isDelivered && !verdict.isFinal);
    // OpenSSL has two names for it.
    assert.match(
      verdict.problem,
      /^127\.0\.0\.1 cannot be reached \(ERR_SSL_(SSLV3|SSL\/TLS)_ALERT_HANDSHAKE_FAILURE\)$/,
    );
  });

  for (const transport of ['tcp', 'tls'] as const) {
    test(`that is down gets the messages later (${transport})`, async () => {
      const server = createServer();
      const port = await listening(server);
      await new Promise((closed) => server.close(closed));
      assert.deepEqual(await deliver({ port, transport }), {
        isDelivered: false,
        problem: '127.0.0.1 cannot be reached (ECONNREFUSED)',
        isFinal: false,
      });
    });
  }

  test('that is down is noticed over UDP if there are several changes', async () => {
    const server = createSocket('udp4');
    await once(server.bind(0, '127.0.0.1'), 'listening');
    const { port } = server.address();
    await new Promise<void>((closed) => server.close(closed));
    assert.deepEqual(await deliver({ port }), {
      isDelivered: false,
      problem: '127.0.0.1 cannot be reached (ECONNREFUSED)',
      isFinal: false,
    });
  });

  test('that breaks the connection has not taken the messages', async () => {
    const server = createServer((socket) => socket.resetAndDestroy());
    const port = await listening(server);
    const verdict = await deliver({ port, transport: 'tcp' });
    server.close();
    assert.equal(verdict.isDelivered, false);
  });

  test('that closes the connection before it could read has not taken them', async () => {
    const server = createServer((socket) => socket.end().on('error', () => {}));
    const port = await listening(server);
    // More than the buffers on the way take at once.
    const after = 'x'.repeat(1000);
    const many = queued(Array.from({ length: 20_000 }, () => changeOf({ after })));
    const config = configOf({ port, transport: 'tcp' });
    const verdict = await syslogCourier(config).deliver([many], new AbortController().signal);
    server.close();
    assert.deepEqual(verdict, {
      isDelivered: false,
      problem: '127.0.0.1 closed the connection before the messages ended',
      isFinal: false,
    });
  });

  const CLOSINGS: Readonly<Record<string, (socket: Socket) => unknown>> = {
    'closes the connection at once': (socket) => socket.destroy(),
    'sends its end at once and reads nothing': (socket) => socket.end(),
  };
  for (const [what, close] of Object.entries(CLOSINGS)) {
    test(`that ${what} has not taken a few messages`, async () => {
      const server = createServer((socket) => void close(socket.on('error', () => {})));
      const port = await listening(server);
      // One after the other: each is accepted in the turn of the event loop in which it is opened.
      const verdicts: boolean[] = [];
      for (let connection = 0; connection < 5; connection++) {
        verdicts.push((await deliver({ port, transport: 'tcp' })).isDelivered);
      }
      server.close();
      assert.deepEqual(verdicts, Array(5).fill(false));
    });
  }

  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    test(`gets nothing any more once it is to stop (${transport})`, async () => {
      let connections = 0;
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        connections++;
        socket.resume().on('error', () => {});
      });
      const port = await listening(server);
      const verdict = await deliver({ port, transport }, AbortSignal.abort());
      server.close();
      assert.ok(!verdict.isDelivered);
      assert.equal(connections, 0);
    });
  }

  test('that takes the messages and hangs has not taken them', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.resume());
    const port = await listening(server);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const verdict = await deliver({ port, transport: 'tcp', timeoutMs: 50 });
    const [socket] = await accepted;
    socket.destroy();
    server.close();
    assert.deepEqual(verdict, {
      isDelivered: false,
      problem: '127.0.0.1 did not answer in time',
      isFinal: false,
    });
  });
});
