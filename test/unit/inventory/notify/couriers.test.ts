/** Delivery to every receiver of a configuration: nothing twice, nothing lost, and nothing in quiet hours. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CHANGE_KINDS, CHANGE_SEVERITIES } from '../../../../src/inventory/host-memory.ts';
import type { ChangeMessage } from '../../../../src/inventory/notify/change-message.ts';
import { trySending } from '../../../../src/inventory/notify/couriers.ts';
import { backlogs, makeDue } from '../../../../src/inventory/notify/outbox.ts';
import type { Receiver } from '../../../../src/inventory/notify/receivers.ts';
import { openStore, type Store } from '../../../../src/inventory/store.ts';
import { hourOf, temporaryFolder, withStore } from '../samples.ts';
import {
  type Arrival,
  changeOf,
  deliver,
  isNight,
  NIGHT,
  never,
  queueNews,
  SECRETS,
  withServer,
} from './posted-messages.ts';
import { filterOf, webhook } from './receiver-samples.ts';

const FOLDER = temporaryFolder();

/** Written without waiting for the disk: nothing cuts the power in a test. */
async function quickStore(path: string): Promise<Store> {
  const store = await openStore(path);
  store.database.exec('PRAGMA synchronous = OFF');
  return store;
}

/** A generator of numbers from 0 to 1 (mulberry32), for runs that can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('over restarts, outages and nights', () => {
  for (const seed of [1, 2]) {
    test(`every change that passes arrives once, and no other (seed ${seed})`, async () => {
      const random = randomFrom(seed);
      const pick = <One>(from: readonly One[]): One => from[Math.floor(random() * from.length)]!;
      const path = join(FOLDER, `property-${seed}.db`);
      let now = hourOf(0);
      const arrived = new Map<string, Arrival>();
      const repeated: string[] = [];
      const disturbing: string[] = [];
      const lostAnswers = new Set<string>();
      let isDown = false;
      let mayLoseAnswers = true;
      await withServer(
        (arrival, response) => {
          const { delivery, receiver, message } = arrival;
          if (isDown) {
            response.writeHead(pick([500, 503, 429, 404]), { 'retry-after': '60' }).end();
            return;
          }
          if (arrived.has(delivery) && !lostAnswers.delete(delivery)) repeated.push(delivery);
          arrived.set(delivery, arrival);
          const isAlarm = message.type === 'changes' && message.severity === 'alarm';
          if (receiver === 'at-night' && isNight(now) && !isAlarm) disturbing.push(delivery);
          if (mayLoseAnswers && random() < 0.1) {
            lostAnswers.add(delivery);
            response.socket!.destroy();
          } else response.writeHead(204).end();
        },
        async (receiver) => {
          const receivers = [
            receiver({ name: 'all' }),
            receiver({ name: 'at-night', quiet: [NIGHT] }),
            receiver({ name: 'alarms', filter: filterOf({ severity: 'alarm' }) }),
            receiver({ name: 'some', filter: filterOf({ hosts: ['192.0.2.0/25'] }) }),
            receiver({ name: 'daily', digest: { cron: '0 7 * * *', timeZone: 'UTC' } }),
          ];
          const expected = new Map<string, string[]>(receivers.map(({ name }) => [name, []]));
          let store = await quickStore(path);
          for (let step = 0; step < 25; step++) {
            now = new Date(now.getTime() + Math.ceil(random() * 2 * 3_600_000));
            if (random() < 0.2) isDown = !isDown;
            if (random() < 0.2) {
              store.close();
              store = await quickStore(path);
            }
            if (random() < 0.6) {
              const kinds = Array.from({ length: Math.ceil(random() * 3) }, () =>
                pick(CHANGE_KINDS.filter((kind) => kind !== 'flapping')),
              );
              const changes = kinds.map((kind, i) =>
                changeOf(kind, `192.0.2.${(step * 3 + i) % 256}`, now),
              );
              queueNews(store, receivers, changes, now);
              for (const [i, kind] of kinds.entries()) {
                const told = `${step} ${kind} ${changes[i]!.address}`;
                for (const name of ['all', 'at-night', 'daily']) expected.get(name)!.push(told);
                if (kind === 'gone' || kind === 'conflict') expected.get('alarms')!.push(told);
                if ((step * 3 + i) % 256 < 128) expected.get('some')!.push(told);
              }
            }
            await deliver(store, receivers, now);
          }
          isDown = false;
          mayLoseAnswers = false;
          for (let day = 0; day < 8; day++) {
            // At noon, when nobody sleeps and every digest is due.
            now = new Date(Math.ceil(now.getTime() / 86_400_000) * 86_400_000 + 12 * 3_600_000);
            await deliver(store, receivers, now);
          }
          assert.deepEqual(backlogs(store), []);
          store.close();
          for (const [name, told] of expected) {
            const found = [...arrived.values()]
              .filter((arrival) => arrival.receiver === name)
              .flatMap(({ message }) => (message.type === 'changes' ? message.changes : []))
              .map(({ change, address }) => `${change} ${address}`);
            const wanted = told.map((each) => each.replace(/^\d+ /, ''));
            assert.deepEqual(found.sort(), wanted.sort(), name);
          }
          assert.deepEqual([repeated, disturbing], [[], []]);
        },
      );
    });
  }
});

describe('quiet hours', () => {
  const evening = new Date('2026-03-01T21:59:00Z');
  const night = new Date('2026-03-01T23:00:00Z');
  const morning = new Date('2026-03-02T07:00:00Z');

  test('also hold what a receiver missed before they began, but for alarms', () =>
    withStore(async (store) => {
      const told: string[] = [];
      let status = 503;
      await withServer(
        ({ message }, response) => {
          if (status === 204) told.push((message as ChangeMessage).severity);
          response.writeHead(status).end();
        },
        async (receiver) => {
          const receivers = [receiver({ name: 'a', quiet: [NIGHT] })];
          for (const kind of ['new', 'gone'] as const) {
            queueNews(store, receivers, [changeOf(kind, '192.0.2.1', evening)], evening);
          }
          await deliver(store, receivers, evening);
          status = 204;
          await deliver(store, receivers, night);
          assert.deepEqual(told, ['alarm']);
          await deliver(store, receivers, morning);
          assert.deepEqual(told, ['alarm', 'notice']);
          queueNews(store, receivers, [changeOf('new', '192.0.2.2', night)], night);
          assert.deepEqual(backlogs(store)[0]!.nextTry, morning);
          makeDue(store, 'a', night);
          await deliver(store, receivers, night);
          assert.equal(told.length, 2);
          await deliver(store, receivers, night, { disturb: true });
          assert.equal(told.length, 3);
        },
      );
    }));
});

test('what was put off while the clock was ahead is delivered once it is right, and in order', () =>
  withStore(async (store) => {
    const ahead = new Date('2199-01-01T00:00:00Z');
    const arrived: string[] = [];
    let status = 503;
    await withServer(
      ({ message }, response) => {
        if (status === 204) arrived.push((message as ChangeMessage).changes[0]!.address);
        response.writeHead(status).end();
      },
      async (receiver) => {
        const receivers = [receiver({ name: 'a' })];
        const queueAt = (address: string, now: Date): void =>
          queueNews(store, receivers, [changeOf('new', address, now)], now);
        queueAt('192.0.2.1', hourOf(0));
        queueAt('192.0.2.2', hourOf(0));
        await deliver(store, receivers, ahead);
        assert.ok(backlogs(store)[0]!.nextTry > ahead);
        queueAt('192.0.2.3', hourOf(1));
        status = 204;
        assert.deepEqual(await deliver(store, receivers, hourOf(1)), []);
        assert.deepEqual(arrived, ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
        assert.deepEqual(backlogs(store), []);
      },
    );
  }));

test('what was queued while the clock was ahead arrives once it is right, with its digest if it has one', () =>
  withStore(async (store) => {
    const ahead = new Date('2199-01-01T23:00:00Z');
    const arrived: string[] = [];
    await withServer(
      ({ receiver, message }, response) => {
        arrived.push(`${receiver} ${message.type}`);
        response.writeHead(204).end();
      },
      async (receiver) => {
        const digest = { cron: '0 7 * * *', timeZone: 'UTC' };
        const receivers = [
          receiver({ name: 'at-night', quiet: [NIGHT] }),
          receiver({ name: 'daily', digest }),
        ];
        queueNews(store, receivers, [changeOf('new', '192.0.2.1', ahead)], ahead);
        await deliver(store, receivers, hourOf(9));
        assert.deepEqual(arrived, ['at-night changes']);
        await deliver(store, receivers, hourOf(31));
        assert.deepEqual(arrived.slice(1).sort(), ['daily changes', 'daily digest']);
        assert.deepEqual(backlogs(store), []);
      },
    );
  }));

describe('a test message', () => {
  test('goes past the queue, and says what went wrong', async () => {
    const arrivals: Arrival[] = [];
    let status = 204;
    await withServer(
      (arrival, response) => {
        arrivals.push(arrival);
        response.writeHead(status).end();
      },
      async (receiver) => {
        const one = receiver({ name: 'a', quiet: [NIGHT] });
        assert.equal(await trySending(one, SECRETS, never), undefined);
        const text = 'this is a test for a: nothing has changed';
        assert.deepEqual(arrivals[0]!.message, { type: 'test', schema: 1, text });
        status = 410;
        assert.match(
          (await trySending(one, SECRETS, never))!,
          /^a: http.* answered with status 410$/,
        );
        const secret = { env: 'NOT_SET' };
        const lacking = { ...one, secret } as Receiver;
        assert.match((await trySending(lacking, SECRETS, never))!, /^a: .*NOT_SET/);
      },
    );
  });
});

test('an address that is secret comes from the environment, and no message repeats it', async () => {
  const chat = (env: string): Receiver => ({
    ...webhook({ name: 'us' }),
    type: 'slack',
    address: { env },
    token: {},
    chat: undefined,
  });
  const secrets = { ...SECRETS, env: { GOOD: 'http://127.0.0.1:1/secret', BAD: 'secret' } };
  for (const [env, words] of [
    ['GOOD', /^us: http:\/\/127\.0\.0\.1:1 cannot be reached \(.*\)$/],
    ['BAD', /^us: what is given as its URL is not a web address: write one/],
  ] as const) {
    const problem = await trySending(chat(env), secrets, never);
    assert.match(problem!, words);
  }
});

test('every kind of change has a severity', () => {
  assert.deepEqual(Object.keys(CHANGE_SEVERITIES).sort(), [...CHANGE_KINDS].sort());
});
