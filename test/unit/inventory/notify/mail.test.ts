/** Mail against a real mail server on this host, and what it says whatever strangers called their hosts. */

import assert from 'node:assert/strict';
import dns from 'node:dns';
import { type AddressInfo, createServer } from 'node:net';
import { describe, mock, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { ChangeMessage } from '../../../../src/inventory/notify/change-message.ts';
import { mailCourier, mailText } from '../../../../src/inventory/notify/mail.ts';
import type { MailConfig } from '../../../../src/inventory/notify/receivers.ts';
import { AMPLE_TIMEOUT_MS } from '../../../patience.ts';

function messageAbout(values: Partial<ChangeMessage['changes'][0]> = {}): ChangeMessage {
  return {
    type: 'changes',
    schema: 1,
    network: 'office',
    site: 'Berlin',
    tags: [],
    scanned_at: '2026-03-01T00:00:00.000Z',
    severity: 'alarm',
    changes: [
      {
        address: '192.0.2.7',
        hostname: 'printer.example',
        change: 'gone',
        severity: 'alarm',
        before: 'echo-reply',
        after: null,
        seen_at: '2026-03-01T00:00:01.000Z',
        vendor_before: null,
        vendor_after: null,
        ...values,
      },
    ],
  };
}

describe('the text', () => {
  test('says of each scan what changed', () => {
    assert.deepEqual(mailText([messageAbout(), messageAbout({ change: 'new', hostname: null })]), {
      subject: 'echosweep: office: 2 changes: new 1, gone 1',
      text: [
        'office (Berlin), scanned at 2026-03-01T00:00:00.000Z: 1 change: gone 1',
        '',
        '  gone             192.0.2.7        echo-reply -> -  printer.example',
        '',
        'office (Berlin), scanned at 2026-03-01T00:00:00.000Z: 1 change: new 1',
        '',
        '  new              192.0.2.7        echo-reply -> -',
        '',
        '-- ',
        'echosweep',
        '',
      ].join('\n'),
    });
  });

  test('has an end, however much changed', () => {
    const [one] = messageAbout().changes;
    const { subject, text } = mailText([
      { ...messageAbout(), changes: Array.from({ length: 70_000 }, () => one!) },
      messageAbout(),
    ]);
    assert.match(subject, /70,001 changes/);
    assert.ok(text.length < 50_000);
    assert.match(text, /and 69500 more: echosweep inventory changes has them all/);
  });
});

interface Received {
  readonly user: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

const MAIL = {
  host: '127.0.0.1',
  security: 'none',
  name: 'mail',
  user: undefined,
  from: 'net@example.net',
  to: ['a@example.net', 'b@example.net'],
  timeoutMs: AMPLE_TIMEOUT_MS,
} as const;

function queuedFor(message: ChangeMessage) {
  const body = JSON.stringify(message);
  return { id: 1, delivery: 'd', body, queuedAt: new Date(0), attempts: 0 };
}

/** Sends one message to a server that behaves as `options` say. */
async function send(
  message: ChangeMessage,
  options: SMTPServerOptions = {},
  config: Partial<MailConfig> = {},
) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'pass' ? done(null, { user: username! }) : done(new Error('wrong')),
    onData: (stream, { envelope, user }, done) => {
      let data = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        data += text;
      });
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        received.push({ user: user === undefined ? undefined : String(user), from, to, data });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const courier = mailCourier({ ...MAIL, port, ...config }, 'pass');
  try {
    return {
      verdict: await courier.deliver([queuedFor(message)], new AbortController().signal),
      received,
    };
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** The parts of a mail; encoded words and lines are left as they are. */
function partsOf(data: string): { readonly headers: string; readonly text: string } {
  const end = data.indexOf('\r\n\r\n');
  return { headers: data.slice(0, end), text: data.slice(end + 4) };
}

describe('a mail', () => {
  test('reaches everybody who is named, and says that a machine wrote it', async () => {
    const { verdict, received } = await send(messageAbout());
    assert.deepEqual(verdict, { isDelivered: true });
    assert.equal(received.length, 1);
    const { from, to, data } = received[0]!;
    assert.deepEqual([from, to], ['net@example.net', ['a@example.net', 'b@example.net']]);
    const { headers, text } = partsOf(data);
    assert.match(headers, /^Subject: echosweep: office: 1 change: gone 1\r$/m);
    assert.match(headers, /^Message-ID: <[0-9a-f]{32}@echosweep>\r$/m);
    assert.match(headers, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(text, /192\.0\.2\.7 +echo-reply -> - {2}printer\.example/);
  });

  test('no name of a host becomes a header, a line or an order to the terminal', async () => {
    const hostname =
      'x\r\nBcc: all@example.net\r\n\r\n.\r\nMAIL FROM:<x@y>\r\n\u001b]0;t\u0007\u202e';
    const { verdict, received } = await send(messageAbout({ hostname, before: hostname }));
    assert.deepEqual(verdict, { isDelivered: true });
    assert.equal(received.length, 1);
    assert.deepEqual(received[0]!.to, ['a@example.net', 'b@example.net']);
    assert.doesNotMatch(received[0]!.data, /^(Bcc|MAIL)/im);
    for (const trick of ['\u001b', '\u0007', '\u202e', '=1B', '=07', '=E2=80=AE'])
      assert.ok(!received[0]!.data.includes(trick), trick);
  });

  test('that a server refuses for one of its recipients reaches the others, and says whom it did not', async () => {
    const { verdict, received } = await send(messageAbout(), {
      onRcptTo: ({ address }, _session, done) =>
        address === 'b@example.net'
          ? done(Object.assign(new Error('no'), { responseCode: 550 }))
          : done(),
    });
    assert.deepEqual(received[0]!.to, ['a@example.net']);
    assert.deepEqual(verdict, {
      isDelivered: true,
      problem: '127.0.0.1 did not take the mail for b@example.net (reply 550)',
    });
  });

  test('is sent by the user who is configured', async () => {
    const auth = { authOptional: false };
    const { received } = await send(messageAbout(), auth, { user: 'robot' });
    assert.equal(received[0]?.user, 'robot');
  });

  test('waits where the server will have none now, and not where it never will', async () => {
    const refuse = (responseCode: number): SMTPServerOptions => ({
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error('no'), { responseCode })),
    });
    for (const [code, isFinal] of [
      [451, false],
      [452, false],
      [550, false],
      [553, true],
    ] as const) {
      const { verdict } = await send(messageAbout(), refuse(code));
      assert.ok(!verdict.isDelivered);
      assert.equal(verdict.isFinal, isFinal, String(code));
      assert.equal(verdict.problem, `127.0.0.1 did not take the mail (reply ${code})`);
    }
  });

  test('goes to no server that cannot prove its name, and no password goes in the clear', async () => {
    for (const [security, options] of [
      ['starttls', {}],
      ['starttls', { hideSTARTTLS: true }],
      ['tls', { secure: true }],
      ['tls', {}],
    ] as const) {
      const { verdict, received } = await send(messageAbout(), options, {
        security,
        user: 'robot',
      });
      assert.ok(!verdict.isDelivered && !verdict.isFinal);
      assert.doesNotMatch(verdict.problem, /pass\b/);
      assert.deepEqual(received, []);
    }
  });

  test('reaches a server that the hosts file names while no name server answers', async () => {
    for (const query of ['resolve4', 'resolve6'] as const)
      mock.method(dns.Resolver.prototype, query, () => {});
    try {
      const { verdict } = await send(messageAbout(), {}, { host: 'localhost' });
      assert.deepEqual(verdict, { isDelivered: true });
    } finally {
      mock.restoreAll();
    }
  });

  test('that nobody takes waits no longer than it may', async () => {
    const startedAt = performance.now();
    const { verdict } = await send(messageAbout(), { onConnect: () => {} }, { timeoutMs: 200 });
    assert.ok(!verdict.isDelivered);
    assert.ok(performance.now() - startedAt < 5000);
  });

  test('waits no longer for a server that answers a little at a time, nor once it is to stop', async () => {
    const dripping = createServer((socket) => {
      const timer = setInterval(() => socket.write('220-not yet\r\n'), 20);
      socket.on('error', () => {}).on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve));
    const { port } = dripping.address() as AddressInfo;
    for (const [timeoutMs, stopMs] of [
      [100, undefined],
      [60_000, 100],
    ] as const) {
      const startedAt = performance.now();
      const signal =
        stopMs === undefined ? new AbortController().signal : AbortSignal.timeout(stopMs);
      const courier = mailCourier({ ...MAIL, port, timeoutMs }, undefined);
      const { isDelivered } = await courier.deliver([queuedFor(messageAbout())], signal);
      assert.ok(!isDelivered);
      assert.ok(performance.now() - startedAt < 5000);
    }
    const stopped = mailCourier({ ...MAIL, port, timeoutMs: 60_000 }, undefined);
    const verdict = await stopped.deliver([queuedFor(messageAbout())], AbortSignal.abort());
    assert.ok(!verdict.isDelivered);
    await new Promise<void>((resolve) => dripping.close(() => resolve()));
  });
});
