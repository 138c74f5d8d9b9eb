/** Replies by hour and by day: what is packed comes back, spans are joined, old hours become days. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Statement } from '../../../src/inventory/database.ts';
import { prune } from '../../../src/inventory/prune.ts';
import {
  HOURS_KEPT_DAYS,
  hoursOf,
  replyDaysOf,
  sumUpOldHours,
} from '../../../src/inventory/reply-history.ts';
import {
  atRank,
  type HostReplies,
  packReplies,
  rttCode,
  rttMsOfCode,
  unpackReplies,
} from '../../../src/inventory/reply-rows.ts';
import { placeOf, spanOf } from '../../../src/inventory/reply-writer.ts';
import { writeScan } from '../../../src/inventory/scan-writer.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { hourOf, RULES, recordOf, silentAt, upAt, withStore } from './samples.ts';

const HOST = '192.0.2.1';
const { key: KEY } = upAt(HOST, 0);
const EVER = new Date(0);

/** @param minutes after the hour */
function scan(store: Store, hour: number, rttsMs: readonly number[], minutes = 0): void {
  const startedAt = new Date(hourOf(hour).getTime() + minutes * 60_000);
  const host = rttsMs.length === 0 ? silentAt(HOST, hour) : upAt(HOST, hour);
  writeScan(store, {
    network: 'office',
    record: recordOf(hour, { startedAt, endedAt: startedAt }),
    hosts: [
      {
        ...host,
        startedAt,
        sent: 5,
        received: rttsMs.length,
        rttAvgMs: rttsMs.length === 0 ? null : rttsMs[0]!,
        rttsMs,
      },
    ],
    rules: RULES,
  });
}

/** The same store, which counts the rows that are read one by one. */
function countingStore(store: Store, onReading: () => void): Store {
  const prepare = (sql: string): Statement => {
    const statement = store.database.prepare(sql);
    return {
      ...statement,
      get(...values) {
        onReading();
        return statement.get(...values);
      },
    };
  };
  return { ...store, database: { ...store.database, prepare } };
}

describe('a packed row', () => {
  /** A generator of its own, so that a failure can be repeated. */
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const replies = (): HostReplies => {
    const differences = random(3) * random(1000);
    return {
      asked: 1 + random(3000),
      up: random(3000),
      sent: random(100_000),
      received: random(100_000),
      differences,
      differenceSumUs: differences === 0 ? 0 : random(2 ** 31) * 1000,
      rtts: Array.from({ length: random(61) }, () => random(65_536)).sort((a, b) => a - b),
    };
  };

  test('holds any hosts as they were, together and one by one', () => {
    for (let round = 0; round < 50; round++) {
      const hosts = new Map(
        Array.from({ length: random(257) }, () => [random(256), replies()] as const),
      );
      const packed = packReplies(hosts);
      assert.deepEqual(unpackReplies(packed), hosts);
      for (const [host, own] of hosts) assert.deepEqual(unpackReplies(packed, host).get(host), own);
      assert.equal(unpackReplies(packed, 256).size, 0);
    }
  });

  test('keeps the shape of more RTTs than it has room for', () => {
    const rtts = Array.from({ length: 1000 }, (_, i) => i);
    const own = { ...replies(), rtts };
    const { rtts: kept } = unpackReplies(packReplies(new Map([[7, own]]))).get(7)!;
    assert.deepEqual([kept[0], kept.at(-1)], [0, 999]);
    assert.ok(Math.abs(atRank(kept, 0.5)! - 500) < 20);
    assert.ok(Math.abs(atRank(kept, 0.95)! - 950) < 20);
  });

  test('has RTTs in order, exact below 4 ms and to 0.05 % above', () => {
    let before = -1;
    for (let us = 0; us < 100_000_000; us = Math.ceil(us * 1.01) + 1) {
      const code = rttCode(us / 1000);
      assert.ok(code > before && code < 65_536);
      assert.ok(Math.abs(rttMsOfCode(code) * 1000 - us) <= (us < 4096 ? 1e-9 : us * 0.0005));
      before = code;
    }
    assert.equal(rttCode(1e9), 65_535);
  });
});

test('a row belongs to 256 hosts and to one hour, whatever the numbers of the hosts', () => {
  const hour = 500_000;
  for (const host of [0, 255, 256, 2 ** 32 - 1]) assert.equal(spanOf(placeOf(hour, host)), hour);
  assert.equal(placeOf(hour, 255), placeOf(hour, 0));
  assert.equal(placeOf(hour, 256), placeOf(hour, 0) + 1);
});

describe('the hours of a host', () => {
  test('have the loss, the band and the jitter of all scans of the hour', () =>
    withStore(async (store) => {
      scan(store, 0, [1, 3, 2]);
      scan(store, 0, [10], 30);
      scan(store, 1, []);
      const [first, second] = await hoursOf(store, 'office', KEY, EVER);
      assert.deepEqual(first, {
        from: hourOf(0),
        asked: 2,
        up: 2,
        sent: 10,
        received: 4,
        rttMinMs: 1,
        rttMedianMs: 2,
        rttP95Ms: 10,
        rttMaxMs: 10,
        jitterMs: 1.5,
      });
      assert.deepEqual(
        [second!.from, second!.asked, second!.up, second!.received, second!.rttMedianMs],
        [hourOf(1), 1, 0, 0, null],
      );
      assert.equal((await hoursOf(store, 'office', KEY, hourOf(1))).length, 1);
      assert.deepEqual(await hoursOf(store, 'lab', KEY, EVER), []);
    }));

  test('leave out what an earlier host of the same number did', () =>
    withStore(async (store) => {
      scan(store, 0, [1]);
      store.database.exec('UPDATE hosts SET first_seen = first_seen + 86400000');
      assert.deepEqual(await hoursOf(store, 'office', KEY, EVER), []);
    }));

  test('are found with a few readings, also if one of them is of years to come', () =>
    withStore(async (store) => {
      const yearsLater = 24 * 365 * 20;
      for (const hour of [0, 1, yearsLater]) scan(store, hour, [1]);
      let readings = 0;
      const counting = countingStore(store, () => readings++);
      const hours = await hoursOf(counting, 'office', KEY, EVER);
      assert.deepEqual(
        hours.map(({ from }) => from),
        [0, 1, yearsLater].map(hourOf),
      );
      assert.ok(readings < 10);
    }));
});

describe('the days of a host', () => {
  const fill = (store: Store): void => {
    for (let hour = 0; hour < 48; hour++)
      scan(store, hour, hour % 2 === 0 ? [(1 + hour) / 20] : []);
  };

  test('are the same before and after old hours were summed up', () =>
    withStore(async (store) => {
      fill(store);
      const before = await replyDaysOf(store, 'office', KEY, EVER);
      assert.deepEqual(
        before.map(({ from, asked, up, sent, received, rttMinMs, rttMedianMs, rttMaxMs }) => [
          from,
          asked,
          up,
          sent,
          received,
          rttMinMs,
          rttMedianMs,
          rttMaxMs,
        ]),
        [
          [hourOf(0), 24, 12, 120, 12, 0.05, 0.55, 1.15],
          [hourOf(24), 24, 12, 120, 12, 1.25, 1.75, 2.35],
        ],
      );
      const now = hourOf(24 * (HOURS_KEPT_DAYS + 1));
      for (const _ of sumUpOldHours(store, now));
      assert.deepEqual(await replyDaysOf(store, 'office', KEY, EVER), before);
      assert.equal((await hoursOf(store, 'office', KEY, EVER)).length, 24);
    }));

  test('are joined with scans of the same day that are imported later', () =>
    withStore(async (store) => {
      fill(store);
      const now = hourOf(24 * 30);
      for (const _ of sumUpOldHours(store, now));
      scan(store, 47, [100], 30);
      for (const _ of sumUpOldHours(store, now));
      const latest = (await replyDaysOf(store, 'office', KEY, EVER)).at(-1)!;
      assert.deepEqual([latest.asked, latest.up, latest.rttMaxMs], [25, 13, 100]);
    }));

  test('go with those that an inventory no longer keeps', () =>
    withStore(async (store) => {
      fill(store);
      await prune(store, { days: 30 }, hourOf(24 * 20));
      assert.equal((await replyDaysOf(store, 'office', KEY, EVER)).length, 2);
      await prune(store, { days: 30 }, hourOf(24 * 31));
      assert.equal((await replyDaysOf(store, 'office', KEY, EVER)).length, 1);
    }));

  test('and their hours begin with the first day that an inventory keeps, however few it keeps', () =>
    withStore(async (store) => {
      fill(store);
      await prune(store, { days: 7 }, hourOf(24 * 8));
      const hours = await hoursOf(store, 'office', KEY, EVER);
      assert.deepEqual([hours.length, hours[0]!.from], [24, hourOf(24)]);
      const days = await replyDaysOf(store, 'office', KEY, EVER);
      assert.deepEqual(
        days.map(({ from }) => from),
        [hourOf(24)],
      );
    }));

  test('are damage if they are not as they were written, and take no memory then', () =>
    withStore(async (store) => {
      fill(store);
      const damaged = { code: 'INVENTORY_FAILED', message: /malformed.*: put a copy in its place/ };
      // The first host has 2^35 RTTs; and a row ends in the middle of its first host.
      for (const octets of ['000101010100808080808001', '00010101']) {
        store.database.exec(`UPDATE replies_by_hour SET replies = x'${octets}'`);
        await assert.rejects(hoursOf(store, 'office', KEY, EVER), damaged);
        await assert.rejects(prune(store, { days: 30 }, hourOf(24 * 20)), damaged);
      }
    }));
});
