/** What an agent's key can do on the server besides its work, tried as an attacker would, on each version of the server. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { decodeControl } from '../../src/sites/contract/control.ts';
import { HUB_SOCKET, notifyHub } from '../../src/sites/hub/hub-control.ts';
import { HubFolder } from '../../src/sites/hub/hub-folder.ts';
import { RunningHub } from '../../src/sites/hub/running-hub.ts';
import type { BrokerAccess, JoinFile } from '../../src/sites/join-file.ts';
import { connectHub } from '../../src/sites/nats/connected-hub.ts';
import { NatsAgent } from '../../src/sites/nats/nats-agent.ts';
import type { NatsHub } from '../../src/sites/nats/nats-hub.ts';
import { assertSoon } from '../machine-speed.ts';
import { labTestUnless } from './lab-test.ts';
import { TRIED_SERVERS, type TriedServer } from './nats-servers.ts';
import { freshFolder, until } from './run.ts';

const LEASE_MS = 60_000;
const PULL = '$JS.API.CONSUMER.MSG.NEXT.ES_WORK.site-berlin';
const ONE_NOW = '{"batch":1,"no_wait":true}';

/** As the key of berlin/a1. */
const FORBIDDEN_TO_PUBLISH = [
  // Chunks, results and acknowledgements of others.
  '$JS.API.CONSUMER.MSG.NEXT.ES_WORK.site-paris',
  '$JS.API.CONSUMER.INFO.ES_WORK.site-paris',
  '$JS.API.CONSUMER.DELETE.ES_WORK.site-paris',
  '$JS.API.CONSUMER.DELETE.ES_WORK.site-berlin',
  '$JS.API.CONSUMER.CREATE.ES_WORK',
  '$JS.API.CONSUMER.CREATE.ES_RESULT',
  '$JS.API.CONSUMER.DURABLE.CREATE.ES_WORK.site-berlin',
  '$JS.API.CONSUMER.MSG.NEXT.ES_RESULT.scan-s1',
  '$JS.ACK.ES_WORK.site-paris.1.1.1.1.1',
  '$JS.ACK.ES_WORK.site-paris.ES_WORK.site-berlin.1.1.1',
  '$JS.ACK.ES_RESULT.scan-s1.1.1.1.1.1',
  '$JS.API.STREAM.MSG.GET.ES_RESULT',
  '$JS.API.STREAM.MSG.GET.ES_WORK',
  '$JS.API.DIRECT.GET.ES_RESULT',
  '$JS.API.STREAM.MSG.DELETE.ES_RESULT',
  // Streams and the account.
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.INFO.ES_RESULT',
  '$JS.API.STREAM.PURGE.ES_WORK',
  '$JS.API.STREAM.DELETE.ES_RESULT',
  '$JS.API.STREAM.CREATE.MINE',
  '$JS.API.STREAM.UPDATE.ES_WORK',
  '$JS.API.INFO',
  '$SYS.REQ.SERVER.PING',
  // In another's name.
  'es.v1.result.paris.a1.s1.0',
  'es.v1.result.berlin.a2.s1.0',
  'es.v1.work.berlin.s1.0',
  'es.v1.status.paris.a1',
  'es.v1.status.berlin.a2',
  'es.v1.control.berlin',
  'es.v1.control.paris',
  '_INBOX_paris_a1.x',
  '_INBOX_berlin_a2.x',
  '_INBOX_hub.x',
] as const;

const FORBIDDEN_TO_HEAR = [
  '>',
  '*',
  'es.v1.>',
  'es.v1.result.>',
  'es.v1.result.berlin.>',
  'es.v1.work.berlin.>',
  'es.v1.status.>',
  'es.v1.control.paris',
  '_INBOX_paris_a1.>',
  '_INBOX_berlin_a2.>',
  '_INBOX_hub.>',
  '$JS.>',
  '$SYS.>',
] as const;

const PERMITTED_TO_PUBLISH = [
  'es.v1.status.berlin.a1',
  'es.v1.result.berlin.a1.s1.0',
  '$JS.ACK.ES_WORK.site-berlin.1.1.1.1.1',
] as const;

/** A hub on loopback with three agents: two of berlin, one of paris. */
class TriedHub {
  readonly folder: HubFolder;
  readonly running: RunningHub;
  readonly joins: Readonly<Record<'berlin/a1' | 'berlin/a2' | 'paris/a1', JoinFile>>;
  readonly broker: NatsHub;

  private constructor(
    folder: HubFolder,
    running: RunningHub,
    joins: TriedHub['joins'],
    broker: NatsHub,
  ) {
    this.folder = folder;
    this.running = running;
    this.joins = joins;
    this.broker = broker;
  }

  static async start({ program }: TriedServer): Promise<TriedHub> {
    const path = join(freshFolder(), 'hub');
    const folder = HubFolder.create(path, { listen: '127.0.0.1:4242', names: ['127.0.0.1'] });
    const joins = {
      'berlin/a1': folder.add({ site: 'berlin', agent: 'a1' }),
      'berlin/a2': folder.add({ site: 'berlin', agent: 'a2' }),
      'paris/a1': folder.add({ site: 'paris', agent: 'a1' }),
    };
    const running = await RunningHub.start(path, program!, {
      onEvent: () => {},
      onNotRenewed: () => {},
      kill: (pid, signal) => process.kill(pid, signal),
    });
    const broker = await connectHub(folder.access);
    await broker.serve(['berlin', 'paris'].map((site) => ({ site, slots: 2, leaseMs: LEASE_MS })));
    return new TriedHub(folder, running, joins, broker);
  }

  async stop(): Promise<void> {
    await this.broker.close();
    await this.running.stop();
    rmSync(this.folder.path, { recursive: true });
  }
}

/** A connection with an agent's key, as its owner would make it without echosweep. */
function connectAs(join: JoinFile): Promise<NatsConnection> {
  return connectWith(join, `_INBOX_${join.site}_${join.agent}`);
}

function connectWith(
  { urls, ca, seed }: BrokerAccess,
  inboxPrefix: string,
): Promise<NatsConnection> {
  return connect({
    servers: [...urls],
    tls: { ca, host: '127.0.0.1' },
    authenticator: nkeyAuthenticator(Buffer.from(seed)),
    inboxPrefix,
    reconnect: false,
  } as Parameters<typeof connect>[0]);
}

/** What the server denies from now on. */
function denialsOf(connection: NatsConnection): Set<string> {
  const denied = new Set<string>();
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'error') continue;
      const words = /Violation for (Publish|Subscription) to "([^"]+)"/i.exec(status.error.message);
      if (words !== null) denied.add(`${words[1]!.toLowerCase()} ${words[2]}`);
    }
  })();
  return denied;
}

/** Calls `act` with a function that counts the messages of a stream. */
async function counting(
  { folder }: TriedHub,
  act: (messagesIn: (stream: string) => Promise<number>) => Promise<void>,
): Promise<void> {
  const connection = await connectWith(folder.access, '_INBOX_hub');
  const manager = await jetstreamManager(connection);
  try {
    await act(async (stream) => (await manager.streams.info(stream)).state.messages);
  } finally {
    await connection.close();
  }
}

/** Takes a chunk as an attacker would, and returns the subject under which it is acknowledged. */
async function holdChunk(connection: NatsConnection, site: string): Promise<string> {
  const inbox = `_INBOX_${site}_a1.held`;
  const replies: string[] = [];
  connection.subscribe(inbox, {
    callback: (_, message) => {
      if (message.reply !== undefined && message.reply !== '') replies.push(message.reply);
    },
  });
  const pull = `$JS.API.CONSUMER.MSG.NEXT.ES_WORK.site-${site}`;
  // A consumer may learn of a chunk only after the stream has taken it: the request waits for that.
  connection.publish(pull, '{"batch":1,"expires":30000000000}', { reply: inbox });
  await until('a chunk arrives', () => replies.length > 0);
  return replies[0]!;
}

/** Sends a result as an agent does. @param reply where the server's answer goes */
function sendResult(
  connection: NatsConnection,
  subject: string,
  text: string,
  reply?: string,
): void {
  const named = headers();
  named.set('Nats-Msg-Id', subject);
  connection.publish(subject, text, { headers: named, ...(reply !== undefined && { reply }) });
}

/** Waits until the server has answered everything that the connection requested before. */
async function settle(connection: NatsConnection): Promise<void> {
  const inbox = '_INBOX_berlin_a1.settled';
  let answers = 0;
  const subscription = connection.subscribe(inbox, {
    callback: () => {
      answers++;
    },
  });
  // A request that expires is answered by every version, also one that finds nothing.
  connection.publish(PULL, '{"batch":1,"expires":300000000}', { reply: inbox });
  await until('the server answers', () => answers > 0);
  subscription.unsubscribe();
}

for (const server of TRIED_SERVERS) {
  labTestUnless(
    server.missing,
    `${server.label}: an agent's key does its own work and nothing else`,
    async () => {
      const hub = await TriedHub.start(server);
      const agent = await connectAs(hub.joins['berlin/a1']);
      try {
        const denied = denialsOf(agent);
        for (const subject of [...FORBIDDEN_TO_PUBLISH, ...PERMITTED_TO_PUBLISH]) {
          agent.publish(subject, '{}');
        }
        for (const subject of FORBIDDEN_TO_HEAR) agent.subscribe(subject, { callback: () => {} });
        const all = [
          ...FORBIDDEN_TO_PUBLISH.map((subject) => `publish ${subject}`),
          ...FORBIDDEN_TO_HEAR.map((subject) => `subscription ${subject}`),
        ];
        await agent.flush();
        await until('the server answers', () => denied.size >= all.length).catch(() => {});
        assert.deepEqual([...denied].sort(), all.sort());
      } finally {
        await agent.close();
        await hub.stop();
      }
    },
  );
}

for (const server of TRIED_SERVERS) {
  labTestUnless(
    server.missing,
    `${server.label}: the server does nothing for an agent that the agent may not do itself`,
    async () => {
      const hub = await TriedHub.start(server);
      const { broker, joins } = hub;
      const berlin = await connectAs(joins['berlin/a1']);
      const paris = await connectAs(joins['paris/a1']);
      const heard: string[] = [];
      paris.subscribe('es.v1.control.paris', {
        callback: (_, message) => {
          heard.push(message.string());
        },
      });
      await paris.flush();
      try {
        await counting(hub, async (messagesIn) => {
          const octets = Buffer.from('{"v":1}');
          for (const site of ['berlin', 'paris']) {
            await broker.offer({ site, scan: 's1', chunk: 0 }, octets);
          }
          const parisAck = await holdChunk(paris, 'paris');

          // The answer to a request goes where the request says. Here: among the results of paris.
          berlin.publish(PULL, ONE_NOW, { reply: 'es.v1.result.paris.a1.s1.0' });
          await settle(berlin);
          // As the acknowledgement of a chunk that paris holds.
          berlin.publish(PULL, ONE_NOW, { reply: parisAck });
          await settle(berlin);
          assert.equal(await messagesIn('ES_WORK'), 2);

          // As a message that controls paris.
          sendResult(berlin, 'es.v1.result.berlin.a1.s1.1', 'x', 'es.v1.control.paris');
          await settle(berlin);
          await until('paris hears the server', () => heard.length > 0);
          for (const text of heard) {
            assert.throws(() => decodeControl(Buffer.from(text)), { name: 'MessageRefused' });
          }

          // As a result of paris, in the server's words.
          sendResult(berlin, 'es.v1.result.berlin.a1.s1.2', 'x', 'es.v1.result.paris.a1.s1.2');
          await settle(berlin);

          // What the hub reads of it all is what an agent sent in its own name.
          const stop = new AbortController();
          const senders: string[] = [];
          sendResult(paris, 'es.v1.result.paris.a1.s1.0', 'y');
          for await (const result of broker.results('s1', stop.signal)) {
            senders.push(
              `${result.site}/${result.agent} ${result.chunk} ${Buffer.from(result.octets)}`,
            );
            result.accept();
            if (senders.length === 3) break;
          }
          stop.abort();
          assert.deepEqual(senders.sort(), ['berlin/a1 1 x', 'berlin/a1 2 x', 'paris/a1 0 y']);
        });
      } finally {
        await berlin.close();
        await paris.close();
        await hub.stop();
      }
    },
  );

  labTestUnless(
    server.missing,
    `${server.label}: remove ends an agent's connection within a second and keeps it out, and the others stay`,
    async () => {
      const hub = await TriedHub.start(server);
      const removed = await connectAs(hub.joins['berlin/a1']);
      const stays = await connectAs(hub.joins['berlin/a2']);
      try {
        const closed = removed.closed().then(() => performance.now());
        const startedAt = performance.now();
        assert.equal(hub.folder.remove({ site: 'berlin', agent: 'a1' }), true);
        assert.equal(await notifyHub(hub.folder.file(HUB_SOCKET)), 'applied');
        const ms = (await closed) - startedAt;
        assertSoon(ms, 1000);
        await assert.rejects(connectAs(hub.joins['berlin/a1']), /authorization/i);
        await stays.flush();
        assert.equal(stays.isClosed(), false);
        const added = hub.folder.add({ site: 'rome', agent: 'a1' });
        assert.equal(await notifyHub(hub.folder.file(HUB_SOCKET)), 'applied');
        await (await connectAs(added)).close();
      } finally {
        await removed.close();
        await stays.close();
        await hub.stop();
      }
    },
  );

  labTestUnless(
    server.missing,
    `${server.label}: an agent takes a chunk, sends its result and lets it go with what its key may do`,
    async () => {
      const hub = await TriedHub.start(server);
      const join = hub.joins['berlin/a1'];
      const agent = new NatsAgent(join, join);
      const stop = new AbortController();
      try {
        await counting(hub, async (messagesIn) => {
          const chunk = { site: 'berlin', scan: 's1', chunk: 0 };
          await hub.broker.offer(chunk, Buffer.from('a chunk'));
          const offered = await agent.take(stop.signal);
          assert.equal(Buffer.from(offered!.octets).toString(), 'a chunk');
          assert.equal(offered!.attempt, 1);
          await agent.send(chunk, Buffer.from('a result'), 'once');
          await offered!.done();
          assert.equal(await messagesIn('ES_WORK'), 0);
          assert.equal(await messagesIn('ES_RESULT'), 1);
        });
      } finally {
        stop.abort();
        await agent.close();
        await hub.stop();
      }
    },
  );
}
