/** Delivery to every receiver of a configuration: nothing twice, nothing lost, nothing in quiet hours, and digests. */

import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { HostChange } from '../../../../src/inventory/diff.ts';
import {
  CHANGE_KINDS,
  CHANGE_SEVERITIES,
  type ChangeKind,
} from '../../../../src/inventory/host-memory.ts';
import type { ChangeMessage } from '../../../../src/inventory/notify/change-message.ts';
import { deliverWaiting, trySending } from '../../../../src/inventory/notify/couriers.ts';
import type { DigestMessage } from '../../../../src/inventory/notify/digest.ts';
import { messagesAbout } from '../../../../src/inventory/notify/messages.ts';
import type { Message } from '../../../../src/inventory/notify/notice.ts';
import { backlogs, makeDue, queue } from '../../../../src/inventory/notify/outbox.ts';
import { WEEKDAYS } from '../../../../src/inventory/notify/quiet-hours.ts';
import type { Receiver } from '../../../../src/inventory/notify/receivers.ts';
import { inTransaction, openStore, type Store } from '../../../../src/inventory/store.ts';
import { hourOf, silentAt, temporaryFolder, upAt, withStore, writeOffice } from '../samples.ts';
import { filterOf, type Values, webhook } from './receiver-samples.ts';

const FOLDER = temporaryFolder();
const SECRETS = { env: {}, resolve: (path: string) => join(FOLDER, path) };
const NETWORKS = [{ name: 'office', site: null, tags: [] }];
const never = new AbortController().signal;
const clockAt = (now: Date) => ({ now: () => now, random: () => 0.5 });

/** A post that a server took in full, whatever it answered. */
interface Arrival {
  readonly receiver: string;
  readonly delivery: string;
  readonly message: Message;
}

/** Lends a web server; `answer` decides what becomes of each post. */
async function withServer(
  answer: (arrival: Arrival, response: ServerResponse) => void,
  body: (receiver: (values: Values) => Receiver) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      const delivery = String(request.headers['echosweep-delivery']);
      const message = JSON.parse(text) as Message;
      answer({ receiver: request.url!.slice(1), delivery, message }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await body((values) => webhook(values, `http://127.0.0.1:${port}/${values.name}`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function changeOf(kind: ChangeKind, address: string, now: Date): HostChange {
  return { kind, address, hostname: null, before: '', after: '', seenAt: now };
}

function queueNews(
  store: Store,
  receivers: readonly Receiver[],
  changes: readonly HostChange[],
  now: Date,
): void {
  const news = { network: NETWORKS[0]!, scannedAt: now, changes, labels: new Map(), now };
  inTransaction(store, () => queue(store, messagesAbout({ receivers }, news), now));
}

const NIGHT = {
  from: 22 * 60,
  to: 7 * 60,
  days: WEEKDAYS,
  timeZone: 'UTC',
  letAlarmsPass: true,
};
const isNight = (now: Date): boolean => now.getUTCHours() >= 22 || now.getUTCHours() < 7;

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
          const deliver = (): Promise<string[]> =>
            deliverWaiting(store, { receivers, networks: NETWORKS }, SECRETS, never, {
              clock: clockAt(now),
            });
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
            await deliver();
          }
          isDown = false;
          mayLoseAnswers = false;
          for (let day = 0; day < 8; day++) {
            // At noon, when nobody sleeps and every digest is due.
            now = new Date(Math.ceil(now.getTime() / 86_400_000) * 86_400_000 + 12 * 3_600_000);
            await deliver();
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
          const deliver = (now: Date, disturb = false) =>
            deliverWaiting(store, { receivers, networks: NETWORKS }, SECRETS, never, {
              clock: clockAt(now),
              disturb,
            });
          for (const kind of ['new', 'gone'] as const) {
            queueNews(store, receivers, [changeOf(kind, '192.0.2.1', evening)], evening);
          }
          await deliver(evening);
          status = 204;
          await deliver(night);
          assert.deepEqual(told, ['alarm']);
          await deliver(morning);
          assert.deepEqual(told, ['alarm', 'notice']);
          queueNews(store, receivers, [changeOf('new', '192.0.2.2', night)], night);
          assert.deepEqual(backlogs(store)[0]!.nextTry, morning);
          makeDue(store, 'a', night);
          await deliver(night);
          assert.equal(told.length, 2);
          await deliver(night, true);
          assert.equal(told.length, 3);
        },
      );
    }));
});

describe('a digest', () => {
  const digest = { cron: '0 7 * * *', timeZone: 'UTC' };
  const seven = new Date('2026-03-02T07:00:00Z');

  test('arrives at its time with totals and the fullest subnets, whether anything changed or not', () =>
    withStore(async (store) => {
      const hosts = [
        ...Array.from({ length: 9 }, (_, i) => upAt(`192.0.2.${i}`, 0)),
        silentAt('192.0.2.100', 0),
        ...Array.from({ length: 9 }, (_, i) => silentAt(`198.51.100.${i}`, 0)),
        upAt('198.51.100.200', 0),
        upAt('203.0.113.1', 0),
        upAt('2001:db8::1', 0),
      ];
      writeOffice(store, 0, hosts);
      const arrivals: Arrival[] = [];
      await withServer(
        (arrival, response) => {
          arrivals.push(arrival);
          response.writeHead(204).end();
        },
        async (receiver) => {
          const receivers = [receiver({ name: 'a', digest })];
          const deliver = (now: Date) =>
            deliverWaiting(store, { receivers, networks: NETWORKS }, SECRETS, never, {
              clock: clockAt(now),
            });
          await deliver(hourOf(10));
          assert.deepEqual(backlogs(store), [], 'a digest to come is no backlog');
          queueNews(store, receivers, [changeOf('gone', '192.0.2.1', hourOf(11))], hourOf(11));
          await deliver(hourOf(30));
          assert.equal(arrivals.length, 0);
          await deliver(seven);
          await deliver(seven);
          await deliver(hourOf(54));
          assert.deepEqual(
            arrivals.map(({ message }) => message.type),
            ['digest', 'changes'],
          );
          const first = arrivals[0]!.message as DigestMessage;
          assert.deepEqual(first.fullest_subnets, [
            { network: 'office', subnet: '192.0.2.0/24', used: 9, targets: 10, used_pct: 90 },
            { network: 'office', subnet: '198.51.100.0/24', used: 1, targets: 10, used_pct: 10 },
          ]);
          const [office] = first.networks;
          assert.deepEqual([office!.network, office!.up, office!.gone], ['office', 12, 0]);
          await deliver(new Date('2026-03-03T07:00:00Z'));
          assert.equal(arrivals.length, 3);
          assert.equal(arrivals[2]!.message.type, 'digest');
        },
      );
    }));

  test('has the totals of the networks that the receiver wants, and no others', () =>
    withStore(async (store) => {
      const networks = [
        { name: 'office', site: null, tags: ['lan'] },
        { name: 'lab', site: null, tags: ['test'] },
        { name: 'plant', site: null, tags: ['lan'] },
      ];
      const totals = new Map<string, string[]>();
      await withServer(
        ({ receiver, message }, response) => {
          const { networks: all } = message as DigestMessage;
          totals.set(
            receiver,
            all.map(({ network }) => network),
          );
          response.writeHead(204).end();
        },
        async (receiver) => {
          const receivers = [
            receiver({ name: 'all', digest }),
            receiver({ name: 'one', digest, filter: filterOf({ networks: ['lab'] }) }),
            receiver({ name: 'lan', digest, filter: filterOf({ tags: ['lan'] }) }),
          ];
          for (const now of [hourOf(10), seven]) {
            await deliverWaiting(store, { receivers, networks }, SECRETS, never, {
              clock: clockAt(now),
            });
          }
        },
      );
      assert.deepEqual(Object.fromEntries(totals), {
        all: ['office', 'lab', 'plant'],
        one: ['lab'],
        lan: ['office', 'plant'],
      });
    }));

  test('moves with its time in the configuration, and what it was to hold is sent without it', () =>
    withStore(async (store) => {
      const arrivals: [string, string][] = [];
      let now = hourOf(10);
      await withServer(
        ({ message }, response) => {
          arrivals.push([now.toISOString().slice(5, 13), message.type]);
          response.writeHead(204).end();
        },
        async (receiver) => {
          const deliver = (cron: string | undefined): Promise<string[]> => {
            const schedule = cron === undefined ? undefined : { cron, timeZone: 'UTC' };
            const receivers = [receiver({ name: 'a', digest: schedule })];
            const clock = clockAt(now);
            return deliverWaiting(store, { receivers, networks: NETWORKS }, SECRETS, never, {
              clock,
            });
          };
          await deliver(digest.cron);
          const receivers = [receiver({ name: 'a', digest })];
          queueNews(store, receivers, [changeOf('gone', '192.0.2.1', now)], now);
          await deliver('0 12 * * *');
          now = hourOf(12);
          await deliver('0 12 * * *');
          await deliver('0 12 * * *');
          queueNews(
            store,
            [receiver({ name: 'a', digest: { cron: '0 12 * * *', timeZone: 'UTC' } })],
            [changeOf('new', '192.0.2.2', now)],
            now,
          );
          now = hourOf(13);
          await deliver(undefined);
          assert.deepEqual(arrivals, [
            ['03-01T12', 'digest'],
            ['03-01T12', 'changes'],
            ['03-01T13', 'changes'],
          ]);
          assert.deepEqual(backlogs(store), []);
        },
      );
    }));
});

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
