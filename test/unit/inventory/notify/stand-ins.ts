/** Web servers on this host that take messages as the services do: each checks what its service documents. */

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChatService } from '../../../../src/inventory/notify/receivers.ts';

/** What a service answers to a request. */
export interface ServiceAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ReceivedPost {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface StandIn {
  readonly url: string;
  /** Messages that the service accepted, in order. */
  readonly accepted: readonly ReceivedPost[];
  /** What it answers to the next requests, before it reads them. */
  readonly answers: ServiceAnswer[];
}

type Json = Readonly<Record<string, unknown>>;

const PATHS: Readonly<Record<ChatService, string>> = {
  slack: '/services/T0/B0/secret',
  teams: '/workflows/secret',
  discord: '/api/webhooks/1/secret',
  ntfy: '/',
  telegram: '/bot1:secret/sendMessage',
};

/** Lends a server for as long as the body runs. */
export async function withStandIn(
  service: ChatService,
  body: (standIn: StandIn) => Promise<void>,
): Promise<void> {
  const accepted: ReceivedPost[] = [];
  const answers: ServiceAnswer[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      const post = { path: request.url!, headers: request.headers, text };
      const answer = answers.shift() ?? answerOf(service, post);
      if (answer.status < 300) accepted.push(post);
      response.writeHead(answer.status, answer.headers);
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await body({ url: `http://127.0.0.1:${port}`, accepted, answers });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function answerOf(service: ChatService, post: ReceivedPost): ServiceAnswer {
  const { path, headers, text } = post;
  if (path !== PATHS[service]) return { status: 404, body: 'no such place' };
  if (headers['content-type'] !== 'application/json') return { status: 415 };
  try {
    CHECKS[service](JSON.parse(text) as Json, Buffer.byteLength(text));
  } catch (error) {
    return { status: 400, body: String(error) };
  }
  return ACCEPTED[service];
}

const ACCEPTED: Readonly<Record<ChatService, ServiceAnswer>> = {
  slack: { status: 200, body: 'ok' },
  teams: { status: 202 },
  discord: { status: 204 },
  ntfy: { status: 200, body: { id: 'x', event: 'message' } },
  telegram: { status: 200, body: { ok: true, result: {} } },
};

const CHECKS: Readonly<Record<ChatService, (body: Json, octets: number) => void>> = {
  slack: checkSlack,
  teams: checkTeams,
  discord: checkDiscord,
  ntfy: checkNtfy,
  telegram: checkTelegram,
};

function lengthWithin(text: unknown, least: number, most: number): string {
  assert.ok(
    typeof text === 'string' && text.length >= least && text.length <= most,
    `length ${text}`,
  );
  return text;
}

/** Keys that a service does not know are mistakes here, though some services ignore them. */
function onlyKeys(value: unknown, keys: readonly string[]): Json {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value));
  for (const key of Object.keys(value)) assert.ok(keys.includes(key), `unknown ${key}`);
  return value as Json;
}

function list(value: unknown, least: number, most: number): readonly unknown[] {
  assert.ok(
    Array.isArray(value) && value.length >= least && value.length <= most,
    'length of list',
  );
  return value;
}

/** https://docs.slack.dev/reference/block-kit/blocks, and the length at which `msg_blocks_too_long` was seen. */
function checkSlack(body: Json): void {
  onlyKeys(body, ['text', 'blocks', 'unfurl_links', 'unfurl_media']);
  assertSlackText(lengthWithin(body['text'], 1, 40_000));
  let total = 0;
  for (const block of list(body['blocks'], 1, 50)) {
    const { type, text } = onlyKeys(block, ['type', 'text']);
    const { type: format, ...content } = onlyKeys(text, ['type', 'text', 'emoji', 'verbatim']);
    if (type === 'header') {
      assert.equal(format, 'plain_text');
      assert.equal(content['verbatim'], undefined);
      total += lengthWithin(content['text'], 1, 150).length;
    } else {
      assert.deepEqual([type, format, content['verbatim']], ['section', 'mrkdwn', true]);
      const section = lengthWithin(content['text'], 1, 3000);
      assert.match(section, /^```[^`]+```$/);
      assertSlackText(section);
      total += section.length;
    }
  }
  assert.ok(total < 13_000, 'msg_blocks_too_long');
}

/** `<…>` would be a link or a mention, and & begins one of three entities. */
function assertSlackText(text: string): void {
  assert.doesNotMatch(text, /[<>]|&(?!(amp|lt|gt);)/);
}

/** Adaptive Cards 1.4, and the size that Teams allows a message. */
function checkTeams(body: Json, octets: number): void {
  assert.ok(octets <= 21_000, 'too large');
  assert.equal(onlyKeys(body, ['type', 'attachments'])['type'], 'message');
  const [attachment] = list(body['attachments'], 1, 1);
  const { contentType, content, contentUrl } = onlyKeys(attachment, [
    'contentType',
    'contentUrl',
    'content',
  ]);
  assert.deepEqual([contentType, contentUrl], ['application/vnd.microsoft.card.adaptive', null]);
  const card = onlyKeys(content, ['$schema', 'type', 'version', 'fallbackText', 'msteams', 'body']);
  assert.deepEqual([card['type'], card['version']], ['AdaptiveCard', '1.4']);
  for (const element of list(card['body'], 1, 1000)) {
    const { type, inlines, spacing } = onlyKeys(element, ['type', 'inlines', 'spacing']);
    assert.equal(type, 'RichTextBlock');
    assert.ok(['None', 'Default', 'Medium'].includes(String(spacing)));
    for (const inline of list(inlines, 1, 100)) {
      const run = onlyKeys(inline, ['type', 'text', 'size', 'weight', 'color', 'fontType']);
      assert.equal(run['type'], 'TextRun');
      assert.doesNotMatch(lengthWithin(run['text'], 1, 1000), /\n/);
    }
  }
}

/** https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
function checkDiscord(body: Json): void {
  onlyKeys(body, ['embeds', 'allowed_mentions']);
  assert.deepEqual(body['allowed_mentions'], { parse: [] });
  let total = 0;
  for (const each of list(body['embeds'], 1, 10)) {
    const embed = onlyKeys(each, ['title', 'description', 'color']);
    total += lengthWithin(embed['title'], 1, 256).length;
    const { description, color } = embed;
    assert.ok(Number.isInteger(color) && Number(color) >= 0 && Number(color) <= 0xffffff);
    if (description === undefined) continue;
    total += lengthWithin(description, 1, 4096).length;
    assert.match(String(description), /^```\n[^`]+\n```$/);
  }
  assert.ok(total <= 6000);
}

/** https://docs.ntfy.sh/publish/#publish-as-json and #limitations */
function checkNtfy(body: Json, octets: number): void {
  assert.ok(octets <= 8192, 'too large for JSON');
  onlyKeys(body, ['topic', 'title', 'message', 'priority', 'tags']);
  assert.match(String(body['topic']), /^[-_A-Za-z0-9]{1,64}$/);
  lengthWithin(body['title'], 1, 250);
  assert.ok(Buffer.byteLength(lengthWithin(body['message'], 1, 4096)) < 4096, 'an attachment');
  assert.ok([1, 2, 3, 4, 5].includes(Number(body['priority'])));
  if (body['tags'] !== undefined) list(body['tags'], 1, 5);
}

/** https://core.telegram.org/bots/api#sendmessage; lengths and offsets are in UTF-16 code units. */
function checkTelegram(body: Json): void {
  onlyKeys(body, ['chat_id', 'text', 'entities', 'link_preview_options', 'disable_notification']);
  assert.match(String(body['chat_id']), /^(-?\d+|@\w+)$/);
  const text = lengthWithin(body['text'], 1, 4096);
  assert.equal(text, text.trim(), 'blanks at the ends are cut off, and offsets are wrong then');
  let end = 0;
  for (const entity of list(body['entities'], 1, 100)) {
    const { type, offset, length } = onlyKeys(entity, ['type', 'offset', 'length']);
    assert.ok(type === 'bold' || type === 'pre');
    assert.ok(Number(offset) >= end && Number(length) > 0, 'entities overlap');
    end = Number(offset) + Number(length);
  }
  assert.equal(end, text.length, 'everything at the end is in an entity');
}
