/** Queued messages: kept with the scan that made them, delivered in order, and never by two processes at once. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import {
  type Courier,
  deliverDue,
  type Verdict,
} from '../../../../src/inventory/notify/delivery.ts';
import {
  backlogs,
  claim,
  DIGEST,
  endImpossiblePutOffs,
  LONGEST_PUT_OFF_MS,
  makeDue,
  moveDigest,
  putOff,
  queue,
  remove,
  retryDelayMs,
} from '../../../../src/inventory/notify/outbox.ts';
import { latestScan, writeScan, writeScanInSteps } from '../../../../src/inventory/scan-writer.ts';
import { inTransaction, openStore, type Store } from '../../../../src/inventory/store.ts';
import { hourOf, RULES, recordOf, upAt, withStore, writeOffice } from '../samples.ts';

function put(store: Store, bodies: readonly string[], hour = 0): number {
  const messages = bodies.map((body) => ({
    channel: 'webhook' as const,
    body,
    dueAt: hourOf(hour),
  }));
  return inTransaction(store, () => queue(store, messages, hourOf(hour)));
}

const bodies = (messages: readonly { readonly body: string }[]): string[] =>
  messages.map(({ body }) => body);

describe('the outbox', () => {
  test('a message is kept with its scan or not at all', () =>
    withStore((store) => {
      writeOffice(store, 0, [upAt('192.0.2.1', 0)]);
      const second = [upAt('192.0.2.1', 1), upAt('192.0.2.2', 1)];
      assert.throws(
        () =>
          writeScan(store, {
            network: 'office',
            record: recordOf(1),
            hosts: second,
            rules: RULES,
            alongside: () => {
              throw new Error('out of memory');
            },
          }),
        /out of memory/,
      );
      assert.deepEqual(backlogs(store), []);
      const { changes } = writeScan(store, {
        network: 'office',
        record: recordOf(1),
        hosts: second,
        rules: RULES,
        alongside: (own) => {
          queue(own, [{ channel: 'webhook', body: 'it', dueAt: hourOf(0) }], hourOf(1));
        },
      });
      // The scan that failed has left nothing: its host is new only now.
      assert.deepEqual(
        changes.map(({ kind }) => kind),
        ['new'],
      );
      assert.equal(backlogs(store)[0]?.messages, 1);
    }));

  test('messages come out in order, to one process at a time', () =>
    withStore((store) => {
      put(store, ['a', 'b', 'c']);
      const first = claim(store, 'webhook', 2, hourOf(1), 60_000);
      assert.deepEqual(bodies(first), ['a', 'b']);
      assert.deepEqual(claim(store, 'webhook', 2, hourOf(1), 60_000), []);
      assert.deepEqual(claim(store, 'mail', 2, hourOf(1), 60_000), []);
      remove(store, first);
      assert.deepEqual(bodies(claim(store, 'webhook', 2, hourOf(1), 60_000)), ['c']);
    }));

  test('a message that a process claimed before it died is due again, with the same ID', () =>
    withStore((store) => {
      put(store, ['a']);
      const [taken] = claim(store, 'webhook', 1, hourOf(1), 60_000);
      const [again] = claim(store, 'webhook', 1, hourOf(2), 60_000);
      assert.deepEqual(again, taken);
    }));

  test('a message that was claimed while the clock was ahead is due again once it is right', () =>
    withStore((store) => {
      put(store, ['a']);
      const [taken] = claim(store, 'webhook', 1, hourOf(24 * 365), 60_000);
      const [again] = claim(store, 'webhook', 1, hourOf(1), 60_000);
      assert.deepEqual(again, taken);
    }));

  test('is bounded: the oldest messages are dropped', () =>
    withStore((store) => {
      const many = Array.from({ length: 10_000 }, (_, i) => String(i));
      assert.equal(put(store, many), 0);
      assert.equal(put(store, ['x', 'y']), 2);
      assert.deepEqual(bodies(claim(store, 'webhook', 1, hourOf(1), 1)), ['2']);
      assert.equal(backlogs(store)[0]?.messages, 10_000);
      const other = { channel: 'mail', body: 'x', dueAt: hourOf(0) };
      assert.equal(
        inTransaction(store, () => queue(store, [other], hourOf(0))),
        0,
        'each channel has its own room',
      );
    }));
});

describe('what waits for a digest', () => {
  const queueAt = (
    store: Store,
    now: number,
    messages: readonly (readonly [channel: string, body: string, dueHour: number])[],
  ): void => {
    const outgoing = messages.map(([channel, body, dueHour]) => {
      return { channel, body, dueAt: hourOf(dueHour) };
    });
    inTransaction(store, () => queue(store, outgoing, hourOf(now)));
  };
  /** When each message is due, in hours. */
  const dueHours = ({ database }: Store): number[] =>
    database
      .prepare('SELECT due_at FROM outbox ORDER BY id')
      .all()
      .map((row) => (Number(row['due_at']) - hourOf(0).getTime()) / 3_600_000);

  test('moves with it in its own channel, unless that one is put off', () =>
    withStore((store) => {
      queueAt(store, 0, [
        ['mail', DIGEST, 7],
        ['mail', 'waits', 7],
        ['mail', 'due before', 1],
        ['webhook', DIGEST, 7],
      ]);
      moveDigest(store, 'mail', hourOf(7), hourOf(12));
      assert.deepEqual(dueHours(store), [12, 12, 1, 7]);
      putOff(store, 'webhook', claim(store, 'webhook', 1, hourOf(8), 1), 'it is down', hourOf(9));
      moveDigest(store, 'webhook', hourOf(9), hourOf(10));
      moveDigest(store, 'mail', hourOf(12), hourOf(10));
      assert.deepEqual(dueHours(store), [10, 10, 1, 9]);
    }));

  test('is due with the next one of its channel if it was queued while the clock was ahead', () =>
    withStore(async (store) => {
      const year = 24 * 365;
      queueAt(store, year, [
        ['chat', 'a', year],
        ['mail', 'b', year],
        ['webhook', 'c', year],
      ]);
      queueAt(store, 0, [
        ['webhook', DIGEST, 7],
        ['mail', DIGEST, 9],
      ]);
      await endImpossiblePutOffs(store, hourOf(1));
      assert.deepEqual(dueHours(store), [1, 9, 7, 7, 9]);
    }));
});

describe('what was put off', () => {
  /** Puts a message off until a time that is so far ahead. */
  const putOffBy = (store: Store, ms: number): void => {
    put(store, ['a']);
    const nextTry = new Date(hourOf(1).getTime() + ms);
    putOff(store, 'webhook', claim(store, 'webhook', 1, hourOf(1), 1), 'it is down', nextTry);
  };
  const waitsMs = (store: Store): number =>
    backlogs(store)[0]!.nextTry.getTime() - hourOf(1).getTime();

  test('for as long as a receiver may request waits, and what waits for longer is due now', async () => {
    for (const [ms, expected] of [
      [LONGEST_PUT_OFF_MS, LONGEST_PUT_OFF_MS],
      [LONGEST_PUT_OFF_MS + 1, 0],
    ] as const) {
      await withStore(async (store) => {
        putOffBy(store, ms);
        await endImpossiblePutOffs(store, hourOf(1));
        assert.equal(waitsMs(store), expected);
      });
    }
  });

  test('is looked through without waiting for another process that writes', () =>
    withStore(async (store) => {
      putOffBy(store, LONGEST_PUT_OFF_MS);
      const other = await openStore(store.path);
      other.database.exec('BEGIN IMMEDIATE');
      await endImpossiblePutOffs(store, hourOf(1));
      other.database.exec('COMMIT');
      other.close();
    }));
});

/** Gives these verdicts in turn, and keeps what it delivered. */
function scripted(verdicts: readonly Verdict[]): Courier & { readonly delivered: string[] } {
  const delivered: string[] = [];
  let next = 0;
  return {
    channel: 'webhook',
    batch: 1,
    timeoutMs: 1000,
    delivered,
    deliver([message]) {
      const verdict = verdicts[next++] ?? { isDelivered: true };
      if (verdict.isDelivered) delivered.push(message!.body);
      return Promise.resolve(verdict);
    },
  };
}

const DOWN: Verdict = { isDelivered: false, problem: 'it is down', isFinal: false };
const at = (hour: number, ms = 0) => ({
  now: () => new Date(hourOf(hour).getTime() + ms),
  random: () => 0.5,
});
const never = new AbortController().signal;

describe('delivery', () => {
  test('a receiver that was down gets everything once and in order, and is left alone meanwhile', () =>
    withStore(async (store) => {
      put(store, ['a', 'b', 'c']);
      const courier = scripted([{ isDelivered: true }, DOWN, DOWN]);
      const next = new Date(hourOf(1).getTime() + 10_000).toISOString();
      assert.deepEqual(await deliverDue(store, courier, never, at(1)), [
        `webhook: it is down; the next attempt is at ${next}`,
      ]);
      assert.deepEqual(await deliverDue(store, courier, never, at(1, 9_999)), []);
      put(store, ['d'], 1);
      assert.deepEqual(await deliverDue(store, courier, never, at(1, 9_999)), []);
      assert.equal(backlogs(store)[0]?.problem, 'it is down');
      assert.equal((await deliverDue(store, courier, never, at(1, 10_000))).length, 1);
      // The second failure in a row: twice as long.
      assert.deepEqual(await deliverDue(store, courier, never, at(1, 29_999)), []);
      assert.deepEqual(await deliverDue(store, courier, never, at(1, 30_000)), []);
      assert.deepEqual(courier.delivered, ['a', 'b', 'c', 'd']);
      assert.deepEqual(backlogs(store), []);
    }));

  test('a receiver may ask for more time, within reason', () =>
    withStore(async (store) => {
      put(store, ['a']);
      await deliverDue(store, scripted([{ ...DOWN, retryAfterMs: 60_000 }]), never, at(1));
      assert.equal(backlogs(store)[0]?.nextTry.getTime(), at(1, 60_000).now().getTime());
      makeDue(store, 'webhook', hourOf(1));
      await deliverDue(store, scripted([{ ...DOWN, retryAfterMs: 1e12 }]), never, at(1));
      assert.equal(backlogs(store)[0]?.nextTry.getTime(), hourOf(7).getTime());
    }));

  test('a message that only some got is not sent to all of them again, and is reported', () =>
    withStore(async (store) => {
      put(store, ['a', 'b']);
      const courier = scripted([{ isDelivered: true, problem: 'one did not get it' }]);
      assert.deepEqual(await deliverDue(store, courier, never, at(1)), [
        'webhook: one did not get it',
      ]);
      assert.deepEqual(courier.delivered, ['a', 'b']);
      assert.deepEqual(backlogs(store), []);
    }));

  test('a message that is itself refused is dropped and holds up no other; nothing else is ever dropped', () =>
    withStore(async (store) => {
      put(store, ['odd', 'next']);
      const courier = scripted([{ ...DOWN, isFinal: true }]);
      const [problem] = await deliverDue(store, courier, never, at(1));
      assert.match(
        problem!,
        /^webhook: a message was dropped: it is down; see echosweep inventory changes/,
      );
      assert.deepEqual(courier.delivered, ['next']);
      put(store, ['old'], 2);
      const yearLater = 24 * 365;
      assert.match(
        (await deliverDue(store, scripted([DOWN]), never, at(yearLater)))[0]!,
        /it is down; the next attempt is at/,
      );
      assert.equal(backlogs(store)[0]?.messages, 1);
    }));

  test('nothing is claimed or put back while a scan is being written', () =>
    withStore(async (store) => {
      put(store, ['a']);
      const courier: Courier = {
        ...scripted([]),
        deliver: async () =>
          latestScan(store, 'office') === undefined ? DOWN : { isDelivered: true },
      };
      const hosts = Array.from({ length: 2000 }, (_, i) => upAt(`192.0.${i >> 8}.${i & 255}`, 0));
      const writing = writeScanInSteps(store, {
        network: 'office',
        record: recordOf(0),
        hosts,
        rules: RULES,
      });
      const [problems] = await Promise.all([deliverDue(store, courier, never, at(1)), writing]);
      assert.deepEqual(problems, []);
    }));

  test('the process goes on while another one writes', () =>
    withStore(async (store) => {
      put(store, ['a', 'b']);
      const other = await openStore(store.path);
      other.database.exec('BEGIN IMMEDIATE');
      const courier: Courier = {
        ...scripted([]),
        // If the process stopped, the other one would never end.
        async deliver([message]) {
          other.database.exec('BEGIN IMMEDIATE');
          setTimeout(() => other.database.exec('COMMIT'), 1);
          return message?.body === 'a' ? { isDelivered: true } : DOWN;
        },
      };
      const delivery = deliverDue(store, courier, never, at(1));
      await setImmediate();
      other.database.exec('COMMIT');
      assert.equal((await delivery).length, 1);
      assert.equal(backlogs(store)[0]?.problem, 'it is down');
      other.close();
    }));

  test('a delivery that is stopped in the middle gives back what it claimed', () =>
    withStore(async (store) => {
      put(store, ['a']);
      const stop = new AbortController();
      const stopping: Courier = {
        ...scripted([]),
        deliver() {
          stop.abort();
          return Promise.resolve(DOWN);
        },
      };
      assert.deepEqual(await deliverDue(store, stopping, stop.signal, at(1)), []);
      assert.deepEqual(bodies(claim(store, 'webhook', 1, hourOf(1), 1)), ['a']);
    }));
});

test('pauses double from ten seconds to an hour, and differ by a quarter', () => {
  assert.deepEqual(
    [1, 2, 3, 10, 100].map((failures) => retryDelayMs(failures, 0.5)),
    [10_000, 20_000, 40_000, 3_600_000, 3_600_000],
  );
  assert.deepEqual([retryDelayMs(1, 0), retryDelayMs(1, 1)], [7_500, 12_500]);
});
