/** Messages to chats, against servers that check what each service documents. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostChange } from '../../../../src/inventory/diff.ts';
import { changeMessage } from '../../../../src/inventory/notify/change-message.ts';
import { chatCourier } from '../../../../src/inventory/notify/chat/chat-courier.ts';
import type { Verdict } from '../../../../src/inventory/notify/delivery.ts';
import type { DigestMessage } from '../../../../src/inventory/notify/digest.ts';
import type { TestMessage } from '../../../../src/inventory/notify/notice.ts';
import { CHAT_SERVICES, type ChatService } from '../../../../src/inventory/notify/receivers.ts';
import { HOSTILE_NAMES } from '../../../browser/hostile-names.ts';
import { AMPLE_TIMEOUT_MS } from '../../../patience.ts';
import { hourOf } from '../samples.ts';
import { type ReceivedPost, type StandIn, withStandIn } from './stand-ins.ts';

const NETWORK = { name: 'office_1', site: 'Köln *<HQ>*', tags: [] };
const never = new AbortController().signal;

function changeOf(values: Partial<HostChange> = {}): HostChange {
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

const bodyOf = (changes: readonly HostChange[]): string =>
  changeMessage(NETWORK, hourOf(0), changes);

const TEST: TestMessage = { type: 'test', schema: 1, text: 'a test, nothing has changed' };
const DIGEST: DigestMessage = {
  type: 'digest',
  schema: 1,
  made_at: hourOf(7).toISOString(),
  networks: [
    {
      network: 'office_1',
      site: null,
      last_scan: hourOf(6).toISOString(),
      doubt: null,
      targets: 254,
      up: 180,
      missing: 2,
      gone: 1,
      free: 60,
      conflicts: 1,
      new_7d: 3,
    },
  ],
  fullest_subnets: [
    { network: 'office_1', subnet: '192.0.2.0/24', used: 182, targets: 254, used_pct: 71.7 },
  ],
};

/** The address that a configuration has for the server. */
function addressAt(service: ChatService, url: string): string {
  const paths = {
    slack: '/services/T0/B0/secret',
    teams: '/workflows/secret',
    discord: '/api/webhooks/1/secret',
    ntfy: '/my-topic',
    telegram: '',
  };
  return `${url}${paths[service]}`;
}

function send(service: ChatService, { url }: StandIn, ...bodies: string[]): Promise<Verdict> {
  const receiver = { name: 'us', type: service, chat: '-100', timeoutMs: AMPLE_TIMEOUT_MS };
  const token = service === 'telegram' ? '1:secret' : service === 'ntfy' ? 'tk_secret' : undefined;
  const courier = chatCourier(receiver, addressAt(service, url), token, 'echosweep/1', {});
  const messages = bodies.map((body, id) => ({
    id,
    delivery: String(id),
    body,
    queuedAt: hourOf(0),
    attempts: 0,
  }));
  return courier.deliver(messages, never);
}

/** All that people see of a message, whatever its shape. */
function textOf(service: ChatService, { text }: ReceivedPost): string {
  const body = JSON.parse(text);
  switch (service) {
    case 'slack':
      return body.blocks.map((block: { text: { text: string } }) => block.text.text).join('\n');
    case 'teams':
      return body.attachments[0].content.body
        .flatMap((block: { inlines: { text: string }[] }) => block.inlines)
        .map((run: { text: string }) => run.text)
        .join('\n');
    case 'discord':
      return `${body.embeds[0].title}\n${body.embeds[0].description ?? ''}`;
    case 'ntfy':
      return `${body.title}\n${body.message}`;
    case 'telegram':
      return body.text;
  }
}

for (const service of CHAT_SERVICES) {
  describe(`a message to ${service}`, () => {
    test('says what changed, in a shape that the service takes', () =>
      withStandIn(service, async (standIn) => {
        const body = bodyOf([changeOf({ kind: 'back' }), changeOf({ address: '2001:db8::7' })]);
        assert.deepEqual(await send(service, standIn, body), { isDelivered: true });
        const text = textOf(service, standIn.accepted[0]!);
        assert.match(text, /2 changes: gone 1, back 1/);
        assert.match(
          text,
          /gone +2001:db8::7 +echo-reply -(>|&gt;) no-response {2}printer\.example/,
        );
        assert.ok(text.indexOf('gone  ') < text.indexOf('back  '), 'what matters most comes first');
      }));

    test('holds all scans that wait, digests with totals, and a test alone', () =>
      withStandIn(service, async (standIn) => {
        const scans = [bodyOf([changeOf()]), bodyOf([changeOf({ kind: 'new' })])];
        assert.deepEqual(await send(service, standIn, JSON.stringify(DIGEST), ...scans), {
          isDelivered: true,
        });
        assert.deepEqual(await send(service, standIn, JSON.stringify(TEST)), { isDelivered: true });
        const [digest, only] = standIn.accepted.map((post) => textOf(service, post));
        assert.match(digest!, /digest: office.{1,2}1: 2 changes: new 1, gone 1/);
        assert.match(
          digest!,
          /180 up, 2 missing, 1 gone, 3 new in 7 days, 1 in conflict, 60 of 254 free/,
        );
        assert.match(digest!, /192\.0\.2\.0\/24: 182 of 254 in use, 71\.7 %/);
        assert.match(only!, /a test, nothing has changed/);
      }));

    test('keeps hostile names text, in every length', () =>
      withStandIn(service, async (standIn) => {
        const hostile = [
          ...HOSTILE_NAMES,
          '<!channel> <@U1> @everyone @here <@&1> #general',
          '``` *b* _i_ ~s~ [x](http://198.51.100.7) `',
          '\\*\\_\\`',
          'x\ny\r\nz\u2028',
          '😀'.repeat(3000),
          '&'.repeat(5000),
          '"\\'.repeat(5000),
          '\uD800 lonely',
        ];
        for (const name of hostile) {
          const body = bodyOf([
            changeOf({ hostname: name }),
            changeOf({ kind: 'name-changed', before: name, after: name }),
          ]);
          assert.deepEqual(await send(service, standIn, body), { isDelivered: true }, name);
        }
        const all = bodyOf(hostile.map((hostname) => changeOf({ hostname })));
        assert.deepEqual(await send(service, standIn, all), { isDelivered: true });
      }));

    test('has an end, however much changed, and says what it leaves out', () =>
      withStandIn(service, async (standIn) => {
        for (const hostname of ['h.example', '&'.repeat(99), 'ü"\\'.repeat(40), null]) {
          const many = Array.from({ length: 1000 }, (_, i) =>
            changeOf({ address: `198.51.${100 + (i >> 8)}.${i & 255}`, hostname }),
          );
          const bodies = [bodyOf(many), ...many.slice(0, 50).map((change) => bodyOf([change]))];
          assert.deepEqual(await send(service, standIn, ...bodies), { isDelivered: true });
          const text = textOf(service, standIn.accepted.at(-1)!);
          const shown = text.match(/gone +198\.51/g)!.length;
          const left = Number(/and (\d+) more: echosweep inventory changes/.exec(text)![1]);
          assert.ok(shown >= 10, String(shown));
          assert.equal(shown + left, 1050);
        }
      }));

    test('that comes too soon waits as long as the service wants', () =>
      withStandIn(service, async (standIn) => {
        const inBody = service === 'telegram' || service === 'discord';
        const body =
          service === 'telegram'
            ? { ok: false, error_code: 429, parameters: { retry_after: 35 } }
            : { message: 'rate limited', retry_after: 35, global: false };
        standIn.answers.push(
          inBody ? { status: 429, body } : { status: 429, headers: { 'retry-after': '35' } },
        );
        const verdict = await send(service, standIn, bodyOf([changeOf()]));
        assert.ok(!verdict.isDelivered && !verdict.isFinal);
        assert.equal(verdict.retryAfterMs, 35_000);
        assert.doesNotMatch(verdict.problem, /secret/);
      }));
  });
}

describe('a chat', () => {
  test('of ntfy gets its token, and a priority by severity', () =>
    withStandIn('ntfy', async (standIn) => {
      await send('ntfy', standIn, bodyOf([changeOf()]));
      await send('ntfy', standIn, bodyOf([changeOf({ kind: 'back' })]));
      const [alarm, info] = standIn.accepted;
      assert.equal(alarm!.headers.authorization, 'Bearer tk_secret');
      assert.equal(JSON.parse(alarm!.text).topic, 'my-topic');
      assert.deepEqual(
        [alarm, info].map((post) => JSON.parse(post!.text).priority),
        [4, 2],
      );
    }));

  test('of Telegram that the bot cannot write to yet costs no message, and one that is refused does', () =>
    withStandIn('telegram', async (standIn) => {
      const refused = (description: string) => ({
        status: 400,
        body: { ok: false, error_code: 400, description },
      });
      standIn.answers.push(refused('Bad Request: chat not found'));
      standIn.answers.push(refused('Bad Request: message is too long'));
      const body = bodyOf([changeOf()]);
      const verdicts = [
        await send('telegram', standIn, body),
        await send('telegram', standIn, body),
      ];
      assert.deepEqual(
        verdicts.map((verdict) => !verdict.isDelivered && verdict.isFinal),
        [false, true],
      );
    }));

  test('is not written to with what cannot be its token or topic, which no message repeats', () => {
    const courierOf = (type: ChatService, url: string, token?: string) => () =>
      chatCourier({ name: 'us', type, chat: '1', timeoutMs: 1 }, url, token, 'x', {});
    for (const call of [
      courierOf('telegram', 'https://t.example', '../secret'),
      courierOf('telegram', 'https://t.example'),
      courierOf('ntfy', 'https://n.example/topic', 'secret\r\nx: y'),
      courierOf('ntfy', 'https://n.example/secret topic'),
    ]) {
      assert.throws(call, (error: Error) => {
        assert.doesNotMatch(error.message, /secret/);
        return (error as Error & { code: string }).code === 'CONFIG_INVALID';
      });
    }
  });
});
