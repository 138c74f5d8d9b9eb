/** Messages are delivered to each receiver by itself, and what is under way when the service ends waits on disk. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigFile } from '../../../src/inventory/config/config-file.ts';
import { backlogs } from '../../../src/inventory/notify/outbox.ts';
import type { Receiver } from '../../../src/inventory/notify/receivers.ts';
import { MessageDelivery } from '../../../src/service/message-delivery.ts';
import { changeOf, queueNews, SECRETS, withServer } from '../inventory/notify/posted-messages.ts';
import { withStore } from '../inventory/samples.ts';

test('a receiver that takes its time does not keep messages from another one', () =>
  withStore(async (store) => {
    const arrived: string[] = [];
    await withServer(
      ({ receiver }, response) => {
        arrived.push(receiver);
        if (receiver === 'quick') response.writeHead(204).end();
      },
      async (receiver) => {
        const slow = receiver({ name: 'slow', timeoutMs: 60_000 });
        const quick = receiver({ name: 'quick' });
        const delivery = new MessageDelivery({}, (problem) => arrived.push(problem));
        const isQuickDone = () => backlogs(store).every(({ channel }) => channel === 'slow');
        const deliverNews = async (receivers: readonly Receiver[], expected: number) => {
          queueNews(store, receivers, [changeOf('new', '192.0.2.1', new Date())], new Date());
          for (let tries = 0; tries < 200; tries++) {
            if (arrived.length >= expected && isQuickDone()) return;
            delivery.start(store, fileOf([slow, quick]));
            await delay(10);
          }
        };
        await deliverNews([slow, quick], 2);
        await deliverNews([quick], 3);
        assert.deepEqual(arrived.toSorted(), ['quick', 'quick', 'slow']);
        await delivery.end();
        assert.deepEqual(
          backlogs(store).map(({ channel }) => channel),
          ['slow'],
        );
      },
    );
  }));

test('a message is delivered at its time, not only when all receivers are visited', () =>
  withStore(async (store) => {
    let arrive = (): void => {};
    const arrival = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    await withServer(
      (_, response) => {
        response.writeHead(204).end();
        arrive();
      },
      async (receiver) => {
        const soon = receiver({ name: 'soon' });
        queueNews(store, [soon], [changeOf('new', '192.0.2.1', new Date())], new Date());
        store.database.prepare('UPDATE outbox SET due_at = ?').run(Date.now() + 100);
        const delivery = new MessageDelivery({}, assert.fail);
        delivery.start(store, fileOf([soon]));
        await arrival;
        await delivery.end();
      },
    );
  }));

const fileOf = (receivers: readonly Receiver[]) =>
  ({
    config: { receivers, networks: [], knownHosts: undefined },
    resolve: SECRETS.resolve,
  }) as unknown as ConfigFile;
