/** Both sides of the broker on a real nats-server, of each version. */

import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionState, DeliveredResult, OfferedChunk } from '../../src/sites/broker.ts';
import { MOST_RESULT_OCTETS } from '../../src/sites/contract/chunk-result.ts';
import type { ChunkName } from '../../src/sites/contract/names.ts';
import { NatsAgent } from '../../src/sites/nats/nats-agent.ts';
import { NatsHub } from '../../src/sites/nats/nats-hub.ts';
import { labTestUnless } from './lab-test.ts';
import { NatsServer } from './nats-server.ts';
import { TRIED_SERVERS, type TriedServer } from './nats-servers.ts';

const BERLIN = { site: 'berlin', agent: 'a1' };
const WINDOW = { site: 'berlin', slots: 2, leaseMs: 2000 };
const SOON_MS = 60_000;

let server: NatsServer;
let hub: NatsHub;
let agent: NatsAgent;
let scans = 0;
/** Every connection of the tests, so that none outlives a test that fails. */
const opened: { close(): Promise<void> }[] = [];

function agentOf(...given: ConstructorParameters<typeof NatsAgent>): NatsAgent {
  const made = new NatsAgent(...given);
  opened.push(made);
  return made;
}

function hubOf(...given: ConstructorParameters<typeof NatsHub>): NatsHub {
  const made = new NatsHub(...given);
  opened.push(made);
  return made;
}

const octets = (text: string): Uint8Array => Buffer.from(text);
const soon = (): AbortSignal => AbortSignal.timeout(SOON_MS);

/** A scan of its own for each test. */
function scanOf(): (chunk: number) => ChunkName {
  const scan = `s${scans++}`;
  return (chunk) => ({ site: 'berlin', scan, chunk });
}

async function taken(from: NatsAgent = agent): Promise<OfferedChunk> {
  const offered = await from.take(soon());
  assert.ok(offered !== undefined, 'no chunk arrived');
  return offered;
}

const textOf = ({ octets: bytes }: { readonly octets: Uint8Array }): string =>
  Buffer.from(bytes).toString();

async function firstResult(from: NatsHub, scan: string): Promise<DeliveredResult> {
  for await (const result of from.results(scan, soon())) return result;
  throw new Error('no result arrived');
}

/** Whether the server has no room for it now. */
function isFull(error: unknown): boolean {
  if (error instanceof Error && /maximum bytes exceeded/.test(error.message)) return true;
  throw error;
}

/** The next state of a connection of this kind. */
function next(side: NatsAgent | NatsHub, isConnected: boolean): Promise<ConnectionState> {
  return new Promise((resolve) => {
    side.onConnection((state) => {
      if (state.isConnected === isConnected) resolve(state);
    });
  });
}

for (const tried of TRIED_SERVERS) describe(`the broker, ${tried.label}`, () => testBroker(tried));

function testBroker({ program, missing }: TriedServer): void {
  before(async () => {
    if (program === undefined || process.env['LAB_SKIP'] !== undefined) return;
    server = new NatsServer(program.path, ['berlin/a1', 'berlin/a2', 'paris/p1']);
    await server.start();
    hub = hubOf(server.access('hub'));
    agent = agentOf(BERLIN, server.access('berlin/a1'));
    await hub.whenConnected(soon());
    await hub.serve([WINDOW, { ...WINDOW, site: 'paris' }]);
  });

  after(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await server?.kill();
  });

  const brokerTest = (promise: string, body: () => Promise<void>): void =>
    labTestUnless(missing, promise, body);

  brokerTest(
    'hands a chunk out once, and a result to the hub once, however often they are sent',
    async () => {
      const chunk = scanOf();
      await hub.offer(chunk(0), octets('work'));
      await hub.offer(chunk(0), octets('work'));
      const offered = await taken();
      assert.deepEqual([textOf(offered), offered.attempt], ['work', 1]);
      await agent.send(chunk(0), octets('result'), 'x1');
      await agent.send(chunk(0), octets('result'), 'x1');
      await agent.send(chunk(1), octets('last'), 'x2');
      await offered.done();
      const found: string[] = [];
      for await (const result of hub.results(chunk(0).scan, soon())) {
        found.push(`${result.site}/${result.agent} ${result.chunk} ${textOf(result)}`);
        result.accept();
        if (result.chunk === 1) break;
      }
      assert.deepEqual(found, ['berlin/a1 0 result', 'berlin/a1 1 last']);
    },
  );

  brokerTest(
    'gives a reader at once what a reader before it had received and not accepted',
    async () => {
      const chunk = scanOf();
      await agent.send(chunk(0), octets('result'), 'x3');
      assert.equal((await firstResult(hub, chunk(0).scan)).chunk, 0);
      const another = hubOf(server.access('hub'));
      await another.whenConnected(soon());
      (await firstResult(another, chunk(0).scan)).accept();
      await another.close();
    },
  );

  brokerTest('ends reading whenever that is stopped', async () => {
    for (let ms = 0; ms < 20; ms++) {
      const stop = new AbortController();
      const { scan } = scanOf()(0);
      const read = async (): Promise<boolean> => {
        for await (const result of hub.results(scan, stop.signal)) assert.fail(textOf(result));
        return true;
      };
      const hasEnded = Promise.race([read(), pause(SOON_MS, false, { ref: false })]);
      await pause(ms);
      stop.abort();
      assert.ok(await hasEnded, `stopped after ${ms} ms`);
    }
  });

  brokerTest('has room again soon after an agent sent what no scan reads', async () => {
    const paris = agentOf({ site: 'paris', agent: 'p1' }, server.access('paris/p1'));
    await next(paris, true);
    const large = new Uint8Array(MOST_RESULT_OCTETS);
    const send = (number: number): Promise<void> =>
      paris.send({ site: 'paris', scan: 'none', chunk: number }, large, `p${number}`);
    const enough = soon();
    // There is room for 268 of them, which would stay for a day.
    for (let number = 0; number < 300; number++) {
      while (await send(number).then(() => false, isFull)) {
        enough.throwIfAborted();
        await pause(100);
      }
    }
    // What is left may fill half of the room: the next look would take the results of the tests after it along.
    await hub.cancel('none', ['paris']);
    const chunk = scanOf();
    await agent.send(chunk(0), octets('result'), 'x9');
    (await firstResult(hub, chunk(0).scan)).accept();
    await paris.close();
  });

  brokerTest(
    'has room for the chunks of many sites, and drops those of scans that nothing reads',
    async () => {
      const [read, unread] = [scanOf(), scanOf()];
      const end = new AbortController();
      const reading = hub.results(read(0).scan, end.signal).next();
      const large = new Uint8Array(900_000);
      await hub.offer(unread(0), octets('unread'));
      await hub.offer(read(0), octets('read'));
      for (let chunk = 1; chunk <= 38; chunk++) {
        await hub.offer({ ...read(chunk), site: 'paris' }, large);
      }
      // The hub looks every five seconds.
      await pause(11_000);
      const found: string[] = [];
      const offered = await agent.take(AbortSignal.timeout(2_000));
      if (offered !== undefined) found.push(textOf(offered));
      await offered?.done();
      end.abort();
      await reading;
      for (const { scan } of [read(0), unread(0)]) await hub.forget(scan);
      assert.deepEqual(found, ['read']);
    },
  );

  brokerTest('keeps the scans of several hubs apart', async () => {
    const [one, other] = [scanOf(), scanOf()];
    await agent.send(one(0), octets('one'), 'x4');
    await agent.send(other(0), octets('other'), 'x5');
    const another = hubOf(server.access('hub'));
    await another.whenConnected(soon());
    const found = [await firstResult(hub, one(0).scan), await firstResult(another, other(0).scan)];
    assert.deepEqual(found.map(textOf), ['one', 'other']);
    await another.close();
  });

  brokerTest('lets a site hold no more chunks than it has slots', async () => {
    const chunk = scanOf();
    for (const number of [0, 1, 2]) await hub.offer(chunk(number), octets(`${number}`));
    const [first, second] = [await taken(), await taken()];
    assert.equal(await agent.take(AbortSignal.timeout(500)), undefined);
    await first.done();
    const third = await taken();
    assert.deepEqual([first, second, third].map(textOf), ['0', '1', '2']);
    second.drop('over');
    await third.done();
  });

  brokerTest(
    'hands a chunk to another agent when it is given back, or its lease ends',
    async () => {
      const chunk = scanOf();
      const a2 = agentOf({ site: 'berlin', agent: 'a2' }, server.access('berlin/a2'));
      await hub.offer(chunk(0), octets('work'));
      (await taken()).giveBack(0);
      const second = await taken(a2);
      assert.equal(second.attempt, 2);
      const third = await taken();
      assert.equal(third.attempt, 3);
      third.renew();
      await third.done();
      await a2.close();
    },
  );

  brokerTest('gives back what arrives for an agent that ends', async () => {
    const chunk = scanOf();
    const a2 = agentOf({ site: 'berlin', agent: 'a2' }, server.access('berlin/a2'));
    const stop = new AbortController();
    const waiting = a2.take(stop.signal);
    stop.abort();
    await hub.offer(chunk(0), octets('work'));
    assert.equal(await waiting, undefined);
    const offered = await taken();
    await offered.done();
    await a2.close();
  });

  brokerTest('drops the chunks of a scan that is cancelled, and stops its agents', async () => {
    const [wanted, cancelled] = [scanOf(), scanOf()];
    const controls: string[] = [];
    agent.onControl((control) => controls.push(Buffer.from(control).toString()));
    await hub.offer(cancelled(0), octets('cancelled'));
    await hub.offer(wanted(0), octets('wanted'));
    await hub.cancel(cancelled(0).scan, ['berlin']);
    const offered = await taken();
    assert.equal(textOf(offered), 'wanted');
    await offered.done();
    assert.deepEqual(controls, [`{"v":1,"cancel":"${cancelled(0).scan}"}`]);
  });

  brokerTest('takes back the chunks of a scan at one site, and pauses its agents', async () => {
    const paused = scanOf();
    const controls: string[] = [];
    agent.onControl((control) => controls.push(Buffer.from(control).toString()));
    await hub.offer(paused(0), octets('before'));
    await hub.offer({ ...paused(0), site: 'paris' }, octets('paris'));
    await hub.pause(paused(0).scan, 'berlin');
    await hub.offer(paused(0), octets('after'));
    const offered = await taken();
    assert.equal(textOf(offered), 'after');
    await offered.done();
    const paris = agentOf({ site: 'paris', agent: 'p1' }, server.access('paris/p1'));
    const other = await taken(paris);
    assert.equal(textOf(other), 'paris');
    await other.done();
    await paris.close();
    assert.deepEqual(controls, [`{"v":1,"pause":"${paused(0).scan}"}`]);
  });

  brokerTest('says whose status it is', async () => {
    const status = new Promise<string>((resolve) => {
      hub.onStatus((each) => resolve(`${each.site}/${each.agent} ${textOf(each)}`));
    });
    agent.sendStatus(octets('well'));
    assert.equal(await status, 'berlin/a1 well');
  });

  brokerTest(
    'loses what it held when it is killed, says so to every hub, and nothing new is lost by that',
    async () => {
      const chunk = scanOf();
      const another = hubOf(server.access('hub'));
      await another.whenConnected(soon());
      for (const number of [0, 1]) await hub.offer(chunk(number), octets(`${number}`));
      const before = await taken();
      // Only the first that comes back finds nothing there.
      const forgotten = Promise.all(
        [hub, another].map((each) => new Promise<void>((resolve) => each.onForgotten(resolve))),
      );
      const lost = next(agent, false);
      await server.kill();
      assert.match(JSON.stringify(await lost), /the connection to .* was lost/);
      await assert.rejects(agent.send(chunk(0), octets('0'), 'x6'), { name: 'NotConnected' });
      await server.start();
      await forgotten;
      await another.close();
      await hub.offer(chunk(1), octets('new'));
      // The old acknowledgement has the number that the new chunk has now.
      await next(agent, true);
      await before.done();
      before.drop('over');
      const offered = await taken();
      assert.equal(textOf(offered), 'new');
      await offered.done();
      await agent.send(chunk(0), octets('kept'), 'x7');
      assert.equal(textOf(await firstResult(hub, chunk(0).scan)), 'kept');
    },
  );

  brokerTest('refuses a key that it does not know, and says what to do', async () => {
    const stranger = new NatsServer(program!.path, ['berlin/a1']).access('berlin/a1');
    const { urls, ca } = server.access('berlin/a1');
    const refused = agentOf(BERLIN, { urls, ca, seed: stranger.seed });
    await assert.rejects(refused.take(soon()), {
      code: 'BROKER_REFUSED',
      message: `the hub at ${server.url} refuses the key of berlin/a1: it was removed, or the join file is of another hub; make a new one with echosweep hub add berlin/a1`,
    });
    await refused.close();
  });

  brokerTest('is not trusted with the certificate of another authority', async () => {
    const { ca } = new NatsServer(program!.path, []).access('hub');
    const wary = agentOf(BERLIN, { ...server.access('berlin/a1'), ca });
    const state = await next(wary, false);
    assert.match(JSON.stringify(state), /is not signed by the authority in the join file/);
    await wary.close();
  });

  brokerTest('gives an agent nothing of another site', async () => {
    const chunk = scanOf();
    const { urls, ca } = server.access('paris/p1');
    const liar = agentOf(BERLIN, { urls, ca, seed: server.access('paris/p1').seed });
    await hub.offer(chunk(0), octets('work'));
    await assert.rejects(liar.take(soon()), {
      code: 'BROKER_REFUSED',
      message: /the hub takes the key for that of another agent than berlin\/a1: make a new join/,
    });
    await assert.rejects(liar.send(chunk(0), octets('lie'), 'x8'));
    await liar.close();
    const offered = await taken();
    assert.equal(offered.attempt, 1);
    await offered.done();
  });
}
