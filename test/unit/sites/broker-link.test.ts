/** Which lines are taken for cut: a server that sends a large message answers no ping before its end. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { mock, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ConnectionState } from '../../../src/sites/broker.ts';
import { BrokerLink } from '../../../src/sites/nats/broker-link.ts';
import { newKeyPair } from '../../../src/sites/nats/keys.ts';

/** As `BrokerLink` has it. */
const PING_EVERY_MS = 5_000;
const FACTS = { server_id: 'A', version: '2.10.0', proto: 1, headers: true, max_payload: 1 << 20 };

/** A server that answers pings until it is on a line of which the test decides what it carries. */
class SlowServer {
  readonly #server = createServer((socket) => this.#talk(socket));
  #client: Socket | undefined;
  #unanswered = 0;
  #isSilent = false;

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async write(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.#client!.write(text, () => resolve()));
  }

  set isSilent(isSilent: boolean) {
    this.#isSilent = isSilent;
    this.#answer();
  }

  close(): void {
    this.#client?.destroy();
    this.#server.close();
  }

  #talk(socket: Socket): void {
    this.#client = socket;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      this.#unanswered += data.toString('latin1').match(/^PING\r$/gm)?.length ?? 0;
      this.#answer();
    });
    socket.write(`INFO ${JSON.stringify(FACTS)}\r\n`);
  }

  #answer(): void {
    if (this.#isSilent) return;
    this.#client?.write('PONG\r\n'.repeat(this.#unanswered));
    this.#unanswered = 0;
  }
}

/** A link over which all has been said for now, to a server that answers nothing any more. */
async function silentLink(context: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  const server = new SlowServer();
  const states: ConnectionState[] = [];
  const messages: number[] = [];
  let connection: NatsConnection | undefined;
  const link = new BrokerLink(
    {
      urls: [await server.listen()],
      ca: undefined,
      seed: newKeyPair().seed,
      name: 'berlin/a1',
      inboxPrefix: 'inbox',
      whose: 'berlin/a1',
      keyAdvice: '',
    },
    async (made) => {
      connection = made;
      made.subscribe('work', { callback: (_, { data }) => void messages.push(data.length) });
      await made.flush();
    },
  );
  context.after(async () => {
    server.isSilent = false;
    await link.close();
    server.close();
    mock.timers.reset();
  });
  const connected = new Promise<void>((resolve) => {
    link.onConnection((state) => {
      states.push(state);
      resolve();
    });
  });
  await connected;
  server.isSilent = true;
  return { link, server, states, messages, connection: connection! };
}

/** Lets the client make the ping that is due. */
async function nextPing(): Promise<void> {
  mock.timers.tick(PING_EVERY_MS);
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}

test('a line on which a large message arrives is not cut, however late pings are answered', async (context) => {
  const { server, states, messages } = await silentLink(context);
  const [pieces, octets] = [10, 38_000];
  await server.write(`MSG work 1 ${pieces * octets}\r\n`);
  for (let piece = 0; piece < pieces; piece++) {
    await server.write('x'.repeat(octets));
    await nextPing();
    assert.deepEqual(states, [{ isConnected: true }], `after piece ${piece}`);
  }
  await server.write('\r\n');
  while (messages.length === 0) await setImmediate();
  assert.deepEqual(messages, [pieces * octets]);
});

test('a line on which nothing arrives is cut at the third ping', async (context) => {
  const { states } = await silentLink(context);
  for (let ping = 0; ping < 2; ping++) await nextPing();
  assert.deepEqual(states, [{ isConnected: true }]);
  await nextPing();
  assert.equal(states[1]?.isConnected, false);
});

test('while a large message is sent, its time at 32 kbit/s is added', async (context) => {
  const { link, states } = await silentLink(context);
  void link.sendLarge(60_000, () => new Promise(() => {}));
  for (let ping = 0; ping < 5; ping++) await nextPing();
  assert.deepEqual(states, [{ isConnected: true }]);
  await nextPing();
  assert.equal(states[1]?.isConnected, false);
});

test('large messages are sent one after the other, also after one that failed', async (context) => {
  const { link } = await silentLink(context);
  const order: string[] = [];
  const slowly = (name: string, fails: boolean) => async (_: unknown, timeMs: number) => {
    order.push(`${name} may take ${timeMs} ms, ${link.busyMs} are known of`);
    await setImmediate();
    order.push(`${name} ends`);
    if (fails) throw new Error(name);
    return name;
  };
  const first = link.sendLarge(1000, slowly('first', true));
  const second = link.sendLarge(2000, slowly('second', false));
  await assert.rejects(first, /first/);
  assert.equal(await second, 'second');
  assert.equal(link.busyMs, 0);
  assert.deepEqual(order, [
    'first may take 250 ms, 250 are known of',
    'first ends',
    'second may take 500 ms, 500 are known of',
    'second ends',
  ]);
});
