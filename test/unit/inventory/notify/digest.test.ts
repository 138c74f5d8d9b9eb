/** Digests: when they arrive, what is in them, and what becomes of changes that wait for one. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { DigestMessage } from '../../../../src/inventory/notify/digest.ts';
import { backlogs } from '../../../../src/inventory/notify/outbox.ts';
import { hourOf, silentAt, upAt, withStore, writeOffice } from '../samples.ts';
import {
  type Arrival,
  changeOf,
  deliver,
  queueNews,
  SECRETS,
  withServer,
} from './posted-messages.ts';
import { filterOf } from './receiver-samples.ts';

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
          await deliver(store, receivers, hourOf(10));
          assert.deepEqual(backlogs(store), [], 'a digest to come is no backlog');
          queueNews(store, receivers, [changeOf('gone', '192.0.2.1', hourOf(11))], hourOf(11));
          await deliver(store, receivers, hourOf(30));
          assert.equal(arrivals.length, 0);
          await deliver(store, receivers, seven);
          await deliver(store, receivers, seven);
          await deliver(store, receivers, hourOf(54));
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
          await deliver(store, receivers, new Date('2026-03-03T07:00:00Z'));
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
            await deliver(store, receivers, now, { networks });
          }
        },
      );
      assert.deepEqual(Object.fromEntries(totals), {
        all: ['office', 'lab', 'plant'],
        one: ['lab'],
        lan: ['office', 'plant'],
      });
    }));

  test('counts no documented address as free, and none at all while the known hosts cannot be read', () =>
    withStore(async (store) => {
      const known = 'known.csv';
      const free: (number | null)[] = [];
      writeOffice(store, 0, [
        upAt('192.0.2.1', 0),
        silentAt('192.0.2.2', 0),
        silentAt('192.0.2.3', 0),
      ]);
      await withServer(
        ({ message }, response) => {
          free.push((message as DigestMessage).networks[0]!.free);
          response.writeHead(204).end();
        },
        async (receiver) => {
          const receivers = [receiver({ name: 'a', digest })];
          const deliverAt = async (hour: number, knownHosts?: string): Promise<void> => {
            await deliver(store, receivers, hourOf(hour), { knownHosts });
            // Queues the next one.
            await deliver(store, receivers, hourOf(hour), { knownHosts });
          };
          await deliverAt(10);
          await deliverAt(31, known);
          writeFileSync(SECRETS.resolve(known), 'address\n192.0.2.2\n');
          await deliverAt(31 + 24, known);
          await deliverAt(31 + 48);
        },
      );
      assert.deepEqual(free, [null, 1, 2]);
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
          const atSeven = [receiver({ name: 'a', digest })];
          const atNoon = [receiver({ name: 'a', digest: { cron: '0 12 * * *', timeZone: 'UTC' } })];
          const atOnce = [receiver({ name: 'a' })];
          await deliver(store, atSeven, now);
          queueNews(store, atSeven, [changeOf('gone', '192.0.2.1', now)], now);
          await deliver(store, atNoon, now);
          now = hourOf(12);
          await deliver(store, atNoon, now);
          await deliver(store, atNoon, now);
          queueNews(store, atNoon, [changeOf('new', '192.0.2.2', now)], now);
          now = hourOf(13);
          await deliver(store, atOnce, now);
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
